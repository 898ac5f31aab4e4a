"""The catalogue: what wrong servers and variants there are, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from rocketchat_contract.contract.requirements import load_requirements
from rocketchat_contract.contract.vendored import load_contract, spec_folder
from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.reference.wrong import FAMILIES, VARIANTS, WRONG_SERVERS, find
from rocketchat_contract.reference.wrong.catalogue import NEEDS, name_of, sentence_of
from rocketchat_contract.reference.wrong.schema import PATHS

REQUIREMENTS = load_requirements(spec_folder() / "requirements.toml")
MODAL = re.compile(r"\b(should|must|may|might|can|could|would|will|shall)\b")


@pytest.mark.parametrize("requirement", [record.id for record in REQUIREMENTS])
def test_a_requirement_has_the_wrong_server_it_names(requirement: str) -> None:
    assert WRONG_SERVERS[REQUIREMENTS[requirement].wrong].breaks == requirement


def test_every_wrong_server_breaks_a_known_requirement() -> None:
    assert {server.breaks for server in WRONG_SERVERS.values()} <= {record.id for record in REQUIREMENTS}


def test_there_are_enough_of_them() -> None:
    assert (len(WRONG_SERVERS) >= 100, len(VARIANTS) >= 15) == (True, True)


def test_the_families_are_those_of_the_reports() -> None:
    expected = {"get-or-create", "races", "rid", "identity", "refusals", "schema", "wire", "robustness"}

    assert set(FAMILIES) == expected


@pytest.mark.parametrize("name", [*WRONG_SERVERS, *VARIANTS])
def test_a_name_states_a_fact(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", name)
    assert not MODAL.search(name.replace("_", " "))


@pytest.mark.parametrize("server", [*WRONG_SERVERS.values(), *VARIANTS.values()], ids=lambda server: server.name)
def test_a_sentence_says_what_is_different(server: Any) -> None:
    assert server.sentence.endswith(".")
    assert len(server.sentence) > 8


def test_what_a_fault_needs_is_one_of_the_known_words() -> None:
    assert {server.needs for server in WRONG_SERVERS.values()} == {"", *NEEDS}


def test_every_race_needs_simultaneous_calls() -> None:
    assert {server.needs for server in WRONG_SERVERS.values() if server.family == "races"} == {"race"}


def test_no_name_is_used_twice() -> None:
    assert not WRONG_SERVERS.keys() & VARIANTS.keys()


@pytest.mark.parametrize("name", [*WRONG_SERVERS, *VARIANTS])
def test_a_server_is_put_together(name: str) -> None:
    app = make_app(Settings(wrong=name))

    assert app.parts.settings.wrong == name
    app.store.close()


def test_an_unknown_name_gets_a_hint() -> None:
    with pytest.raises(UsageError, match="Did you mean forgets_the_room"):
        find("forget_the_room")


def test_every_documented_member_has_a_wrong_server() -> None:
    content = load_contract().published["paths"]["/api/v1/livechat/room"]["get"]["responses"]["200"]["content"]

    assert set(members(content["application/json"]["schema"])) <= set(PATHS.values())


def members(schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """The dotted paths of a schema's members, through lists too."""
    for name, part in schema.get("properties", {}).items():
        yield f"{path}{name}"
        yield from members(part, f"{path}{name}.")
    if "items" in schema:
        yield from members(schema["items"], path)


class Answers201ToACreation:
    """``newRoom`` is true.

    And more.
    """


def test_a_name_is_the_class_in_small_letters() -> None:
    assert name_of(Answers201ToACreation) == "answers_201_to_a_creation"


def test_a_sentence_is_the_docstrings_first_line() -> None:
    assert sentence_of(Answers201ToACreation) == "newRoom is true."
