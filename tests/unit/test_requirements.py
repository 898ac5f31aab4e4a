"""The catalogue of requirements keeps the rules at its head; the judge and the catalogue know each other."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rocketchat_contract import judge
from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.requirements import Requirement, load_requirements
from rocketchat_contract.contract.vendored import load_contract, spec_folder
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.operation_profile import GET_OR_CREATE
from support.histories import contract, requirements

CATALOGUE = spec_folder() / "requirements.toml"
PAGE = (spec_folder() / "livechat-room.md").read_text(encoding="utf-8")
RECORDS = tuple(requirements())
MODULES = sorted(Path(judge.__file__).parent.glob("*.py"))

MODAL = re.compile(r"\b(?:must|should|shall|may|might|can|cannot|could|would|will|ought|need|needs)\b", re.IGNORECASE)
WORDS = re.compile(r"[a-z]+|[0-9]+")

NO_IDS = re.compile(r"x-.*|if-.*|error-.*|no-agent-online|get-or-create")
"""Texts of the judge that look like ids of requirements: headers, errors of a server, its own words."""

NAMES = re.compile(
    r"rocket\.?chat|mongo ?db|meteor(?!\.error)|restivus|hono\b|synapse|fuselage|\bv?[0-9]+\.[0-9]+(?:\.[0-9]+)?\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_an_id_is_made_of_words(record: Requirement) -> None:
    parts = record.id.split("-")

    assert len(parts) >= 3
    assert all(map(WORDS.fullmatch, parts))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_ids_and_sentences_state_facts(record: Requirement) -> None:
    assert not MODAL.search(record.id.replace("-", " "))
    assert not MODAL.search(record.sentence)
    assert not MODAL.search(record.only_when)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_a_sentence_is_one_sentence(record: Requirement) -> None:
    assert record.sentence.endswith(".")
    assert record.sentence[0].isupper() or record.sentence.startswith(("`", "rid ", "agentId,"))
    assert ". " not in record.sentence


@pytest.mark.parametrize(
    "record", [each for each in RECORDS if each.source in ("document", "prose")], ids=lambda record: record.id
)
def test_a_quote_of_the_page_stands_in_the_page(record: Requirement) -> None:
    assert record.quote in PAGE
    assert record.address == "https://developer.rocket.chat/apidocs/get-or-create-livechat-rooms.md"


def test_a_quote_knows_its_line_of_the_page() -> None:
    lines = PAGE.split("\n")
    placed = [each for each in load_catalogue(load_contract()) if each.source in ("document", "prose")]

    assert {each.page for each in placed} == {"spec/livechat-room.md"}
    assert all(each.quote in lines[each.page_line - 1] for each in placed)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_a_source_can_be_looked_up(record: Requirement) -> None:
    assert record.quote
    assert re.match(r"https://\S+$|RocketChat/\S+ \S+@[0-9a-f]{8}$", record.address)


def test_what_was_only_observed_never_decides() -> None:
    assert [each.id for each in RECORDS if each.source == "observed" and each.level == "must"] == []


def test_levels_sources_and_columns_are_those_that_there_are() -> None:
    assert {each.level for each in RECORDS} <= {"must", "should"}
    assert {each.source for each in RECORDS} <= {"document", "prose", "standard", "server", "observed"}
    assert {column for each in RECORDS for column in each.columns} == {"published", "full"}
    assert all(each.columns for each in RECORDS)


def test_ids_are_unique() -> None:
    assert len({each.id for each in RECORDS}) == len(RECORDS)


def test_each_requirement_has_a_wrong_server_of_its_own() -> None:
    assert len({each.wrong for each in RECORDS}) == len(RECORDS)
    assert all(re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)+", each.wrong) for each in RECORDS)


def test_groups_follow_each_other_and_are_all_told() -> None:
    groups = list(dict.fromkeys(each.group for each in RECORDS))

    assert groups == list(requirements().groups)
    assert [each.group for each in RECORDS] == sorted((each.group for each in RECORDS), key=groups.index)


def test_a_record_knows_the_line_it_stands_in() -> None:
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()

    assert all(lines[each.line - 1] == "[[requirement]]" for each in RECORDS)
    assert all(lines[each.line] == f'id = "{each.id}"' for each in RECORDS)


def test_no_record_has_a_key_that_nobody_reads() -> None:
    content = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    known = Requirement.__dataclass_fields__.keys() - {"line"}

    assert {key for record in content["requirement"] for key in record} <= known


def test_a_requirement_is_found_by_its_id() -> None:
    assert requirements()["an-open-room-is-returned"].group == "get-or-create"
    assert len(requirements()) == len(RECORDS)
    with pytest.raises(KeyError):
        requirements()["nothing-like-it"]


def test_a_catalogue_gives_what_its_keys_leave_out(tmp_path: Path) -> None:
    path = tmp_path / "requirements.toml"
    path.write_text(
        '[groups]\nwire = "W."\n\n[[requirement]]\nid = "a-b-c"\ngroup = "wire"\nlevel = "must"\nsentence = "S."\n'
        'source = "server"\nquote = "q"\naddress = "https://x"\nwrong = "w"\n'
    )
    (record,) = load_requirements(path)

    assert (record.columns, record.only_when, record.needs, record.line) == (("full",), "", (), 4)


def texts_of(module: Path) -> Iterator[str]:
    """The string constants of a module that are no docstrings."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def test_every_id_that_the_judge_names_is_in_the_catalogue() -> None:
    like_ids = {
        text for module in MODULES for text in texts_of(module) if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+){2,}", text)
    }

    assert {each for each in like_ids if not NO_IDS.fullmatch(each)} == requirements().ids


def test_every_requirement_is_counted_by_a_new_judge() -> None:
    fresh = Judge(requirements(), contract().published_bodies, contract().full_bodies)

    assert [row.requirement for row in fresh.verdict().rows] == list(RECORDS)


def test_every_check_of_one_answer_is_in_the_catalogue() -> None:
    assert GET_OR_CREATE.checks.keys() <= requirements().ids


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_check_knows_an_implementation_or_a_version(module: Path) -> None:
    named = [text for text in texts_of(module) if NAMES.search(text)]

    assert named == []
