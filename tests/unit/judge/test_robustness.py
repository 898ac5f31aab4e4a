from __future__ import annotations

import pytest

from rocketchat_contract.judge.check import shortened_value
from support.histories import (
    ANNA,
    asked,
    broken,
    failed,
    outcome,
    unanswered,
)

from .answers import KNOWN, RIGHT, answered


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "kept"), (400, "kept"), (499, "kept"), (500, "broken"), (501, "broken"), (502, "")]
)
@pytest.mark.parametrize(
    ("query", "requirement"),
    [
        (asked(ANNA), "ordinary-calls-end-well"),
        ("", "ordinary-calls-end-well"),
        (asked(ANNA, rid="a b"), "no-call-ends-in-a-server-error"),
        (asked(ANNA, x="y"), "no-call-ends-in-a-server-error"),
        (f"token[]={ANNA}", "no-call-ends-in-a-server-error"),
    ],
)
def test_no_call_ends_in_a_server_error(query: str, requirement: str, status: int, expected: str) -> None:
    exchange = failed(answered({}, query=query), status)
    other = {"ordinary-calls-end-well", "no-call-ends-in-a-server-error"} - {requirement}

    assert outcome(requirement, exchange) == expected
    assert [outcome(each, exchange) for each in other] == [""]


def test_no_answer_is_no_server_error() -> None:
    assert outcome("ordinary-calls-end-well", unanswered(RIGHT)) == ""


DEEP = '{"a":' * 250 + "1" + "}" * 250


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        f'{{"room":{DEEP}}}',
        '{"room":{"_id":"R1","v":{"token":{"a":[[[]]]}}}}',
        '{"room":{"ts":1e999,"msgs":-0}}',
        '{"room":{"_id":"\\ud800","v":{"token":"\\ud800"}},"success":"\\ud800"}',
        '{"error":{"a":1},"errorType":[]}',
        "0",
    ],
)
@pytest.mark.parametrize("status", [200, 400, 429, 500])
@pytest.mark.parametrize("query", ["", asked(ANNA), asked(ANNA, rid="x", y="canary7"), "token[]=a"])
def test_no_body_breaks_the_judge(body: str, status: int, query: str) -> None:
    assert isinstance(broken(KNOWN, answered(body, status, query)), set)


@pytest.mark.parametrize(
    ("value", "text"),
    [("a" * 80, "a" * 80), ("a" * 81, "a" * 79 + "…"), (None, "None"), ({"a": 1}, "{'a': 1}"), (True, "True")],
)
def test_values_are_shortened(value: object, text: str) -> None:
    assert shortened_value(value) == text


def test_values_are_shortened_to_a_length() -> None:
    assert shortened_value("abcdef", 4) == "abc…"
