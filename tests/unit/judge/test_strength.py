"""What the contract notices of single changes to a right answer."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.cli.spec import spec
from rocketchat_contract.contract.coverage import Speech, speech_of
from rocketchat_contract.contract.strength import (
    MUTATION_KINDS,
    Measured,
    mutations,
    strength_file,
    strength_of,
    strength_reason,
    vendored_strength,
)
from rocketchat_contract.judge.room import TIME_MEMBERS
from rocketchat_contract.judge.strength import Bench, measured
from rocketchat_contract.judge.unchanged import SHAPE
from support.histories import contract, requirements

PUBLISHED = {"wrong type": (71, 71), "null": (71, 71), "removed": (71, 0), "renamed": (68, 0)} | {
    "emptied text": (34, 0),
    "garbled text": (34, 0),
    "flipped": (10, 0),
    "negated": (8, 0),
}
"""Changes of the page's own example by kind, and how many the published schema rejects: 142 of 367."""

OUT_OF_REACH = {
    "a-known-visitor-gets-a-room",
    "newroom-is-true-for-a-created-room",
    "a-closed-room-is-not-returned",
    "a-created-room-has-a-new-id",
    "an-own-open-rid-is-returned",
    "newroom-is-false-with-rid",
    "rooms-are-not-shared",
    "an-agent-id-changes-no-open-room",
}
"""Requirements that speak of members, and that another history breaks than the repeat of a call."""

NAMED = [(each.id, place) for each in requirements() for place in each.members]

NOT_IN_THE_EXAMPLE = {"/room/closedAt", "/room/queuedAt", "/room/source", "/room/responseBy/lastMessageTs"}


@cache
def bench() -> Bench:
    return Bench(contract(), requirements())


@cache
def speech() -> Speech:
    return speech_of(requirements())


@cache
def now() -> Measured:
    return measured(contract(), requirements())


def test_the_example_itself_is_right() -> None:
    assert bench().broken_by(bench().right) == (frozenset(), frozenset())


def test_the_published_schema_rejects_142_of_367() -> None:
    assert {each.kind: (each.mutations, each.published) for each in now().kinds} == PUBLISHED
    assert (now().total.published, now().total.mutations) == (142, 367)


def test_the_full_contract_rejects_more_of_every_kind_that_is_no_type() -> None:
    stronger = {each.kind for each in now().kinds if each.full > each.published}

    assert stronger == {"removed", "renamed", "emptied text", "garbled text", "flipped"}


@pytest.mark.generated
def test_the_numbers_in_spec_are_those_of_now() -> None:
    assert vendored_strength() == now()


def test_a_contract_with_other_overlays_has_no_numbers() -> None:
    assert strength_of(contract()) == now()
    assert strength_of(replace(contract(), overlay_sha256="another")) is None


@pytest.mark.generated
def test_the_page_about_the_contract_has_these_numbers() -> None:
    page = " ".join((Path(__file__).parents[3] / "docs" / "contract.md").read_text("utf-8").split())
    total = now().spoken.total

    assert f"Of the {total.mutations} that concern what a requirement speaks of" in page
    assert f"rejects {total.rejected}, warns of {total.warned}" in page
    assert f"lists {total.excused} exceptions" in page


@pytest.mark.generated
def test_spec_strength_prints_the_file_in_spec() -> None:
    told = CliRunner().invoke(spec, ["strength", "--format", "json"], catch_exceptions=False)

    assert told.output == strength_file().read_text(encoding="utf-8")


def test_spec_strength_tells_people_the_same_numbers() -> None:
    told = CliRunner().invoke(spec, ["strength"], catch_exceptions=False).output

    assert f"367    142 (39%)    {now().total.full} (" in told
    assert "Of the 286 changes of members that a requirement speaks of" in told
    assert all(each.place in " ".join(told.split()) for each in now().spoken.excused)
    assert all(len(line) <= 80 for line in told.splitlines())


def test_every_change_of_what_a_requirement_speaks_of_is_noticed_or_has_a_reason() -> None:
    assert now().spoken.missed == ()


def test_changes_that_requirements_speak_of_are_rejected_warned_of_or_excepted() -> None:
    total = now().spoken.total

    assert (total.mutations, total.rejected, total.warned, total.excused) == (286, 199, 68, 19)
    assert total.mutations == total.rejected + total.warned + total.excused


def test_every_exception_is_needed() -> None:
    written = [(kind, place) for each in speech().excuses for kind in each.kinds for place in each.members]

    assert sorted(written) == sorted((each.kind, each.place) for each in now().spoken.excused)


