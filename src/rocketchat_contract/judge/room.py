"""The room itself: a livechat room, open, with an id and dates, of the visitor who asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, cut, of, shortened_value
from rocketchat_contract.judge.operation import Operation

TIME = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|\+00:00)"
)
TIME_MEMBERS = (
    ("ts",),
    ("lm",),
    ("_updatedAt",),
    ("queuedAt",),
    ("v", "lastMessageTs"),
    ("servedBy", "ts"),
    ("lastMessage", "ts"),
    ("lastMessage", "_updatedAt"),
    ("metrics", "reaction", "fd"),
    ("metrics", "response", "fd"),
    ("metrics", "v", "lq"),
    ("metrics", "servedBy", "lr"),
    ("responseBy", "lastMessageTs"),
)


def room_member(value: object, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _has_room(op: Operation) -> bool:
    return isinstance(op.body.get("room"), dict)


def is_livechat(op: Operation, _: CheckContext) -> CheckResult:
    """``t`` is ``l``."""
    if not _has_room(op):
        return None
    kind = op.document.get("t")
    return KEPT if kind == "l" else Broken("t 'l'", f"t {cut(repr(kind))}")


def is_open(op: Operation, _: CheckContext) -> CheckResult:
    """``open`` is true, and nothing says closed."""
    if not _has_room(op):
        return None
    room = op.document
    closed = [name for name in ("closedAt", "closer", "closedBy") if room.get(name)]
    closed += ["cl true"] if room.get("cl") is True else []
    closed += [] if room.get("open") is True else [f"open {shortened_value(room.get('open', 'missing'))}"]
    return Broken("an open room: open true, cl not true, no closedAt", ", ".join(closed)) if closed else KEPT


def has_an_id(op: Operation, _: CheckContext) -> CheckResult:
    """``_id`` is a text that is not empty."""
    if not _has_room(op):
        return None
    found = op.document.get("_id")
    if isinstance(found, str) and found.strip():
        return KEPT
    return Broken("a text in room._id", f"room._id {cut(repr(found))}", f"_id is {type(found).__name__}")


def times_are_iso(op: Operation, _: CheckContext) -> CheckResult:
    """Each time that stands in the room reads like those of the example."""
    if not _has_room(op):
        return None
    for path, value in _times(op.document):
        if not (isinstance(value, str) and TIME.fullmatch(value)):
            name = ".".join(path)
            return Broken(f"room.{name} as in 2021-07-09T20:12:19.795Z", f"room.{name} {cut(repr(value))}", name)
    return KEPT


def _times(room: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for path in TIME_MEMBERS:
        parent = room_member(room, *path[:-1]) if len(path) > 1 else room
        if isinstance(parent, dict) and path[-1] in parent:
            yield path, parent[path[-1]]


def is_the_asking_visitors(op: Operation, known: CheckContext) -> CheckResult:
    """``v`` has the asking visitor's token and, where known, ``_id``."""
    if not _has_room(op) or op.token is None or "token" in (op.query.odd if op.query else ()):
        return None
    visitor = op.document.get("v")
    token, found_id = room_member(visitor, "token"), room_member(visitor, "_id")
    if token != op.token:
        return Broken(f"room.v.token {op.token}", f"room.v.token {shortened_value(token)}", "token")
    ids = known.visitors.of(op.token)
    if not ids or found_id in ids:
        return KEPT
    return Broken(f"room.v._id {ids[-1]}, as registered", f"room.v._id {shortened_value(found_id)}", "_id")


def last_message_is_its_own(op: Operation, _: CheckContext) -> CheckResult:
    """``lastMessage`` names this room and, where it names a token, this visitor's, whom it has for its author."""
    message = op.document.get("lastMessage")
    if not _has_room(op) or not isinstance(message, dict):
        return None
    room_id, token = op.document.get("_id"), room_member(op.document, "v", "token")
    if "rid" in message and message["rid"] != room_id:
        return Broken(f"lastMessage.rid {room_id}", f"lastMessage.rid {shortened_value(message['rid'])}", "rid")
    if "token" not in message:
        return KEPT
    if message["token"] != token:
        return Broken(f"lastMessage.token {token}", f"lastMessage.token {shortened_value(message['token'])}", "token")
    visitor_id, author = room_member(op.document, "v", "_id"), room_member(message, "u", "_id")
    if author == visitor_id or not all(isinstance(each, str) for each in (token, visitor_id, author)):
        return KEPT
    return Broken(f"lastMessage.u._id {visitor_id}", f"lastMessage.u._id {shortened_value(author)}", "author")


ROOM_CHECKS: dict[str, Check] = {
    "a-room-is-a-livechat-room": Check(is_livechat, of(200)),
    "a-returned-room-is-open": Check(is_open, of(200)),
    "a-room-has-an-id": Check(has_an_id, of(200)),
    "room-times-are-iso-8601": Check(times_are_iso, of(200)),
    "a-room-is-the-asking-visitors": Check(is_the_asking_visitors, of(200)),
    "a-last-message-is-the-rooms-own": Check(last_message_is_its_own, of(200)),
}
