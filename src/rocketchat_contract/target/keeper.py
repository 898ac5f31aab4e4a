"""Keeps the ledger while a run lives: which rooms and visitors it made, and which of them are gone again.

Read off the answers themselves, and off registrations before they leave: what is on its way may come to exist
although no answer tells. Pages on disk, when there are some, are written first.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import unquote

from rocketchat_contract.judge.operation import VISITOR_PATH, Answer, Kind, Operation, query_pairs
from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.target.pacer import date_of
from rocketchat_contract.target.transport import Call

GONE = frozenset({"invalid-token", "error-invalid-token"})
"""Refusals of a deletion that say that there is no such visitor."""


LATE = frozenset({504, 524})
"""Statuses of gateways that waited in vain: the server may still be at work."""

SLACK = 10
"""Seconds by which what is new may seem to be older than the answer before: a server's clocks differ."""


class Pages(Protocol):
    """Where entries go that must survive a crash."""

    def enter(self, **entry: str) -> None:
        """Write one entry through to the disk."""


@dataclass
class Keeper:
    """Rooms map to the name of their visitor's token, ``tokens`` names to real tokens; ``name_of`` masks.

    ``mark`` stands in the tokens that this run makes up, ``made_up`` holds those in which it cannot. ``foreign`` holds
    names of tokens that are not this run's: a generated one may be that of a real visitor, so their rooms are touched
    only when this run made them.
    ``doubtful`` holds visitors of whom a call had no clear outcome, ``last`` the moment (ns) of each one's last answer.
    ``unclear`` holds those whose call was given up while the server may still be at work on it, ``strangers`` those of
    somebody else, or of nobody, for whom the server made a room, with the number of that call. ``raced`` were deleted
    while they got a room, which may have outlived them. ``aliases`` names tokens that an answer showed uncalled for.
    """

    name_of: Callable[[str], str] = lambda token: token
    pages: Pages | None = None
    mark: str = ""
    made_up: set[str] = field(default_factory=set)
    rooms: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    visitors: dict[str, None] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)
    unclear: dict[str, None] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    strangers: dict[str, int] = field(default_factory=dict)
    raced: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    _asked_as: dict[str, str] = field(default_factory=dict)
    _last_room: dict[str, int] = field(default_factory=dict)
    _not_closed: dict[str, dict[str, None]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _date: str = ""
    _time: float = 0.0
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
        self._learn_time(op)

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
        if op.is_room_call and op.room is not None:
            self._note_room(op, op.room, name, token)
        elif op.kind is Kind.REGISTER:
            self._note_registration(op, name, token)
        elif op.kind is Kind.CLOSE and op.rid in self.rooms:
            self._close(op.rid)
        elif op.kind is Kind.DELETE and name in self.visitors:
            self._seen.difference_update(self._not_closed.get(name, ()))
            if self._last_room.get(name, 0) > op.exchange.started:
                self._race(name)
            self._delete(name)

    def _note_room(self, op: Operation, room: str, name: str, token: str) -> None:
        """A room that somebody else may have had is ours only when it is new; whoever of ours has one is there."""
        owner = _member(op.document, "v").get("token")
        if self._is_own(name, token) and (owner == name or (op.new is True and owner is None)):
            self._room(room, name, token)
            self._know(name, token)
            if name not in self.visitors:
                self.expect(name)
        elif op.new is True:
            self._note_new(op, room, str(owner or name), is_asked=owner in (None, name))

    def _note_nobodys(self, op: Operation) -> None:
        """A new room for a call that names nobody is closed as the visitor whom the server made up for it."""
        if op.is_room_call and op.answer is Answer.OK and op.room is not None and op.new is True:
            self._note_new(op, op.room, str(_member(op.document, "v").get("token") or ""), is_asked=True)

    def _note_new(self, op: Operation, room: str, owner: str, *, is_asked: bool) -> None:
        """A new room of somebody who is not this run's is closed as theirs, unless the answer was meant for another."""
        token = self.tokens.get(owner) or self.aliases.get(owner, owner)
        if self._is_own(owner, token):
            self._room(room, owner, token)
            return
        self.strangers.setdefault(owner, op.number)
        if is_asked and not self._is_older(op.document.get("ts")):
            self._room(room, owner, token)

    def _note_return(self, op: Operation) -> None:
        """Who gets a room by a call that began after the deletion is there again; one before may have raced it."""
        name = str(op.token)
        if not (op.is_room_call and op.answer is Answer.OK and op.room is not None):
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

    def _is_own(self, name: str, token: str) -> bool:
        """Whether a visitor is this run's: registered by it, or with a token that it made up; remembers others."""
        is_made_up = self.mark in token.lower() or token in self.made_up
        is_own = name in self.visitors or (is_made_up and name not in self.foreign)
        if not is_own:
            self.foreign.add(name)
        return is_own

    def _note_registration(self, op: Operation, name: str, token: str) -> None:
        """An answer with another token may show somebody who was there before, and is nobody of ours then."""
        sent = _member(json.loads(op.exchange.request.body or "{}"), "visitor")
        first = self._asked_as.setdefault(name, str(sent.get("token")))
        if name != sent.get("token") and (first != sent.get("token") or not self._is_fresh(op, name, sent)):
            self.disown(name)
            return
        self.foreign.discard(name)
        self._know(name, token)
        self.visitors[name] = None
        self.deleted.discard(name)
        self._perhaps_visitors.discard(name)

    def _is_fresh(self, op: Operation, name: str, sent: Mapping[str, Any]) -> bool:
        """Whether the visitor of an answer goes by the name that was sent, and was not there before."""
        came = _member(op.body, "visitor")
        is_named = came.get("name") == sent.get("name") or (came.get("name") is None and "ts" in came)
        return is_named and (name in self.visitors or not self._is_older(came.get("ts")))

    def _is_older(self, ts: object) -> bool:
        """Whether what is called new was made before, by the server's clock, or by ours when it shows none."""
        made = _moment(ts)
        return made is not None and made < (self._time or time.time()) - SLACK

    def _learn_time(self, op: Operation) -> None:
        response = op.exchange.response
        date = (response.header("date") or "") if response is not None else ""
        if date and date != self._date:
            self._date = date
            self._time = max(self._time, date_of(date) or 0.0)

    def disown(self, name: str) -> None:
        """A visitor taken for this run's is somebody who was there before, with all that they have."""
        self.foreign.add(name)
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
        is_own = self._is_own(name, token)
        if op.is_room_call and not op.rid:
            self._perhaps_rooms += 1
            self._know(name, token)
        if is_given_up(op) and is_own and name in self.tokens:
            self.unclear[name] = None
            self._enter(event="unclear", name=name)

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
            self._enter(event="token", name=name, token=token, own="no" if name in self.foreign else "yes")

    def _enter(self, **entry: str) -> None:
        if self.pages is not None:
            self.pages.enter(**entry)


def _moment(text: object) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None


def is_given_up(op: Operation) -> bool:
    """Whether a call was left alone that makes something, and that the server may still be at work on."""
    failure = op.exchange.failure
    is_alive = failure is not None and failure.sent and failure.kind in ("stopped", "timeout")
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
    token = sent.get("token") if path != VISITOR_PATH else _member(sent, "visitor").get("token")
    return token if isinstance(token, str) else ""


def _member(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}
