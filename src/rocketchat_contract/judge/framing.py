"""Where an answer ends and which fields it has: nothing behind it, no value in it that became a header field."""

from __future__ import annotations

import re
from collections import Counter

from rocketchat_contract.judge import conditional
from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, shortened_value
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.query import query_pairs

SINGLE = frozenset({"content-type", "content-length", "content-encoding", "etag", "last-modified", "location", "age"})
"""Header fields that have one value."""

_BREAK = re.compile(r"[\r\n]+")


def nothing_follows(op: Operation, _: CheckContext) -> CheckResult:
    """The connection carried no more than the answer."""
    response = op.exchange.response
    if response is None:
        return None
    kind = " to HEAD" if op.exchange.request.method == "HEAD" else ""
    if response.behind:
        return Broken("nothing behind an answer", f"more bytes behind the answer{kind}", "behind")
    if response.late:
        actual = "more bytes after the answer before, on the same connection, until this call left"
        return Broken("nothing behind an answer", actual, "late")
    return KEPT


def single_fields_stand_once(op: Operation, _: CheckContext) -> CheckResult:
    """No header field with one value stands twice."""
    response = op.exchange.response
    if response is None or op.turned_away:
        return None
    names = [name.lower() for name, _ in response.headers]
    if len(set(names)) == len(names):
        return KEPT
    twice = sorted(name for name, times in Counter(names).items() if times > 1 and name in SINGLE)
    if not twice:
        return KEPT
    values = " and ".join(value for name, value in response.headers if name.lower() == twice[0])
    return Broken(f"{twice[0]} once", f"{twice[0]}: {shortened_value(values)}", twice[0])


def no_value_becomes_a_header(op: Operation, _: CheckContext) -> CheckResult:
    """What stands behind a line break in a parameter is no header field of the answer."""
    lines = _lines(op.exchange.request.target)
    if not lines:
        return None
    response, failure = op.exchange.response, op.exchange.failure
    shown = [(name.lower(), value) for name, value in response.headers] if response is not None else []
    for name, value in lines:
        is_quoted = failure is not None and failure.kind == "malformed" and f"{name} {value}" in failure.detail.lower()
        if is_quoted or any(field == name and text.startswith(value) for field, text in shown):
            return Broken("no header field out of a parameter", f"a header field {name}: {value}", "injected")
    return KEPT if response is not None else None


def _lines(target: str) -> list[tuple[str, str]]:
    """Header fields that stand behind line breaks in the values of a query."""
    query = target.partition("?")[2]
    if "%0a" not in query.lower() and "%0d" not in query.lower():
        return []
    lines = [line for _, value in query_pairs(query) for line in _BREAK.split(value)[1:]]
    pairs = [line.partition(":") for line in lines]
    return [(name.lower(), value.strip()) for name, colon, value in pairs if colon and name.isascii() and value.strip()]


def not_modified_is_true(op: Operation, known: CheckContext) -> CheckResult:
    """304 is answered to the validator of the visitor's own room as it is, and to no other."""
    sent = conditional.asked(op)
    if not sent or op.exchange.response is None:
        return None
    if not conditional.is_conditional(op) or sent == known.validators.of(op.token):
        return KEPT
    return Broken("the visitor's room, or 304 to its own validator", "status 304 to the validator of another", "304")


FRAMING_CHECKS: dict[str, Check] = {
    "nothing-follows-an-answer": Check(nothing_follows),
    "single-fields-stand-once": Check(single_fields_stand_once),
    "not-modified-is-true": Check(not_modified_is_true),
    "no-value-becomes-a-header": Check(no_value_becomes_a_header),
}
