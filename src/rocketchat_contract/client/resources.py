"""What a run has on its target: a fold over the events of its ledger, the same live and read back from disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from rocketchat_contract.record.events import (
    Absent,
    Asking,
    ClosingFailed,
    Contradicted,
    Deleted,
    DeletionFailed,
    DeletionLost,
    Disowned,
    Event,
    GivenUp,
    MayHaveOpened,
    Named,
    NoneOpen,
    NotOpened,
    NotRegistered,
    OfVisitor,
    Present,
    Raced,
    Registered,
    Registering,
    Resumed,
    RoomClosed,
    RoomSeen,
    RoomShown,
    Settled,
    ShownByConfig,
    Unseen,
)
from rocketchat_contract.record.ledger import Ledger


class Presence(StrEnum):
    """Whether a visitor is on the target, as far as answers tell."""

    NEVER = "was never there through this run"
    LEFT = "is there, or may be"
    UNCONFIRMED = "is said to be gone, which is not confirmed"
    GONE = "was there and is gone"


@dataclass(frozen=True, slots=True)
class TrackedRoom:
    """A room; ``seen`` says that it was seen open, so that its visitor's deletion did not erase it.

    ``missed`` says that the last look at its visitor did not show it, so that it may be closed whatever its own close
    was answered.
    """

    is_open: bool = True
    seen: bool = False
    missed: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class VisitorState:
    """What is known of a visitor.

    ``asked`` counts registrations without a clear answer, ``unsure`` those of them before an answer denied the
    visitor; ``copies`` how many the target may hold, if its servers do not share them. ``known`` says that the visitor
    was there last, ``ever`` that it was once. ``denied`` and ``unseen`` say who tells that it is gone: the answer to a
    deletion, and a look; ``lost`` that a deletion may have been done of which no answer tells. ``hidden`` counts calls
    that may have made a room which nobody saw, ``asking`` says that one is under way. ``pending`` says that a call was
    given up, ``raced`` that it was deleted while it got a room, and ``why`` why it could not be deleted.
    """

    token: str = ""
    own: bool = True
    asked: int = 0
    unsure: int = 0
    copies: int = 0
    known: bool = False
    ever: bool = False
    denied: bool = False
    unseen: bool = False
    lost: bool = False
    hidden: int = 0
    asking: bool = False
    pending: bool = False
    raced: bool = False
    why: str = ""
    rooms: Mapping[str, TrackedRoom] = field(default_factory=dict)


UNKNOWN = VisitorState()


def _there(was: VisitorState) -> VisitorState:
    shown = replace(was, known=True, ever=True, copies=max(was.copies, 1), asking=False)
    return replace(shown, denied=False, unseen=False, lost=False)


def _deleted(was: VisitorState) -> VisitorState:
    """A deletion erases the rooms, of which a race may have kept one."""
    return replace(
        was,
        asked=0,
        unsure=max(was.unsure - (not was.copies), 0),
        copies=max(was.copies - 1, 0),
        known=False,
        ever=True,
        denied=False,
        unseen=False,
        lost=False,
        hidden=was.hidden if was.raced else 0,
        asking=False,
        why="",
        rooms={room: replace(state, is_open=False, seen=False) for room, state in was.rooms.items()},
    )


def _denied(was: VisitorState) -> VisitorState:
    """Whoever was never there has no room either."""
    kept = was.hidden if was.raced or was.known else 0
    rooms = {room: replace(state, seen=False) for room, state in was.rooms.items()}
    return replace(was, denied=True, asked=0, unsure=was.unsure + was.asked, hidden=kept, asking=False, rooms=rooms)


def _resumed(was: VisitorState) -> VisitorState:
    """What a call that was given up did shows when the visitor is looked at, as one who is registered."""
    return replace(was, pending=False, raced=True, asked=max(was.asked, 1), denied=False, unseen=False)


def _asked(was: VisitorState, by: int) -> VisitorState:
    return replace(was, asked=max(was.asked + by, 0))


def _room(was: VisitorState, room: str, **changes: Any) -> VisitorState:
    """A room that is known already changes."""
    if room not in was.rooms:
        return was
    return replace(was, rooms={**was.rooms, room: replace(was.rooms[room], **changes)})


def _missed(was: VisitorState) -> dict[str, TrackedRoom]:
    """The rooms when a look shows none of them; one that an earlier look showed may be there all the same."""
    return {room: replace(state, missed=not state.seen) for room, state in was.rooms.items()}


def _seen(was: VisitorState, room: str) -> VisitorState:
    """A room that turns up explains one of the calls that may have made one."""
    is_explained = room not in was.rooms and was.hidden > 0
    shown = replace(was.rooms.get(room, TrackedRoom()), is_open=True, seen=True, missed=False)
    rooms = {**_missed(was), room: shown}
    return replace(was, hidden=was.hidden - is_explained, rooms=rooms)


_STEPS: Mapping[type[Event], Callable[[VisitorState, Any], VisitorState]] = {
    Named: lambda was, now: replace(was, token=now.token, own=now.own),
    Registering: lambda was, _: replace(_asked(was, 1), denied=False, unseen=False),
    Registered: lambda was, _: replace(_asked(_there(was), -1), copies=was.copies + 1),
    NotRegistered: lambda was, _: _asked(was, -1),
    Present: lambda was, _: _there(was),
    ShownByConfig: lambda was, _: _there(was),
    Deleted: lambda was, _: _deleted(was),
    Absent: lambda was, _: _denied(was),
    Unseen: lambda was, _: replace(was, unseen=True),
    DeletionFailed: lambda was, now: replace(was, why=now.reason),
    DeletionLost: lambda was, _: replace(was, lost=True),
    Disowned: lambda was, _: VisitorState(was.token, own=False),
    Asking: lambda was, _: replace(was, asking=True),
    NotOpened: lambda was, _: replace(was, asking=False),
    MayHaveOpened: lambda was, _: replace(was, asking=False, hidden=was.hidden + 1),
    NoneOpen: lambda was, _: replace(was, asking=False, hidden=0, raced=False, rooms=_missed(was)),
    Raced: lambda was, _: replace(was, raced=True, hidden=max(was.hidden, 1)),
    GivenUp: lambda was, _: replace(was, pending=True),
    Settled: lambda was, _: replace(was, pending=False),
    Resumed: lambda was, _: _resumed(was) if was.pending else was,
    RoomShown: lambda was, now: replace(
        was, asking=False, rooms={**was.rooms, now.room: was.rooms.get(now.room, TrackedRoom())}
    ),
    RoomSeen: lambda was, now: _seen(was, now.room),
    RoomClosed: lambda was, now: _room(was, now.room, is_open=False, seen=False, why=""),
    ClosingFailed: lambda was, now: _room(was, now.room, why=now.reason),
}


def apply(visitor: VisitorState, event: Event) -> VisitorState:
    """What is known of a visitor after an event that concerns it."""
    known = _STEPS.get(type(event))
    return visitor if known is None else known(visitor, event)


@dataclass
class Resources:
    """The visitors and rooms of a run, by their names and ids; ``owners`` tells whose a room is.

    ``contradictory`` says that answers deny what others confirmed, ``shows_guests`` that the widget's configuration
    shows visitors who are there, ``perhaps`` how many calls may have made rooms that no answer showed.
    """

    visitors: dict[str, VisitorState] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    perhaps: int = 0
    contradictory: bool = False
    shows_guests: bool = False

    @classmethod
    def of(cls, events: Iterable[Event]) -> Resources:
        """What is left after these events."""
        made = cls()
        for event in events:
            made.apply(event)
        return made

    def apply(self, event: Event) -> None:
        """Take note of one event more."""
        self.perhaps += isinstance(event, MayHaveOpened)
        self.contradictory |= isinstance(event, Contradicted)
        self.shows_guests |= isinstance(event, ShownByConfig)
        if isinstance(event, Resumed):
            self.visitors = {name: apply(visitor, event) for name, visitor in self.visitors.items()}
        elif isinstance(event, OfVisitor | Named) and event.name:
            self._apply_to(event.name, event)

    def _apply_to(self, name: str, event: Event) -> None:
        self.visitors[name] = apply(self.visitor(name), event)
        if isinstance(event, RoomShown | RoomSeen):
            self.owners.setdefault(event.room, name)
        elif isinstance(event, Disowned):
            self.owners = {room: owner for room, owner in self.owners.items() if owner != name}

    def tells_nothing_new(self, event: Event) -> bool:
        """Whether all would stay as it is after an event."""
        if isinstance(event, MayHaveOpened | Resumed) or not isinstance(event, OfVisitor | Named):
            return False
        if (isinstance(event, Contradicted) and not self.contradictory) or (
            isinstance(event, ShownByConfig) and not self.shows_guests
        ):
            return False
        known = self.visitors.get(event.name)
        return known is not None and apply(known, event) == known

    def visitor(self, name: str) -> VisitorState:
        """What is known of a visitor."""
        return self.visitors.get(name, UNKNOWN)

    def presence(self, name: str) -> Presence:
        """Whether a visitor of this run is there; of somebody else it is never said to be."""
        visitor = self.visitor(name)
        if not visitor.own:
            return Presence.NEVER
        if self.contradictory and visitor.copies + visitor.asked + visitor.unsure:
            return Presence.UNCONFIRMED
        if not (visitor.known or visitor.asked):
            return Presence.GONE if visitor.ever else Presence.NEVER
        if not visitor.denied:
            return Presence.UNCONFIRMED if visitor.lost else Presence.LEFT
        if not visitor.known:
            return Presence.GONE if visitor.ever else Presence.NEVER
        is_gone = visitor.lost or (visitor.unseen and self.shows_guests)
        return Presence.GONE if is_gone else Presence.UNCONFIRMED

    def to_delete(self) -> list[str]:
        """Names of visitors who are there, or may be."""
        return [name for name in self.visitors if self.is_to_delete(name)]

    def is_to_delete(self, name: str) -> bool:
        """Whether a visitor is there, or may be."""
        return self.presence(name) in (Presence.LEFT, Presence.UNCONFIRMED)

    def open_rooms(self, name: str | None = None) -> list[str]:
        """Ids of rooms that are not known to be closed, of one visitor or of all, in the order in which they came."""
        rooms = self.owners if name is None else self.visitor(name).rooms
        return [room for room in rooms if name in (None, self.owners[room]) and self._is_open(room)]

    def may_get_a_room(self, name: str) -> bool:
        """Whether a call opens a room for a visitor: who is there, or may be, and is not known to have one."""
        return self.is_to_delete(name) and not self.open_rooms(name)

    def unexplained_rooms(self, name: str) -> list[str]:
        """Ids of a visitor's open rooms of which no answer said why they could not be closed."""
        return [room for room in self.open_rooms(name) if not self.visitor(name).rooms[room].why]

    def _is_open(self, room: str) -> bool:
        name = self.owners[room]
        state = self.visitor(name).rooms[room]
        return state.is_open and (state.seen or self.presence(name) is not Presence.GONE)

    def with_something(self) -> list[str]:
        """Names of all who may have something on the target: visitors to delete, and others with rooms."""
        with_rooms = [self.owners[room] for room in self.open_rooms()]
        doubtful = [name for name, visitor in self.visitors.items() if _may_have_more(visitor)]
        return list(dict.fromkeys([*self.to_delete(), *with_rooms, *doubtful]))

    def ledger(self) -> Ledger:
        """The ledger as it stands."""
        rooms, visitors = _parted(self._rooms_left()), _parted(self._visitors_left())
        created = sum(self._is_counted(name) for name in self.visitors)
        return Ledger(
            rooms_created=len(self.owners),
            rooms_closed=len(self.owners) - len(rooms[0]) - len(rooms[1]),
            rooms_left=rooms[0],
            visitors_created=created,
            visitors_deleted=created - len(visitors[0]) - len(visitors[1]),
            visitors_left=visitors[0],
            unclear=tuple(name for name, visitor in self.visitors.items() if visitor.pending),
            rooms_unconfirmed=rooms[1],
            visitors_unconfirmed=visitors[1],
            at_least=any(map(_may_have_more, self.visitors.values())),
            reasons={name: why for name, why in self._reasons() if why},
        )

    def _is_counted(self, name: str) -> bool:
        visitor = self.visitor(name)
        return visitor.own and (visitor.ever or self.is_to_delete(name))

    def _rooms_left(self) -> Iterator[tuple[str, bool]]:
        for room in self.open_rooms():
            owner = self.owners[room]
            is_missed = self.visitor(owner).rooms[room].missed
            yield room, not is_missed and self.presence(owner) is not Presence.UNCONFIRMED

    def _visitors_left(self) -> Iterator[tuple[str, bool]]:
        for name in self.to_delete():
            yield name, self.presence(name) is Presence.LEFT

    def _reasons(self) -> Iterator[tuple[str, str]]:
        for room in self.open_rooms():
            yield room, self.visitor(self.owners[room]).rooms[room].why
        for name in self.to_delete():
            yield name, self.visitor(name).why


def _may_have_more(visitor: VisitorState) -> bool:
    return visitor.own and bool(visitor.hidden or visitor.asking)


def _parted(names: Iterable[tuple[str, bool]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is known to be left, and what is not confirmed to be gone."""
    parts = list(names)
    return tuple(name for name, known in parts if known), tuple(name for name, known in parts if not known)
