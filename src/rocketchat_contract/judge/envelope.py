"""``success`` and ``error`` tell the truth, and nothing more."""

from __future__ import annotations

import re

from rocketchat_contract.judge.answered import By
from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, of, shortened_value
from rocketchat_contract.judge.identity import plain_texts
from rocketchat_contract.judge.operation import Operation

ENVELOPE = frozenset({"room", "newRoom", "success"})
INTERNAL = re.compile(
    r"E11000|duplicate key|Mongo\w*Error|BSONError|collection: |node_modules|Traceback \(most recent|"
    r"\b(?:java|javax|org|com)(?:\.\w+)+(?:Exception|Error)\b|SQLSTATE\[|\bORA-\d{5}|"
    r"\bat [\w$.]+\([\w$]+\.(?:java|kt):\d+\)|\bSystem\.\w+Exception\b|goroutine \d+ \[|PHP (?:Fatal|Warning)|"
    r"File \"[^\"]+\", line \d+|"
    r"\bat \S+ \(?[\w/.-]+\.(?:js|ts):\d+|\"stack\":|SQLITE_|sqlite3|UNIQUE constraint|/app/bundle/|file:///"
)

FRAME = re.compile(
    r"\bat (?:async |new )?[\w$.<>\[\]]+(?: \[as [\w$.]+\])? \((?:file://)?/[^\s()]+\.[cm]?[jt]sx?:\d+(?::\d+)?\)|"
    r"Traceback \(most recent call last\):"
)
"""A frame of a stack, with the file of the server that it speaks of."""

_WRITTEN = ("lastMessage", "topic", "announcement", "description", "tags", "livechatData", "customFields", "fname", "v")
"""Members of a room that hold what people wrote, stacks that they paste among it."""


def success_agrees(op: Operation, _: CheckContext) -> CheckResult:
    """``success`` is true with 200, false with 400."""
    if op.parsed.problem or op.turned_away:
        return None
    wanted = op.status == 200
    found = op.body.get("success", "missing")
    if found is wanted:
        return KEPT
    expected = f"success {str(wanted).lower()} with status {op.status}"
    return Broken(expected, f"success {shortened_value(found)} with status {op.status}")


def refusal_names_its_error(op: Operation, _: CheckContext) -> CheckResult:
    """A refusal has a text in ``error``."""
    if op.parsed.problem or op.turned_away:
        return None
    error = op.body.get("error")
    if isinstance(error, str) and error.strip():
        return KEPT
    return Broken("a text in error", f"error {shortened_value(op.body.get('error', 'missing'))}")


def refusal_carries_no_room(op: Operation, _: CheckContext) -> CheckResult:
    """A refusal has neither ``room`` nor ``newRoom``."""
    if not op.body:
        return None
    carried = sorted({"room", "newRoom"} & op.body.keys())
    return Broken("neither room nor newRoom", f"a refusal with {' and '.join(carried)}") if carried else KEPT


def envelope_is_closed(op: Operation, _: CheckContext) -> CheckResult:
    """A 200 has no members beside the three."""
    if not op.body or op.turned_away:
        return None
    more = op.body.keys() - ENVELOPE
    return Broken("room, newRoom and success", f"also {shortened_value(', '.join(sorted(more)))}") if more else KEPT


def nothing_internal_leaks(op: Operation, _: CheckContext) -> CheckResult:
    """No text of the database, no stack, no path of the server's files."""
    response = op.exchange.response
    if response is None or response.body is None or op.by in (By.FRONT, By.EITHER):
        return None
    if response.status < 400:
        return _stack_in_a_room(op, response.body)
    leak = INTERNAL.search(response.body)
    if leak is None:
        return KEPT
    return Broken("an error in the API's own words", shortened_value(response.body[leak.start() :], 60), leak.group())


def _stack_in_a_room(op: Operation, body: str) -> CheckResult:
    """Only a frame of a stack is no accident there; what its visitor or an agent wrote is not looked at."""
    if op.status != 200 or not any(sign in body for sign in ("(/", "(file:/", "Traceback")):
        return None
    own = {name: value for name, value in op.document.items() if name not in _WRITTEN}
    rest = {name: value for name, value in op.body.items() if name != "room"}
    leak = next(filter(None, map(FRAME.search, plain_texts([own, rest]))), None)
    return (
        None if leak is None else Broken("no stack of the server in a room", shortened_value(leak.group(), 60), "stack")
    )


ENVELOPE_CHECKS: dict[str, Check] = {
    "success-agrees-with-the-status": Check(success_agrees, of(200, 400)),
    "a-refusal-names-its-error": Check(refusal_names_its_error, of(400)),
    "a-refusal-carries-no-room": Check(refusal_carries_no_room, of(400)),
    "a-200-has-three-members": Check(envelope_is_closed, of(200)),
    "nothing-internal-leaks": Check(nothing_internal_leaks),
}
