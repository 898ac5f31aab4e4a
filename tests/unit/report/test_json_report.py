from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from rocketchat_contract.judge.fate import Fate
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.report.run_result import RunResult

from .accounts import accounts
from .examples import EXAMPLES, hostile, violated

SCHEMA = json.loads(files("rocketchat_contract.report").joinpath("schemas", "report.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_report_fits_the_schema(name: str) -> None:
    VALIDATOR.validate(json.loads(json_report(EXAMPLES[name]())))


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_any_report_fits_the_schema(result: RunResult) -> None:
    text = json_report(result)

    assert text.encode("utf-8")
    VALIDATOR.validate(json.loads(text))


def test_a_report_with_an_unknown_member_does_not_fit() -> None:
    content = json.loads(json_report(violated())) | {"extra": 1}
    assert not VALIDATOR.is_valid(content)


def test_a_finding_names_its_command_and_what_it_does() -> None:
    content = json.loads(json_report(violated()))
    (row,) = [row for row in content["requirements"] if row["id"] == "an-open-room-is-returned"]
    (finding,) = row["findings"]
    assert finding["repeat"] == "curl -g -s -w '\\n' " + '"$RC_TARGET/api/v1/livechat/room?token=$RC_TOKEN_1"'
    assert finding["repeat_note"] == "run it 2 times; it creates a room when the visitor has none open"


def test_a_huge_body_does_not_make_a_huge_report() -> None:
    assert len(json_report(hostile())) < 20_000


def test_the_schema_knows_every_fate() -> None:
    text = json.dumps(SCHEMA)

    assert json.dumps([str(fate) for fate in Fate])[1:-1] in text
