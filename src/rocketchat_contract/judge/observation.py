"""How much of what happened a record shows, and what can be said of the rest.

A run makes its visitors itself, so its record shows their whole lives. A capture of somebody else's traffic does
not: visitors have a past, and between two captured calls an agent, another window or a job of the server may close a
room, open one, or delete the visitor. A bystander supposes such a deed wherever it explains an answer. What then
can no longer be broken, or be kept, is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rocketchat_contract.judge.fate import Why
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.model import NEW, STRANGER, UNSEEN, State, step
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.judge.visitor import Judgement, Visitor, beginning
from rocketchat_contract.record.header import RecordHeader

ALONE = "--alone"


@dataclass(frozen=True)
class Unjudgeable:
    """Why a requirement is not judged; with ``breakable`` a finding counts nevertheless, for it is proof."""

    reason: str
    breakable: bool = False


@dataclass(frozen=True)
class Observation:
    """What a record can show.

    ``is_whole`` says that nobody acts on the visitors unseen. ``limits`` names the requirements that cannot be
    judged, or not kept. ``supposing`` is what the observation would be if nobody else had acted. ``width`` is how many
    calls have to be under way at once for a promise about simultaneous calls to count as kept.
    """

    begin: Callable[[str], Iterable[State]] = beginning
    is_whole: bool = True
    limits: Mapping[str, Unjudgeable] = field(default_factory=dict)
    supposing: Observation | None = None
    width: int = 0

    def allows(self, judgement: Judgement) -> bool:
        """Whether a judgement can be made with this observation."""
        if isinstance(judgement, str):
            return judgement not in self.limits
        limit = self.limits.get(judgement.requirement) if isinstance(judgement, Finding) else None
        return limit is None or limit.breakable

    def look(self, visitor: Visitor) -> None:
        """Before the visitor's waiting operations are judged: allow for what happened unseen."""
        if not self.is_whole and visitor.token:
            visitor.states |= frozenset(_unseen(visitor))

    def named(self, judgement: Judgement, visitor: Visitor, cluster: list[Operation]) -> Judgement:
        """A judgement under the promise that is broken even if unseen deeds are allowed for."""
        if self.is_whole or len(cluster) > 1 or not isinstance(judgement, Finding):
            return judgement
        return _came_back(judgement, visitor, cluster[0]) or judgement

    def qualified(self, verdict: Verdict, supposed: Verdict | None) -> Verdict:
        """The verdict whose unjudged rows say why; ``supposed`` is the one if nobody else had acted."""
        if self.begin is beginning:
            return verdict
        if_alone = {} if supposed is None else {row.requirement.id: row for row in supposed.rows}
        return replace(
            verdict, rows=tuple(self._row_as_observed(row, if_alone.get(row.requirement.id)) for row in verdict.rows)
        )

    def _row_as_observed(self, row: Row, if_alone: Row | None) -> Row:
        if row.outcome is not Outcome.NOT_JUDGED:
            return row
        limit = self.limits.get(row.requirement.id)
        if limit is None and row.causes:
            return row
        reason = limit.reason if limit else "No call of this capture showed it."
        if if_alone is not None and if_alone.findings:
            reason = f"{reason} {_suspicion(if_alone.findings[0])}"
        return replace(row, reason=reason, why=Why.CAPTURE, causes=())


def observation_of(header: RecordHeader) -> Observation:
    """The observation of a record, by its header."""
    capture = header.capture
    if capture is None:
        return replace(COMPLETE, width=header.width)
    limits = IN_A_FILE | (WITHOUT_TOKENS if capture.redacted else {})
    alone = Observation(_stranger, limits=limits)
    return alone if capture.alone else Observation(_stranger, False, UNSEEN_DEEDS | limits, alone)  # noqa: FBT003


def _stranger(token: str) -> Iterable[State]:
    return STRANGER if token else (NEW,)


def _unseen(visitor: Visitor) -> Iterator[State]:
    """What unseen deeds may have made of the visitor; before a lone operation only where its answer asks for some.

    Nothing is lost that way: what is not supposed now can be supposed before the next operation.
    """
    cluster = visitor.waiting

    def explains(state: State) -> bool:
        return all(step(state, op, visitor.is_used) for op in cluster)

    is_lone = len(cluster) == 1
    if is_lone and any(map(explains, visitor.states)):
        return
    for state in visitor.states:
        for known, room in ((False, None), (True, None), (True, UNSEEN)):
            after = state._replace(known=known, open=room)
            if not is_lone or explains(after):
                yield after


