"""Names what a lone operation puts at stake, and what it breaks when its answer does not fit.

The model says only *whether* an answer fits; which promise that is, and in which words, is said here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from rocketchat_contract.judge import unchanged
from rocketchat_contract.judge.aftermath import second_room
from rocketchat_contract.judge.check import shortened_value
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.model import LOST_ANSWER, OBSTACLES, UNSEEN, State, may_be_refused
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.visitor import Judgement, KnownRoom, Noted, Visitor
from rocketchat_contract.record.redactor import MASKED, TOKEN_ALIAS
from rocketchat_contract.rocketchat.error_codes import NO_AGENT


def at_stake(visitor: Visitor, state: State | None, op: Operation, owners: dict[str, KnownRoom]) -> Iterator[Noted]:
    """What an operation that fits has kept, and what it breaks beside the visitor's own state.

    ``state`` is the one state that the visitor was in; None when it may have been another, so that little is proved.
    """
    yield from room_promises(visitor, op, owners)
    refused = visitor.refused is not None
    visitor.repeats, kept = unchanged.judge_repeat(visitor.repeats, op, visitor.token, after_a_refusal=refused)
    if kept is not None:
        yield kept
    if state is not None and op.answer in (Answer.OK, Answer.REFUSED):
        yield from promises(visitor, state, op, owners)


def promises(visitor: Visitor, state: State, op: Operation, owners: dict[str, KnownRoom]) -> Iterator[Judgement]:
    """What an answer that fits this state of its visitor has kept."""
    if op.kind is Kind.GET_OR_CREATE:
        yield from _get_or_create_promises(visitor, state, op)
    if op.kind is Kind.BY_RID:
        yield from _rid_promises(visitor, state, op, owners)


def room_promises(visitor: Visitor, op: Operation, owners: dict[str, KnownRoom]) -> Iterator[Judgement]:
    """What a returned room keeps or breaks whatever the visitor's state: whose it is, and its birth."""
    if op.room is None or op.kind not in (Kind.GET_OR_CREATE, Kind.BY_RID) or op.answer is not Answer.OK:
        return
    owner = owners.get(op.room or "")
    if owner is not None and owner.token != visitor.token:
        yield _shared(visitor, op, owner)
    else:
        yield "rooms-are-not-shared"
    if op.kind is Kind.BY_RID:
        yield _newroom_with_rid(visitor, op)
    yield from _birth(visitor, op)


def _shared(visitor: Visitor, op: Operation, owner: KnownRoom) -> Finding:
    return Finding(
        "rooms-are-not-shared",
        f"a room of {visitor.token}",
        f"room {op.room}, which {owner.token} got before",
        (owner.first, op.number),
        visitor.token,
        signature="shared",
    )


def _newroom_with_rid(visitor: Visitor, op: Operation) -> Judgement:
    if op.new is not True:
        return "newroom-is-false-with-rid"
    return _finding("newroom-is-false-with-rid", visitor, op, "newRoom false", "newRoom true", "true")


def _birth(visitor: Visitor, op: Operation) -> Iterator[Judgement]:
    document = op.document
    owner = document["v"].get("_id") if isinstance(document.get("v"), dict) else None
    room = visitor.rooms.setdefault(op.room or "", KnownRoom(op.number, visitor.token))
    shown = (("ts", room.ts, document.get("ts")), ("v._id", room.owner, owner))
    for name, before, now in shown:
        if before is not None and before != now:
            expected, actual = f"room.{name} {shortened_value(before)}", f"room.{name} {shortened_value(now)}"
            yield _finding("a-repeat-keeps-the-birth-of-a-room", visitor, op, expected, actual, name, (room.first,))
            return
    if any(before is not None for _, before, _ in shown):
        yield "a-repeat-keeps-the-birth-of-a-room"
    room.ts, room.owner = document.get("ts"), owner


def _get_or_create_promises(visitor: Visitor, state: State, op: Operation) -> Iterator[Judgement]:
    if not state.known:
        yield token_promise(visitor)
    elif op.answer is Answer.REFUSED:
        if op.has_empty_rid and not may_be_refused(op, state, empty_rid=False):
            yield _finding("an-empty-rid-is-no-rid", visitor, op, "a room, as without rid", _refusal(op), "refused")
    elif state.open not in (UNSEEN, LOST_ANSWER):
        yield from _created_promises(visitor) if state.open is None else _returned_promises(op)
        if visitor.refused is not None:
            yield "a-refused-call-changes-nothing"
        if op.has_empty_rid:
            yield "an-empty-rid-is-no-rid"


