"""Everything that crosses the wire is written first, then judged, in the order in which it left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from rocketchat_contract.client.answer import KEPT_OF_TOO_MUCH
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.exchange import Exchange, Failure, Response
from rocketchat_contract.record.journal import MAX_LINE, Journal


class Recorder:
    """Numbers requests, keeps their exchanges, and judges them; safe to use from several threads.

    ``problem`` is a sentence once the record could not be kept; nothing is written to it from then on. ``errors`` tells
    what else went wrong: it ends no run and loses no exchange.
    """

    def __init__(
        self,
        journal: Journal,
        judge: Judge,
        clock: Callable[[], int],
        seen: Callable[[Operation], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._judge = judge
        self._seen = seen
        self._lock = threading.Lock()
        self._last = 0
        self._judged = 0
        self._latest = -1
        self._ended: dict[int, Operation] = {}
        self._found: list[Finding] = []
        self.problem = ""
        self.errors: list[str] = []

    @contextmanager
    def guarded(self, doing: str) -> Iterator[None]:
        """Keep what goes wrong in here as an error of the suite, and go on behind it."""
        try:
            yield
        except Exception as error:
            self.errors.append(f"{doing}: {type(error).__name__}")

    def begin(self) -> tuple[int, int]:
        """The number of a request that is about to leave, and the moment (ns); both grow together.

        When nothing is under way, the moment is after all that ended, however coarse the clock is.
        """
        with self._lock:
            started = self._clock()
            if self._judged == self._last:
                started = max(started, self._latest + 1)
            self._last += 1
            return self._last, started

    def record(self, exchange: Exchange) -> Operation:
        """Write an exchange, then read and judge it as soon as those before it have ended."""
        if exchange.ended < exchange.started:
            exchange = replace(exchange, ended=exchange.started)
        exchange = readable(exchange)
        with self._lock:
            self._latest = max(self._latest, exchange.ended)
            self._write(exchange)
            op = self._read(exchange)
            with self.guarded(f"the facts in exchange {op.number}"):
                self._seen(op)
            self._ended[op.number] = op
            self._judge_in_order()
        return op

    def _read(self, exchange: Exchange) -> Operation:
        with self.guarded(f"reading exchange {exchange.number}"):
            return self._judge.read(exchange)
        return self._judge.read(without_body(exchange))

    def _write(self, exchange: Exchange) -> None:
        if self.problem:
            return
        try:
            self._journal.write(exchange)
        except OSError as error:
            self.problem = f"The record {self._journal.path} cannot be kept: {error.strerror}."

    def take_findings(self) -> list[Finding]:
        """The findings since the last time; when nothing is under way, all that can be known."""
        with self._lock:
            if self._judged == self._last:
                self._found += self._judge.settle()
            found, self._found = self._found, []
            return found

    @property
    def exchanges(self) -> int:
        """How many exchanges ended."""
        return self._judged

    def _judge_in_order(self) -> None:
        while (op := self._ended.pop(self._judged + 1, None)) is not None:
            self._judged += 1
            with self.guarded(f"judging exchange {op.number}"):
                self._found += self._judge.feed(op)


def without_body(exchange: Exchange) -> Exchange:
    """An exchange whose answer cannot be read: no more of it than that it came."""
    response = exchange.response
    return replace(exchange, response=response and Response(response.status, length=response.length))


MOST_TEXT = (MAX_LINE - 2**21) // 12
"""Characters of a body: each takes twelve bytes of a line at most, and header fields need some room too."""


def readable(exchange: Exchange) -> Exchange:
    """The same exchange, its body cut when names in place of secrets made it too long for a record's line."""
    response = exchange.response
    if response is None or response.body is None or len(response.body) <= MOST_TEXT:
        return exchange
    cut = replace(response, body=response.body[:KEPT_OF_TOO_MUCH], complete=False)
    text = Failure("too-large", sent=True, detail=f"more than {MOST_TEXT} characters with its secrets replaced")
    return replace(exchange, response=cut, failure=exchange.failure or text)
