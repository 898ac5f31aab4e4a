"""Linearizability by brute force: every order that real time allows, on a right server written down anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.rocketchat.error_codes import INVALID_TOKEN

ERASING = Kind.OTHER
"""The first step of a deletion; histories with deletions hold nothing else of this kind."""

SOME = "?"
"""A room that some call without an answer opened: its id is not known yet."""


@dataclass(frozen=True)
class World:
    """A right server's memory of one visitor: is it known, its open room, the ids that rooms had before."""

    known: bool
    room: str | None = None
    used: frozenset[str] = frozenset()


def final_worlds(start: frozenset[World], ops: Sequence[Operation], racing: Mapping[int, bool]) -> frozenset[World]:
    """The worlds in which some order of the calls ends; none when no order explains the answers.

    ``racing`` holds the numbers of calls that overlapped others, which may be refused where no room is open, and
    whether they may be wherever. A deletion takes the rooms
    first and the visitor later, so it is two steps.
    """
    ops = [*ops, *(replace(op, kind=ERASING) for op in ops if op.kind is Kind.DELETE and op.answer is Answer.OK)]

    @cache
    def ends(world: World, left: frozenset[int]) -> frozenset[World]:
        found = set()
        if all(_is_open_ended(ops[n]) for n in left):
            found.add(world)
        for n in left:
            if not any(_before(ops[m], ops[n]) for m in left if m != n):
                for after in _after(world, ops[n], racing.get(ops[n].number)):
                    found |= ends(after, left - {n})
        return frozenset(found)

    everything = frozenset(range(len(ops)))
    return frozenset(end for world in start for end in ends(world, everything))


def all_race(ops: Sequence[Operation]) -> dict[int, bool]:
    """The numbers of calls that all race, and whether one of them may end a room or begin a visitor.

    Beside a registration no race explains that a call is refused as a stranger's.
    """
    excused = any(op.kind in (Kind.CLOSE, Kind.DELETE, Kind.REGISTER) for op in ops)
    return {op.number: excused for op in ops if not _is_forgotten(op, ops)}


def _is_forgotten(op: Operation, ops: Sequence[Operation]) -> bool:
    """Whether a call is refused as a stranger's while its visitor is being registered."""
    beside = (other for other in ops if not _before(other, op) and not _before(op, other))
    return op.error == INVALID_TOKEN and any(other.kind is Kind.REGISTER for other in beside)


def overlapping(ops: Sequence[Operation]) -> dict[int, bool]:
    """The same of the calls between two quiet moments that are not alone there."""
    groups: list[list[Operation]] = []
    latest = -1
    for op in sorted(ops, key=lambda op: op.exchange.started):
        if op.exchange.started > latest:
            groups.append([])
        groups[-1].append(op)
        latest = max(latest, op.exchange.ended)
    return {number: excused for group in groups if len(group) > 1 for number, excused in all_race(group).items()}


def _is_open_ended(op: Operation) -> bool:
    """Whether the call may take effect at any later time, or never."""
    return op.exchange.response is None


def _before(first: Operation, second: Operation) -> bool:
    return not _is_open_ended(first) and first.exchange.ended < second.exchange.started


def _after(world: World, op: Operation, racing: bool | None) -> Iterator[World]:
    if op.kind is ERASING:
        yield from {world, replace(world, room=None)}
    elif op.answer is Answer.UNKNOWN:
        yield from {world, _done(world, op)}
    elif op.answer is Answer.REFUSED:
        yield from _after_refusal(world, op, racing)
    elif op.kind is Kind.GET_OR_CREATE:
        yield from _after_room(world, op)
    elif op.kind is Kind.BY_RID:
        if world.known and op.room == op.rid and _is(world, op.rid):
            yield _with(world, op.rid)
    elif op.kind is Kind.CLOSE:
        if world.room != op.rid:
            yield world  # not this contract's business
        if _is(world, op.rid):
            yield replace(world, room=None)
    elif op.kind is Kind.ODD_ROOM:
        yield world
        if world.known and world.room is None:
            yield replace(world, room=op.room)
    else:
        yield _done(world, op)


def _done(world: World, op: Operation) -> World:
    """What a call does that does what it is for."""
    match op.kind:
        case Kind.GET_OR_CREATE | Kind.ODD_ROOM if world.known and world.room is None:
            return replace(world, room=SOME)
        case Kind.CLOSE if world.room in (op.rid, SOME):
            return replace(world, room=None)
        case Kind.DELETE:
            return replace(world, known=False, room=None)
        case Kind.REGISTER:
            return replace(world, known=True)
    return world


def _after_refusal(world: World, op: Operation, racing: bool | None) -> Iterator[World]:
    agent = bool(op.query and op.query.plain.get("agentId"))
    if op.kind is Kind.BY_RID:
        if not world.known or world.room != op.rid:
            yield world
    elif op.kind is not Kind.GET_OR_CREATE or not world.known or racing or _may_lose(world, agent, racing):
        yield world
    if op.kind is Kind.GET_OR_CREATE and agent and world.known and world.room is None:
        yield replace(world, room=SOME)


def _may_lose(world: World, agent: bool, racing: bool | None) -> bool:
    return world.room is None and (agent or racing is not None)


def _after_room(world: World, op: Operation) -> Iterator[World]:
    room = op.room or ""
    if not world.known:
        return
    if op.new is not True and _is(world, room):
        yield _with(world, room)
    if op.new is not False and world.room is None and room not in world.used:
        yield _with(world, room)


def _is(world: World, room: str | None) -> bool:
    return world.room == room or (world.room == SOME and room not in world.used)


def _with(world: World, room: str | None) -> World:
    return replace(world, room=room, used=world.used | {room or ""})
