"""Pages in answer to ordinary calls: the server's own fault, or a firewall, a bot check or a proxy that says no.

Which of both it was shows only later, so such answers wait. Something in front is taken to have written them when the
API never answered this route at all, or when from the first of them on nothing else was answered by the API either.
So it is when the record ends with many of them: a check or a proxy may stand before this route alone.

One among answers of the API is the server's fault, unless its like came on another route that the API answers too, or
the same call was answered when it was asked again: what breaks in a server breaks the same call again.
"""

from __future__ import annotations

from dataclasses import replace

from rocketchat_contract.judge.answered import OF_A_FRONT, SERVER_ERROR, By
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.record.exchange import Response

_FEWEST = 3
"""Answers in a row, on several routes, that make a bot check of what may have been an accident."""

MANY = 4
"""Ordinary calls of the one route, the last of a record, that got nothing but pages."""

_ALSO_OF_SERVERS = frozenset({400, 404})
"""Statuses that a server gives a page of its own: asking again tells nothing of them."""

_Sort = tuple[int | None, str]
"""Status and media type of a page."""

_OF_THE_SERVER = 400
"""The status of the API's own refusals, which no check chooses."""


class HeldPages:
    """Holds pages back; ``take`` and ``rest`` answer the operations whose author is known now."""

    def __init__(self) -> None:
        self._waiting: list[Operation] = []
        self._single = _SinglePages()
        self._pages_elsewhere = self._answers_elsewhere = 0
        self._spoke = False
        self._calls = 0

    def take(self, op: Operation) -> list[Operation]:
        """The operations that can be judged now; one that waits comes with a later call."""
        self._calls += op.is_room_call
        if op.exchange.response is None:
            return [op]
        self._single.hear(op)
        if not op.is_room_call:
            self._hear(op)
            return [op]
        if op.is_page and op.by is By.API and _is_no_json(op.exchange.response):
            self._waiting.append(op)
            self._single.expect(op)
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
        if is_front:
            return [replace(op, by=By.FRONT) for op in over]
        self._single.pages += over
        return []

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
        single = self._single.rest()
        if not rest:
            return single, ""
        status, kind = _sort_of(rest[-1])
        reported = f"{len(rest)} of {self._calls} room calls got status {status} with {kind}"
        return [*single, *rest], f"A firewall or proxy answers in the server's place: {reported}."


class _SinglePages:
    """Pages after which the API answered this route again: who wrote them shows when all calls are known."""

    def __init__(self) -> None:
        self.pages: list[Operation] = []
        self._answered: dict[str, int] = {}
        self._elsewhere: dict[tuple[Kind, str], set[_Sort]] = {}
        self._routes: set[tuple[Kind, str]] = set()

    def expect(self, page: Operation) -> None:
        """Note from now on when the API answers the same call: no other's answers are remembered."""
        self._answered.setdefault(page.exchange.request.target, 0)

    def hear(self, op: Operation) -> None:
        """Note when the API answered a call that got a page, and which sorts of pages came on other routes."""
        target = op.exchange.request.target
        route = op.kind, target.partition("?")[0] if op.kind is Kind.OTHER else ""
        if op.is_room_call and not op.is_page and not op.turned_away:
            if target in self._answered:
                self._answered[target] = op.exchange.started
        elif not op.is_room_call and op.is_page and not op.is_aside:
            self._elsewhere.setdefault(route, set()).add(_sort_of(op))
        elif not op.is_room_call and op.answer in (Answer.OK, Answer.REFUSED):
            self._routes.add(route)

    def rest(self) -> list[Operation]:
        """All of them, with their authors."""
        pages, self.pages = self.pages, []
        return [replace(op, by=By.FRONT) if self._is_of_a_front(op) else op for op in pages]

    def _is_of_a_front(self, op: Operation) -> bool:
        if not _is_of_others(op):
            return False
        if any(_sort_of(op) in self._elsewhere[route] for route in self._routes & self._elsewhere.keys()):
            return True
        is_answered = self._answered[op.exchange.request.target] > op.exchange.ended
        return op.status not in _ALSO_OF_SERVERS and is_answered


def _is_of_others(op: Operation) -> bool:
    """Whether an answer is a page for people, or has a status with which calls are blocked."""
    kind = _sort_of(op)[1].lower()
    return "html" in kind or (op.status in OF_A_FRONT and "json" not in kind)


def _sort_of(op: Operation) -> _Sort:
    response = op.exchange.response
    return op.status, "" if response is None else response.media_type


def _is_no_json(response: Response) -> bool:
    """Whether an answer does not even claim to be the API's, and speaks of no error of the server.

    What is JSON claims so, but with the status of a login, a block or a route that is not there.
    """
    if response.status in OF_A_FRONT:
        return True
    return response.status != SERVER_ERROR and "json" not in (response.header("content-type") or "").lower()
