"""A token is the visitor's only key: nobody else's shows, and only a plain text is one."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote_plus

from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, shortened_value
from rocketchat_contract.judge.operation import Answer, Operation
from rocketchat_contract.judge.room import room_member
from rocketchat_contract.record.exchange import Response
from rocketchat_contract.record.redactor import TOKEN_ALIAS


def refused(op: Operation) -> CheckResult:
    """The call was refused; nothing is said of an answer that is neither."""
    if op.answer not in (Answer.OK, Answer.REFUSED) or op.turned_away:
        return None
    if op.answer is Answer.REFUSED:
        return KEPT
    return Broken("a refusal with status 400", f"status {op.status} with a room")


def no_other_visitor_shows(op: Operation, known: CheckContext) -> CheckResult:
    """The answer holds nothing of another visitor: no token, ``_id``, name, room, message or address."""
    response = op.exchange.response
    if response is None:
        return None
    asked = {found.group(1) for found in TOKEN_ALIAS.finditer(op.exchange.request.target)}
    for place, text in _shown_texts(response):
        others = {found.group(1) for found in TOKEN_ALIAS.finditer(text)} - asked
        if others:
            return Broken("no token of another visitor", f"$RC_TOKEN_{min(others)} in {place}", "token")
    for way in _NAMES:
        name = room_member(op.document, *way)
        if known.visitors.is_anothers_name(name, op.token):
            return Broken("no name of another visitor", f"room.{'.'.join(way)} {name}", "name")
    return _trace_of_another(op, known, response) or KEPT


def _trace_of_another(op: Operation, known: CheckContext, response: Response) -> Broken | None:
    said = plain_texts(op.body) if op.body else [response.body or ""]
    fields = [text for _, value in response.headers for text in spellings(value)]
    trace = known.visitors.others_in(op, said, fields)
    if trace is None:
        return None
    actual = f"{_place_of(trace.text, op, response)} {shortened_value(trace.text)}"
    return Broken(f"no {trace.kind} of another visitor", actual, trace.kind)


def _place_of(text: str, op: Operation, response: Response) -> str:
    """Where a text stands in an answer."""
    for way, value in texts(op.body):
        if text in value:
            return way
    for name, value in response.headers:
        if any(text in spelling for spelling in spellings(value)):
            return f"the header {shortened_value(name, 40)}"
    return "the body"


def spellings(value: str) -> Iterator[str]:
    """What a header field may mean: as it stands, percent-decoded, and as UTF-8."""
    yield value
    if "%" in value:
        yield unquote_plus(value)
    if not value.isascii():
        yield value.encode("latin-1", "replace").decode("utf-8", "replace")


def _shown_texts(response: Response) -> Iterator[tuple[str, str]]:
    """The texts of an answer that can hold a token, with where they stand."""
    yield "the body", response.body or ""
    for name, value in response.headers:
        if "$" in value or "$" in name:
            yield f"the header {shortened_value(name, 40)}", f"{name}: {value}"


_NAMES: tuple[tuple[str, ...], ...] = (("fname",), ("v", "username"), ("v", "name"))
"""Where a room names its visitor. Agents may share a name with a visitor, so other places tell nothing."""


def texts(value: object) -> Iterator[tuple[str, str]]:
    """Every text inside a document, with the way to it."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        way, part = waiting.pop()
        if isinstance(part, str):
            yield way[1:], part
        elif isinstance(part, dict):
            waiting += [(f"{way}.{name}", inner) for name, inner in part.items()]
        elif isinstance(part, list):
            waiting += [(f"{way}.{index}", inner) for index, inner in enumerate(part)]


def plain_texts(value: object) -> list[str]:
    """Every text inside a document; ten times faster than with the way to it."""
    found: list[str] = []
    waiting = [value]
    for part in waiting:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found


def structured_token_is_refused(op: Operation, _: CheckContext) -> CheckResult:
    """``token[]=`` and ``token[$ne]=`` get no room."""
    return refused(op) if op.query and "token" in op.query.structured else None


def repeated_token_is_refused(op: Operation, _: CheckContext) -> CheckResult:
    """``token=a&token=b`` gets no room."""
    return refused(op) if op.query and "token" in op.query.twice else None


IDENTITY_CHECKS: dict[str, Check] = {
    "a-structured-token-is-refused": Check(structured_token_is_refused, unusual=True),
    "a-repeated-token-is-refused": Check(repeated_token_is_refused, unusual=True),
    "no-other-visitor-shows": Check(no_other_visitor_shows),
}
