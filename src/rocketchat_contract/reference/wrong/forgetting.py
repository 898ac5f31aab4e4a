"""Wrong in that an open room is not found again: always, sometimes, or after something happened."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import count

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, ServerCall
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import LastUsed, OneStep, Recently, now_and_then

family = Family("get-or-create")


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoom(OneStep):
    """Each call opens another room."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:  # noqa: ARG002
        return None


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomOnEveryTenthCall(OneStep):
    """Every tenth look-up finds nothing."""

    @cached_property
    def look_ups(self) -> count[int]:
        return count(1)

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None if next(self.look_ups) % 10 == 0 else await super().find_open_room(visitor)


@family.breaks("an-open-room-is-returned", unguarded=True, needs="chance")
class ForgetsTheRoomOneTimeInForty(OneStep):
    """One look-up in forty finds nothing."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None if now_and_then(40) else await super().find_open_room(visitor)


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomAfterAMessage(OneStep):
    """A room with a message is not found."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor)
        return None if room and "lastMessage" in room else room


@family.breaks("an-open-room-is-returned", unguarded=True)
class RemembersOnlyTheFirstRoom(OneStep):
    """The room after a close is not found: each call opens another."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor)
        closed = [other for other in self.store.rooms(visitor["token"]) if not other.get("open")]
        return None if closed else room


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomOfANamedAgent(OneStep):
    """A room that was opened with ``agentId`` is not found without it."""

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = super().draft_room(query, visitor)
        self.wanted[room["_id"]] = query.agent_id
        return room

    @cached_property
    def wanted(self) -> dict[str, str]:
        return {}

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = await self.find_open_room(visitor)
        if room is not None and self.wanted[room["_id"]] and not query.agent_id:
            return await self.create_room(query, visitor)
        return await super().get_or_create(query, visitor)


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomAfterACallByRid(OneStep):
    """A room that was asked for by its id is not found without it."""

    @cached_property
    def named(self) -> set[str]:
        return set()

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        self.named.add(rid)
        return await super().room_by_id(rid, visitor)

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor)
        return None if room and room["_id"] in self.named else room


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomWithANewRegistration(OneStep):
    """Registering again makes another person of the visitor, whose room is not found."""

    @cached_property
    def strangers(self) -> set[str]:
        return set()

    async def register(self, given: JsonObject) -> JsonObject:
        if self.store.visitor(given["token"]):
            self.strangers.add(given["token"])
        return await super().register(given)

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None if visitor["token"] in self.strangers else await super().find_open_room(visitor)


@family.breaks("an-open-room-is-returned", unguarded=True)
class LooksForRoomsOfTheVisitorsDepartment(OneStep):
    """A visitor who chose a department meanwhile gets another room."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor)
        return room if room and room.get("departmentId") == visitor.get("department") else None


