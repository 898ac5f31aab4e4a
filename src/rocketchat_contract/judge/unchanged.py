"""What repeats alone leave as it is: a visitor asks for the open room again and again, and nothing else happens.

An agent, a bot or a queue may change a room at any time: a single change is their doing, and so is a chat that moves to
another agent. Two changes of one member in a row are not, unless what chats do is seen to move and then to stay: a bot
that greets and hands over acts twice, on a clock of its own. Nor is a single one that nobody has a use for: a member
that is gone, that has become another type of value, or a counter or time that went back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from rocketchat_contract.judge.check import cut, shortened_value
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.room import TIME, room_member

UNCHANGED = "a-repeat-changes-nothing"

_PLAIN = ("msgs", "usersCount", "lm", "fname", "departmentId", "source")
_PARTS = {
    "lastMessage": ("_id", "rid", "token", "msg", "ts", "alias", "u"),
    "servedBy": ("_id", "username"),
}
SHAPE = (*((name,) for name in _PLAIN), *((name, part) for name, parts in _PARTS.items() for part in parts))
"""Ways to members of a room that repeats leave alone. The rest of a message is filled in later, and ``servedBy.ts`` is
an agent's sign of life."""

FORWARD = (
    ("msgs",),
    ("lm",),
    ("_updatedAt",),
    ("verified",),
    ("v", "lastMessageTs"),
    ("lastMessage", "ts"),
    ("metrics", "response", "total"),
)
"""Ways to members of a room that only grow."""

MAY_GO = frozenset(
    (
        *("servedBy", "waitingResponse", "onHold", "queuedAt", "estimatedWaitingTimeQueue", "estimatedServiceTimeAt"),
        *("estimatedInactivityCloseTimeAt", "slaId", "priorityId", "priorityWeight", "autoTransferredAt", "responseBy"),
        *("autoTransferOngoing", "tags", "topic", "transcriptRequest", "pdfTranscriptRequested", "callStatus"),
        *("livechatData", "customFields", "departmentAncestors"),
    )
)
"""Members that an agent or a queue takes away: a chat goes back into the queue, or its tags are removed."""

WITHIN = ("v", "source")
"""Members whose own members stay as well."""

_TYPES: Mapping[type, str] = {str: "text", bool: "true or false", int: "number", float: "number", dict: "object"}


OF_ITS_OWN = frozenset({"msgs", "lm", "usersCount", "departmentId", "lastMessage", "servedBy"})
"""Members that agents and bots change."""


class Restless(NamedTuple):
    """A finding about a member that moved twice in a row; it stands unless the member is seen to come to rest.

    ``moved`` is the member, and how the last call asked.
    """

    finding: Finding
    moved: tuple[str, str]


class AtRest(NamedTuple):
    """Members that moved in a repeat and stayed in the next one, so that such calls do not move them.

    Each stands with how that next call asked.
    """

    members: frozenset[tuple[str, str]]


Repeated = str | Finding | Restless | AtRest
"""What repeats say of the promise."""


class Look(NamedTuple):
    """What one answer showed of a room: the members' types, what only grows, and the exchange."""

    room: str
    shape: tuple[str, ...]
    types: Mapping[str, str]
    forward: tuple[Any, ...]
    number: int
    asked: str
    after_a_refusal: bool = False


def judge_repeat(
    looks: tuple[Look, ...], op: Operation, visitor: str, *, after_a_refusal: bool = False
) -> tuple[tuple[Look, ...], Repeated | None]:
    """The last looks with that of one more answer, and what they say of the promise."""
    if op.room is None or op.kind not in (Kind.GET_OR_CREATE, Kind.BY_RID) or op.answer is not Answer.OK:
        return looks, None
    now = look_of(op, op.room, after_a_refusal=after_a_refusal)
    looks = (*looks[-2:], now)
    if len({look.room for look in looks}) > 1:
        return looks, None
    if len(looks) < _MOST_LOOKS:
        return looks, _lost(looks, op, visitor)
    return looks, _moved(looks, visitor) or _lost(looks, op, visitor) or _rests(looks) or UNCHANGED


_MOST_LOOKS = 3


def look_of(op: Operation, room: str, *, after_a_refusal: bool = False) -> Look:
    """What an answer shows of a room."""
    document = op.document
    forward = tuple(room_member(document, *way) for way in FORWARD)
    types = _types(_signature(document))
    return Look(room, value_shape_of(op), types, forward, op.number, _how(op), after_a_refusal)


