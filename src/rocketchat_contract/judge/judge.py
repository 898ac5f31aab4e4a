"""The judge: exchanges in, findings and a verdict out. It works the same live and from a record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.contract.validators import BodySchemas
from rocketchat_contract.judge import (
    alike,
    envelope,
    history,
    identity,
    refusals,
    robustness,
    room,
    rules,
    schema,
    wire,
)
from rocketchat_contract.judge.check import KEPT, Broken, Check, Known
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.reach import Reach
from rocketchat_contract.judge.tally import Tally
from rocketchat_contract.judge.verdict import Verdict
from rocketchat_contract.judge.visitor import Judgement, Obstacle, Room, Visitor, beginning

CHECKS: dict[str, Check] = {
    **wire.CHECKS,
    **schema.CHECKS,
    **envelope.CHECKS,
    **room.CHECKS,
    **identity.CHECKS,
    **refusals.CHECKS,
    **robustness.CHECKS,
}
"""The requirements that one answer can decide; the others need a history."""


class Judge:
    """Judges operations fed in the order in which they left."""

    def __init__(self, requirements: Requirements, published: BodySchemas, full: BodySchemas) -> None:
        self.tally = Tally(requirements)
        self._known = Known(published, full)
        self._visitors: dict[str, Visitor] = {}
        self._waiting: dict[str, Visitor] = {}
        self._owners: dict[str, Room] = {}
        self._alike = alike.Refusals()
        self._obstacles: dict[str, None] = {}
        self._counts: Counter[str] = Counter()
        self._by_driver: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def feed(self, op: Operation) -> list[Finding]:
        """Judge one operation; answers its findings. Those of overlapping calls come when all have ended."""
        found = self._settle(before=op.exchange.started)
        self._count(op)
        if op.is_room_call:
            found += self._check(op)
        self._learn(op)
        self._join(op)
        return found

    def settle(self) -> list[Finding]:
        """Judge what waits; call it only while no request is under way."""
        return self._settle(before=None)

    def verdict(self, obstacles: Iterable[str] = (), errors: Iterable[str] = (), *, strict: bool = False) -> Verdict:
        """The verdict on all that was fed; ``obstacles`` and ``errors`` are sentences about the run itself."""
        self.settle()
        reasons = (*self._obstacles, *obstacles)
        return Verdict(self.tally.rows(reasons), reasons, tuple(errors), strict=strict)

    def reach(self) -> Reach:
        """How far the traffic came."""
        return Reach(**self._counts, by_driver={name: dict(counts) for name, counts in self._by_driver.items()})

    def _check(self, op: Operation) -> list[Finding]:
        found = []
        for requirement, check in CHECKS.items():
            result = check(op, self._known)
            if result is KEPT:
                self.tally.kept(requirement)
            elif isinstance(result, Broken):
                found += self._enter(_finding(requirement, op, result))
        return found

    def _learn(self, op: Operation) -> None:
        if op.kind is not Kind.REGISTER or op.answer is not Answer.OK or op.token is None:
            return
        visitor = op.body.get("visitor")
        found = visitor.get("_id") if isinstance(visitor, dict) else None
        if isinstance(found, str):
            self._known.visitors.learn(op.token, found)

    def _join(self, op: Operation) -> None:
        if op.token is None or op.kind is Kind.OTHER or op.answer is Answer.NOTHING:
            return
        if op.query is not None and "token" in op.query.odd:
            return
        visitor = self._visitors.get(op.token)
        if visitor is None:
            visitor = self._visitors[op.token] = Visitor(op.token, frozenset(beginning(op.token)))
        visitor.waiting.append(op)
        visitor.ends = max(visitor.ends, op.exchange.ended)
        self._waiting[op.token] = visitor

    def _settle(self, before: int | None) -> list[Finding]:
        ready = [v for v in self._waiting.values() if before is None or v.ends <= before]
        found: list[Finding] = []
        for visitor in ready:
            del self._waiting[visitor.token]
            found += self._settle_visitor(visitor)
        return found

    def _settle_visitor(self, visitor: Visitor) -> list[Finding]:
        cluster = visitor.waiting
        self._counts["overlapping"] += len(cluster) if len(cluster) > 1 else 0
        found: list[Finding] = []
        for op in cluster:
            self._note_obstacle(visitor, op)
        for judgement in [
            *self._alike.judge(visitor, cluster, self._owners),
            *history.settle(visitor, self._owners),
        ]:
            found += self._enter(judgement)
        if visitor.is_blank:
            del self._visitors[visitor.token]
        return found

    def _note_obstacle(self, visitor: Visitor, op: Operation) -> None:
        sentence = rules.obstacle(op, visitor.states)
        if sentence is not None:
            self._obstacles[sentence] = None

    def _enter(self, judgement: Judgement) -> list[Finding]:
        if isinstance(judgement, str):
            self.tally.kept(judgement)
            return []
        if isinstance(judgement, Obstacle):
            self._obstacles[judgement.sentence] = None
            return []
        self.tally.broken(judgement)
        return [judgement]

    def _count(self, op: Operation) -> None:
        names = ["exchanges"]
        if op.is_room_call:
            names += ["room_calls", *_reached(op)]
        self._counts.update(names)
        self._by_driver[op.exchange.driver].update(names)


def _reached(op: Operation) -> list[str]:
    if op.exchange.response is None:
        return ["failed"]
    if op.status == 200:
        return ["ok", *(["created"] if op.new else []), *(["returned"] if op.new is False else [])]
    return ["limited"] if op.status == 429 else ["refused"]


def _finding(requirement: str, op: Operation, broken: Broken) -> Finding:
    return Finding(
        requirement,
        broken.expected,
        broken.actual,
        (op.number,),
        op.exchange.visitor,
        signature=broken.sign,
    )
