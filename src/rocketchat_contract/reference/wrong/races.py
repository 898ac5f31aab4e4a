"""Wrong only when calls overlap: windows of all widths, a neighbour beside, visitors who race each other."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, ServerCall, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE, OneStep

family = Family("races", needs="race")


def racing(seconds: float) -> Callable[[Parts], Parts]:
    """Look, wait so long, insert; nothing holds the two together."""

    class Races(Behaviour):
        async def between_look_up_and_insertion(self) -> None:
            await window(seconds)

    return lambda parts: parts.behaving(Races).unguarded()


for _ms, _name in (
    (0.2, "200_microseconds"),
    (0.5, "500_microseconds"),
    (1, "1_millisecond"),
    (5, "5_milliseconds"),
    (20, "20_milliseconds"),
    (100, "100_milliseconds"),
    (300, "300_milliseconds"),
):
    family.add(
        f"creates_two_rooms_within_{_name}",
        "overlapping-calls-open-one-room",
        f"Between look-up and insertion lie {_ms} ms in which another call opens a second room.",
        racing(_ms / 1000),
    )


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsOnARace(Behaviour):
    """Simultaneous calls each look, find nothing, and open a room."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.002)


class Locks(Behaviour):
    """Lets one call after the other in, provided that both have the same key."""

    @cached_property
    def locks(self) -> dict[object, asyncio.Lock]:
        return {}

    def key(self, query: AskedRoom) -> object:
        raise NotImplementedError

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        async with self.locks.setdefault(self.key(query), asyncio.Lock()):
            return await super().get_or_create(query, visitor)

    async def between_look_up_and_insertion(self) -> None:
        await window(0.002)


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsAcrossConnections(Locks):
    """Calls wait for each other only on one connection."""

    def key(self, query: AskedRoom) -> object:
        return query.token, query.call.channel.peer


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsForDifferentParameters(Locks):
    """Calls wait for each other only when their queries are the same."""

    def key(self, query: AskedRoom) -> object:
        return tuple(sorted((name, str(value)) for name, value in query.call.query.items()))


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsAfterAClosedOne(Locks):
    """Calls wait for each other until the visitor closed a room; then they do no longer."""

    def key(self, query: AskedRoom) -> object:
        return query.token if not self.store.rooms(query.token) else query.call.number


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsWhenThreeCallsRace(Behaviour):
    """Two calls wait for each other; with a third under way nobody waits any more."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        await window(0.0005)
        return await super().get_room(call)

    async def between_look_up_and_insertion(self) -> None:
        if self.app.in_flight > 2:
            await window(0.0005)


class _Busy(OneStep):
    """Knows which visitors another call is busy with."""

    @cached_property
    def busy(self) -> Counter[str]:
        return Counter()

    @asynccontextmanager
    async def busy_with(self, token: object) -> AsyncIterator[None]:
        self.busy[str(token)] += 1
        try:
            await window(0.003)
            yield
        finally:
            self.busy[str(token)] -= 1

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None if self.busy[visitor["token"]] else await super().find_open_room(visitor)


@family.breaks("calls-beside-a-close-agree", unguarded=True)
class CreatesTwoRoomsBesideAClose(_Busy):
    """While a room is being closed, each call opens another."""

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        async with self.busy_with(visitor["token"]):
            await super().close_room(rid, visitor, comment)


@family.breaks("a-closed-room-is-not-returned", unguarded=True)
class RevivesTheRoomBesideAClose(Behaviour):
    """A call that began before a close writes the room back as open when it ends after it."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = await self.find_open_room(visitor)
        if room is None:
            return await self.create_room(query, visitor)
        await window(0.001)
        self.store.change_room(room["_id"], lambda now: _overwrite(now, room))
        return self.render(room, query, new=False)


def _overwrite(document: JsonObject, other: JsonObject) -> None:
    document.clear()
    document.update(other)


