"""Operations of one visitor that overlap: explained together, and told like a proof when they cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rocketchat_contract.config import numbered
from rocketchat_contract.judge import rules
from rocketchat_contract.judge.delta_debugging import argued, minimize
from rocketchat_contract.judge.fate import Cause, Fate
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.linearizability import Explained, Interval, explain
from rocketchat_contract.judge.lost import cause_of, is_lost
from rocketchat_contract.judge.model import (
    OBSTACLES,
    IsUsed,
    State,
    becomes_pending,
    effects,
    may_be_done,
    may_be_refused,
    stays,
    step,
)
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.overlapping import proves_a_race, surely_together
from rocketchat_contract.judge.visitor import Judgement, Lost, Visitor
from rocketchat_contract.rocketchat.error_codes import INVALID_TOKEN

DUPLICATE_KEY = "E11000"
"""The database's code where a unique index refuses the second of two insertions."""

RACING_CALL = "a-racing-call-is-not-refused"

_ANSWERED = (Answer.OK, Answer.REFUSED)
_EXCUSES = (Kind.CLOSE, Kind.DELETE, Kind.REGISTER)
"""Neighbours beside which a call may be refused though a room is open: what it read may be gone when it answers."""


def explain_cluster(
    states: frozenset[State], cluster: Sequence[Operation], pending: dict[int, Operation], is_used: IsUsed
) -> Explained[State]:
    """The states after all operations of the cluster, or the one that no order explains."""
    twice = _created_twice(cluster)
    if twice is not None:
        return Explained(frozenset(), twice)
    excused = any(op.kind in _EXCUSES for op in cluster)
    asked = [_interval(op, is_used, excused=excused, forgotten=_is_forgotten(op, cluster)) for op in cluster]
    intervals = [*asked, *map(_erasing, filter(_erases, cluster))]
    explained = explain(states, intervals, partial(effects, ops=pending))
    without = frozenset(state._replace(seen=frozenset()) for state in explained.states)
    return Explained(without, explained.impossible, explained.given_up)


def _is_forgotten(op: Operation, cluster: Sequence[Operation]) -> bool:
    """Whether a call was refused as a stranger's beside a registration: that leaves who was known as known."""
    if not _is_refused(op) or op.error != INVALID_TOKEN:
        return False
    return any(other.kind is Kind.REGISTER and _is_beside(other, op) for other in cluster)


def _is_beside(other: Operation, op: Operation) -> bool:
    """Whether another operation may take effect while this one is under way."""
    is_over = not becomes_pending(other) and other.exchange.ended < op.exchange.started
    return other.exchange.started <= op.exchange.ended and not is_over


def _interval(op: Operation, is_used: IsUsed, *, excused: bool, forgotten: bool) -> Interval[State]:
    pending = becomes_pending(op)
    asked = (op.kind, op.rid, bool(op.named_agent), bool(op.unnamed) or op.is_malformed, op.has_empty_rid)
    alike = (*asked, op.answer, op.room, op.new, op.error in OBSTACLES, may_be_done(op), forgotten)

    def after(state: State) -> list[State]:
        fitting = step(state, op, is_used, racing=not forgotten)
        return fitting or ([state] if excused and not forgotten and _is_refused(op) else [])

    return Interval(
        started=op.exchange.started,
        ended=op.exchange.ended,
        step=after,
        same_as=op.number if pending else alike,
        stays=stays(op),
        pending=pending,
    )


def _erases(op: Operation) -> bool:
    return op.kind is Kind.DELETE and (op.answer is Answer.OK or may_be_done(op))


def _erasing(op: Operation) -> Interval[State]:
    """A deletion takes its visitor's rooms first, and nothing holds other calls off until the visitor goes too."""

    def step(state: State) -> tuple[State, ...]:
        return (state,) if state.open is None else (state, state._replace(open=None))

    return Interval(op.exchange.started, op.exchange.ended, step, ("erasing", op.number))


