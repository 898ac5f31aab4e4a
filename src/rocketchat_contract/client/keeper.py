"""Keeps the ledger while a run lives: which rooms and visitors it made, and which of them are gone again.

Read off the answers themselves, and off registrations before they leave: what is on its way may come to exist
although no answer tells. Pages on disk, when there are some, are written first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote

from rocketchat_contract.client.ownership import Ownership
from rocketchat_contract.client.transport import Call
from rocketchat_contract.judge.operation import VISITOR_PATH, Answer, Kind, Operation, member
from rocketchat_contract.judge.query import query_pairs
from rocketchat_contract.record.ledger import Ledger

GONE = frozenset({"invalid-token", "error-invalid-token"})
"""Refusals of a deletion that say that there is no such visitor."""


LATE = frozenset({504, 524})
"""Statuses of gateways that waited in vain: the server may still be at work."""

LONGEST_WORK = 60 * 10**9
"""Nanoseconds after which no server is at work any more on a call whose connection was closed: a gateway's patience."""


class Pages(Protocol):
    """Where entries go that must survive a crash."""

    def enter(self, **entry: str) -> None:
        """Write one entry through to the disk."""


@dataclass
class Keeper:
    """Rooms map to the name of their visitor's token, ``tokens`` names to real tokens; ``name_of`` masks.

    ``whose`` tells which visitors are this run's; the rooms of others are touched only when this run made them.
    ``doubtful`` holds visitors of whom a call had no clear outcome, ``last`` the moment (ns) of each one's last answer.
    ``unclear`` holds those whose call was given up while the server may still be at work on it, ``cut`` those of them
    of whom only connections were closed, with the last moment (ns); ``raced`` those who were deleted while they got a
    room, which may have outlived them.
    """

    name_of: Callable[[str], str] = lambda token: token
    pages: Pages | None = None
    whose: Ownership = field(default_factory=Ownership)
    rooms: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    visitors: dict[str, None] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    unclear: dict[str, None] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    raced: set[str] = field(default_factory=set)
    _last_room: dict[str, int] = field(default_factory=dict)
    _not_closed: dict[str, dict[str, None]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _perhaps_rooms: int = 0
    _perhaps_visitors: set[str] = field(default_factory=set)

    def before(self, call: Call) -> None:
        """Take note of a call that is about to leave: from a registration on a visitor may exist."""
        if call.method == "POST" and call.target == VISITOR_PATH:
            token = token_of(call)
            if token:
                self._expect_again(self.name_of(token), token)

    def note(self, op: Operation, token: str) -> None:
        """Take note of what a call did, or may have done; ``token`` is the real one behind the operation's."""
        if not op.token or not token:
            self._note_nobodys(op)
        else:
            self._note_of(op, op.token, token)
        self.whose.learn_time(op)

    def _note_of(self, op: Operation, name: str, token: str) -> None:
        self._note_return(op)
        self.last[name] = op.exchange.ended
        if op.answer is Answer.OK:
            self._note_effect(op, token)
        elif op.answer is Answer.UNKNOWN:
            self._note_doubt(op, token)
        elif op.kind is Kind.CLOSE and op.error == "room-closed" and op.rid in self.rooms:
            self._close(op.rid)
        elif op.kind is Kind.DELETE and op.error in GONE:
            self._gone(name)
            self._settle(op, name)

    def rooms_made(self) -> int:
        """How many rooms may exist, or have existed, through this run."""
        return len(self.rooms) + self._perhaps_rooms

    def found(self, room: str, name: str) -> None:
        """A room shows up as open for a visitor of this run, whatever answers said before."""
        self._room(room, name, self.tokens[name])
        self.closed.discard(room)
        self._not_closed[self.rooms[room]][room] = None
        self._seen.add(room)
        if name in self.deleted:
            self._enter(event="seen", room=room)

    def opened(self, room: str, name: str) -> None:
        """A room of a visitor exists."""
        self.rooms[room] = name
        self._not_closed.setdefault(name, {})[room] = None

    def shut(self, room: str) -> None:
        """A room is closed."""
        self.closed.add(room)
        self._not_closed.get(self.rooms.get(room, ""), {}).pop(room, None)

    def expect(self, name: str) -> None:
        """A visitor of this run may exist, or may not."""
        self.visitors[name] = None
        self._perhaps_visitors.add(name)

    def open_rooms(self, name: str | None = None) -> list[str]:
        """Ids of rooms that are not closed yet, of one visitor or of all; a deletion erases what nobody sees later."""
        if name is not None:
            return [room for room in self._not_closed.get(name, ()) if name not in self.deleted or room in self._seen]
        shown = (room for room, owner in self.rooms.items() if owner not in self.deleted or room in self._seen)
        return [room for room in shown if room not in self.closed]

    def owners(self) -> list[str]:
        """Names of all who may have something on the server, visitors to delete and others with open rooms."""
        with_rooms = [self.rooms[room] for room in self.open_rooms()]
        return list(dict.fromkeys([*self.present_visitors(), *with_rooms, *sorted(self.raced)]))

    def present_visitors(self) -> list[str]:
        """Names of visitors to delete."""
        return [name for name in self.visitors if name not in self.deleted]

    @property
    def leaves_something(self) -> bool:
        """Whether something of this run is on the server, or may still come to be there."""
        return bool(self.open_rooms() or self.present_visitors() or self.unclear)

    def look_again(self, name: str) -> None:
        """Of a visitor a call was given up at the end of a run: whatever was done, there may be something by now."""
        self.deleted.discard(name)
        self.expect(name)

    def ledger(self) -> Ledger:
        """The account as it stands."""
        rooms_left, visitors_left = tuple(self.open_rooms()), tuple(self.present_visitors())
        return Ledger(
            rooms_created=len(self.rooms),
            rooms_closed=len(self.rooms) - len(rooms_left),
            rooms_left=rooms_left,
            visitors_created=len(self.visitors),
            visitors_deleted=len(self.visitors) - len(visitors_left),
            visitors_left=visitors_left,
            unclear=tuple(self.unclear),
        )

    def _note_effect(self, op: Operation, token: str) -> None:
        name = str(op.token)
        room = _room_shown(op)
        if room is not None:
            self._note_room(op, room, name, token)
        elif op.kind is Kind.REGISTER:
            self._note_registration(op, name, token)
        elif op.kind is Kind.CLOSE and op.rid in self.rooms:
            self._close(op.rid)
        elif op.kind is Kind.DELETE and name in self.visitors:
            self._seen.difference_update(self._not_closed.get(name, ()))
            if self._last_room.get(name, 0) > op.exchange.started:
                self._race(name)
            self._delete(name)
            self._settle(op, name)

    def _note_room(self, op: Operation, room: str, name: str, token: str) -> None:
        """A room that somebody else may have had is ours only when it is new; whoever of ours has one is there."""
        owner = member(op.document, "v").get("token")
        if self.whose.is_own(name, token, self.visitors) and (owner == name or (op.new is True and owner is None)):
            self._room(room, name, token)
            self._know(name, token)
            if name not in self.visitors:
                self.expect(name)
        elif op.new is True:
            self._note_new(op, room, str(owner or name), is_asked=owner in (None, name))

    def _note_nobodys(self, op: Operation) -> None:
        """A new room for a call that names nobody is closed as the visitor whom the server made up for it."""
        room = _room_shown(op)
        if room is not None and op.new is True:
            self._note_new(op, room, str(member(op.document, "v").get("token") or ""), is_asked=True)

    def _note_new(self, op: Operation, room: str, owner: str, *, is_asked: bool) -> None:
        """A new room of somebody who is not this run's is closed as theirs, unless the answer was meant for another."""
        token = self.tokens.get(owner) or self.whose.aliases.get(owner, owner)
        if self.whose.is_own(owner, token, self.visitors):
            self._room(room, owner, token)
            return
        self.whose.strangers.setdefault(owner, op.number)
        if is_asked and self.whose.is_new(op.document.get("ts")):
            self._room(room, owner, token)

    def _note_return(self, op: Operation) -> None:
        """Who gets a room by a call that began after the deletion is there again; one before may have raced it."""
        name = str(op.token)
        if _room_shown(op) is None:
            return
        self._last_room[name] = max(self._last_room.get(name, 0), op.exchange.ended)
        if name in self.deleted and op.exchange.started >= self.last.get(name, 0):
            self.deleted.discard(name)
            self._enter(event="unclear", name=name)
        elif name in self.deleted:
            self._race(name)

    def _race(self, name: str) -> None:
        self.raced.add(name)
        self._enter(event="raced", name=name)

    def _expect_again(self, name: str, token: str) -> None:
        """A visitor is about to be registered, perhaps after a deletion, which counts no more then."""
        self._know(name, token)
        if name in self.deleted:
            self._enter(event="unclear", name=name)

    def _note_registration(self, op: Operation, name: str, token: str) -> None:
        if self.whose.is_somebody_else(op, name, self.visitors):
            self.disown(name)
            return
        self.whose.foreign.discard(name)
        self._know(name, token)
        self.visitors[name] = None
        self.deleted.discard(name)
        self._perhaps_visitors.discard(name)

    def disown(self, name: str) -> None:
        """A visitor taken for this run's is somebody who was there before, with all that they have."""
        self.whose.foreign.add(name)
        self.visitors.pop(name, None)
        for room in [room for room, owner in self.rooms.items() if owner == name]:
            del self.rooms[room]
        self._not_closed.pop(name, None)
        self._enter(event="foreign", name=name)

    def _note_doubt(self, op: Operation, token: str) -> None:
        name = str(op.token)
        self.doubtful.add(name)
        if op.kind is Kind.REGISTER and name not in self.visitors:
            self.expect(name)
        is_own = self.whose.is_own(name, token, self.visitors)
        if op.is_room_call and not op.rid:
            self._perhaps_rooms += 1
            self._know(name, token)
        if is_given_up(op) and is_own and name in self.tokens:
            self._give_up(op, name)

    def _give_up(self, op: Operation, name: str) -> None:
        """A call may take effect later; a room of it also after its visitor's deletion."""
        failure = op.exchange.failure
        if failure is not None and failure.kind == "closed" and (name in self.cut or name not in self.unclear):
            self.cut[name] = op.exchange.ended
        else:
            self.cut.pop(name, None)
        self.unclear[name] = None
        self._enter(event="unclear", name=name)
        if op.is_room_call:
            self._enter(event="raced", name=name)

    def _settle(self, deletion: Operation, name: str) -> None:
        """Whoever is deleted so long after a connection was closed has nothing that is still to come."""
        if deletion.exchange.started - self.cut.get(name, deletion.exchange.started) > LONGEST_WORK:
            self.unclear.pop(name, None)

    def _gone(self, name: str) -> None:
        if name in self._perhaps_visitors:
            del self.visitors[name]
            self._perhaps_visitors.discard(name)
        elif name in self.visitors:
            self._delete(name)

    def _room(self, room: str, name: str, token: str) -> None:
        if room not in self.rooms:
            self.opened(room, name)
            self._know(name, token)
            self._enter(event="room", room=room, name=name)

    def _close(self, room: str) -> None:
        self.shut(room)
        self._enter(event="closed", room=room)

    def _delete(self, name: str) -> None:
        self.deleted.add(name)
        self._enter(event="deleted", name=name)

    def _know(self, name: str, token: str) -> None:
        if name not in self.tokens:
            self.tokens[name] = token
            self._enter(event="token", name=name, token=token, own="no" if name in self.whose.foreign else "yes")

    def _enter(self, **entry: str) -> None:
        if self.pages is not None:
            self.pages.enter(**entry)


def _room_shown(op: Operation) -> str | None:
    """The id of the room that a room call was answered with."""
    return op.room if op.is_room_call and op.answer is Answer.OK else None


def is_given_up(op: Operation) -> bool:
    """Whether a call was left alone that makes something, and that the server may still be at work on."""
    failure = op.exchange.failure
    is_alive = failure is not None and failure.sent and failure.kind in ("stopped", "timeout", "closed")
    makes = op.kind is Kind.REGISTER or (op.is_room_call and not op.rid)
    return makes and (op.status in LATE or (is_alive and op.exchange.response is None))


def token_of(call: Call) -> str:
    """The real token that a call speaks for; empty when it names none."""
    path, _, query = call.target.partition("?")
    if path.startswith(f"{VISITOR_PATH}/"):
        return unquote(path.removeprefix(f"{VISITOR_PATH}/"))
    if call.body is None:
        return next((value for name, value in query_pairs(query) if name == "token"), "")
    sent = json.loads(call.body)
    token = sent.get("token") if path != VISITOR_PATH else member(sent, "visitor").get("token")
    return token if isinstance(token, str) else ""
