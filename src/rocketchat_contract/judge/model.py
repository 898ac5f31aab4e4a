"""What a visitor's state is, and what one operation may do to it.

The state is small: is the visitor known, which room is open. ``step`` answers the states after an operation, or
none when the operation could not have been answered so. Ids that were used before are the history's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.rocketchat.error_codes import CLOSED_BEFORE, CLOSED_HALFWAY, DISABLED, INVALID_TOKEN, NO_AGENT

UNSEEN = "\0unseen"
"""A room that must be open after a call with unknown outcome took effect, whose id nobody has seen yet."""

LOST_ANSWER = "\0lost"
"""A room that is open and may be any, seen before or not: too much could have happened to say which."""

OBSTACLES = {
    NO_AGENT: "No agent is online: set one online, or switch on Livechat_accept_chats_with_no_agents.",
    DISABLED: "Livechat is switched off: switch on Livechat_enabled.",
    "error-contact-channel-blocked": "The visitor's contact channel is blocked: unblock it in the contact centre.",
    "error-contact-unverified": "Contacts must be verified: set Livechat_Require_Contact_Verification to never.",
    "error-invalid-contact": "Visitors lack a usable contact: see why the contact centre does not make one for them.",
    "error-app-prevented": "An app vetoes new rooms: allow them for the suite's visitors, or disable the app.",
}
"""Refusals that speak of the deployment's settings, and what its administrator switches on."""


class State(NamedTuple):
    """What a visitor may be at one moment.

    ``pending`` holds the numbers of operations without an answer that may still take effect.
    ``seen`` holds the new rooms that the overlapping operations at hand have shown so far: none opens twice.
    """

    known: bool
    open: str | None
    pending: frozenset[int] = frozenset()
    seen: frozenset[str] = frozenset()

    @property
    def open_room(self) -> str | None:
        """The id of the open room, when there is one and it is known."""
        return None if self.open in (UNSEEN, LOST_ANSWER) else self.open


NEW = State(known=False, open=None)
STRANGER = (NEW, State(known=True, open=None), State(known=True, open=UNSEEN))
"""What a visitor may be whose beginning the record does not show."""

IsUsed = Callable[[str], bool]
"""Whether a room id was seen before the operations at hand."""


def undecided(pending: frozenset[int]) -> frozenset[State]:
    """What a visitor may be when its history allows too much to be followed."""
    return frozenset({State(False, None, pending), State(True, None, pending), State(True, LOST_ANSWER, pending)})  # noqa: FBT003


def step(state: State, op: Operation, is_used: IsUsed, *, racing: bool = False) -> list[State]:
    """The states in which ``op`` may leave a visitor; empty when its answer does not fit the state.

    ``racing`` says that it overlapped other operations, so that it may be refused where no room is open.
    """
    if op.answer is Answer.NOTHING:
        return [state]
    if op.answer is Answer.UNKNOWN:
        return _unknown(state, op)
    return list(_STEPS[op.kind](state, op, is_used, racing))


def stays(op: Operation) -> bool:
    """Whether ``op`` creates and ends nothing in any state: it may at most show which room is open."""
    if op.kind is Kind.GET_OR_CREATE:
        refused = op.answer is Answer.REFUSED and not op.named_agent
        return op.answer is Answer.NOTHING or refused or (op.answer is Answer.OK and op.new is False)
    return op.kind in (Kind.BY_RID, Kind.MESSAGE, Kind.OPTIONS, Kind.OTHER) or (
        op.answer in (Answer.REFUSED, Answer.NOTHING) and not may_be_done(op)
    )


def may_be_done(op: Operation) -> bool:
    """Whether a close or a deletion was refused because it is done already, whoever did it, or done in part."""
    if op.answer is not Answer.REFUSED:
        return False
    if op.kind is Kind.CLOSE:
        return op.error in CLOSED_BEFORE or op.error == CLOSED_HALFWAY
    return op.kind is Kind.DELETE and op.error == INVALID_TOKEN


def effects(state: State, ops: Mapping[int, Operation]) -> Iterator[State]:
    """The states after one of the pending operations took effect."""
    tried = set()
    for number in sorted(state.pending):
        op = ops[number]
        if (op.kind, op.rid) not in tried:
            tried.add((op.kind, op.rid))
            after = _effect(state, op)
            if after != state:
                yield after._replace(pending=state.pending - {number})


def becomes_pending(op: Operation) -> bool:
    """Whether the effect of ``op`` may come at any later time: it writes, and the server did not answer it.

    Behind a gateway that gave up, a call may still be under way.
    """
    return op.answer is Answer.UNKNOWN and op.kind in _WRITES and (op.status is None or op.status in GATEWAY)