def _created_promises(visitor: Visitor) -> Iterator[str]:
    yield "a-known-visitor-gets-a-room"
    yield "newroom-is-true-for-a-created-room"
    if visitor.options is not None:
        yield OPENS_NO_ROOM
    yield "a-created-room-has-a-new-id"
    if any(room.closed for room in visitor.rooms.values()):
        yield "a-closed-room-is-not-returned"


def _returned_promises(op: Operation) -> Iterator[str]:
    yield "an-open-room-is-returned"
    yield "newroom-is-false-for-a-returned-room"
    if op.named_agent:
        yield "an-agent-id-changes-no-open-room"


def _rid_promises(visitor: Visitor, state: State, op: Operation, owners: dict[str, KnownRoom]) -> Iterator[Judgement]:
    if not state.known:
        yield token_promise(visitor)
    elif state.open in (UNSEEN, LOST_ANSWER):
        return
    elif op.answer is Answer.OK:
        yield "an-own-open-rid-is-returned"
    elif not op.unnamed:
        yield rid_promise(visitor, state, op.rid or "", owners)


def token_promise(visitor: Visitor) -> str:
    """The promise about the token of a visitor that the server cannot know."""
    if not visitor.token:
        return "an-empty-token-is-refused"
    if visitor.deleted:
        return "a-deleted-visitor-is-refused"
    own = TOKEN_ALIAS.search(visitor.token)
    is_variant = visitor.token != f"$RC_TOKEN_{own.group(1)}" if own else MASKED in visitor.token
    return "a-token-is-matched-exactly" if is_variant else "an-unknown-token-is-refused"


def rid_promise(visitor: Visitor, state: State, rid: str, owners: dict[str, KnownRoom]) -> str:
    """The promise about a rid that is not the visitor's open room."""
    if rid in visitor.rooms and visitor.rooms[rid].closed:
        return "a-closed-rid-is-refused"
    if rid in owners and owners[rid].token != visitor.token:
        return "a-foreign-rid-is-refused"
    return "a-rid-is-matched-exactly" if _is_variant(rid, state.open) else "an-unknown-rid-is-refused"


def _is_variant(rid: str, open_room: str | None) -> bool:
    if not open_room or open_room in (UNSEEN, LOST_ANSWER):
        return False
    bare = rid.strip().casefold()
    mine = open_room.casefold()
    half = len(mine) // 2
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(bare, mine, strict=False)))
    return alike >= half or (len(bare) >= half and (mine in bare or bare in mine))


def blame(visitor: Visitor, state: State, op: Operation, owners: dict[str, KnownRoom]) -> Finding:
    """The finding for an operation whose answer fits no state; ``state`` is the one to speak of."""
    if op.kind is Kind.BY_RID:
        return _blame_rid(visitor, state, op, owners)
    if op.answer is Answer.REFUSED:
        return _blame_refusal(visitor, state, op)
    if not state.known:
        return _finding(token_promise(visitor), visitor, op, "a refusal with status 400", _room(op), "room")
    owner = owners.get(op.room or "")
    if owner is not None and owner.token != visitor.token:
        return _shared(visitor, op, owner)
    return _blame_room(visitor, state, op)


def _blame_refusal(visitor: Visitor, state: State, op: Operation) -> Finding:
    agent = bool(op.named_agent) and state.open is not None
    requirement = "an-agent-id-changes-no-open-room" if agent else "a-known-visitor-gets-a-room"
    expected = f"room {state.open_room or 'of its own'}, newRoom false" if state.open else "a new room, newRoom true"
    return _finding(requirement, visitor, op, expected, _refusal(op), f"refused, open={state.open is not None}")


