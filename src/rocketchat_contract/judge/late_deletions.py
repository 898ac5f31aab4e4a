"""A deletion that takes effect later: who was answered with a room after it, and is refused soon, was being deleted.

Nothing says that a deletion is done when it is answered. So a room that its visitor gets after it breaks nothing yet: a
refusal within some seconds shows that the deletion was under way, and until the end of the record nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.model import NEW, OBSTACLES
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.visitor import Judgement, Visitor

LATEST = 10 * 10**9
"""Nanoseconds after its answer in which a deletion has to take effect."""

EARLIEST = 8 * 10**9
"""Nanoseconds after its answer before which a deletion may still be under way when its visitor registers again."""

_REQUIREMENT = "a-deleted-visitor-is-refused"
_OF_THE_KNOWN = "a-known-visitor-gets-a-room"


@dataclass(slots=True)
class _Deletion:
    """A visitor's deletion: when it was answered, when its visitor last got a room after it, and what is held back."""

    answered: int
    last_room: int = 0
    held: Finding | None = None


class LateDeletions:
    """Holds back findings about visitors whose deletion may still be under way."""

    def __init__(self) -> None:
        self._deletions: dict[str, _Deletion] = {}

    def after(self, visitor: Visitor, cluster: list[Operation], judged: Iterable[Judgement]) -> Iterator[Judgement]:
        """What can be said now that these operations of a visitor were judged."""
        last, deletion = cluster[-1], self._deletions.get(visitor.token)
        if deletion is not None:
            if deletion.held is not None and _is_over(deletion, last):
                held, deletion.held = deletion.held, None
                yield held
            if _tells_of_the_deletion(last):
                yield from self._took_effect(visitor, deletion, judged)
                return
        for judgement in judged:
            if deletion is None or not _may_be_under_way(deletion, last, judgement):
                yield judgement
            elif deletion.held is None and isinstance(judgement, Finding):
                deletion.held = judgement
        for op in cluster:
            self._remember(visitor.token, op)

    def rest(self) -> list[Finding]:
        """At the end, the findings that no refusal explained."""
        deletions, self._deletions = self._deletions, {}
        return [deletion.held for deletion in deletions.values() if deletion.held is not None]

    def _took_effect(self, visitor: Visitor, deletion: _Deletion, judged: Iterable[Judgement]) -> Iterator[Judgement]:
        """The visitor is refused: the deletion is done, and what was held back broke nothing."""
        del self._deletions[visitor.token]
        if deletion.held is None:
            yield from judged
            return
        for judgement in judged:
            if not (isinstance(judgement, Finding) and judgement.requirement == _OF_THE_KNOWN):
                yield judgement
        visitor.states, visitor.deleted, visitor.blamed = frozenset({NEW}), True, ""
        yield _REQUIREMENT

    def _remember(self, token: str, op: Operation) -> None:
        deletion = self._deletions.get(token)
        if op.room is not None and deletion is not None:
            deletion.last_room = op.exchange.started
        if op.kind is Kind.DELETE and op.answer is Answer.OK:
            held = None if deletion is None else deletion.held
            self._deletions[token] = _Deletion(op.exchange.ended, held=held)
        elif op.kind is Kind.REGISTER and op.answer is not Answer.REFUSED:
            self._deletions.pop(token, None)


def _is_over(deletion: _Deletion, op: Operation) -> bool:
    """Whether nothing explains any more what was held back."""
    if op.kind is Kind.REGISTER and op.answer is not Answer.REFUSED:
        return deletion.last_room >= deletion.answered + EARLIEST
    return op.exchange.started > deletion.answered + LATEST or op.kind is Kind.DELETE


def _tells_of_the_deletion(op: Operation) -> bool:
    is_refused = op.kind is Kind.GET_OR_CREATE and op.answer is Answer.REFUSED
    return is_refused and op.error not in OBSTACLES


def _may_be_under_way(deletion: _Deletion, op: Operation, judgement: Judgement) -> bool:
    return (
        isinstance(judgement, Finding)
        and judgement.requirement == _REQUIREMENT
        and op.kind is Kind.GET_OR_CREATE
        and op.exchange.started <= deletion.answered + LATEST
    )
