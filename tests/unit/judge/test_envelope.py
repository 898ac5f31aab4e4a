from __future__ import annotations

from typing import Any

import pytest

from support.histories import (
    ANNA,
    asked,
    finding_of,
    outcome,
    unanswered,
)

from .answers import LONG, REFUSAL, RIGHT, answered, changed, without_envelope


@pytest.mark.parametrize(
    ("status", "success", "expected"),
    [
        (200, True, "kept"),
        (200, False, "broken"),
        (200, 1, "broken"),
        (200, "gone", "broken"),
        (400, False, "kept"),
        (400, True, "broken"),
        (400, 0, "broken"),
        (404, True, ""),
    ],
)
def test_success_agrees(status: int, success: object, expected: str) -> None:
    body = {"error": "x", **({} if success == "gone" else {"success": success})}

    assert outcome("success-agrees-with-the-status", answered(body, status)) == expected


def test_success_is_told_with_its_status() -> None:
    found = finding_of("success-agrees-with-the-status", answered({"error": "x"}, 400))

    assert (found.expected, found.actual) == ("success false with status 400", "success missing with status 400")


@pytest.mark.parametrize(
    ("error", "expected"), [("x", "kept"), ("", "broken"), (" \n", "broken"), (7, "broken"), (None, "broken")]
)
def test_a_refusal_names_its_error(error: object, expected: str) -> None:
    assert outcome("a-refusal-names-its-error", answered({"success": False, "error": error}, 400)) == expected


def test_a_missing_error_is_told() -> None:
    assert finding_of("a-refusal-names-its-error", answered({"success": False}, 400)).actual == "error missing"


@pytest.mark.parametrize("requirement", ["success-agrees-with-the-status", "a-refusal-names-its-error"])
@pytest.mark.parametrize(("query", "body"), [(asked(ANNA), "<html>"), (f"token={LONG}", {})])
def test_what_is_not_the_apis_has_no_envelope(requirement: str, query: str, body: object) -> None:
    assert outcome(requirement, answered(body, 400, query)) == ""


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, ""), ({"newRoom": False}, "newRoom"), ({"newRoom": None, "room": {}}, "newRoom and room")],
)
def test_a_refusal_carries_no_room(more: dict[str, Any], expected: str) -> None:
    exchange = answered({**REFUSAL, **more}, 400)

    assert outcome("a-refusal-carries-no-room", exchange) == ("broken" if expected else "kept")
    if expected:
        assert finding_of("a-refusal-carries-no-room", exchange).actual == f"a refusal with {expected}"


def test_an_empty_refusal_carries_nothing() -> None:
    assert outcome("a-refusal-carries-no-room", answered("", 400)) == ""
    assert outcome("a-200-has-three-members", answered("")) == ""


def test_more_members_are_told_in_order() -> None:
    assert finding_of("a-200-has-three-members", without_envelope(z=1, a=2)).actual == "also a, z"
    assert outcome("a-200-has-three-members", answered({"room": {}})) == "kept"


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("E11000 duplicate key error collection: x", "E11000"),
        ("MongoError: no", "MongoError"),
        ("MongoServerError: no", "MongoServerError"),
        ("Traceback (most recent call last)", "Traceback (most recent"),
        ("x at Object.run (/app/x.js:12:3)", "at Object.run (/app/x.js:12"),
        ("SQLITE_BUSY", "SQLITE_"),
        ("UNIQUE constraint failed", "UNIQUE constraint"),
        ("/app/bundle/programs", "/app/bundle/"),
        ("file:///srv", "file:///"),
    ],
)
def test_nothing_internal_leaks(text: str, leak: str) -> None:
    found = finding_of("nothing-internal-leaks", answered({**REFUSAL, "error": f"oh {text}"}, 400))

    assert found.signature == leak
    assert found.actual.startswith(leak)


def test_a_leak_is_told_in_sixty_characters() -> None:
    found = finding_of("nothing-internal-leaks", answered({**REFUSAL, "error": f"E11000 {'x' * 99}"}, 400))

    assert found.actual == f"E11000 {'x' * 52}…"


@pytest.mark.parametrize(("status", "expected"), [(200, ""), (399, ""), (400, "broken"), (500, "broken")])
def test_only_refusals_and_errors_leak(status: int, expected: str) -> None:
    assert outcome("nothing-internal-leaks", answered({"error": "E11000"}, status)) == expected


@pytest.mark.parametrize("error", ["look at room.js", "at 12:30", "invalid-token", "stack"])
def test_ordinary_words_are_no_leak(error: str) -> None:
    assert outcome("nothing-internal-leaks", answered({**REFUSAL, "error": error}, 400)) == "kept"


FRAME = "Error: no\n    at Object.<anonymous> (/app/programs/server.js:12:3)"


@pytest.mark.parametrize(
    "text", [FRAME, "at async Router.get [as x] (file:///srv/a.mjs:1:2)", "Traceback (most recent call last):\n  File"]
)
def test_a_stack_in_a_room_leaks(text: str) -> None:
    found = finding_of("nothing-internal-leaks", changed(debug={"error": [text]}))

    assert (found.signature, text.find(found.actual.rstrip("…")) >= 0) == ("stack", True)


def test_a_stack_beside_a_room_leaks() -> None:
    assert outcome("nothing-internal-leaks", answered({"room": {}, "debug": FRAME})) == "broken"


@pytest.mark.parametrize(
    "room",
    [
        {"lastMessage": {"msg": FRAME}},
        {"topic": FRAME},
        {"fname": FRAME},
        {"debug": "see me at Foo (/app/cafe:12) or at Foo (app.js:12:3)"},
        {"debug": "E11000 at /app/bundle/x.js"},
    ],
)
def test_what_people_write_in_a_room_is_no_leak(room: dict[str, Any]) -> None:
    assert outcome("nothing-internal-leaks", changed(**room)) == ""


def test_what_has_no_text_leaks_nothing() -> None:
    assert outcome("nothing-internal-leaks", unanswered(RIGHT)) == ""
