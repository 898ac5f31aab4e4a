"""Keeps the ledger while a run lives: reads off calls and answers what became of its rooms and visitors.

What may come to exist although no answer tells is noted before its call leaves. Each event is on disk, when there is a
ledger on disk, before it counts here; what is left is the fold of all of them. Answers are read as they came: nothing
that hides secrets stands in between.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Protocol

from rocketchat_contract.client.address import path_segment
from rocketchat_contract.client.outcome import failure_reason, is_given_up, may_be_done_unseen, shown_config, token_of
from rocketchat_contract.client.ownership import Ownership
from rocketchat_contract.client.resources import Presence, Resources
from rocketchat_contract.client.transport import Call
from rocketchat_contract.judge.operation import Answer, Kind, Operation, member, sent_of
from rocketchat_contract.judge.query import query_pairs
from rocketchat_contract.record import events
from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.record.redactor import Mask
from rocketchat_contract.rocketchat.error_codes import GONE, ROOM_CLOSED
from rocketchat_contract.rocketchat.paths import CONFIG_PATH, ROOM_PATH, VISITOR_PATH

LONGEST_WORK = 60 * 10**9
"""Nanoseconds after which no server is at work any more on a call whose connection was closed: a gateway's patience."""


class Pages(Protocol):
    """Where events go that must survive a crash."""

    def write(self, event: events.Event) -> None:
        """Write an event through to the disk."""


@dataclass
class Times:
    """When calls were answered, in nanoseconds: whether two of them overlapped shows only here.

    ``last`` is each visitor's last answer, ``shown`` the last that showed a room. ``deleting`` holds those for whom a
    deletion has left since they were registered, ``deleted`` when it was answered. ``cut`` tells when the connection of
    a call was closed, of those only to whom nothing else happened.
    """

    last: dict[str, int] = field(default_factory=dict)
    shown: dict[str, int] = field(default_factory=dict)
    registered: dict[str, int] = field(default_factory=dict)
    deleting: set[str] = field(default_factory=set)
    deleted: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)


