"""Operations of one visitor that overlap: explained together, and told like a proof when they cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.linearizability import Explained, Interval, explain
from rocketchat_contract.judge.model import UNSEEN, IsUsed, State, effects, step
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.visitor import Judgement, Visitor


def explain_cluster(
    states: frozenset[State], cluster: list[Operation], limbo: dict[int, Operation], is_used: IsUsed
) -> Explained[State]:
    """The states after all operations of the cluster, or the one that no order explains."""
    twice = _created_twice(cluster)
    if twice is not None:
        return Explained(frozenset(), twice)
    intervals = [_interval(op, is_used) for op in cluster]
    return explain(states, intervals, partial(effects, ops=limbo))


def _interval(op: Operation, is_used: IsUsed) -> Interval[State]:
    unanswered = op.answer is Answer.UNKNOWN and op.exchange.response is None
    return Interval(
        started=op.exchange.started,
        ended=op.exchange.ended,
        step=lambda state: step(state, op, is_used, racing=True),
        same_as=op.number if unanswered else (op.kind, op.answer, op.rid, op.room, op.new),
    )


def _created_twice(cluster: list[Operation]) -> int | None:
    """The second operation that says it created the same room."""
    created = set()
    for index, op in enumerate(cluster):
        if op.kind is Kind.GET_OR_CREATE and op.answer is Answer.OK and op.new is True:
            if op.room in created:
                return index
            created.add(op.room)
    return None


def at_stake(cluster: list[Operation]) -> Iterator[Judgement]:
    """What a cluster that can be explained has kept."""
    yield _promise(cluster)
    calls = _calls(cluster)
    if len(calls) > 1:
        yield "overlapping-calls-report-one-creation"
    if len(calls) > 1 or len(cluster) > len(calls):
        for op in calls:
            yield (_racing_refusal(op, cluster) if op.answer is Answer.REFUSED else "a-racing-call-is-not-refused")


def _calls(cluster: list[Operation]) -> list[Operation]:
    return [op for op in cluster if op.kind is Kind.GET_OR_CREATE and op.answer is not Answer.NOTHING]


def _racing_refusal(op: Operation, cluster: list[Operation]) -> Judgement:
    if any(other.kind in (Kind.DELETE, Kind.REGISTER) for other in cluster):
        return "a-racing-call-is-not-refused"
    return Finding(
        "a-racing-call-is-not-refused",
        "the room that the winner of the race opened, newRoom false",
        f"status {op.status}, error {(op.error or 'missing')[:60]}",
        (op.number,),
        op.token,
        signature="refused",
    )


def _promise(cluster: list[Operation]) -> str:
    kinds = {op.kind for op in cluster}
    if Kind.CLOSE in kinds:
        return "calls-beside-a-close-agree"
    if kinds & {Kind.REGISTER, Kind.DELETE, Kind.MESSAGE, Kind.BY_RID, Kind.ODD_ROOM}:
        return "calls-beside-a-neighbour-agree"
    return "overlapping-calls-open-one-room"


def blame(visitor: Visitor, cluster: list[Operation], impossible: int | None) -> Finding:
    """The finding for a cluster without explanation: the argument in numbered facts."""
    rooms = _rooms(visitor, cluster)
    requirement = _promise(cluster)
    if requirement == "overlapping-calls-open-one-room" and len(rooms) < 2:
        requirement = "overlapping-calls-report-one-creation"
    culprit = cluster[impossible] if impossible is not None else cluster[-1]
    created = [op for op in _calls(cluster) if op.new is True]
    return Finding(
        requirement,
        "answers that some order of the calls explains: one room, newRoom true once",
        f"{len(rooms)} rooms, newRoom true {len(created)} times, in {len(cluster)} overlapping calls",
        _witness(visitor, cluster, culprit),
        visitor.token,
        story=tuple(_story(visitor, cluster, culprit)),
        signature=f"{len(rooms) > 1} rooms, {len(created) > 1} creations",
    )


def _rooms(visitor: Visitor, cluster: list[Operation]) -> set[str]:
    before = {state.open for state in visitor.states if state.open not in (None, UNSEEN)}
    return {op.room for op in _calls(cluster) if op.room} | {room for room in before if room}


def _witness(visitor: Visitor, cluster: list[Operation], culprit: Operation) -> tuple[int, ...]:
    """The calls that matter: one per room and kind of answer, each call that is not a plain one, the culprit last."""
    firsts: dict[object, Operation] = {}
    for op in cluster:
        firsts.setdefault((op.kind, op.answer, op.room, op.new), op)
    numbers = [op.number for op in firsts.values() if op is not culprit]
    return tuple(dict.fromkeys((*visitor.evidence, *numbers, culprit.number)))


def _story(visitor: Visitor, cluster: list[Operation], culprit: Operation) -> Iterator[str]:
    opened = [state.open for state in visitor.states if state.open not in (None, UNSEEN)]
    yield (f"Before these calls room {opened[0]} was open." if opened else "Before these calls no room was open.")
    told = [op for op in cluster if op.number in _witness(visitor, cluster, culprit)]
    for op in told:
        yield f"Call {op.number} ({_ms(op, cluster)}) {_deed(op)}."
    between = any(op.kind is Kind.CLOSE and op.answer is Answer.OK for op in cluster)
    yield (
        "No close stands between them." if not between else "No order of these calls and the close gives these answers."
    )
    if not between and len(_rooms(visitor, cluster)) > 1:
        yield f"So {len(_rooms(visitor, cluster))} rooms of one visitor are open at once."


def _ms(op: Operation, cluster: list[Operation]) -> str:
    origin = min(other.exchange.started for other in cluster)
    return f"{(op.exchange.started - origin) / 1e6:.1f}–{(op.exchange.ended - origin) / 1e6:.1f} ms"


def _deed(op: Operation) -> str:
    if op.kind is not Kind.GET_OR_CREATE:
        return f"{op.kind.value} was answered {op.answer.value}"
    if op.answer is not Answer.OK:
        return f"was answered {op.answer.value}"
    return f"{'created' if op.new else 'returned'} room {op.room}"


def resume(states: frozenset[State], cluster: list[Operation]) -> Iterator[State]:
    """The states to go on with: each room that was shown may be the open one, or none after a close."""
    limbo = frozenset().union(*(state.limbo for state in states))
    for op in cluster:
        if op.room is not None:
            yield State(known=True, open=op.room, limbo=limbo)
        if op.kind is Kind.CLOSE:
            yield State(known=True, open=None, limbo=limbo)
    yield from states