@family.breaks("an-open-room-is-returned", unguarded=True)
class KeepsARoomForTheWidgetAndOneForTheApi(OneStep):
    """A visitor who comes through the widget gets another room than through the API."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        wanted = self.source(query.call)["type"]
        for room in self.store.rooms(visitor["token"]):
            if room.get("open") and room["source"]["type"] == wanted:
                return self.render(room, query, new=False)
        return await self.create_room(query, visitor)


@family.breaks("an-open-room-is-returned", unguarded=True)
class KeepsRoomsPerConnection(OneStep):
    """Each connection leads to a replica of its own, which knows only the rooms it made."""

    @cached_property
    def homes(self) -> dict[str, tuple[str, int]]:
        return {}

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        here = query.call.channel.peer
        for room in self.store.rooms(visitor["token"]):
            if room.get("open") and self.homes.get(room["_id"]) == here:
                return self.render(room, query, new=False)
        answer = await self.create_room(query, visitor)
        self.homes[answer["room"]["_id"]] = here
        return answer


@family.breaks("an-open-room-is-returned", unguarded=True)
class KeepsRoomsPerReplica(OneStep):
    """Calls go to two replicas in turn, and each knows only the rooms it made."""

    @cached_property
    def homes(self) -> dict[str, int]:
        return {}

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        replica = query.call.number % 2
        for room in self.store.rooms(visitor["token"]):
            if room.get("open") and self.homes.get(room["_id"]) == replica:
                return self.render(room, query, new=False)
        answer = await self.create_room(query, visitor)
        self.homes[answer["room"]["_id"]] = replica
        return answer


@family.breaks("an-open-room-is-returned", unguarded=True, needs="haste")
class SeesNewRoomsLate(OneStep):
    """A new room is not found for 20 ms: reads lag behind writes."""

    @cached_property
    def unseen(self) -> Recently:
        return Recently(0.02)

    def insert_room(self, room: JsonObject) -> None:
        super().insert_room(room)
        self.unseen.note(room["_id"])

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor)
        return None if room and room["_id"] in self.unseen else room


@family.breaks("an-open-room-is-returned", unguarded=True, needs="pause")
class ForgetsTheRoomAfterAPause(OneStep):
    """A room that was not asked for within half a second is not found."""

    @cached_property
    def warm(self) -> Recently:
        return Recently(0.5)

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor) if visitor["token"] in self.warm else None
        self.warm.note(visitor["token"])
        return room


@family.breaks("an-open-room-is-returned", unguarded=True, needs="history")
class ForgetsRoomsOnARestart(OneStep):
    """Every hundredth call a process starts anew that knows no room."""

    @cached_property
    def index(self) -> set[str]:
        return set()

    async def get_room(self, call: ServerCall) -> JsonObject:
        if call.number % 100 == 0:
            self.index.clear()
        return await super().get_room(call)

    def insert_room(self, room: JsonObject) -> None:
        super().insert_room(room)
        self.index.add(room["_id"])

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        rooms = (room for room in self.store.rooms(visitor["token"]) if room.get("open"))
        return next((room for room in rooms if room["_id"] in self.index), None)


def remembering(most: int) -> Callable[[Parts], Parts]:
    """Know the rooms of the visitors who came last, so many of them."""

    class Remembers(OneStep):
        @cached_property
        def known(self) -> LastUsed:
            return LastUsed(most)

        async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
            room = await super().find_open_room(visitor) if visitor["token"] in self.known else None
            self.known.use(visitor["token"])
            return room

    return lambda parts: parts.behaving(Remembers).unguarded()


for _most, _name in ((1, "one_visitor"), (3, "three_visitors"), (100, "a_hundred_visitors")):
    family.add(
        f"remembers_the_rooms_of_{_name}",
        "an-open-room-is-returned",
        f"Only the rooms of the {_most} last visitors are found: a cache without a database behind it.",
        remembering(_most),
        needs="history" if _most > 60 else "",
    )


@family.breaks("an-open-room-is-returned")
class WritesTheIdInCapitalsOnRepeats(Behaviour):
    """The id of a returned room is written in capitals."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        shown = room if new or query.rid else {**room, "_id": room["_id"].upper()}
        return super().render(shown, query, new=new)


@family.breaks("an-open-room-is-returned")
class ShowsAnotherIdInEachAnswer(Behaviour):
    """Each answer has an id of its own for the same room."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        shown = room if query.rid else {**room, "_id": self.new_room_id()}
        return super().render(shown, query, new=new)


@family.breaks("overlapping-calls-open-one-room", unguarded=True, needs="race")
class ForgetsTheRoomUnderLoad(OneStep):
    """While more than three calls are under way, no room is found."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        await window(0.0005)
        return await super().get_room(call)

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None if self.app.in_flight > 3 else await super().find_open_room(visitor)


@family.breaks("an-open-room-is-returned")
def forgets_the_room_when_an_agent_answers(parts: Parts) -> Parts:
    """A room in which an agent answered is not found."""

    class Forgets(OneStep):
        async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
            room = await super().find_open_room(visitor)
            return None if room and "responseBy" in room else room

    return parts.behaving(Forgets).unguarded().set(agent_answers=True)


@family.breaks("an-open-room-is-returned", unguarded=True)
class OpensAnotherRoomForAnEmptyRid(OneStep):
    """An empty rid asks for a new room."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if "rid" in query.call.query:
            return await self.create_room(query, visitor)
        return await super().get_or_create(query, visitor)


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomWithANewName(OneStep):
    """A visitor who registers under another name gets another room."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor)
        return room if room and room["fname"] == visitor.get("name") else None

    def rename_rooms(self, visitor: JsonObject) -> None:
        """Leave the rooms as they are."""


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomAfterFiveMessages(OneStep):
    """A room with more than five messages is not found."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        room = await super().find_open_room(visitor)
        return room if room and room["msgs"] <= 5 else None


@family.breaks("an-open-room-is-returned")
class ClosesTheOpenRoomWithAClosedOne(Behaviour):
    """Closing a closed room again closes the visitor's open one."""

    def own_open_room(self, rid: str, visitor: JsonObject) -> JsonObject:
        asked, room = self.store.room(rid), self.store.open_room(visitor["token"])
        if room and asked and not asked.get("open"):
            self.store.change_room(room["_id"], lambda now: now.update(open=False, closedAt=self.now()))
        return super().own_open_room(rid, visitor)
