"""Exchanges as an aligned transcript: who spoke when, and what was said, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Kind, Operation, read
from rocketchat_contract.record.exchange import Exchange, Response
from rocketchat_contract.record.redactor import TOKEN_ALIAS
from rocketchat_contract.report.plain import sentence, shortened_text, visible

MOST_CALLS = 16
"""Exchanges that one transcript shows; the deciding one is always among them."""

LONGEST_BODY = 1200
"""Characters of a body in evidence; the record holds the whole."""

LONGEST_LINE = 200

_DEEDS = {
    Kind.REGISTER: "visitor registered",
    Kind.DELETE: "visitor deleted",
    Kind.CLOSE: "room closed",
    Kind.MESSAGE: "message posted",
}


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One line of a transcript: a request leaves, or its answer is complete.

    ``offset`` and ``took`` are nanoseconds since the transcript's first request and since the request left;
    ``took`` is None for a request. ``details`` are headers and body, one line each, shortened.
    """

    offset: int
    number: int
    visitor: str
    driver: str
    why: str
    text: str
    details: str
    took: int | None = None
    deciding: bool = False

    @property
    def is_answer(self) -> bool:
        """Whether it tells what came back."""
        return self.took is not None


def evidence_of(finding: Finding, exchanges: Mapping[int, Exchange]) -> tuple[Exchange, ...]:
    """The exchanges of a finding that are at hand, the first and the deciding ones when there are too many."""
    held = [exchanges[number] for number in dict.fromkeys(finding.evidence) if number in exchanges]
    if len(held) <= MOST_CALLS:
        return tuple(held)
    return (*held[: MOST_CALLS // 2], *held[-MOST_CALLS // 2 :])


def events(exchanges: Iterable[Exchange], deciding: int = 0) -> tuple[TranscriptLine, ...]:
    """The transcript's lines in the order of time; ``deciding`` is the number of the exchange to mark."""
    known = tuple(exchanges)
    if not known:
        return ()
    start = min(exchange.started for exchange in known)
    events = [event for exchange in known for event in _events(exchange, start, deciding)]
    return tuple(sorted(events, key=lambda event: (event.offset, event.is_answer, event.number)))


def transcript_text(lines: Iterable[TranscriptLine]) -> str:
    """The transcript as plain text with aligned columns."""
    events = tuple(lines)
    numbers = max((len(str(event.number)) for event in events), default=1)
    visitors = max((len(event.visitor) for event in events), default=0)
    rows = (
        f"{offset_text(event.offset):>10}  {'←' if event.is_answer else '→'} {event.number:>{numbers}}  "
        f"{event.visitor:<{visitors}}  {event.text}"
        + (f"  [{duration_text(event.took)}]" if event.took is not None else "")
        for event in events
    )
    return "\n".join(rows)


def visitor_name(alias: str | None) -> str:
    """Who a call was made for: ``visitor 10`` for ``$RC_TOKEN_10``."""
    if alias is None:
        return "–"
    number = TOKEN_ALIAS.fullmatch(alias)
    return f"visitor {number[1]}" if number else sentence(alias, 24)


def answer_text(operation: Operation) -> str:
    """What came back, in one short line."""
    exchange = operation.exchange
    if exchange.failure is not None:
        may = "; it may have taken effect" if exchange.failure.sent else "; nothing was sent"
        return sentence(f"no whole answer: {exchange.failure.kind}, {exchange.failure.detail}", 160) + may
    if exchange.response is None:
        return "no answer was recorded"
    return f"{exchange.response.status} {_content(operation, exchange.response)}"


def offset_text(nanoseconds: int) -> str:
    """A moment of the transcript: ``+12.3 ms``."""
    return f"+{nanoseconds / 1e6:,.1f} ms" if nanoseconds < 10_000_000_000 else f"+{nanoseconds / 1e9:,.1f} s"


def duration_text(nanoseconds: int) -> str:
    """A duration: ``12.3 ms``."""
    return offset_text(nanoseconds)[1:]


def _events(exchange: Exchange, start: int, deciding: int) -> tuple[TranscriptLine, TranscriptLine]:
    request = exchange.request
    asked = TranscriptLine(
        offset=exchange.started - start,
        number=exchange.number,
        visitor=visitor_name(exchange.visitor),
        driver=sentence(exchange.driver, 60),
        why=sentence(exchange.why, 160),
        text=sentence(f"{request.method} {request.target}", LONGEST_LINE),
        details=_details(request.headers, request.body),
    )
    answered = replace(
        asked,
        offset=exchange.ended - start,
        text=answer_text(read(exchange)),
        details=_received(exchange.response),
        took=exchange.ended - exchange.started,
        deciding=exchange.number == deciding,
    )
    return asked, answered


def _content(operation: Operation, response: Response) -> str:
    if operation.kind in _DEEDS and response.status == 200:
        return _DEEDS[operation.kind]
    if operation.room is not None:
        new = {True: "true", False: "false", None: "missing"}[operation.new]
        return sentence(f"room {operation.room}, newRoom {new}", LONGEST_LINE)
    if operation.error:
        return sentence(f"error {operation.error}", LONGEST_LINE)
    media = response.header("content-type") or "no media type"
    return sentence(f"{media}, {response.length:,} bytes", LONGEST_LINE)


def _received(response: Response | None) -> str:
    if response is None:
        return ""
    body = response.body if response.body is not None else f"not UTF-8: {response.raw[:400].hex(' ')}"
    cut = "" if response.complete else "\n(the connection ended before the announced end of the body)"
    return _details(response.headers, body) + cut


def _details(headers: Iterable[tuple[str, str]], body: str | None) -> str:
    lines = [sentence(f"{name}: {value}", LONGEST_LINE) for name, value in headers]
    text = visible(shortened_text(body, LONGEST_BODY), lines=True) if body else ""
    return "\n".join(lines) + (f"\n\n{text}" if lines and text else text)