def _blame_room(visitor: Visitor, state: State, op: Operation) -> Finding:
    room = visitor.rooms.get(op.room or "")
    if state.open_room is None:
        return _blame_creation(visitor, op, room)
    expected = f"room {state.open}, newRoom false"
    if op.room == state.open:
        return _finding("newroom-is-false-for-a-returned-room", visitor, op, expected, _room(op), "true")
    if room is not None and room.closed:
        return _finding("a-closed-room-is-not-returned", visitor, op, expected, _room(op), "instead", room.life)
    second = second_room(visitor, op)
    if second is not None:
        return second
    if visitor.refused is not None:
        return _blame_refused_call(visitor, visitor.refused, op, expected)
    requirement = "an-agent-id-changes-no-open-room" if op.named_agent else "an-open-room-is-returned"
    return _finding(requirement, visitor, op, expected, _room(op), f"another, newRoom {op.new}")


OPENS_NO_ROOM = "an-options-call-opens-no-room"


def _blame_creation(visitor: Visitor, op: Operation, room: KnownRoom | None) -> Finding:
    expected = "a new room, newRoom true"
    if room is None and visitor.options is not None:
        evidence = (*visitor.evidence, visitor.options)
        return _finding(OPENS_NO_ROOM, visitor, op, expected, f"{_room(op)}, after OPTIONS", "room", evidence)
    if room is not None and room.closed and op.new is not True:
        return _finding("a-closed-room-is-not-returned", visitor, op, expected, _room(op), "again", room.life)
    if room is not None:
        return _finding("a-created-room-has-a-new-id", visitor, op, expected, _room(op), "again", room.life)
    if visitor.refused is not None:
        return _blame_refused_call(visitor, visitor.refused, op, expected)
    return _finding("newroom-is-true-for-a-created-room", visitor, op, expected, _room(op), "false")


def _blame_refused_call(visitor: Visitor, refused: int, op: Operation, expected: str) -> Finding:
    actual = f"{_room(op)}, after a refused call"
    return _finding(
        "a-refused-call-changes-nothing", visitor, op, expected, actual, "room", (*visitor.evidence, refused)
    )


def _blame_rid(visitor: Visitor, state: State, op: Operation, owners: dict[str, KnownRoom]) -> Finding:
    if op.answer is Answer.REFUSED or (state.known and op.rid == state.open):
        actual = _refusal(op) if op.answer is Answer.REFUSED else _room(op)
        sign = "refused" if op.answer is Answer.REFUSED else "another"
        return _finding("an-own-open-rid-is-returned", visitor, op, f"room {op.rid}, newRoom false", actual, sign)
    promise = rid_promise(visitor, state, op.rid or "", owners) if state.known else token_promise(visitor)
    owner, answered = owners.get(op.rid or ""), owners.get(op.room or "")
    if state.known and owner is None and answered is not None and answered.token != visitor.token:
        return _shared(visitor, op, answered)
    begun = owner.life if owner is not None else ()
    evidence = begun if state.known else (*begun, *visitor.evidence)
    return _finding(promise, visitor, op, "a refusal with status 400", _room(op), f"newRoom {op.new}", evidence)


def resume(state: State, op: Operation) -> Iterator[State]:
    """The states to go on with after a finding, so that one defect is not told twice."""
    yield state
    if op.answer is Answer.OK and op.room is not None:
        yield state._replace(known=True, open=op.room)
    elif op.kind is Kind.GET_OR_CREATE and state.open is None:
        yield state._replace(open=UNSEEN)


def obstacle(op: Operation, states: frozenset[State]) -> str | None:
    """What an administrator switches on, when the deployment's settings forbade a room.

    A call that names an agent may be refused because that one is not online, whoever else is.
    """
    if op.kind is not Kind.GET_OR_CREATE or op.answer is not Answer.REFUSED or op.error not in OBSTACLES:
        return None
    if op.named_agent and op.error == NO_AGENT:
        return None
    return OBSTACLES[op.error] if any(may_be_refused(op, state) for state in states) else None


def _room(op: Operation) -> str:
    new = {True: "true", False: "false", None: "missing"}[op.new]
    return f"room {op.room}, newRoom {new}"


def _refusal(op: Operation) -> str:
    return f"status {op.status}, error {shortened_value(op.error or 'missing', 60)}"


def _finding(  # noqa: PLR0913, PLR0917 - one finding has so many parts
    requirement: str,
    visitor: Visitor,
    op: Operation,
    expected: str,
    actual: str,
    sign: str,
    before: tuple[int, ...] = (),
) -> Finding:
    evidence = tuple(dict.fromkeys((*(before or visitor.evidence), op.number)))
    return Finding(requirement, expected, actual, evidence, visitor.token, signature=sign)
