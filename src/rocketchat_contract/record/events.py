"""What becomes known of this run's rooms and visitors, one event at a time; what is left is a fold over them.

Events are what a run writes into its ledger while it lives, and what a sweep reads back. They tell what was seen, and
draw no conclusion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

LEDGER_FORMAT = "2"
OLD_FORMAT = "1"
"""How runs wrote before: rooms came without their visitor, and ``token`` stood for a registration that was to leave.

Under the name of a changed token it stood for a room call with it, which nobody answered.
"""

_PLAIN = re.compile(r"\$RC_TOKEN_\d+")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that became known; visitors go by the names of their tokens."""

    kind: ClassVar[str] = ""
    must_last: ClassVar[bool] = False
    """Whether a power cut may not take it: nothing but this event tells what may exist."""

    def to_json(self) -> dict[str, Any]:
        """The line of a ledger; ``event_of`` reads it back."""
        return {"event": self.kind, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Named(Event):
    """A visitor's token gets a name; ``own`` says whether it is this run's."""

    kind = "named"
    must_last = True
    name: str
    token: str
    own: bool = True


@dataclass(frozen=True, slots=True)
class OfVisitor(Event):
    """Something about a visitor."""

    name: str


class Registering(OfVisitor):
    """A registration is about to leave."""

    kind = "registering"
    must_last = True


class Registered(OfVisitor):
    """A registration was answered as done."""

    kind = "registered"


class NotRegistered(OfVisitor):
    """A registration is known to have made nobody: it was refused, turned away, or never left."""

    kind = "not registered"


class Present(OfVisitor):
    """An answer shows that the visitor is there."""

    kind = "present"


class Deleted(OfVisitor):
    """A deletion was answered as done."""

    kind = "deleted"


class Absent(OfVisitor):
    """A deletion was answered with: there is no such visitor."""

    kind = "absent"


class Unseen(OfVisitor):
    """The widget's configuration shows no such visitor."""

    kind = "unseen"


class ShownByConfig(OfVisitor):
    """The widget's configuration shows the visitor, so that what it does not show says something."""

    kind = "shown"


class Contradicted(OfVisitor):
    """An answer denies a visitor whom another one confirmed, and nothing happened in between."""

    kind = "contradicted"
    must_last = True


class Asking(OfVisitor):
    """A call that might make a room leaves, for a visitor who was never registered."""

    kind = "asking"
    must_last = True


class MayHaveOpened(OfVisitor):
    """A call may have made a room that no answer shows."""

    kind = "may have opened"
    must_last = True


class NotOpened(OfVisitor):
    """The call that was under way made no room."""

    kind = "not opened"


class NoneOpen(OfVisitor):
    """An answer shows that the visitor has no open room."""

    kind = "none open"


class Raced(OfVisitor):
    """The visitor was deleted while it got a room, which may have outlived the deletion."""

    kind = "raced"
    must_last = True


class GivenUp(OfVisitor):
    """A call was given up that may still take effect."""

    kind = "given up"
    must_last = True


class Settled(OfVisitor):
    """Calls that were given up can no longer take effect."""

    kind = "settled"


class Disowned(OfVisitor):
    """The visitor is somebody who was there before this run, with all that they have."""

    kind = "foreign"
    must_last = True


@dataclass(frozen=True, slots=True)
class DeletionFailed(OfVisitor):
    """A deletion was refused or not answered, and why."""

    kind = "deletion failed"
    reason: str


class DeletionLost(OfVisitor):
    """A deletion left and was not answered by the server: it may have been done."""

    kind = "deletion lost"


@dataclass(frozen=True, slots=True)
class OfRoom(OfVisitor):
    """Something about a visitor's room."""

    room: str


class RoomShown(OfRoom):
    """A room call was answered with this room."""

    kind = "room"
    must_last = True


class RoomSeen(OfRoom):
    """The room is open, whatever answers said before."""

    kind = "seen"
    must_last = True


class RoomClosed(OfRoom):
    """The room was closed, or is said to be closed already."""

    kind = "closed"


@dataclass(frozen=True, slots=True)
class ClosingFailed(OfRoom):
    """Closing the room was refused or not answered, and why."""

    kind = "closing failed"
    reason: str


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """Another process goes on: calls that were given up before it began are over, and may have had their effect."""

    kind = "resumed"
    must_last = True


_KINDS: Mapping[str, type[Event]] = {
    each.kind: each
    for each in (
        *(Named, Registering, Registered, NotRegistered, Present, Deleted, Absent, Unseen, ShownByConfig, Contradicted),
        *(Asking, MayHaveOpened, NotOpened, NoneOpen, Raced, GivenUp, Settled, Disowned, DeletionFailed),
        DeletionLost,
        *(RoomShown, RoomSeen, RoomClosed, ClosingFailed, Resumed),
    )
}


def event_of(line: Mapping[str, Any]) -> Event:
    """The event of a ledger's line; raises ``ValueError`` when it is none."""
    kind = _KINDS.get(str(line.get("event")))
    if kind is None:
        raise ValueError("no such event")
    members = {field.name: line.get(field.name) for field in fields(kind)}
    if not all(isinstance(value, bool if name == "own" else str) for name, value in members.items()):
        raise ValueError("a member is missing or of a wrong type")
    return kind(**members)


def events_of(line: Mapping[str, Any], owners: Mapping[str, str]) -> list[Event]:
    """The events of a line of either format; ``owners`` tells whose the rooms are that earlier lines named."""
    match line:
        case {"event": "token", "name": str(name), "token": str(token)}:
            is_own, may_be = line.get("own") != "no", Registering if _PLAIN.fullmatch(name) else Asking
            return [Named(name, token, is_own), *([may_be(name)] if is_own else [])]
        case {"event": "unclear", "name": str(name)}:
            return [GivenUp(name)]
        case {"event": "closed" | "seen", "room": str(room)} if "name" not in line:
            return [event_of({**line, "name": owners[room]})] if room in owners else []
    return [event_of(line)]