def _how(op: Operation) -> str:
    """How a call asked for the room: by rid or not, with an agent or none."""
    return f"{op.kind.name}{', agent' if op.named_agent else ''}"


def _rests(looks: tuple[Look, ...]) -> AtRest | None:
    """What agents or bots may have changed, and repeats left alone."""
    if looks[0].shape == looks[1].shape or looks[1].after_a_refusal:
        return None
    first, second, third = (look.shape for look in looks)
    at = (n for n, (a, b, c) in enumerate(zip(first, second, third, strict=True)) if a != b == c)
    members = frozenset((SHAPE[n][0], looks[2].asked) for n in at if SHAPE[n][0] in OF_ITS_OWN)
    return AtRest(members) if members else None


def _moved(looks: tuple[Look, ...], visitor: str) -> Finding | Restless | None:
    """That a member changed twice in a row."""
    first, second, third = (look.shape for look in looks)
    at = next((n for n, (a, b, c) in enumerate(zip(first, second, third, strict=True)) if a != b != c), None)
    if at is None:
        return None
    values = " → ".join(cut(shape[at], 24) for shape in (first, second, third))
    expected = f"the same room.{'.'.join(SHAPE[at])} in three answers"
    found = _finding(expected, values, looks, visitor, SHAPE[at][0])
    return Restless(found, (SHAPE[at][0], looks[2].asked)) if SHAPE[at][0] in OF_ITS_OWN else found


def _lost(looks: tuple[Look, ...], op: Operation, visitor: str) -> Finding | None:
    """That a member is gone, of another type, or went back since the answer before."""
    before, now = looks[-2:] if len(looks) > 1 else (looks[-1], looks[-1])
    for way, old in before.types.items():
        new = now.types.get(way, "nothing")
        if new != old and not (new == "nothing" and way in MAY_GO):
            value = cut(json.dumps(room_member(op.document, *way.split(".")), ensure_ascii=False), 40)
            actual = "no value" if new == "nothing" else f"{new} {value}"
            return _finding(f"room.{way} with {old}, as before", f"room.{way} with {actual}", looks[-2:], visitor, way)
    return _gone_back(before, now, looks, visitor)


def _gone_back(before: Look, now: Look, looks: tuple[Look, ...], visitor: str) -> Finding | None:
    for path, earlier, later in zip(FORWARD, before.forward, now.forward, strict=True):
        if _went_back(earlier, later):
            name = ".".join(path)
            expected = f"room.{name} {shortened_value(earlier)} or more, as before"
            return _finding(expected, f"room.{name} {shortened_value(later)}", looks[-2:], visitor, f"{name} back")
    return None


def _went_back(before: object, now: object) -> bool:
    if isinstance(before, str) and isinstance(now, str):
        return bool(TIME.fullmatch(before) and TIME.fullmatch(now)) and before[:19] > now[:19]
    return isinstance(before, int | float) and isinstance(now, int | float) and before > now


def _finding(expected: str, actual: str, looks: tuple[Look, ...], visitor: str, sign: str) -> Finding:
    return Finding(UNCHANGED, expected, actual, tuple(look.number for look in looks), visitor, signature=sign)


def _signature(room: Mapping[str, Any]) -> tuple[tuple[str, type], ...]:
    """Each member that has a value, with its type."""
    found = [(name, type(value)) for name, value in room.items() if value is not None]
    for outer in WITHIN:
        inside = room.get(outer)
        if isinstance(inside, dict):
            found += [(f"{outer}.{name}", type(value)) for name, value in inside.items() if value is not None]
    return tuple(found)


@lru_cache(maxsize=512)
def _types(signature: tuple[tuple[str, type], ...]) -> Mapping[str, str]:
    """The types of a room's members, one copy for all rooms that are alike."""
    return {way: _TYPES.get(kind, "list") for way, kind in signature}


def value_shape_of(op: Operation) -> tuple[str, ...]:
    """What repeats alone leave as it is, of the room in an answer."""
    room = op.document
    shape = [_comparable(room.get(name)) for name in _PLAIN]
    for name, parts in _PARTS.items():
        whole = room.get(name)
        inside = whole if isinstance(whole, dict) else dict.fromkeys(parts, whole)
        shape += [_comparable(inside.get(part)) for part in parts]
    return tuple(shape)


def _comparable(value: object) -> str:
    """The value as text, the same in whatever order members stand."""
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else repr(value)
