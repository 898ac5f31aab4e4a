"""How many of the calls that were fired together really overlapped: the number behind "no race was found"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from rocketchat_contract.judge.operation import Answer, Kind, Operation

LEAST_TOGETHER = 3
"""Of a wide burst of which calls were lost on their way, so many that were under way at once are a race."""

Span = tuple[int, int]
"""A time (ns) throughout which a call was surely under way: its last byte had left, its answer was not complete."""


class Overlapping:
    """Counts bursts, their calls, and of these the ones that another call of the same burst was under way with.

    A call overlaps from the moment its last byte had left, not from its first one: until then nothing happens. Calls
    that the limiter turned away took part in no race. ``together`` is the most calls that were under way at once,
    ``fastest`` the shortest time (ns) from a last byte to the whole answer.
    """

    def __init__(self) -> None:
        self._volleys = self._calls = self._overlapped = self._together = self._fastest = 0
        self._ends = -1
        self._spans: list[Span] = []

    def join(self, op: Operation) -> None:
        """Count an operation when it was fired in a volley; they come in the order in which they left."""
        exchange = op.exchange
        if exchange.released is None:
            return
        if exchange.started > self._ends:
            self._settle()
            self._volleys += 1
        self._ends = max(self._ends, exchange.ended)
        self._calls += 1
        if op.answer is not Answer.NOTHING:
            self._spans.append(span_of(op))
            took = max(1, exchange.ended - exchange.released)
            self._fastest = min(self._fastest or took, took)

    def counts(self) -> dict[str, int]:
        """The numbers so far, by their names in ``TrafficStats``."""
        self._settle()
        return {
            "volleys": self._volleys,
            "volley_calls": self._calls,
            "volley_overlapped": self._overlapped,
            "volley_together": self._together,
            "volley_fastest": self._fastest,
        }

    def _settle(self) -> None:
        spans, self._spans = sorted(self._spans), []
        self._overlapped += overlapped(spans)
        self._together = max(self._together, at_once(spans)) if len(spans) > 1 else self._together


def span_of(op: Operation) -> Span:
    """When a call was surely under way; of one that left in no burst nobody knows more than when it began and ended."""
    exchange = op.exchange
    begin = exchange.started if exchange.released is None else exchange.released
    return begin, max(begin, exchange.ended if exchange.answered is None else exchange.answered)


def proves_a_race(ops: Sequence[Operation], width: int) -> bool:
    """Whether so many calls that were answered were under way at once, a neighbour and a call among them.

    Where a width is asked for, only those of bursts count: of others nobody knows when they had left. Calls that a
    gateway lost make a burst as much narrower, and no narrower than ``LEAST_TOGETHER``.
    """
    known = [op for op in ops if not width or op.exchange.released is not None]
    lost = sum(op.answer in (Answer.NOTHING, Answer.UNKNOWN) for op in known)
    return ran_together(known) and surely_together(known) >= min(width, max(LEAST_TOGETHER, width - lost))


def surely_together(ops: Iterable[Operation]) -> int:
    """The most calls that were under way at one moment, of those that the API answered."""
    return at_once([span_of(op) for op in ops if op.answer in (Answer.OK, Answer.REFUSED)])


def ran_together(ops: Iterable[Operation]) -> bool:
    """Whether calls were under way together, from their last byte on: a call and a neighbour, where there is one.

    Calls that leave in one burst may be answered one after the other; then they ran no race.
    """
    calls, others = [], []
    for op in ops:
        if op.kind is Kind.GET_OR_CREATE and op.answer is not Answer.NOTHING:
            calls.append(span_of(op))
        elif op.kind is not Kind.GET_OR_CREATE and op.answer in (Answer.OK, Answer.REFUSED):
            others.append(span_of(op))
    if not others:
        return overlapped(sorted(calls)) > 1
    if not calls:
        return overlapped(sorted(others)) > 1
    return any(begin < until and since < end for begin, end in others for since, until in calls)


def overlapped(spans: list[Span]) -> int:
    """How many of these spans, in the order of their beginnings, overlap another; touching is not enough."""
    ends = [-1, *accumulate((end for _, end in spans), max)]
    begins = [*(begin for begin, _ in spans[1:]), ends[-1]]
    return sum(begin < ends[n] or begins[n] < end for n, (begin, end) in enumerate(spans))


def at_once(spans: list[Span]) -> int:
    """The most spans that hold one moment in common."""
    moments = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    return max(accumulate(change for _, change in moments), default=0)
