"""What crosses the wire: status, media type, strict JSON, whole bodies, caches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rocketchat_contract.judge import framing
from rocketchat_contract.judge.answered import By
from rocketchat_contract.judge.check import (
    GIVEN_UP,
    KEPT,
    Broken,
    Check,
    CheckContext,
    CheckResult,
    is_cut,
    named,
    of,
    shortened_value,
)
from rocketchat_contract.judge.conditional import is_conditional
from rocketchat_contract.judge.operation import BYTE_ORDER_MARK, Operation
from rocketchat_contract.record.exchange import Response

if TYPE_CHECKING:
    from rocketchat_contract.openapi.validators import BodySchemas

_UNDONE = frozenset({"", "identity", "gzip", "deflate"})
"""Content codings that we undo; the bytes under any other say nothing of the text."""


def _response(op: Operation) -> Response | None:
    """The answer, when it is one that the contract speaks of."""
    return None if op.turned_away else op.exchange.response


def _text(op: Operation) -> str | None:
    """The body of such an answer, when it came whole and is text."""
    response = _response(op)
    return response.body if response is not None and response.complete else None


def status_is_published(op: Operation, known: CheckContext) -> CheckResult:
    """The published page lists the status."""
    if op.status is None or op.turned_away or is_conditional(op):
        return None
    if _is_among(op.status, known.published):
        return KEPT
    return Broken(f"status {' or '.join(sorted(known.published.statuses))}", named(op, f"status {op.status}"))


def status_is_documented(op: Operation, known: CheckContext) -> CheckResult:
    """The full contract lists the status; a 5xx is the business of ``robustness``."""
    if op.status is None or op.status >= 500 or op.turned_away or is_conditional(op):
        return None
    if _is_among(op.status, known.full):
        return KEPT
    return Broken(f"status {', '.join(sorted(known.full.statuses))}", named(op, f"status {op.status}"))


def _is_among(status: int, bodies: BodySchemas) -> bool:
    return bodies.documented_as(status) is not None


def media_type_is_json(op: Operation, _: CheckContext) -> CheckResult:
    """Content-Type is application/json, without charset or with UTF-8."""
    response = _response(op)
    if response is None:
        return None
    value = response.header("content-type")
    if value == "application/json":
        return KEPT
    media_type, *parameters = (value or "").lower().split(";")
    charsets = {part.strip().removeprefix("charset=").strip('"') for part in parameters if "charset=" in part}
    right = media_type.strip() == "application/json" and charsets <= {"utf-8", "utf8"}
    return (
        KEPT
        if right
        else Broken("Content-Type: application/json", f"Content-Type: {shortened_value(value or 'missing')}")
    )


def body_is_strict_json(op: Operation, _: CheckContext) -> CheckResult:
    """The body is one JSON text by the grammar of RFC 8259."""
    text = _text(op)
    if text is None:
        return None
    problem = op.parsed.problem
    if not problem:
        return KEPT
    return Broken("one JSON text", f"{problem}: {shortened_value(text, 60)!r}", problem.split(" at character")[0])


def body_has_no_byte_order_mark(op: Operation, _: CheckContext) -> CheckResult:
    """The body does not start with U+FEFF."""
    text = _text(op)
    if text is None:
        return None
    return Broken("a body that starts with {", "a byte order mark before it") if text[:1] == BYTE_ORDER_MARK else KEPT


def body_is_utf8(op: Operation, _: CheckContext) -> CheckResult:
    """The body's bytes are UTF-8."""
    response = _response(op)
    if response is None or not response.complete:
        return None
    if response.body is not None:
        return KEPT
    if response.undecoded or _coding(response) not in _UNDONE:
        return None
    return Broken("bytes in UTF-8", f"bytes that are not: {response.raw[:24]!r}", "not UTF-8")


def _coding(response: Response) -> str:
    return (response.header("content-encoding") or "").strip().lower()


def body_can_be_decoded(op: Operation, _: CheckContext) -> CheckResult:
    """The body is what its coding says, and the coding is one that a client knows."""
    response = _response(op)
    if response is None or not response.complete:
        return None
    coding = _coding(response)
    if response.undecoded:
        return Broken(f"a body in {coding}", f"Content-Encoding: {coding}, and a body that is not", f"not {coding}")
    if coding in _UNDONE or _accepted(op) != ["identity"]:
        return KEPT
    return Broken(
        "a body that whoever accepts identity can read", f"Content-Encoding: {shortened_value(coding, 40)}", "coding"
    )


def _accepted(op: Operation) -> list[str]:
    return [value for name, value in op.exchange.request.headers if name.lower() == "accept-encoding"]


