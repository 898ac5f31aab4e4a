"""The smallest part of overlapping operations that still has no explanation: the evidence of a finding.

Operations are dropped only where dropping them cannot make a right history wrong: those that change nothing, and
the whole life of a room that was created and closed among them. Nothing is sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rocketchat_contract.judge.model import stays
from rocketchat_contract.judge.operation import Answer, Kind, Operation

MOST_WORK = 200_000
"""Operations looked at again while cutting; beyond that the evidence stays longer than it need be."""

Unit = frozenset[int]
"""Positions in the cluster that are dropped together."""


def cut_down(
    cluster: Sequence[Operation], culprit: Operation, unexplained: Callable[[list[Operation]], bool]
) -> list[Operation]:
    """The operations that matter, in their order; ``unexplained`` tells whether a part has no explanation."""
    relevant = [op for op in cluster if op.exchange.started <= culprit.exchange.ended]
    kept = list(range(len(relevant)))
    work = 0
    units = _units(relevant, culprit)
    size = len(units)
    while size:
        for first in range(0, len(units), size):
            dropped = frozenset().union(*units[first : first + size])
            rest = [n for n in kept if n not in dropped]
            work += len(rest)
            if work > MOST_WORK:
                return [relevant[n] for n in kept]
            if len(rest) < len(kept) and unexplained([relevant[n] for n in rest]):
                kept = rest
        size //= 2
    return [relevant[n] for n in kept]


def _units(ops: Sequence[Operation], culprit: Operation) -> list[Unit]:
    decides = next(n for n, op in enumerate(ops) if op is culprit)
    lives = [life for life in _lives(ops) if decides not in life]
    return [*lives, *(frozenset({n}) for n, op in enumerate(ops) if stays(op) and op is not culprit)]


def _lives(ops: Sequence[Operation]) -> list[Unit]:
    """Whatever speaks of one room, for rooms that both begin and end here."""
    about: dict[str, set[int]] = {}
    created, closed = set(), set()
    for n, op in enumerate(ops):
        room = op.rid if op.kind is Kind.CLOSE else op.room
        if room is None or op.answer is not Answer.OK:
            continue
        about.setdefault(room, set()).add(n)
        if op.kind is Kind.CLOSE:
            closed.add(room)
        elif op.kind is Kind.GET_OR_CREATE and op.new is True:
            created.add(room)
    return [frozenset(about[room]) for room in about if room in created and room in closed]
