"""The judge: exchanges in, findings and a verdict out. It works the same live and from a record."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.judge import asides, blocked, lost, repeated
from rocketchat_contract.judge.cached import Cached
from rocketchat_contract.judge.check import KEPT, Broken, CheckContext, CheckResult
from rocketchat_contract.judge.conditions import Conditions
from rocketchat_contract.judge.error_pages import ErrorPages
from rocketchat_contract.judge.fate import Cause
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.held import HeldPages
from rocketchat_contract.judge.learning import learn
from rocketchat_contract.judge.model import OBSTACLES
from rocketchat_contract.judge.naming import explained_by
from rocketchat_contract.judge.observation import COMPLETE, Observation
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.operation_profile import GET_OR_CREATE, OperationProfile
from rocketchat_contract.judge.overlapping import Overlapping
from rocketchat_contract.judge.tally import NO_CAUSES, Count, Tally
from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict, decides
from rocketchat_contract.judge.visitor import Judgement, Lost, Obstacle
from rocketchat_contract.openapi.validators import BodySchemas
from rocketchat_contract.record.ledger import Fact

_Asked = tuple[str, Callable[[Operation, CheckContext], CheckResult], Count | None]


class Judge:
    """Judges operations fed in the order in which they left; ``observation`` says how much of what happened they show.

    ``operation_profile`` is that of the operation under contract.
    """

    def __init__(
        self,
        requirements: Requirements,
        published: BodySchemas,
        full: BodySchemas,
        observation: Observation = COMPLETE,
        operation_profile: OperationProfile = GET_OR_CREATE,
    ) -> None:
        self.tally = Tally(requirements)
        self.read = operation_profile.read
        self._sight = observation
        self._promised = {name: check for name, check in operation_profile.checks.items() if name in requirements.ids}
        self._model = operation_profile.model(observation)
        self._known = CheckContext(published, full)
        self._obstacles: dict[str, None] = {}
        self._is_overcome = False
        self._checks: dict[tuple[int | None, bool], list[_Asked]] = {}
        self._counts: Counter[str] = Counter()
        self._volleys = Overlapping()
        self._conditions = Conditions()
        self._repeats = repeated.Repeats()
        self._blocks = blocked.Blocks()
        self._asides = asides.Asides()
        self._lost: Counter[Cause] = Counter()
        self._cached = Cached()
        self._held = HeldPages() if operation_profile.is_stateful else None
        self._error_pages = ErrorPages()
        self._by_driver: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def feed(self, op: Operation) -> list[Finding]:
        """Judge one operation; answers its findings. Those of overlapping calls come when all have ended."""
        found = self._settle(before=op.exchange.started)
        if op.new is True and op.answer is Answer.OK:
            self._is_overcome |= bool(self._obstacles)
        self._count(op)
        self._known.cuts.learn(op)
        for each in self._error_pages.take(op):
            for known in self._held.take(each) if self._held is not None else (each,):
                found += self._check(known)
        self._learn(op)
        self._model.join(op)
        return found

    def settle(self) -> list[Finding]:
        """Judge what waits; call it only while no request is under way."""
        return self._settle(before=None)

    def verdict(self, obstacles: Iterable[str] = (), errors: Iterable[str] = (), *, strict: bool = False) -> Verdict:
        """The verdict on all that was fed; ``obstacles`` and ``errors`` are sentences about the run itself.

        What settings forbade is a reason only where something that is required was not judged.
        """
        self.finish()
        reasons = tuple(dict.fromkeys((*self._obstacles, *obstacles)))
        rows = self.tally.rows(reasons, self._conditions.unmet, self._all_lost(), self._named)
        if not any(row.outcome is Outcome.NOT_JUDGED and decides(row, strict=strict) for row in rows):
            reasons = tuple(reason for reason in reasons if reason not in OBSTACLES.values())
        return Verdict(tuple(map(self._hinted, explained_by(rows))), reasons, tuple(errors), strict=strict)

    def _named(self, cause: Cause) -> Cause:
        """A cause by its right name, now that it is known how other calls fared."""
        return self._blocks.named(self._error_pages.named(cause))

    def finish(self) -> list[Finding]:
        """Judge all that still waits: nothing comes any more that explains it, or tells who wrote a page."""
        found = self.settle()
        for judgement in self._model.rest():
            found += self._enter(judgement)
        rest, blocked = self._held.rest() if self._held is not None else ([], "")
        for op in (*self._error_pages.rest(), *rest):
            found += self._check(op)
        if blocked:
            self._enter(Obstacle(blocked))
        return found

    def _hinted(self, row: Row) -> Row:
        return replace(row, findings=tuple(map(self._explained, row.findings))) if row.findings else row

    def _explained(self, found: Finding) -> Finding:
        """A finding with what something in front has to do with it."""
        hints = (
            self._cached.hint(found.requirement, found.evidence),
            self._repeats.hint(found.requirement),
            self._blocks.hint(found.requirement),
            self._error_pages.hint(found.requirement),
        )
        return replace(found, story=(*found.story, *filter(None, hints)))

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the history shows of what stands in front of the target."""
        signs = (
            (repeated.REPEATED_FACT, self._repeats),
            (blocked.BLOCKED_FACT, self._blocks),
            (asides.ASIDE_FACT, self._asides),
        )
        return tuple(Fact(name, each.sentence, each.exchange) for name, each in signs if each.sentence)

    def _all_lost(self) -> Mapping[Cause, int]:
        """What became of all room calls, where the API answered none of them."""
        return self._lost if self._lost.total() == self._counts["room_calls"] else NO_CAUSES

    @property
    def obstacles(self) -> tuple[str, ...]:
        """What the deployment's settings forbade so far, each with what an administrator switches on."""
        return tuple(self._obstacles)

    @property
    def is_overcome(self) -> bool:
        """Whether a room was opened all the same, after settings had forbidden one."""
        return self._is_overcome

    def traffic(self) -> TrafficStats:
        """How far the traffic came."""
        by_driver = {name: dict(counts) for name, counts in self._by_driver.items()}
        together = self._volleys.counts()
        return TrafficStats(**self._counts, **together, overlapping=self._model.overlapping, by_driver=by_driver)

    def _check(self, op: Operation) -> list[Finding]:
        if op.kind in (Kind.HEAD, Kind.OPTIONS):
            return self._check_aside(op)
        if op.query is None:
            return []
        key = op.status, op.query.is_usual
        asked = self._checks.get(key)
        if asked is None:
            asked = self._checks[key] = list(self._asked(*key))
        found = []
        took = op.exchange.ended - op.exchange.started
        for requirement, judge, count in asked:
            result = judge(op, self._known)
            if result is KEPT:
                if count is not None:
                    count.judged += 1
                    count.took += took
            elif isinstance(result, Broken):
                found += self._enter(_finding(requirement, op, result), took, len(op.exchange.request.target))
        return found

    def _check_aside(self, op: Operation) -> list[Finding]:
        found = []
        for requirement, judge in asides.ASIDE_CHECKS.items():
            result = judge(op, self._known) if requirement in self._promised else None
            if isinstance(result, Broken):
                found += self._enter(_finding(requirement, op, result), op.exchange.ended - op.exchange.started)
        return found

    def _asked(self, status: int | None, usual: bool) -> Iterator[_Asked]:  # noqa: FBT001
        """The checks that speak of such a call, each with the count of its requirement where it can be kept."""
        for requirement, check in self._promised.items():
            if check.speaks_of(status, usual=usual):
                limited = requirement in self._sight.limits
                yield requirement, check.judge, None if limited else self.tally.count_of(requirement)

    def _learn(self, op: Operation) -> None:
        self._conditions.learn(op)
        self._repeats.learn(op)
        self._blocks.learn(op)
        self._asides.learn(op)
        self._cached.learn(op)
        if lost.is_lost(op):
            self._lost[lost.cause_of(op)] += 1
            for each in lost.of_a_call(op, self._known):
                self._enter(each)
        learn(self._known, op, is_whole=self._sight.is_whole)

    def _settle(self, before: int | None) -> list[Finding]:
        return [
            found
            for settled in self._model.settle(before)
            for judgement in settled.judgements
            for found in self._enter(judgement, settled.took)
        ]

    def _enter(self, judgement: Judgement, took: int = 0, length: int = 0) -> list[Finding]:
        if not self._sight.allows(judgement):
            return []
        if isinstance(judgement, str):
            self.tally.kept(judgement, took)
            return []
        if isinstance(judgement, Lost):
            self.tally.lost(*judgement)
            return []
        if isinstance(judgement, Obstacle):
            self._obstacles[judgement.sentence] = None
            return []
        self.tally.broken(judgement, length, took)
        return [judgement]

    def _count(self, op: Operation) -> None:
        self._volleys.join(op)
        by_driver = self._by_driver[op.exchange.driver]
        for name in ("exchanges", *(("room_calls", *_reached(op)) if op.is_room_call else ())):
            self._counts[name] += 1
            by_driver[name] += 1


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
        signature=broken.sign or broken.actual,
        transient=broken.transient,
    )
