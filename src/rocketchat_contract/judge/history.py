"""One visitor's history: its possible states, the rooms it had, and what the next operation makes of both.

Operations that overlap others of the same visitor wait until the last of them has ended; then the whole cluster
is explained at once. A lone operation is a cluster of one and is judged by ``rules``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rocketchat_contract.judge import aftermath, lost, overlap, rules
from rocketchat_contract.judge.model import (
    LOST_ANSWER,
    UNSEEN,
    State,
    becomes_pending,
    effects,
    may_be_done,
    step,
    undecided,
)
from rocketchat_contract.judge.operation import Answer, Kind, Operation, member
from rocketchat_contract.judge.overlapping import ran_together
from rocketchat_contract.judge.visitor import Judgement, KnownRoom, Noted, Obstacle, Visitor
from rocketchat_contract.rocketchat.error_codes import INVALID_TOKEN

MAX_STATES = 512
"""More possible states than this say nothing any more; then any room may be open, or none."""


def settle(visitor: Visitor, owners: dict[str, KnownRoom], width: int = 0) -> Iterator[Noted]:
    """Judge the waiting operations of a visitor, all of which have ended.

    ``width`` is how many calls have to be under way at once for a promise about simultaneous calls to count as kept.
    """
    cluster, visitor.waiting = visitor.waiting, []
    for op in cluster:
        if becomes_pending(op):
            visitor.pending[op.number] = op
    if len(cluster) == 1:
        yield from _settle_one(visitor, cluster[0], owners)
    elif cluster:
        yield from _settle_overlapping(visitor, cluster, owners, width)
    for op in cluster:
        _remember(visitor, op, owners)
    aftermath.remember(visitor, cluster)
    _resolve_doubt(visitor)
    if len(visitor.states) > MAX_STATES:
        visitor.states = undecided(frozenset(visitor.pending))
    if visitor.pending:
        _forget_effects(visitor)


def _settle_one(visitor: Visitor, op: Operation, owners: dict[str, KnownRoom]) -> Iterator[Noted]:
    states = _drifted(visitor)
    after = {state: step(state, op, visitor.is_used, racing=_loses(visitor, state, op)) for state in states}
    fitting = [state for state in states if after[state]]
    if fitting:
        yield from rules.at_stake(visitor, fitting[0] if len(states) == 1 else None, op, owners)
        yield from aftermath.aftermath_at_stake(visitor, op)
        yield from _after_a_doubtful_close(visitor, op)
        visitor.blamed = visitor.blamed if len(states) > 1 else ""
        if len(states) == 1 and lost.is_lost(op):
            yield from lost.of_a_step(visitor, fitting[0], op, owners)
        elif len(states) > 1 and visitor.blamed:
            yield from lost.of_a_breach(visitor, _likeliest(visitor, states), op, owners, visitor.blamed)
        visitor.states = frozenset(new for state in fitting for new in after[state])
    else:
        likeliest = _likeliest(visitor, states)
        finding = rules.blame(visitor, likeliest, op, owners)
        yield finding
        yield from lost.of_a_breach(visitor, likeliest, op, owners, finding.requirement)
        visitor.blamed = finding.requirement
        visitor.repeats = ()
        visitor.states = frozenset(after for state in states for after in rules.resume(state, op))


def _settle_overlapping(
    visitor: Visitor, cluster: list[Operation], owners: dict[str, KnownRoom], width: int
) -> Iterator[Judgement]:
    race = None
    explained = overlap.explain_cluster(visitor.states, cluster, visitor.pending, visitor.is_used)
    if explained.given_up:
        yield Obstacle(overlap.given_up(cluster))
        visitor.states = undecided(frozenset(visitor.pending))
    elif explained.impossible is None:
        yield from overlap.cluster_at_stake(visitor, cluster, width)
        race = aftermath.race_of(visitor, cluster, width) if ran_together(cluster) else None
        visitor.states = explained.states
    else:
        finding = overlap.blame_cluster(visitor, cluster, explained.impossible, visitor.is_used)
        yield finding
        yield from overlap.hidden_by(cluster, finding.requirement)
        visitor.blamed = finding.requirement
        visitor.states = frozenset(overlap.resume_cluster(visitor, cluster))
    for op in cluster:
        yield from rules.room_promises(visitor, op, owners)
    visitor.repeats, visitor.race, visitor.agent_refused = (), race, None


def _loses(visitor: Visitor, state: State, op: Operation) -> bool:
    """Whether a refusal may come from a race with a creation that nobody answered, and that is still under way."""
    if op.answer is not Answer.REFUSED or op.error == INVALID_TOKEN:  # no race has that excuse
        return False
    return any(visitor.pending[number].kind in (Kind.GET_OR_CREATE, Kind.ODD_ROOM) for number in state.pending)


def _drifted(visitor: Visitor) -> frozenset[State]:
    """The states now, after none, some or all of the pending calls took effect."""
    if not visitor.pending:
        return visitor.states
    reached, fresh = set(visitor.states), set(visitor.states)
    while fresh:
        fresh = {after for state in fresh for after in effects(state, visitor.pending)} - reached
        reached |= fresh
        if len(reached) > MAX_STATES:
            return undecided(frozenset(visitor.pending))
    return frozenset(reached)


def _forget_effects(visitor: Visitor) -> None:
    """Drop the pending calls that have taken effect in every state."""
    still = frozenset().union(*(state.pending for state in visitor.states))
    visitor.pending = {number: op for number, op in visitor.pending.items() if number in still}


def _likeliest(visitor: Visitor, states: Iterable[State]) -> State:
    """The state to speak of when none fits: one that claims the least, with the room that was seen last.

    What a server said was done already is supposed to be done.
    """

    def claims(state: State) -> tuple[bool, bool, bool, int, str, list[int]]:
        room = state.open or ""
        undone = visitor.doubt is not None and not _is_done(visitor.doubt, state)
        return (
            undone,
            state.open in (UNSEEN, LOST_ANSWER),
            not state.known,
            -_seen(visitor, room),
            room,
            sorted(state.pending),
        )

    return min(states, key=claims)


def _seen(visitor: Visitor, room: str) -> int:
    known = visitor.rooms.get(room)
    return 0 if known is None else known.first


def _remember(visitor: Visitor, op: Operation, owners: dict[str, KnownRoom]) -> None:
    if op.answer is Answer.REFUSED and op.is_room_call:
        visitor.refused = op.number
    if op.kind is Kind.OPTIONS and not visitor.has_open_room:
        visitor.options = op.number
    if op.kind not in (Kind.GET_OR_CREATE, Kind.BY_RID) and not _is_past(visitor, op):
        visitor.repeats = ()
    if may_be_done(op):
        visitor.doubt = op
    if op.answer is not Answer.OK:
        return
    if op.room is not None and op.kind in (Kind.GET_OR_CREATE, Kind.BY_RID):
        room = visitor.rooms.setdefault(op.room, KnownRoom(op.number, visitor.token))
        owners.setdefault(op.room, room)
        visitor.evidence, visitor.refused, visitor.options = (op.number,), None, None
        visitor.deleted = visitor.deleted and not all(state.known for state in visitor.states)
    if op.kind is Kind.CLOSE and op.rid in visitor.rooms:
        visitor.rooms[op.rid].closed = op.number
        visitor.evidence = visitor.rooms[op.rid].life
    if op.kind is Kind.DELETE:
        visitor.deleted, visitor.evidence = True, (op.number,)
        visitor.record = _record_of(op) or visitor.record
    if op.kind is Kind.REGISTER:
        _remember_registration(visitor, op)


def _remember_registration(visitor: Visitor, op: Operation) -> None:
    """Keep the record's id; if it is the deleted one's, it is being erased, and the visitor may stay unknown."""
    record = _record_of(op)
    visitor.deleted = visitor.deleted and record != "" and record == visitor.record
    visitor.evidence, visitor.record = visitor.evidence or (op.number,), record
    if visitor.deleted:
        visitor.states |= {state._replace(known=False, open=None) for state in visitor.states}


def _record_of(op: Operation) -> str:
    record = member(op.body, "visitor").get("_id")
    return record if isinstance(record, str) else ""


def _is_past(visitor: Visitor, op: Operation) -> bool:
    """Whether a call was refused that speaks of a room that is closed."""
    room = visitor.rooms.get(op.rid or "")
    return op.answer is Answer.REFUSED and room is not None and room.closed is not None


def _after_a_doubtful_close(visitor: Visitor, op: Operation) -> Iterator[Judgement]:
    """Whoever said that a room is closed already has kept a promise with the next one."""
    close = visitor.doubt
    if close is not None and close.kind is Kind.CLOSE and op.kind is Kind.GET_OR_CREATE and op.new is True:
        yield "a-closed-room-is-not-returned"


def _resolve_doubt(visitor: Visitor) -> None:
    """What later answers show of a close or deletion that was refused because it is done already."""
    op = visitor.doubt
    if op is None:
        return
    done = {_is_done(op, state) for state in visitor.states}
    if len(done) > 1:
        return
    visitor.doubt = None
    if done == {False}:
        return
    if op.kind is Kind.DELETE:
        visitor.deleted, visitor.evidence = True, (op.number,)
    elif op.rid in visitor.rooms and visitor.rooms[op.rid].closed is None:
        visitor.rooms[op.rid].closed = op.number


def _is_done(op: Operation, state: State) -> bool:
    return not state.known if op.kind is Kind.DELETE else state.open != op.rid
