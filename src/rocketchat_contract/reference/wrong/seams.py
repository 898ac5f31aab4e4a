"""What several wrong servers build upon: the room's answers alone, chance, and what is remembered for a while."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, ServerCall, ServerReply
from rocketchat_contract.reference.wire import Wire

ROOM_ROUTE = "livechat/room"


def now_and_then(one_in: int) -> bool:
    """Answer true once in so many times."""
    return random.randrange(one_in) == 0  # noqa: S311 - a fault that comes and goes, not a secret


def about_rooms(call: ServerCall) -> bool:
    """Tell whether a call is one of the livechat routes, where a gateway's or a process's faults show."""
    return call.route.startswith("livechat/")


class OneStep(Behaviour):
    """Looks up and inserts in one step: without the store's guarantee no race opens a second room, only the fault."""

    async def between_look_up_and_insertion(self) -> None:
        """Let no other call run."""


class RoomWire(Wire):
    """Changes only the answers of ``GET livechat/room``."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        """Hand 200 to ``success`` and 400 to ``refusal``."""
        if call.route != ROOM_ROUTE or not isinstance(reply.document, dict):
            return reply
        if reply.status == 200:
            return self.success(call, reply)
        return self.refusal(call, reply) if reply.status == 400 else reply

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        """Change a room's answer."""
        return reply

    def refusal(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        """Change a refusal."""
        return reply


class RoomBytes(Wire):
    """Changes the bytes of room answers that carry a room."""

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        """Hand the bytes of a 200 to ``coded``."""
        payload = super().encode(call, reply)
        return self.coded(payload) if call.route == ROOM_ROUTE and reply.status == 200 else payload

    def coded(self, payload: bytes) -> bytes:
        """Change the bytes."""
        return payload


class RoomHeaders(Wire):
    """Changes one header of room answers; none removes it."""

    name = b"content-type"
    value: bytes | None = None

    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:
        """Put the value in its place."""
        fields = super().headers(call, reply, payload)
        if call.route != ROOM_ROUTE:
            return fields
        others = [(name, value) for name, value in fields if name != self.name]
        return [*others, *([(self.name, self.value)] if self.value is not None else [])]


def with_members(reply: ServerReply, **members: object) -> ServerReply:
    """Copy a reply with further or other members in its body."""
    return replace(reply, document={**reply.document, **members})


def with_room(reply: ServerReply, change: Callable[[JsonObject], JsonObject]) -> ServerReply:
    """Copy a reply with another room in its body."""
    return with_members(reply, room=change(reply.document["room"]))


class Recently:
    """Remembers names for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[str, float] = {}

    def note(self, name: str) -> None:
        """Remember a name from now on."""
        self._since[name] = time.monotonic()

    def __contains__(self, name: str) -> bool:
        return time.monotonic() - self._since.get(name, float("-inf")) < self._seconds


class LastUsed:
    """Remembers the names that were used last, so many of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._names: dict[str, None] = {}

    def use(self, name: str) -> None:
        """Remember a name as the last one used."""
        self._names.pop(name, None)
        self._names[name] = None
        while len(self._names) > self._most:
            del self._names[next(iter(self._names))]

    def __contains__(self, name: str) -> bool:
        return name in self._names