def _created_twice(cluster: Sequence[Operation]) -> int | None:
    """The second operation that says it created the same room."""
    created = set()
    for index, op in enumerate(cluster):
        if op.kind is Kind.GET_OR_CREATE and op.answer is Answer.OK and op.new is True:
            if op.room in created:
                return index
            created.add(op.room)
    return None


def cluster_at_stake(visitor: Visitor, cluster: list[Operation], width: int = 0) -> Iterator[Judgement]:
    """What a cluster that can be explained has kept; nothing where its answers could not have broken it.

    It takes ``width`` calls under way at once to show that a promise was kept; to show it broken, any will do.
    """
    counts = proves_a_race(cluster, width)
    yield from _kept(cluster) if counts else _too_few(cluster, width)
    yield from _lost(cluster)
    yield from _racing_calls(visitor, cluster, counts=counts)


def _kept(cluster: list[Operation]) -> Iterator[Judgement]:
    rooms = [op.room for op in _calls(cluster) if op.answer is Answer.OK]
    if _could_disagree(cluster):
        yield _promise(cluster)
    created = {op.room for op in _calls(cluster) if op.new is True and op.answer is Answer.OK}
    if any(rooms.count(room) > 1 for room in created):
        yield "overlapping-calls-report-one-creation"


def _too_few(cluster: list[Operation], width: int) -> Iterator[Lost]:
    """What a burst of one visitor would have shown, had it been as wide or overlapped as it was to."""
    exchange = cluster[0].exchange
    if exchange.released is None or exchange.visitor is None or not _could_disagree(cluster):
        return
    fate = Fate.NARROW if len(cluster) < width else Fate.APART
    number = len(cluster) if fate is Fate.NARROW else surely_together(cluster)
    for requirement in (*_shown_by(cluster), RACING_CALL):
        yield Lost(requirement, Cause(fate, f"{number} of {max(width, 2)}"))


def _lost(cluster: list[Operation]) -> Iterator[Lost]:
    """What calls that nobody answered would have shown beside the others."""
    for op in filter(is_lost, cluster):
        for requirement in _shown_by(cluster):
            yield Lost(requirement, cause_of(op))


def hidden_by(cluster: list[Operation], broken: str) -> Iterator[Lost]:
    """What a cluster would have shown that broke a promise instead."""
    for requirement in (*_shown_by(cluster), RACING_CALL):
        if requirement != broken:
            yield Lost(requirement, Cause(Fate.BROKEN, broken))


def _shown_by(cluster: Sequence[Operation]) -> tuple[str, ...]:
    promise = _promise(cluster)
    more = ("overlapping-calls-report-one-creation",) if promise == "overlapping-calls-open-one-room" else ()
    return (promise, *more)


def _could_disagree(cluster: list[Operation]) -> bool:
    """Whether at least two answers of the cluster depend on each other."""
    calls = [op for op in _calls(cluster) if op.answer is Answer.OK]
    neighbours = [op for op in cluster if op.kind is not Kind.GET_OR_CREATE and op.answer in _ANSWERED]
    if not neighbours:
        return len(calls) > 1
    return bool(calls) or (any(op.kind is Kind.BY_RID for op in neighbours) and len(neighbours) > 1)


def _calls(cluster: Sequence[Operation]) -> list[Operation]:
    return [op for op in cluster if op.kind is Kind.GET_OR_CREATE and op.answer is not Answer.NOTHING]


def _is_refused(op: Operation) -> bool:
    return op.kind is Kind.GET_OR_CREATE and op.answer is Answer.REFUSED


def _nobody_won(visitor: Visitor, cluster: list[Operation]) -> bool:
    """Whether all were refused who asked, though nothing kept a known visitor from a room."""
    known = all(state.known and state.open is None for state in visitor.states)
    excused = visitor.pending or any(may_be_refused(op, state) for op in cluster for state in visitor.states)
    return known and not excused and all(map(_is_refused, cluster))