_WRITES = frozenset({Kind.GET_OR_CREATE, Kind.ODD_ROOM, Kind.HEAD, Kind.CLOSE, Kind.DELETE, Kind.REGISTER})


def _unknown(state: State, op: Operation) -> list[State]:
    """An answer that says nothing came at once; without any answer the effect may come at any later time."""
    if becomes_pending(op):
        return [state._replace(pending=state.pending | {op.number})]
    if op.status is None:
        return [state]
    after = _effect(state, op)
    return [state] if after == state else [state, after]


def _effect(state: State, op: Operation) -> State:
    if op.kind in (Kind.GET_OR_CREATE, Kind.ODD_ROOM, Kind.HEAD):
        return state._replace(open=UNSEEN) if state.known and state.open is None else state
    if op.kind is Kind.CLOSE:
        return state._replace(open=None) if state.open in (op.rid, UNSEEN, LOST_ANSWER) else state
    if op.kind is Kind.DELETE:
        return state._replace(known=False, open=None)
    return state._replace(known=True) if op.kind is Kind.REGISTER else state


def _get_or_create(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: FBT001
    if op.answer is Answer.REFUSED:
        yield from _refused(state, op, racing=racing)
        return
    room = op.room
    if not state.known or room is None:
        return
    used = is_used(room)
    if op.new is not True and (state.open == room or _may_be(state, room, is_used)):
        yield _shown(state, room, note=racing and not used)
    if op.new is not False and state.open is None and not used and room not in state.seen:
        yield _shown(state, room, note=racing)


def _may_be(state: State, room: str, is_used: IsUsed) -> bool:
    """Whether the open room, whose id is not known, may be this one."""
    return state.open == LOST_ANSWER or (state.open == UNSEEN and not is_used(room) and room not in state.seen)


def _shown(state: State, room: str, *, note: bool) -> State:
    return state._replace(open=room, seen=state.seen | {room} if note else state.seen)


def _refused(state: State, op: Operation, *, racing: bool) -> Iterator[State]:
    if not state.known or (racing and state.open is None) or may_be_refused(op, state):
        yield state
    if state.known and state.open is None and op.named_agent:
        yield state._replace(open=UNSEEN)  # routing to the named agent may fail after the room was made


def may_be_refused(op: Operation, state: State, *, empty_rid: bool = True) -> bool:
    """Whether a refusal of a known visitor's call without rid is explained: the server's settings, or the call.

    Settings forbid new rooms; one that is open is returned whatever they say.
    ``empty_rid`` says whether an empty rid counts as an explanation.
    """
    creates = state.open is None
    forbidden = creates and (op.error in OBSTACLES or bool(op.named_agent))
    return forbidden or bool(op.unnamed) or op.is_malformed or (empty_rid and op.has_empty_rid)


def _by_rid(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: FBT001
    rid = op.rid
    if op.answer is Answer.REFUSED:
        if not (state.known and state.open == rid) or op.unnamed or op.is_malformed:
            yield state
    elif state.known and op.room == rid is not None and (state.open == rid or _may_be(state, rid, is_used)):
        yield _shown(state, rid, note=racing and not is_used(rid))


def _odd_room(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: ARG001, FBT001
    yield state
    if op.answer is Answer.OK and state.known and state.open is None:
        yield state._replace(open=op.room)


def _head(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: FBT001, ARG001
    yield state
    if op.answer is Answer.OK and _effect(state, op) != state:
        yield _effect(state, op)


def _close(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: FBT001, ARG001
    if op.answer is Answer.REFUSED or op.rid is None:
        yield state
        if may_be_done(op) and state.open is not None and state.open == op.rid:
            yield state._replace(open=None)
    elif state.open == op.rid:
        yield state._replace(open=None)
    else:
        yield state
        if _may_be(state, op.rid, is_used):
            yield state._replace(open=None)


def _delete(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: FBT001, ARG001
    gone = state._replace(known=False, open=None)
    if op.answer is not Answer.REFUSED:
        yield gone
        return
    yield state
    if may_be_done(op) and gone != state:
        yield gone


def _register(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: FBT001, ARG001
    yield state if op.answer is Answer.REFUSED else state._replace(known=True)


def _same(state: State, op: Operation, is_used: IsUsed, racing: bool) -> Iterator[State]:  # noqa: FBT001, ARG001
    yield state


_STEPS: dict[Kind, Callable[[State, Operation, IsUsed, bool], Iterator[State]]] = {
    Kind.GET_OR_CREATE: _get_or_create,
    Kind.BY_RID: _by_rid,
    Kind.ODD_ROOM: _odd_room,
    Kind.CLOSE: _close,
    Kind.DELETE: _delete,
    Kind.REGISTER: _register,
    Kind.MESSAGE: _same,
    Kind.HEAD: _head,
    Kind.OPTIONS: _same,
    Kind.OTHER: _same,
}