def test_an_exception_tells_its_requirements_and_a_reason() -> None:
    assert all(each.requirements and each.reason.endswith(".") for each in now().spoken.excused)
    assert {name for each in now().spoken.excused for name in each.requirements} <= set(requirements().ids)


def test_requirements_name_members_of_the_example_and_few_others() -> None:
    places = {each.place for each in mutations(bench().right)}

    assert {place for _, place in NAMED} - places == NOT_IN_THE_EXAMPLE


def test_the_schema_speaks_of_every_type() -> None:
    assert Speech({}).of("null", "/room/ro") == ("a-200-fits-the-full-schema",)
    assert Speech({}).of("removed", "/room/ro") == ()


def test_a_requirement_speaks_of_the_members_it_names() -> None:
    assert "a-room-is-a-livechat-room" in speech().of("garbled text", "/room/t")
    assert speech().reason("garbled text", "/room/t") is None


def test_times_are_named_as_they_are_judged() -> None:
    named = requirements()["room-times-are-iso-8601"].members

    assert {f"/room/{'/'.join(path)}" for path in TIME_MEMBERS} == set(named)


def test_repeats_are_named_as_they_are_compared() -> None:
    named = set(requirements()["a-repeat-changes-nothing"].members)
    compared = {f"/room/{'/'.join(path)}" for path in SHAPE}
    wholes = {f"/room/{path[0]}" for path in SHAPE}

    assert compared | wholes == {place for place in named if "/lastMessage/u/" not in place}


@pytest.mark.parametrize("requirement", sorted({name for name, _ in NAMED} - OUT_OF_REACH))
def test_a_requirement_notices_a_change_of_a_member_it_names(requirement: str) -> None:
    named = requirements()[requirement].members
    changes = [each for each in mutations(bench().right) if each.place in named]

    assert any(requirement in musts | shoulds for musts, shoulds in (bench().broken_by(each.body) for each in changes))


@pytest.mark.parametrize("place", ["/room/msgs", "/room/lastMessage/msg", "/room/servedBy/username"])
def test_a_change_in_one_of_three_answers_is_a_change_of_the_room(place: str) -> None:
    removed = next(each.body for each in mutations(bench().right) if (each.kind, each.place) == ("removed", place))

    assert "a-repeat-changes-nothing" in bench().broken_by(removed)[1]


def test_what_goes_unnoticed_has_a_reason() -> None:
    content = now().to_json()

    assert content["reasons"].keys() == {kind for kind, places in content["unnoticed"].items() if places}
    assert set(now().reasons) <= set(content["reasons"].values())
    assert strength_reason("flipped") == "no source promises its value"


def test_numbers_come_back_from_json() -> None:
    assert Measured.from_json(json.loads(json.dumps(now().to_json()))) == now()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_a_mutation_leaves_the_right_body_as_it_is(value: Any) -> None:
    before = copy.deepcopy(value)
    made = list(mutations(value))

    assert value == before
    assert {each.kind for each in made} <= MUTATION_KINDS.keys()


def test_each_kind_changes_a_place_in_its_own_way() -> None:
    made = {(each.kind, each.place): each.body for each in mutations({"a": "x", "b": [True, 2]})}

    assert made == {
        ("wrong type", "/a"): {"a": 7, "b": [True, 2]},
        ("wrong type", "/b"): {"a": "x", "b": {}},
        ("wrong type", "/b/0"): {"a": "x", "b": ["x", 2]},
        ("wrong type", "/b/1"): {"a": "x", "b": [True, "x"]},
        ("null", "/a"): {"a": None, "b": [True, 2]},
        ("null", "/b"): {"a": "x", "b": None},
        ("null", "/b/0"): {"a": "x", "b": [None, 2]},
        ("null", "/b/1"): {"a": "x", "b": [True, None]},
        ("removed", "/a"): {"b": [True, 2]},
        ("removed", "/b"): {"a": "x"},
        ("removed", "/b/0"): {"a": "x", "b": [2]},
        ("removed", "/b/1"): {"a": "x", "b": [True]},
        ("renamed", "/a"): {"aX": "x", "b": [True, 2]},
        ("renamed", "/b"): {"a": "x", "bX": [True, 2]},
        ("emptied text", "/a"): {"a": "", "b": [True, 2]},
        ("garbled text", "/a"): {"a": "xx", "b": [True, 2]},
        ("flipped", "/b/0"): {"a": "x", "b": [False, 2]},
        ("negated", "/b/1"): {"a": "x", "b": [True, -2]},
    }