def _racing_calls(visitor: Visitor, cluster: list[Operation], *, counts: bool) -> Iterator[Judgement]:
    """What happened to calls that a right server answers with a room: somebody got one, or one was open."""
    if _nobody_won(visitor, cluster):
        yield _without_a_room(visitor, cluster, cluster[-1], "one room, newRoom true once")
    won = any(op.answer is Answer.OK for op in _calls(cluster))
    if any(op.kind in (Kind.DELETE, Kind.REGISTER) for op in cluster) or not (won or visitor.has_open_room):
        return
    for op in _calls(cluster):
        if op.answer is Answer.OK and counts:
            yield RACING_CALL
        elif op.answer is Answer.REFUSED and not any(may_be_refused(op, state) for state in visitor.states):
            yield _refused(op)


def _without_a_room(visitor: Visitor, cluster: list[Operation], culprit: Operation, expected: str) -> Finding:
    """The finding for calls that were refused, and lost no race."""
    refused = sum(map(_is_refused, cluster))
    others = tuple(op.number for op in cluster if _is_refused(op) and op is not culprit)
    return Finding(
        "a-known-visitor-gets-a-room",
        expected,
        f"{refused} of {len(cluster)} overlapping calls refused, error {(culprit.error or 'missing')[:60]}",
        tuple(dict.fromkeys((*visitor.evidence, *others[:1], culprit.number))),
        visitor.token,
        signature="refused at once",
    )


def _forgotten(visitor: Visitor, cluster: list[Operation], culprit: Operation) -> Finding:
    """The finding for a call that was refused as a stranger's beside a registration."""
    registrations = (op.number for op in cluster if op.kind is Kind.REGISTER and _is_beside(op, culprit))
    return Finding(
        "a-known-visitor-gets-a-room",
        "a room, as registering again leaves a visitor known",
        f"status {culprit.status}, error {culprit.error[:60]}, beside a registration",
        tuple(dict.fromkeys((*visitor.evidence, *registrations, culprit.number))),
        visitor.token,
        signature="refused as a stranger beside a registration",
    )


def _refused(op: Operation) -> Finding:
    return Finding(
        RACING_CALL,
        "the room that the winner of the race opened, newRoom false",
        f"status {op.status}, error {(op.error or 'missing')[:60]}",
        (op.number,),
        op.token,
        signature="refused: duplicate key" if DUPLICATE_KEY in op.error else "refused",
    )


def _promise(cluster: Sequence[Operation]) -> str:
    kinds = {op.kind for op in cluster}
    if Kind.CLOSE in kinds:
        return "calls-beside-a-close-agree"
    if kinds & {Kind.REGISTER, Kind.DELETE, Kind.MESSAGE, Kind.BY_RID, Kind.ODD_ROOM}:
        return "calls-beside-a-neighbour-agree"
    return "overlapping-calls-open-one-room"


def blame_cluster(visitor: Visitor, cluster: list[Operation], impossible: int, is_used: IsUsed) -> Finding:
    """The finding for a cluster without explanation: the argument in numbered facts."""
    states, culprit = visitor.states, cluster[impossible]
    if _is_forgotten(culprit, cluster):
        return _forgotten(visitor, cluster, culprit)
    if _is_refused(culprit):
        return _without_a_room(visitor, cluster, culprit, "the room that was open when it asked, newRoom false")

    def unexplained(part: list[Operation]) -> bool:
        return explain_cluster(states, part, visitor.pending, is_used).impossible is not None

    def same_finding(rest: list[Operation]) -> bool:
        return _signature(visitor, rest) == signature and unexplained(rest)

    part = minimize(cluster, culprit, unexplained)
    signature = _signature(visitor, part)
    rooms, created = _rooms(visitor, part), [op for op in _calls(part) if op.new is True]
    return Finding(
        _broken(visitor, _promise(cluster), rooms),
        "one open room at a time and newRoom true once per new room, in some order of the calls",
        f"{numbered(len(rooms), 'room')}, newRoom true {numbered(len(created), 'time')}, "
        f"in {len(cluster)} overlapping calls",
        tuple(dict.fromkeys((*visitor.evidence, *(op.number for op in part if op is not culprit), culprit.number))),
        visitor.token,
        story=tuple(_story(visitor, argued(part, culprit, same_finding), rooms)),
        signature=signature,
    )