@family.breaks("calls-beside-a-close-agree", unguarded=True)
class CreatesTwoRoomsInTheLastHalfOfAClose(OneStep):
    """A close takes 8 ms, and in its second half each call opens another room."""

    @cached_property
    def closing(self) -> Counter[str]:
        return Counter()

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        await window(0.004)
        self.closing[visitor["token"]] += 1
        await window(0.004)
        await super().close_room(rid, visitor, comment)
        self.closing[visitor["token"]] -= 1

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None if self.closing[visitor["token"]] else await super().find_open_room(visitor)


class _BusyRegistering(_Busy):
    """Is busy with a visitor while it is being registered."""

    async def register(self, given: JsonObject) -> JsonObject:
        async with self.busy_with(given["token"]):
            return await super().register(given)


@family.breaks("calls-beside-a-neighbour-agree", unguarded=True)
class CreatesTwoRoomsBesideARegistration(_BusyRegistering):
    """While a visitor is being registered again, each call opens another room."""


@family.breaks("a-known-visitor-gets-a-room")
class ForgetsAVisitorBesideARegistration(_BusyRegistering):
    """While a visitor is being registered again, nobody knows it."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        if self.busy[str(call.query.get("token"))]:
            raise plain("invalid-token")
        return await super().get_room(call)


@family.breaks("calls-beside-a-neighbour-agree", unguarded=True)
class CreatesTwoRoomsBesideAMessage(_Busy):
    """While a visitor's message is being stored, each call opens another room."""

    async def send_message(self, message: JsonObject) -> JsonObject:
        async with self.busy_with(message.get("token")):
            return await super().send_message(message)


@family.breaks("calls-beside-a-neighbour-agree", unguarded=True)
class CreatesTwoRoomsBesideADeletion(_Busy):
    """While a deletion of the visitor is being looked into, each call opens another room."""

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        async with self.busy_with(call.values[0]):
            return await super().delete_visitor(call)


@family.breaks("calls-beside-a-neighbour-agree", unguarded=True)
class CreatesTwoRoomsBesideACallByRid(_Busy):
    """While the room is being looked up by its id, each call without opens another."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        async with self.busy_with(visitor["token"]):
            return await super().room_by_id(rid, visitor)


# visitors who race each other


@family.breaks("a-room-is-the-asking-visitors")
class MixesUpVisitorsWhoAskAtOnce(Behaviour):
    """The current visitor is kept in one place for all calls: who asks at once gets another's room."""

    current: JsonObject

    async def get_room(self, call: ServerCall) -> JsonObject:
        query = self.room_query(call)
        self.current = await self.known_visitor(query.token)
        await window(0.001)
        if query.rid:
            return await self.get_by_id(query, self.current)
        return await self.get_or_create(query, self.current)


@family.breaks("a-room-is-the-asking-visitors")
class MixesUpAnswersUnderLoad(Wire):
    """Two answers that are ready at the same time go to each other's callers."""

    waiting: asyncio.Future[bytes] | None = None
    mine = b""

    async def write(self, call: ServerCall, status: int, headers: list[tuple[bytes, bytes]], payload: bytes) -> None:
        if call.route == ROOM_ROUTE and status == 200:
            payload = await self.swapped(payload)
            headers = [(n, b"%d" % len(payload) if n == b"content-length" else v) for n, v in headers]
        await super().write(call, status, headers, payload)

    async def swapped(self, payload: bytes) -> bytes:
        """Wait a moment for another answer; when one comes, give this one away for it."""
        other, self.waiting = self.waiting, None
        if other is not None and not other.done():
            theirs, self.mine = self.mine, b""
            other.set_result(payload)
            return theirs
        self.waiting, self.mine = asyncio.get_running_loop().create_future(), payload
        try:
            return await asyncio.wait_for(asyncio.shield(self.waiting), 0.001)
        except TimeoutError:
            self.waiting = None
            return payload
