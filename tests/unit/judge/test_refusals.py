from __future__ import annotations

from typing import Any

import pytest

from support.histories import (
    ANNA,
    BERT,
    asked,
    call,
    created,
    finding_of,
    outcome,
    refused,
    room_body,
)

from .answers import REFUSAL, RIGHT, answered


@pytest.mark.parametrize(
    ("query", "requirement"),
    [
        (f"token[]={ANNA}", "a-structured-token-is-refused"),
        (f"token[$ne]={ANNA}", "a-structured-token-is-refused"),
        (f"token={ANNA}&token={BERT}", "a-repeated-token-is-refused"),
        ("", "a-missing-token-is-refused"),
        ("rid=R1", "a-missing-token-is-refused"),
        (f"token={ANNA}&rid[]=R1", "structured-parameters-are-refused"),
        (f"token={ANNA}&rid=R1&rid=R2", "structured-parameters-are-refused"),
        (f"token={ANNA}&agentId[x]=R1", "structured-parameters-are-refused"),
    ],
)
def test_what_is_not_plain_is_refused(query: str, requirement: str) -> None:
    rooms = answered(room_body(ANNA, "R1"), query=query)

    assert outcome(requirement, answered(REFUSAL, 400, query)) == "kept"
    assert outcome(requirement, rooms) == "broken"
    assert outcome(requirement, answered("oops", 500, query)) == ""
    assert outcome(requirement, answered(REFUSAL, 429, query)) == ""
    assert finding_of(requirement, rooms).actual == "status 200 with a room"


@pytest.mark.parametrize(
    "requirement",
    [
        "a-structured-token-is-refused",
        "a-repeated-token-is-refused",
        "a-missing-token-is-refused",
        "structured-parameters-are-refused",
        "the-missing-token-is-named",
    ],
)
def test_a_usual_call_says_nothing_of_odd_ones(requirement: str) -> None:
    assert outcome(requirement, RIGHT, refused(BERT), refused(BERT, x="1")) == ""


@pytest.mark.parametrize("query", [f"token={ANNA}&x[]=1", f"token={ANNA}&token={ANNA}&rid[]=R1", "rid[]=R1"])
def test_other_odd_parameters_are_another_promise(query: str) -> None:
    assert outcome("structured-parameters-are-refused", answered(room_body(ANNA, "R1"), query=query)) == ""


@pytest.mark.parametrize(
    ("query", "error", "expected"),
    [
        ("", "Match error: Missing key 'token'", "kept"),
        ("", "TOKEN?", "kept"),
        ("", "Match error", "broken"),
        ("", None, "broken"),
        ("rid=x", "Match error", ""),
        ("x[]=1", "Match error", ""),
        ("token[]=a", "Match error", ""),
    ],
)
def test_the_missing_token_is_named(query: str, error: object, expected: str) -> None:
    assert outcome("the-missing-token-is-named", answered({"success": False, "error": error}, 400, query)) == expected


@pytest.mark.parametrize(
    ("name", "value", "room", "expected"),
    [
        ("x", "canary7", {}, "kept"),
        ("x", "canary7", {"topic": "a canary7 b"}, "broken"),
        ("x", "canary7", {"tags": [{"y": "canary7"}]}, "broken"),
        ("x", "c7", {"x": "c7"}, "broken"),
        ("x", "c7", {"topic": "c7"}, "kept"),
        ("x", "12345", {"topic": "12345"}, "kept"),
        ("x", "123456", {"topic": "123456"}, "broken"),
        ("x", "online", {}, "kept"),
        ("x", "abcdefghijk", {"topic": "abcdefghijk"}, "kept"),
        ("x", "abcdefghijkl", {"topic": "abcdefghijkl"}, "broken"),
        ("x", "äöüäöü", {"topic": "äöüäöü"}, "broken"),
        ("x", "", {"x": ""}, "kept"),
        ("t", "l", {}, "kept"),
        ("t", "d", {"t": "d"}, "broken"),
        ("visitorToken", ANNA, {}, "kept"),
        ("fname", "Mallory", {"fname": "Mallory"}, "broken"),
        ("sla", "rccSla1234567", {"slaId": "rccSla1234567"}, "kept"),
    ],
)
def test_unknown_parameters_change_nothing(name: str, value: str, room: dict[str, Any], expected: str) -> None:
    exchange = call(asked(ANNA, **{name: value}), body=room_body(ANNA, "R1", **room))

    assert outcome("unknown-parameters-change-nothing", exchange) == expected


def test_a_value_is_found_however_deep_and_whatever_stands_beside_it() -> None:
    room = {"a": [["x", {"b": ["canary7", "y"]}], "z"], "c": {"d": ["e"]}, "f": {"g": {}}}
    exchange = call(asked(ANNA, x="canary7"), body=room_body(ANNA, "R1", topic=room))

    assert outcome("unknown-parameters-change-nothing", exchange) == "broken"


def test_a_long_name_is_shortened() -> None:
    exchange = call(asked(ANNA, **{"n" * 40: "canary7"}), body=room_body(ANNA, "R1", topic="canary7"))

    assert finding_of("unknown-parameters-change-nothing", exchange).actual == f"{'n' * 29}…=canary7 in the answer"


def test_what_was_merged_is_told() -> None:
    exchange = call(asked(ANNA, b="xx", a="canary7" * 9), body=room_body(ANNA, "R1", topic="canary7" * 9))
    found = finding_of("unknown-parameters-change-nothing", exchange)

    assert found.actual == f"a={('canary7' * 9)[:29]}… in the answer"
    assert found.signature == "merged into the room"


@pytest.mark.parametrize(("status", "expected"), [(400, "kept"), (500, ""), (429, "")])
def test_a_refused_parameter_changes_nothing(status: int, expected: str) -> None:
    exchange = answered({**REFUSAL, "error": "Unknown key canary7"}, status, asked(ANNA, x="canary7"))

    assert outcome("unknown-parameters-change-nothing", exchange) == expected


@pytest.mark.parametrize("query", ["", "token[]=a", f"token={ANNA}&rid[]=x"])
def test_without_unknown_parameters_nothing_is_said_of_them(query: str) -> None:
    assert outcome("unknown-parameters-change-nothing", answered(REFUSAL, 400, query)) == ""


def test_named_parameters_are_not_unknown() -> None:
    assert outcome("unknown-parameters-change-nothing", created(ANNA, "R1", agentId="canary7")) == ""
