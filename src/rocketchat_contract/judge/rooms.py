"""Get-or-create as a model of the judge: each visitor's history, against what one visitor may live through."""

from __future__ import annotations

from rocketchat_contract.judge import enumeration, history, lost, rules
from rocketchat_contract.judge.agent_moves import AgentMoves
from rocketchat_contract.judge.late_deletions import LateDeletions
from rocketchat_contract.judge.observation import Observation
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.restlessness import Restlessness
from rocketchat_contract.judge.visitor import DeletedVisitor, JudgedCalls, Judgement, KnownRoom, Lost, Obstacle, Visitor


class Rooms:
    """One partition per visitor; calls of a visitor that overlap wait until all have ended."""

    def __init__(self, observation: Observation) -> None:
        self.overlapping = 0
        self._sight = observation
        self._visitors: dict[str, Visitor] = {}
        self._gone: dict[str, DeletedVisitor] = {}
        self._waiting: dict[str, Visitor] = {}
        self._owners: dict[str, KnownRoom] = {}
        self._alike = enumeration.Refusals()
        self._moves = AgentMoves()
        self._deletions = LateDeletions()
        self._repeats = Restlessness()
        self._lost: list[Lost] = []

    def join(self, op: Operation) -> None:
        """Let an operation wait in the history of its visitor, when it has one."""
        if op.token is None or op.kind is Kind.OTHER:
            return
        if op.query is not None and "token" in op.query.odd | op.query.malformed:
            return
        if op.answer is Answer.NOTHING:
            self._lost += self._lost_by(op, op.token)
            return
        visitor = self._visitors.get(op.token) or self._met(op.token)
        visitor.waiting.append(op)
        visitor.ends = max(visitor.ends, op.exchange.ended)
        self._waiting[op.token] = visitor

    def _lost_by(self, op: Operation, token: str) -> list[Lost]:
        """What a call that took no effect would have shown."""
        visitor = self._visitors.get(token) or (
            self._gone[token].back(token)
            if token in self._gone
            else Visitor(token, frozenset(self._sight.begin(token)))
        )
        if op.exchange.released is not None:
            return list(lost.of_a_burst(op))
        if len(visitor.states) > 1 or visitor.waiting or visitor.pending or not lost.is_lost(op):
            return []
        return list(lost.of_a_step(visitor, next(iter(visitor.states)), op, self._owners))

    def _met(self, token: str) -> Visitor:
        gone = self._gone.pop(token, None)
        begun = frozenset(self._sight.begin(token))
        visitor = self._visitors[token] = gone.back(token) if gone else Visitor(token, begun, begun=begun)
        return visitor

    def settle(self, before: int | None) -> list[JudgedCalls]:
        """Judge the visitors whose operations had all ended before a moment (ns); None settles everyone."""
        ready = [v for v in self._waiting.values() if before is None or v.ends < before]
        found = [JudgedCalls([*self._lost])] if self._lost else []
        self._lost.clear()
        for visitor in ready:
            del self._waiting[visitor.token]
            found.append(self._settle_visitor(visitor))
        return found

    def rest(self) -> list[Judgement]:
        """At the end, the findings that waited for what would explain them."""
        return [*self._deletions.rest(), *self._moves.rest(), *self._repeats.rest()]

    def _settle_visitor(self, visitor: Visitor) -> JudgedCalls:
        cluster = visitor.waiting
        took = max(op.exchange.ended for op in cluster) - min(op.exchange.started for op in cluster)
        self.overlapping += len(cluster) if len(cluster) > 1 else 0
        sentences = [rules.obstacle(op, visitor.states) for op in cluster]
        found: list[Judgement] = [Obstacle(sentence) for sentence in sentences if sentence is not None]
        self._sight.look(visitor)
        self._moves.learn(visitor, cluster)
        noted = history.settle(visitor, self._owners, self._sight.width)
        judged = [
            *self._alike.judge(visitor, cluster, self._owners),
            *self._repeats.sift(noted),
        ]
        for judgement in self._deletions.after(visitor, cluster, judged):
            found.append(self._sight.named(judgement, visitor, cluster))
        self._retire(visitor)
        return JudgedCalls(found, took)

    def _retire(self, visitor: Visitor) -> None:
        """Keep little of a visitor who was deleted, and nothing of one who never was."""
        if visitor.is_gone:
            self._gone[visitor.token] = DeletedVisitor.of(visitor)
        if visitor.is_gone or visitor.is_blank:
            del self._visitors[visitor.token]