@dataclass
class ResourceTracker:
    """Visitors go by the names of their tokens, which ``mask`` gives; ``whose`` tells which are this run's.

    ``doubtful`` holds visitors of whom a call had no clear outcome. The rooms of others are touched only when this run
    made them. Calls come from several threads.
    """

    mask: Mask
    pages: Pages | None = None
    owners: Ownership = field(default_factory=Ownership)
    resources: Resources = field(default_factory=Resources)
    doubtful: set[str] = field(default_factory=set)
    times: Times = field(default_factory=Times)
    _names: dict[str, str] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        for name, visitor in self.resources.visitors.items():
            self._names[visitor.token] = name
            if not visitor.own:
                self.owners.foreign.add(visitor.token)

    def before(self, call: Call) -> None:
        """Take note of a call that is about to leave: from then on there may be something that nobody tells of."""
        token = token_of(call)
        path = call.target.partition("?")[0]
        with self._lock:
            if not token:
                return
            if call.method == "POST" and path == VISITOR_PATH:
                self._expect(token)
            elif call.method == "DELETE":
                self._await_deletion(self.name_of(token))
            elif path == ROOM_PATH and self.owners.is_made_up(token):
                self._ask(self.name_of(token), token)

    def note(self, op: Operation) -> None:
        """Take note of what a call did, or may have done."""
        with self._lock:
            if op.kind is Kind.REGISTER:
                self._note_registration(op)
            elif op.kind is Kind.CLOSE:
                self._note_close(op)
            elif op.kind is Kind.DELETE and op.token:
                self._note_deletion(op, self.name_of(op.token))
            elif op.is_room_call:
                self._note_room_call(op)
            elif op.kind is Kind.MESSAGE and op.token:
                self._note_denial(op, self.name_of(op.token))
            else:
                self._note_look(op)
            if op.token:
                self.times.last[self.name_of(op.token)] = op.exchange.ended
            self.owners.learn_time(op)

    def name_of(self, token: str) -> str:
        """The name that a token goes by, the same for good once it stands in the ledger, and no other token's.

        A token that is spelled otherwise, such as encoded once more, may be masked as the one that it resembles.
        """
        name = self._names.get(token) or self._masked(token)
        while self.token_of(name) not in ("", token):
            name += "'"
        return name

    def token_of(self, name: str) -> str:
        """The token behind a name of the ledger."""
        return self.resources.visitor(name).token

    def rooms_made(self) -> int:
        """How many rooms may exist, or have existed, through this run."""
        return len(self.resources.owners) + self.resources.perhaps

    def found(self, room: str, name: str) -> None:
        """A room shows up as open for a visitor of this run, whatever answers said before."""
        with self._lock:
            self._tell(events.RoomSeen(self.resources.owners.get(room, name), room))

    def leave(self, name: str, why: str) -> None:
        """A visitor and its open rooms are left, for a reason that their own answers do not tell."""
        with self._lock:
            for room in self.resources.unexplained_rooms(name):
                self._tell(events.ClosingFailed(name, room, why))
            self._tell(events.DeletionFailed(name, why))

    def resume(self) -> None:
        """Go on with what another process left: calls that it gave up are over."""
        with self._lock:
            self._tell(events.Resumed())

    @property
    def tokens(self) -> dict[str, str]:
        """Real tokens by their names."""
        return {name: visitor.token for name, visitor in self.resources.visitors.items()}

    @property
    def leaves_something(self) -> bool:
        """Whether something of this run is on the server, or may still come to be there."""
        return not self.resources.ledger().is_clean

    def ledger(self) -> Ledger:
        """The ledger as it stands, with every secret in it replaced."""
        with self._lock:
            return self.resources.ledger().masked(self._masked)

    def _masked(self, text: str) -> str:
        try:
            return self.mask.text(text)
        except ValueError:
            return self.mask.add_token(text)

    def _expect(self, token: str) -> None:
        """A visitor is about to be registered, perhaps after a deletion, which counts no more then."""
        name = self.mask.add_token(token) if token not in self._names else self._names[token]
        self._know(name, token)
        self._tell(events.Registering(name))
        self.times.deleting.discard(name)

    def _note_registration(self, op: Operation) -> None:
        sent = member(sent_of(op.exchange.request), "visitor").get("token")
        asked = self._names.get(sent) if isinstance(sent, str) else None
        if op.answer is Answer.UNKNOWN:
            self._doubt(op, asked)
        elif asked is not None and (op.answer is not Answer.OK or op.token != sent):
            self._tell(events.NotRegistered(asked))
            if op.answer is Answer.OK:  # the answer may be wrong: a look will show
                self._tell(events.Asking(asked))
        if op.answer is Answer.OK and op.token:
            self._note_registered(op, op.token)

    def _note_registered(self, op: Operation, token: str) -> None:
        known = self.resources.visitor(self._names.get(token, ""))
        if self.owners.is_somebody_else(op, token, is_registered=known.own and bool(known.ever or known.asked)):
            self.disown(token)
            return
        self.owners.foreign.discard(token)
        name = self._names.get(token) or self.mask.add_token(token)
        self._know(name, token)
        self._tell(events.Registered(name))
        self.times.registered[name] = op.exchange.ended

    def disown(self, token: str) -> None:
        """A visitor taken for this run's is somebody who was there before, with all that they have."""
        self.owners.foreign.add(token)
        if token in self._names:
            self._tell(events.Disowned(self._names[token]))

    def _ask(self, name: str, token: str) -> None:
        """A room call is about to leave for somebody who is not there: nobody else would look for a room of theirs."""
        if self.resources.presence(name) in (Presence.NEVER, Presence.GONE):
            self._know(name, token)
            self._tell(events.Asking(name))

    def _note_room_call(self, op: Operation) -> None:
        if op.token and self.resources.visitor(self.name_of(op.token)).asking:
            self._tell(events.NotOpened(self.name_of(op.token)))
        if op.answer is Answer.OK and op.room is not None:
            self._note_room(op, op.room)
        elif op.answer is Answer.UNKNOWN and not op.rid:
            self._note_lost_room(op)
        elif op.token:
            self._note_no_room(op, self.name_of(op.token))

    def _note_room(self, op: Operation, room: str) -> None:
        """A room that somebody else may have had is ours only when it is new; whoever of ours has one is there."""
        token, owner = op.token or "", member(op.document, "v").get("token")
        name = self.name_of(token)
        if token and self._is_own(token) and (owner == token or (op.new is True and owner is None)):
            self._know(name, token)
            self._note_return(op, name)
            self._shown(room, name)
        elif op.new is True:
            owner = owner if isinstance(owner, str) else token
            self._note_new(op, room, owner, is_asked=not token or owner == token)

    def _note_new(self, op: Operation, room: str, owner: str, *, is_asked: bool) -> None:
        """A new room of somebody who is not this run's is closed as theirs, unless the answer was meant for another.

        That is one whom the server made up as well, for a call that names nobody.
        """
        if self._is_own(owner):
            name = self.name_of(owner)
            self._know(name, owner)
            self._shown(room, name)
            return
        self.owners.strangers.setdefault(owner, op.number)
        if is_asked and self.owners.is_new(op.document.get("ts")):
            self._know(self.name_of(owner), owner)
            self._shown(room, self.name_of(owner))

    def _shown(self, room: str, name: str) -> None:
        if room not in self.resources.owners:
            self._tell(events.RoomShown(name, room))

    def _note_return(self, op: Operation, name: str) -> None:
        """Who gets a room by a call that began after the deletion is there again; one before may have raced it."""
        self.times.shown[name] = max(self.times.shown.get(name, 0), op.exchange.ended)
        if name in self.times.deleted and op.exchange.started < self.times.deleted[name]:
            self._tell(events.Raced(name))
        else:
            self._there(name)

    def _there(self, name: str) -> None:
        """A visitor shows itself; whoever was said to be gone is so, as it seems, on some servers only.

        Unless routers may read the token in a deletion's path as another one.
        """
        visitor = self.resources.visitor(name)
        if visitor.denied and visitor.known and "%" not in path_segment(visitor.token):
            self._tell(events.Contradicted(name))
        if visitor.own:
            self._tell(events.Present(name))

    def _note_lost_room(self, op: Operation) -> None:
        if op.token and self._is_own(op.token):
            self._know(self.name_of(op.token), op.token)
            self._tell(events.MayHaveOpened(self.name_of(op.token)))
            self._doubt(op, self.name_of(op.token))
        else:
            self._tell(events.MayHaveOpened(""))

    def _note_no_room(self, op: Operation, name: str) -> None:
        """A refusal beside a deletion may hide a room that was made before it."""
        until = self.times.deleted.get(name, op.exchange.ended) if name in self.times.deleting else 0
        if op.answer is Answer.REFUSED and not op.rid and op.exchange.started < until:
            self._tell(events.MayHaveOpened(name))
            self._tell(events.Raced(name))
        self._note_denial(op, name)

    def _note_denial(self, op: Operation, name: str) -> None:
        """Nobody deleted a visitor who was registered, and an answer says that there is no such visitor."""
        visitor = self.resources.visitor(name)
        is_plain = op.query is None or op.asks_plainly
        since = self.times.registered.get(name)
        is_denied = op.answer is Answer.REFUSED and op.error in GONE and is_plain
        if is_denied and visitor.known and name not in self.times.deleting and since and op.exchange.started >= since:
            self._tell(events.Contradicted(name))

    def _note_look(self, op: Operation) -> None:
        """What the widget's configuration shows of a visitor: whether they are there, and their open room."""
        path, _, query = op.exchange.request.target.partition("?")
        name = self._names.get(dict(query_pairs(query)).get("token", "")) if path == CONFIG_PATH else None
        config = shown_config(op)
        if name is None or config is None:
            return
        if isinstance(config.get("guest"), dict):
            self._there(name)
            self._tell(events.ShownByConfig(name))
        else:
            self._tell(events.Unseen(name))
        room = config.get("room")
        room_id = room.get("_id") if isinstance(room, dict) and room.get("open") is not False else None
        self._tell(events.NoneOpen(name)) if not isinstance(room_id, str) else self.found(room_id, name)

    def _note_close(self, op: Operation) -> None:
        name = self.resources.owners.get(op.rid or "")
        if op.rid is None or name is None:
            return
        if op.answer is Answer.OK or op.error == ROOM_CLOSED:
            self._tell(events.RoomClosed(name, op.rid))
            return
        self._note_denial(op, name)
        if op.rid in self.resources.open_rooms(name):
            self._tell(events.ClosingFailed(name, op.rid, failure_reason(op)))

    def _await_deletion(self, name: str) -> None:
        self.times.deleting.add(name)
        self.times.deleted.pop(name, None)

    def _note_deletion(self, op: Operation, name: str) -> None:
        if name not in self.resources.visitors:
            return
        self.times.deleted[name] = op.exchange.ended
        if op.answer is Answer.OK:
            if self.times.shown.get(name, 0) > op.exchange.started:
                self._tell(events.Raced(name))
            self._tell(events.Deleted(name))
            self._settle(op, name)
        elif op.answer is Answer.REFUSED and op.error in GONE:
            self._tell(events.Absent(name))
            self._settle(op, name)
        else:
            if may_be_done_unseen(op):
                self._tell(events.DeletionLost(name))
            self._tell(events.DeletionFailed(name, failure_reason(op)))
            if op.answer is not Answer.UNKNOWN:
                self.times.deleting.discard(name)

    def _settle(self, deletion: Operation, name: str) -> None:
        """Whoever is deleted so long after a connection was closed has nothing that is still to come."""
        if deletion.exchange.started - self.times.cut.get(name, deletion.exchange.started) > LONGEST_WORK:
            self._tell(events.Settled(name))

    def _doubt(self, op: Operation, name: str | None) -> None:
        """A call had no clear outcome; one that was given up may take effect later, also after a deletion."""
        if name is None:
            return
        self.doubtful.add(name)
        if not is_given_up(op, opens=self.resources.may_get_a_room(name)):
            return
        failure = op.exchange.failure
        is_first = name in self.times.cut or not self.resources.visitor(name).pending
        if failure is not None and failure.kind == "closed" and is_first:
            self.times.cut[name] = op.exchange.ended
        else:
            self.times.cut.pop(name, None)
        self._tell(events.GivenUp(name))

    def _is_own(self, token: str) -> bool:
        known = self.resources.visitor(self._names.get(token, ""))
        is_registered = bool(known.token) and known.own and bool(known.ever or known.asked)
        return self.owners.is_own(token, is_registered=is_registered)

    def _know(self, name: str, token: str) -> None:
        known, own = self.resources.visitor(name), token not in self.owners.foreign
        if (known.token, known.own) != (token, own):
            self._tell(events.Named(name, token, own))
        self._names[token] = name

    def _tell(self, event: events.Event) -> None:
        if self.resources.tells_nothing_new(event):
            return
        if self.pages is not None:
            self.pages.write(event)
        self.resources.apply(event)