def _came_back(finding: Finding, visitor: Visitor, op: Operation) -> Finding | None:
    """That a room came back after another: it was closed then, or two were open at once."""
    room = visitor.rooms.get(op.room or "")
    is_return = op.rid == op.room if op.rid else finding.requirement in _OF_A_RETURN
    if room is None or room.first >= op.number or room.closed or not is_return:
        return None
    return replace(
        finding,
        requirement="an-open-room-is-returned",
        expected="the room that came after it, or a new one",
        actual=f"room {op.room} again, newRoom {str(op.new).lower()}",
        evidence=tuple(dict.fromkeys((room.first, *finding.evidence))),
        signature="came back",
    )


_OF_A_RETURN = ("an-open-room-is-returned", "a-refused-call-changes-nothing")


def _suspicion(finding: Finding) -> str:
    numbers = " and ".join(str(number) for number in finding.evidence[-2:])
    return (
        f"If nobody else acted on these visitors it is broken, for exchange {numbers} shows {finding.actual} "
        f"where {finding.expected} was due; with {ALONE} it is judged so."
    )


COMPLETE = Observation()
"""The observation of a run on its own record."""

_OUTSIDE = "In a capture nobody knows what happened outside it"

UNSEEN_DEEDS = {
    requirement: Unjudgeable(f"{_OUTSIDE}: {what}.", breakable)
    for requirement, what, breakable in (
        ("a-known-visitor-gets-a-room", "the visitor may have been deleted before a refusal", False),
        ("an-open-room-is-returned", "an agent may have closed the room before another came", True),
        ("newroom-is-true-for-a-created-room", "another window may have opened the room before", False),
        ("overlapping-calls-open-one-room", "the first room may have been closed between two calls", False),
        ("overlapping-calls-report-one-creation", "another window may have opened the room", True),
        ("calls-beside-a-close-agree", "another close or call may stand between them", False),
        ("calls-beside-a-neighbour-agree", "another close or call may stand between them", False),
        ("a-racing-call-is-not-refused", "the visitor may have been deleted in between", False),
        ("a-repeat-changes-nothing", "an agent may have written between two calls", False),
        ("a-refused-call-changes-nothing", "another window may have opened or closed the room", False),
        ("a-refused-agent-opens-no-room", "another window may have opened the room", False),
        ("an-empty-rid-is-no-rid", "a refusal may have had another cause", False),
        ("a-closed-rid-is-refused", "a refusal may have had another cause", True),
        ("an-unknown-rid-is-refused", "a rid that the capture does not show may exist", False),
        ("a-foreign-rid-is-refused", "a refusal may have had another cause", True),
        ("a-rid-is-matched-exactly", "a refusal may have had another cause", True),
        ("refused-rids-answer-alike", "which rooms exist cannot be told", False),
        ("a-token-is-matched-exactly", "any token may be registered", False),
        ("an-unknown-token-is-refused", "any token may be registered", False),
        ("a-deleted-visitor-is-refused", "the visitor may have been registered again", False),
    )
}
"""What unseen deeds explain."""

IN_A_FILE = {
    "a-call-is-answered": Unjudgeable("A capture does not tell whether the server or the client gave up a call."),
    "a-body-is-complete": Unjudgeable("A capture does not tell whether a body came whole.", breakable=True),
    "a-body-is-utf-8": Unjudgeable("A capture holds bodies decoded, so their bytes are not known.", breakable=True),
    "a-body-has-no-byte-order-mark": Unjudgeable(
        "A capture holds bodies decoded, without such a mark.", breakable=True
    ),
}
"""What a HAR file does not keep of an answer."""

WITHOUT_TOKENS = {
    requirement: Unjudgeable("The tool that made the capture hid tokens, so nobody knows who asked.")
    for requirement in ("a-room-is-the-asking-visitors", "no-other-visitor-shows", "rooms-are-not-shared")
}
"""What a redacted token keeps from being judged."""