def _signature(visitor: Visitor, part: list[Operation]) -> str:
    created = sum(op.new is True for op in _calls(part))
    rooms = "several rooms" if len(_rooms(visitor, part)) > 1 else "one room at most"
    return f"{rooms}, {'several creations' if created > 1 else 'one creation at most'}"


def _broken(visitor: Visitor, requirement: str, rooms: set[str]) -> str:
    if requirement != "overlapping-calls-open-one-room":
        return requirement
    if not any(state.known for state in visitor.states):
        return rules.token_promise(visitor)
    return requirement if len(rooms) > 1 else "overlapping-calls-report-one-creation"


def _rooms(visitor: Visitor, part: list[Operation]) -> set[str]:
    before = {state.open_room for state in visitor.states}
    return {room for room in (*before, *(op.room for op in _calls(part))) if room}


def _story(visitor: Visitor, part: list[Operation], rooms: set[str]) -> Iterator[str]:
    yield _before(visitor)
    for place, op in enumerate(part):
        yield f"Call {op.number} ({_moment(op, part)}){_meanwhile(op, part[:place])} {_deed(op)}."
    if any(op.kind is Kind.CLOSE and op.answer is Answer.OK for op in part):
        yield "No order of these calls and the close gives these answers."
        return
    yield "No close stands between them."
    argued_rooms = _rooms(visitor, part)
    if len(argued_rooms) > 1:
        more = len(rooms) - len(argued_rooms)
        others = f"; overlapping calls opened {more} more" if more else ""
        yield f"So {len(argued_rooms)} rooms of one visitor are open at once{others}."


def _before(visitor: Visitor) -> str:
    if all(state.open is None for state in visitor.states):
        return "Before these calls no room was open."
    rooms = sorted({state.open_room or "" for state in visitor.states})
    if len(rooms) == 1 and rooms[0]:
        return f"Before these calls room {rooms[0]} was open."
    return "Before these calls a room may have been open."


def _moment(op: Operation, part: list[Operation]) -> str:
    origin = min(other.exchange.started for other in part)
    return f"{(op.exchange.started - origin) / 1e6:.1f}–{(op.exchange.ended - origin) / 1e6:.1f} ms"


def _meanwhile(op: Operation, earlier: list[Operation]) -> str:
    """Which call of the argument had not been answered yet; the last one that is told before."""
    unanswered = [other.number for other in earlier if other.exchange.ended >= op.exchange.started]
    return f", which left before call {unanswered[-1]} had ended," if unanswered else ""


def _deed(op: Operation) -> str:
    if op.kind is not Kind.GET_OR_CREATE:
        return f"{op.kind.value} was answered {op.answer.value}"
    if op.answer is not Answer.OK:
        return f"was answered {op.answer.value}"
    return f"{'created' if op.new else 'returned'} room {op.room}"


def given_up(cluster: list[Operation]) -> str:
    """The sentence for a cluster that could not be judged."""
    numbers = sorted(op.number for op in cluster)
    return (
        f"{len(cluster)} overlapping calls of {cluster[0].token} (exchanges {numbers[0]} to {numbers[-1]}) "
        "allow too many orders to be judged."
    )


def resume_cluster(visitor: Visitor, cluster: list[Operation]) -> Iterator[State]:
    """The states to go on with: each room that was shown may be the open one, or what a write leaves behind."""
    waiting = {op.number for op in cluster if becomes_pending(op)}
    pending = frozenset(waiting).union(*(state.pending for state in visitor.states))
    for op in cluster:
        if op.room is not None:
            yield State(known=True, open=op.room, pending=pending)
        if op.kind in (Kind.CLOSE, Kind.REGISTER):
            yield State(known=True, open=None, pending=pending)
        if op.kind is Kind.DELETE:
            yield State(known=False, open=None, pending=pending)
    for state in visitor.states:
        yield state._replace(pending=pending)
