"""The smallest part of overlapping operations that still has no explanation: the evidence of a finding.

Operations are dropped only where dropping them cannot make a right history wrong: those that change nothing, the whole
life of a room that was created and closed among them, and, for the argument alone, the creation of a room that nobody
else speaks of. Such creations stay in the evidence: who repeats it needs as many calls. Nothing is sent again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rocketchat_contract.judge.model import stays
from rocketchat_contract.judge.operation import Answer, Kind, Operation

MOST_WORK = 200_000
"""Operations looked at again while cutting; beyond that the evidence stays longer than it need be."""

OperationSet = frozenset[int]
"""Numbers of operations that are dropped together."""


def minimize(
    cluster: Sequence[Operation], culprit: Operation, unexplained: Callable[[list[Operation]], bool]
) -> list[Operation]:
    """The operations that matter, in their order; ``unexplained`` tells whether a part has no explanation.

    None of the units that are left can be dropped, unless the work was too much.
    """
    relevant = [op for op in cluster if op.exchange.started <= culprit.exchange.ended]
    return _Cut(relevant, unexplained).down(lambda ops: droppable(ops, culprit))


def argued(
    part: Sequence[Operation], culprit: Operation, unexplained: Callable[[list[Operation]], bool]
) -> list[Operation]:
    """The operations that an argument needs: of several racers that each opened a room, those that suffice."""
    return _Cut(list(part), unexplained).down(lambda ops: [*droppable(ops, culprit), *forgotten(ops, culprit)])


@dataclass(slots=True)
class _Cut:
    """What is left so far, and how much work it took."""

    kept: list[Operation]
    unexplained: Callable[[list[Operation]], bool]
    work: int = 0

    def down(self, units_of: Callable[[list[Operation]], list[OperationSet]]) -> list[Operation]:
        """Drop many units at a time, then few, then one, as long as that helps."""
        size = len(self.kept)
        while size:
            before, units = len(self.kept), units_of(self.kept)
            for first in range(0, len(units), size):
                if not self._drop(units[first : first + size]):
                    return self.kept
            if size > 1 or len(self.kept) == before:
                size //= 2
        return self.kept

    def _drop(self, units: Iterable[OperationSet]) -> bool:
        """Drop units if what is left stays unexplained; false when it is too much work to find out."""
        dropped = frozenset().union(*units)
        rest = [op for op in self.kept if op.number not in dropped]
        self.work += len(rest)
        if self.work > MOST_WORK:
            return False
        if len(rest) < len(self.kept) and self.unexplained(rest):
            self.kept = rest
        return True


def droppable(ops: Sequence[Operation], culprit: Operation) -> list[OperationSet]:
    """What can be dropped from a right history, each unit for itself, so that it stays right."""
    lives = [life for life in _lives(ops) if culprit.number not in life]
    return [*lives, *(frozenset({op.number}) for op in ops if stays(op) and op is not culprit)]


def forgotten(ops: Sequence[Operation], culprit: Operation) -> list[OperationSet]:
    """The creations of rooms that no other operation speaks of, the last one first; they can be dropped likewise."""
    about = Counter(room for op in ops for room in {op.rid, op.room} if room)
    alone = [op for op in ops if _creates(op) and about[op.room or ""] == 1 and op is not culprit]
    return [frozenset({op.number}) for op in reversed(alone)]


def _lives(ops: Sequence[Operation]) -> list[OperationSet]:
    """Whatever speaks of one room, for rooms that both begin and end here."""
    about: dict[str, set[int]] = {}
    created, closed = set(), set()
    for op in ops:
        room = op.rid if op.kind is Kind.CLOSE else op.room
        if room is None or op.answer is not Answer.OK:
            continue
        about.setdefault(room, set()).add(op.number)
        if op.kind is Kind.CLOSE:
            closed.add(room)
        elif _creates(op):
            created.add(room)
    return [frozenset(about[room]) for room in about if room in created and room in closed]


def _creates(op: Operation) -> bool:
    return op.kind is Kind.GET_OR_CREATE and op.answer is Answer.OK and op.new is True