def member_names_are_unique(op: Operation, _: CheckContext) -> CheckResult:
    """No object has a member name twice."""
    if _text(op) is None or op.parsed.problem:
        return None
    twice = op.parsed.twice
    return (
        Broken("each member name once in an object", f"{shortened_value(twice)!r} twice in one object")
        if twice
        else KEPT
    )


def body_is_complete(op: Operation, known: CheckContext) -> CheckResult:
    """The connection did not end before the announced end of the body, or not more often than networks break."""
    response = op.exchange.response
    if response is None or op.turned_away:
        return None
    if response.complete:
        return KEPT
    if not is_cut(op) or not known.cuts.is_systematic(op):
        return None
    return Broken("a whole body", _cut(op, response), "cut short")


def _cut(op: Operation, response: Response) -> str:
    failure = op.exchange.failure
    return f"{failure.detail if failure else 'the body ended early'} after {response.length} bytes"


def call_is_answered(op: Operation, known: CheckContext) -> CheckResult:
    """A response came and ended, whatever it says; a call that never left is not counted."""
    response, failure = op.exchange.response, op.exchange.failure
    if response is not None and is_cut(op):
        passes = not known.cuts.is_systematic(op)
        return Broken("a response to its end", named(op, _cut(op, response)), named(op, "cut short"), passes)
    if response is not None and (failure is None or failure.kind not in GIVEN_UP):
        return KEPT
    if failure is None or not failure.sent or failure.kind == "stopped":
        return None
    passes = failure.kind == "closed" and not known.cuts.drops(op)
    return Broken("a response", named(op, f"{failure.kind}: {failure.detail}"), named(op, failure.kind), passes)


def answer_is_not_stored(op: Operation, _: CheckContext) -> CheckResult:
    """Cache-Control says no-store."""
    response = _response(op)
    if response is None:
        return None
    value = ",".join(text for name, text in response.headers if name.lower() == "cache-control")
    if value == "no-store" or "no-store" in {part.strip() for part in value.lower().split(",")}:
        return KEPT
    return Broken("Cache-Control: no-store", f"Cache-Control: {shortened_value(value or 'missing')}")


def answer_is_not_coded(op: Operation, _: CheckContext) -> CheckResult:
    """No Content-Encoding where the request accepts only identity."""
    response = _response(op)
    if response is None or _accepted(op) != ["identity"]:
        return None
    coding = (response.header("content-encoding") or "identity").lower()
    return KEPT if coding == "identity" else Broken("no content coding", f"Content-Encoding: {shortened_value(coding)}")


def gateway_passes_on(op: Operation, _: CheckContext) -> CheckResult:
    """The answer is the server's, not that of a gateway or a firewall in front of it."""
    if op.status is None or op.exchange.response is None:
        return None
    if op.by not in (By.GATEWAY, By.FRONT):
        return None if op.by is By.EITHER else KEPT
    kind = shortened_value(op.exchange.response.media_type, 40)
    actual = f"status {op.status}" if op.by is By.GATEWAY else f"status {op.status} with {kind}"
    passes = op.by is By.GATEWAY or (op.query is not None and op.query.is_ordinary)
    return Broken("an answer of the server", named(op, actual), transient=passes)


_BODIED = of(200, 400)

WIRE_CHECKS: dict[str, Check] = {
    "a-status-is-published": Check(status_is_published),
    "a-status-is-documented": Check(status_is_documented),
    "an-answer-is-json": Check(media_type_is_json, _BODIED),
    "a-body-is-strict-json": Check(body_is_strict_json, _BODIED),
    "a-body-has-no-byte-order-mark": Check(body_has_no_byte_order_mark, _BODIED),
    "a-body-is-utf-8": Check(body_is_utf8, _BODIED),
    "member-names-are-unique": Check(member_names_are_unique, _BODIED),
    "a-content-coding-is-true": Check(body_can_be_decoded, _BODIED),
    "a-body-is-complete": Check(body_is_complete),
    "a-call-is-answered": Check(call_is_answered),
    "an-answer-is-not-stored": Check(answer_is_not_stored, _BODIED),
    "an-answer-is-not-coded-unasked": Check(answer_is_not_coded, _BODIED),
    "gateways-pass-calls-on": Check(gateway_passes_on),
    **framing.FRAMING_CHECKS,
}


def wire_of_statuses(statuses: frozenset[int]) -> dict[str, Check]:
    """The checks for an operation that documents these statuses: each of its answers has a body to look at."""
    return {name: replace(check, statuses=statuses) if check.statuses else check for name, check in WIRE_CHECKS.items()}
