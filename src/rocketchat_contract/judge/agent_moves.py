"""Whether naming an agent changes an open room: seen in several rooms, and never in calls that name nobody.

One change may be an agent's or a bot's doing that came just then. So the same member has to change in two calls that
name an agent, and in none of the repeats, before or after; and who serves has to become the named agent, or nobody.
"""

from __future__ import annotations

from rocketchat_contract.judge.check import cut
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.unchanged import SHAPE, value_shape_of
from rocketchat_contract.judge.visitor import Judgement, Visitor

_REQUIREMENT = "a-repeat-changes-nothing"
_SERVED_BY = SHAPE.index(("servedBy", "_id"))
_PLACES = (_SERVED_BY, SHAPE.index(("departmentId",)))
"""Who serves a room, and where; messages and counters may come later than the call that made them."""
_NOBODY = repr(None)


class AgentMoves:
    """Remembers which members changed with a call that names an agent, where that was, and which changed without."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[str | None, tuple[str, ...], int]] = {}
        self._named: dict[int, tuple[int, int]] = {}
        self._unnamed: set[int] = set()
        self._found: dict[int, Finding] = {}

    def learn(self, visitor: Visitor, cluster: list[Operation]) -> None:
        """Compare a lone call that returned a room with the one before it, provided that nothing came between."""
        before = self._last.pop(visitor.token, None)
        op = cluster[0]
        if len(cluster) != 1 or op.kind not in (Kind.GET_OR_CREATE, Kind.BY_RID) or op.answer is not Answer.OK:
            return
        now = (op.room, value_shape_of(op), op.number)
        self._last[visitor.token] = now
        if before is None or before[0] != op.room:
            return
        changed = [place for place in _PLACES if before[1][place] != now[1][place]]
        if not op.named_agent:
            self._unnamed.update(place for place in changed if before[1][place] != _NOBODY or place != _SERVED_BY)
        elif changed and self._is_explained(op, before[1], now[1]):
            self._note(visitor, op, changed, before)

    def rest(self) -> list[Judgement]:
        """At the end, what changed twice with calls that name an agent, and never without."""
        return [found for place, found in self._found.items() if place not in self._unnamed]

    def _is_explained(self, op: Operation, before: tuple[str, ...], now: tuple[str, ...]) -> bool:
        """Whether who serves stayed, or became the agent of the call or nobody; who comes to nobody's room is let."""
        served, serves = before[_SERVED_BY], now[_SERVED_BY]
        return served == serves or (served != _NOBODY and serves in (_NOBODY, repr(op.named_agent)))

    def _note(
        self, visitor: Visitor, op: Operation, changed: list[int], before: tuple[str | None, tuple[str, ...], int]
    ) -> None:
        for place in changed:
            earlier = self._named.setdefault(place, (before[2], op.number))
            if earlier[1] == op.number or place in self._found:
                continue
            name = ".".join(SHAPE[place])
            expected = f"the same room.{name}, whichever agent a call names"
            was, now = cut(before[1][place], 24), cut(value_shape_of(op)[place], 24)
            actual = f"{was} → {now} with agentId {op.named_agent}, twice"
            evidence = (*earlier, before[2], op.number)
            self._found[place] = Finding(
                _REQUIREMENT, expected, actual, evidence, visitor.token, signature=f"named, {SHAPE[place][0]}"
            )
