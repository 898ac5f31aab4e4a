"""Everything that crosses the wire is written first, then judged, in the order in which it left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.journal import Journal


class Recorder:
    """Numbers requests, keeps their exchanges, and judges them; safe to use from several threads.

    ``problem`` is a sentence once the record could not be kept; nothing is written to it from then on.
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
        """Write an exchange and judge it as soon as those before it have ended."""
        if exchange.ended < exchange.started:
            exchange = replace(exchange, ended=exchange.started)
        op = self._judge.read(exchange)
        with self._lock:
            self._latest = max(self._latest, exchange.ended)
            self._write(exchange)
            self._seen(op)
            self._ended[op.number] = op
            self._judge_in_order()
        return op

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
            self._found += self._judge.feed(op)
