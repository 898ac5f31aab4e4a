"""One visitor's history: its possible states, the rooms it had, and what the next operation makes of both.

Operations that overlap others of the same visitor wait until the last of them has ended; then the whole cluster
is explained at once. A lone operation is a cluster of one and is judged by ``rules``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rocketchat_contract.judge import overlap, rules
from rocketchat_contract.judge.model import STRANGER, UNSEEN, State, effects, step
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.visitor import Judgement, Room, Visitor

MAX_STATES = 512
"""More possible states than this say nothing any more; the history starts again as a stranger's."""


def settle(visitor: Visitor, owners: dict[str, Room]) -> Iterator[Judgement]:
    """Judge the waiting operations of a visitor, all of which have ended."""
    cluster, visitor.waiting = visitor.waiting, []
    if len(cluster) == 1:
        yield from _settle_one(visitor, cluster[0], owners)
    elif cluster:
        yield from _settle_overlapping(visitor, cluster, owners)
    for op in cluster:
        _remember(visitor, op, owners)
    if len(visitor.states) > MAX_STATES:
        visitor.states = frozenset(STRANGER)


def _settle_one(visitor: Visitor, op: Operation, owners: dict[str, Room]) -> Iterator[Judgement]:
    states = _drifted(visitor)
    after = frozenset(new for state in states for new in step(state, op, visitor.is_used))
    _await_effect(visitor, op)
    if after:
        fitting = [state for state in states if step(state, op, visitor.is_used)]
        yield from rules.at_stake(visitor, fitting[0] if len(fitting) == 1 else None, op, owners)
        visitor.states = after
    else:
        yield rules.blame(visitor, _likeliest(states), op, owners)
        visitor.repeats = ()
        visitor.states = frozenset(rules.resume(_likeliest(states), op))


def _settle_overlapping(visitor: Visitor, cluster: list[Operation], owners: dict[str, Room]) -> Iterator[Judgement]:
    for op in cluster:
        _await_effect(visitor, op)
    explained = overlap.explain_cluster(visitor.states, cluster, visitor.limbo, visitor.is_used)
    if explained.given_up:
        visitor.states = frozenset(STRANGER)
    elif explained.states:
        yield from overlap.at_stake(cluster)
        visitor.states = explained.states
    else:
        yield overlap.blame(visitor, cluster, explained.impossible)
        visitor.states = frozenset(overlap.resume(visitor.states, cluster))
    for op in cluster:
        yield from rules.room_promises(visitor, op, owners)
    visitor.repeats = ()


def _await_effect(visitor: Visitor, op: Operation) -> None:
    if op.answer is Answer.UNKNOWN and op.exchange.response is None:
        visitor.limbo[op.number] = op


def _drifted(visitor: Visitor) -> frozenset[State]:
    """The states now, after none, some or all of the calls in limbo took effect."""
    reached, fresh = set(visitor.states), set(visitor.states)
    while fresh and visitor.limbo and len(reached) <= MAX_STATES:
        fresh = {after for state in fresh for after in effects(state, visitor.limbo)} - reached
        reached |= fresh
    return frozenset(reached)


def _likeliest(states: Iterable[State]) -> State:
    """The state to speak of when none fits: one that claims the least."""
    return min(states, key=lambda state: (bool(state.open == UNSEEN), not state.known, state.open or ""))


def _remember(visitor: Visitor, op: Operation, owners: dict[str, Room]) -> None:
    if op.answer is Answer.REFUSED and op.is_room_call:
        visitor.refused = op.number
    if op.kind not in (Kind.GET_OR_CREATE, Kind.BY_RID):
        visitor.repeats = ()
    if op.answer is not Answer.OK:
        return
    if op.room is not None and op.kind in (Kind.GET_OR_CREATE, Kind.BY_RID):
        room = visitor.rooms.setdefault(op.room, Room(op.number, visitor.token))
        owners.setdefault(op.room, room)
        visitor.evidence, visitor.refused = (op.number,), None
    if op.kind is Kind.CLOSE and op.rid in visitor.rooms:
        visitor.rooms[op.rid].closed = op.number
        visitor.evidence = (op.number,)
    if op.kind is Kind.DELETE:
        visitor.deleted, visitor.evidence = True, (op.number,)
    if op.kind is Kind.REGISTER:
        visitor.deleted, visitor.evidence = False, visitor.evidence or (op.number,)
