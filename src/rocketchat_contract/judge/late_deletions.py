"""A deletion that takes effect later: who was answered with a room after it, and is refused soon, was being deleted.

Nothing says that a deletion is done when it is answered. So a room that its visitor gets after it breaks nothing yet: a
refusal within some seconds shows that the deletion was under way, and until the end of the record nothing else does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


class LateDeletions:
    """Holds back findings about visitors whose deletion may still be under way."""

    def __init__(self) -> None:
        self._answered: dict[str, int] = {}
        self._held: dict[str, Finding] = {}
        self._last_room: dict[str, int] = {}

    def after(self, visitor: Visitor, cluster: list[Operation], judged: Iterable[Judgement]) -> Iterator[Judgement]:
        """What can be said now that these operations of a visitor were judged."""
        last, token = cluster[-1], visitor.token
        if token in self._held and self._is_over(token, last):
            yield self._held.pop(token)
        if self._tells_of_the_deletion(last):
            yield from self._took_effect(visitor, judged)
            return
        for judgement in judged:
            if isinstance(judgement, Finding) and self._may_be_under_way(last, judgement, visitor):
                self._held.setdefault(token, judgement)
            else:
                yield judgement
        for op in cluster:
            self._remember(token, op)

    def rest(self) -> list[Finding]:
        """At the end, the findings that no refusal explained."""
        held, self._held = self._held, {}
        return list(held.values())

    def _is_over(self, token: str, op: Operation) -> bool:
        """Whether nothing explains any more what was held back."""
        answered = self._answered[token]
        if op.kind is Kind.REGISTER and op.answer is not Answer.REFUSED:
            return self._last_room[token] >= answered + EARLIEST
        return op.exchange.started > answered + LATEST or op.kind is Kind.DELETE

    def _tells_of_the_deletion(self, op: Operation) -> bool:
        is_refused = op.kind is Kind.GET_OR_CREATE and op.answer is Answer.REFUSED
        return is_refused and op.token in self._answered and op.error not in OBSTACLES

    def _took_effect(self, visitor: Visitor, judged: Iterable[Judgement]) -> Iterator[Judgement]:
        """The visitor is refused: the deletion is done, and what was held back broke nothing."""
        del self._answered[visitor.token]
        if self._held.pop(visitor.token, None) is None:
            yield from judged
            return
        for judgement in judged:
            if not (isinstance(judgement, Finding) and judgement.requirement == _OF_THE_KNOWN):
                yield judgement
        visitor.states, visitor.deleted, visitor.blamed = frozenset({NEW}), True, ""
        yield _REQUIREMENT

    def _may_be_under_way(self, op: Operation, finding: Finding, visitor: Visitor) -> bool:
        answered = self._answered.get(visitor.token)
        return (
            finding.requirement == _REQUIREMENT
            and answered is not None
            and op.kind is Kind.GET_OR_CREATE
            and op.exchange.started <= answered + LATEST
        )

    def _remember(self, token: str, op: Operation) -> None:
        if op.room is not None and token in self._answered:
            self._last_room[token] = op.exchange.started
        if op.kind is Kind.DELETE and op.answer is Answer.OK:
            self._answered[token] = op.exchange.ended
        elif op.kind is Kind.REGISTER and op.answer is not Answer.REFUSED:
            self._answered.pop(token, None)
            self._held.pop(token, None)
            self._last_room.pop(token, None)
