"""What a refusal left behind shows only later: in the next room that its visitor is answered with.

A race whose losers are refused is decided by the next answer: it shows the winner's room, or another one. A call that
named an agent and was refused may have made a room all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.model import may_be_refused
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.overlapping import proves_a_race
from rocketchat_contract.judge.visitor import Judgement, OpenRace, Visitor

ONE_ROOM = "overlapping-calls-open-one-room"
ONE_CREATION = "overlapping-calls-report-one-creation"
REFUSED_AGENT = "a-refused-agent-opens-no-room"

_DECIDES = (Kind.GET_OR_CREATE, Kind.ODD_ROOM, Kind.CLOSE, Kind.DELETE)
"""What shows or ends an open room, so that nothing more can be learned of what came before."""


def race_of(visitor: Visitor, cluster: list[Operation], width: int) -> OpenRace | None:
    """The race that these overlapping calls ran, when its losers were refused and a later answer decides it.

    Refusals that settings or the call itself explain lost no race.
    """
    if any(op.kind is not Kind.GET_OR_CREATE for op in cluster):
        return None
    if not all(state.known and state.open is None for state in visitor.states):
        return None
    won = [op for op in cluster if op.answer is Answer.OK]
    unknown = [op for op in cluster if op.answer is Answer.UNKNOWN]
    lost = [op for op in cluster if op.answer is Answer.REFUSED and not _is_explained(visitor, op)]
    if len(won) > 1 or not (won or unknown) or not lost:
        return None
    first = (won or unknown)[0]
    return OpenRace(first.room if won else None, (first.number, lost[0].number), proves_a_race(cluster, width))


def _is_explained(visitor: Visitor, op: Operation) -> bool:
    return any(may_be_refused(op, state) for state in visitor.states)


def aftermath_at_stake(visitor: Visitor, op: Operation) -> Iterator[Judgement]:
    """What a lone answer that fits shows of the refusals before it."""
    if op.kind is not Kind.GET_OR_CREATE or op.answer is not Answer.OK:
        return
    race = visitor.race
    if race is not None and race.counts and op.new is False and race.room in (None, op.room):
        yield ONE_ROOM
        if race.room is not None:
            yield ONE_CREATION
    if visitor.agent_refused is not None and not visitor.pending:
        yield _opened_none(visitor, visitor.agent_refused, op)


def _opened_none(visitor: Visitor, refused: int, op: Operation) -> Judgement:
    if op.new is True:
        return REFUSED_AGENT
    return Finding(
        REFUSED_AGENT,
        "a new room, newRoom true",
        f"room {op.room}, newRoom false, after a refused call with agentId",
        (refused, op.number),
        visitor.token,
        signature="room",
    )


def second_room(visitor: Visitor, op: Operation) -> Finding | None:
    """That a race opened a second room, which now shows in the place of the winner's."""
    race = visitor.race
    if race is None or race.room is None or op.new is not False or visitor.is_used(op.room or ""):
        return None
    return Finding(
        ONE_ROOM,
        f"room {race.room}, newRoom false, as the winner of the race got it",
        f"room {op.room}, newRoom false, which none of the simultaneous calls was answered with",
        (*race.evidence, op.number),
        visitor.token,
        signature="a loser's room",
    )


def remember(visitor: Visitor, cluster: list[Operation]) -> None:
    """Keep what a later answer decides, and drop what has been decided."""
    if len(cluster) > 1:
        return
    op = cluster[0]
    if op.kind in _DECIDES and op.answer is Answer.OK:
        visitor.race = visitor.agent_refused = None
    if op.kind is Kind.GET_OR_CREATE and op.answer is Answer.REFUSED and op.named_agent and not op.unnamed:
        may_open = any(state.known and state.open is None for state in visitor.states)
        visitor.agent_refused = op.number if may_open and not visitor.has_open_room else None
