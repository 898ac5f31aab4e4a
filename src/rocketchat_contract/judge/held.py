"""Pages in answer to ordinary calls: the server's own fault, or a firewall, a bot check or a proxy that says no.

Which of both it was shows only later, so such answers wait. Something in front is taken to have written them when the
API never answered this route at all, or when from the first of them on nothing else was answered by the API either.
So it is when the record ends with many of them: a check or a proxy may stand before this route alone.
"""

from __future__ import annotations

from dataclasses import replace

from rocketchat_contract.judge.answered import OF_A_FRONT, SERVER_ERROR, By
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.exchange import Response

_FEWEST = 3
"""Answers in a row, on several routes, that make a bot check of what may have been an accident."""

MANY = 4
"""Ordinary calls of the one route, the last of a record, that got nothing but pages."""

_OF_THE_SERVER = 400
"""The status of the API's own refusals, which no check chooses."""


class HeldPages:
    """Holds pages back; ``take`` and ``rest`` answer the operations whose author is known now."""

    def __init__(self) -> None:
        self._waiting: list[Operation] = []
        self._pages_elsewhere = self._answers_elsewhere = 0
        self._spoke = False
        self._calls = 0

    def take(self, op: Operation) -> list[Operation]:
        """The operations that can be judged now; one that waits comes with a later call."""
        self._calls += op.is_room_call
        if op.exchange.response is None:
            return [op]
        if not op.is_room_call:
            self._hear(op)
            return [op]
        if op.is_page and op.by is By.API and _is_no_json(op.exchange.response):
            self._waiting.append(op)
            return []
        if op.is_page or op.turned_away:
            return [op]
        self._spoke = True
        return [*self._released(op.exchange.started), op]

    def _hear(self, op: Operation) -> None:
        if self._waiting and not op.is_aside:
            self._pages_elsewhere += op.is_page
            self._answers_elsewhere += not op.is_page

    def _released(self, before: int | None = None) -> list[Operation]:
        """Those that had ended before a moment: a call that overlaps them may have been answered first."""
        over = [op for op in self._waiting if before is None or op.exchange.ended < before]
        if not over:
            return []
        is_front = self._is_front or (before is None and self._is_cut_off)
        self._waiting = [] if before is None else [op for op in self._waiting if op.exchange.ended >= before]
        if not self._waiting:
            self._pages_elsewhere = self._answers_elsewhere = 0
        return [replace(op, by=By.FRONT) for op in over] if is_front else over

    @property
    def _is_front(self) -> bool:
        if not self._spoke:
            return True
        several = len(self._waiting) + self._pages_elsewhere >= _FEWEST
        return several and self._pages_elsewhere > 0 and not self._answers_elsewhere

    @property
    def _is_cut_off(self) -> bool:
        return sum(op.status != _OF_THE_SERVER for op in self._waiting) >= MANY

    def rest(self) -> tuple[list[Operation], str]:
        """At the end, the operations that still waited, and the sentence of what blocks the rest of the run."""
        rest = self._released()
        if not rest or rest[-1].by is not By.FRONT:
            return rest, ""
        response = rest[-1].exchange.response
        kind = (response.header("content-type") if response else None) or "no media type"
        reported = f"{len(rest)} of {self._calls} room calls got status {rest[-1].status} with {kind.partition(';')[0]}"
        return rest, f"A firewall or proxy answers in the server's place: {reported}."


def _is_no_json(response: Response) -> bool:
    """Whether an answer does not even claim to be the API's, and speaks of no error of the server.

    What is JSON claims so, but with the status of a login, a block or a route that is not there.
    """
    if response.status in OF_A_FRONT:
        return True
    return response.status < SERVER_ERROR and "json" not in (response.header("content-type") or "").lower()
