from __future__ import annotations

import pytest

from support.histories import (
    ANNA,
    finding_of,
    outcome,
)

from .answers import LONG, answered, changed


def test_the_first_three_errors_of_a_body_are_told() -> None:
    found = finding_of("a-200-fits-the-published-schema", changed(msgs="1", t=7, open="yes", cl="no"))

    assert found.expected.count(" at /room/") == 3
    assert "; " in found.actual


def test_a_signature_names_every_kind_of_error() -> None:
    found = finding_of("a-200-fits-the-published-schema", changed(msgs="1", t=7, open="yes", cl="no"))

    assert found.signature == "type at /room/cl; type at /room/msgs; type at /room/open; type at /room/t"


def test_a_signature_leaves_out_which_element_of_a_list_it_is() -> None:
    parts = [{"type": "PARAGRAPH", "value": [{"type": "LINK", "value": {}}] * 2}]
    found = finding_of("a-200-fits-the-published-schema", changed(lastMessage={"md": parts}))

    assert found.signature == "type at /room/lastMessage/md/*/value/*/value"


def test_null_is_another_kind_than_a_wrong_type() -> None:
    found = finding_of("a-200-fits-the-published-schema", changed(lastMessage={"u": {"name": None}}))

    assert found.signature == "null at /room/lastMessage/u/name"


def test_a_body_with_too_many_errors_is_of_no_known_kind() -> None:
    parts = [{"type": "PARAGRAPH", "value": [{"type": "LINK", "value": {}}] * 200}]
    found = finding_of("a-200-fits-the-published-schema", changed(lastMessage={"md": parts}))

    assert found.signature.endswith("; more")


def test_a_body_of_another_type_is_told_at_its_root() -> None:
    assert finding_of("a-200-fits-the-full-schema", answered([])).expected.endswith(" at /")


@pytest.mark.parametrize(("status", "expected"), [(200, ""), (400, "broken")])
def test_each_status_has_its_schema(status: int, expected: str) -> None:
    assert outcome("a-400-fits-the-full-schema", answered({"success": True}, status)) == expected


@pytest.mark.parametrize("requirement", ["a-200-fits-the-full-schema", "a-200-fits-the-published-schema"])
def test_a_body_that_is_no_json_has_no_schema(requirement: str) -> None:
    assert outcome(requirement, answered("<html>")) == ""


def test_a_refusal_of_a_long_request_has_no_schema() -> None:
    assert outcome("a-400-fits-the-published-schema", answered([], 400, f"token={LONG}")) == ""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"success": False, "error": "error-too-many-requests"}, "kept"),
        ({"success": False}, "broken"),
        ("<p>slow down</p>", "broken"),
    ],
)
def test_the_limiter_answers_in_the_same_envelope(body: object, expected: str) -> None:
    assert outcome("a-429-fits-the-full-schema", answered(body, 429)) == expected


def test_a_limiters_text_is_told() -> None:
    found = finding_of("a-429-fits-the-full-schema", answered("<p>", 429))

    assert (found.actual, found.signature) == ("Expecting value at character 1", "not JSON")


@pytest.mark.parametrize("name", ["fname", "msgs", "usersCount", "lm", "cl", "_updatedAt"])
def test_a_room_has_its_usual_members(name: str) -> None:
    exchange = changed(**{name: None})

    assert finding_of("usual-members-are-there", exchange).actual == f"without {name}"


@pytest.mark.parametrize("name", ["username", "status"])
def test_a_rooms_visitor_has_its_usual_members(name: str) -> None:
    visitor = {"_id": "v", "token": ANNA, "username": "g", "status": "online"}
    del visitor[name]

    assert finding_of("usual-members-are-there", changed(v=visitor)).actual == f"without v.{name}"


def test_what_is_no_room_has_no_usual_members() -> None:
    assert outcome("usual-members-are-there", answered({"room": {}})) == ""
    assert outcome("usual-members-are-there", changed(v="x")) == "broken"
