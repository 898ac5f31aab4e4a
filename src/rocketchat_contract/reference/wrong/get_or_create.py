"""Wrong in what the endpoint is for: same visitor, same open room; none open, a new one."""

from __future__ import annotations

import hashlib
from functools import cached_property
from itertools import count

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, ServerCall, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import object_id, room_id
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import OneStep, Recently, now_and_then

family = Family("get-or-create")

# rooms that are refused, lost or closed behind the visitor's back; forgotten rooms stand in ``forgetting``


@family.breaks("a-known-visitor-gets-a-room")
class RefusesEverySecondCreation(Behaviour):
    """Every second creation is refused."""

    @cached_property
    def creations(self) -> count[int]:
        return count(1)

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if next(self.creations) % 2 == 0:
            raise plain("error-failed-to-start-conversation")
        return await super().create_room(query, visitor)


@family.breaks("a-known-visitor-gets-a-room")
class RefusesWhatItCreated(Behaviour):
    """A creation is refused though it happened."""

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        await super().create_room(query, visitor)
        raise plain("error-failed-to-start-conversation")


@family.breaks("a-known-visitor-gets-a-room", needs="chance")
class RefusesOneCreationInTenThatHappened(Behaviour):
    """One creation in ten is refused though it happened."""

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        answer = await super().create_room(query, visitor)
        if now_and_then(10):
            raise plain("error-failed-to-start-conversation")
        return answer


@family.breaks("a-known-visitor-gets-a-room")
class RefusesVisitorsWhoHaveARoom(Behaviour):
    """A visitor with an open room is told that there is one, and not given it."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if self.store.open_room(visitor["token"]):
            raise plain("room-already-opened")
        return await super().get_or_create(query, visitor)


@family.breaks("a-known-visitor-gets-a-room")
class RefusesVisitorsWhoClosedARoom(Behaviour):
    """Whoever closed a room gets no other."""

    def gate(self, query: AskedRoom, visitor: JsonObject, preferred: JsonObject | None) -> None:
        if self.store.rooms(visitor["token"]):
            raise plain("room-closed")
        super().gate(query, visitor, preferred)


@family.breaks("an-open-room-is-returned")
class ClosesTheRoomOfTheVisitorBefore(Behaviour):
    """A creation closes the room that another visitor opened before."""

    last: tuple[str, JsonObject] | None = None

    def insert_room(self, room: JsonObject) -> None:
        super().insert_room(room)
        if self.last is not None:
            self.store.change_room(self.last[0], lambda other: other.update(open=False, closedAt=self.now()))
        self.last = (room["_id"], room["v"])


@family.breaks("an-open-room-is-returned")
class ClosesTheRoomWhenTheVisitorLeavesAMessage(Behaviour):
    """A visitor's message closes the room it was sent to."""

    async def post_message(self, call: ServerCall) -> JsonObject:
        answer = await super().post_message(call)
        self.store.change_room(answer["message"]["rid"], lambda room: room.update(open=False, closedAt=self.now()))
        return answer


# newRoom


@family.breaks("newroom-is-true-for-a-created-room")
class CallsACreatedRoomOld(Behaviour):
    """``newRoom`` is false also when the call created the room."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:  # noqa: ARG002
        return super().render(room, query, new=False)


@family.breaks("newroom-is-true-for-a-created-room")
class CallsASecondRoomOld(Behaviour):
    """``newRoom`` is true for a visitor's first room only, not for the one after a close."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new and len(self.store.rooms(room["v"]["token"])) == 1)


@family.breaks("newroom-is-true-for-a-created-room")
class CallsACreatedRoomOldWhenAnAgentIsNamed(Behaviour):
    """``newRoom`` is false for a created room when the call named an agent."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new and not query.agent_id)


@family.breaks("newroom-is-true-for-a-created-room", unguarded=True)
class OpensAShadowRoom(OneStep):
    """A creation opens two rooms; the second shows when the first is closed."""

    def insert_room(self, room: JsonObject) -> None:
        super().insert_room(room)
        super().insert_room({**room, "_id": self.new_room_id()})


@family.breaks("newroom-is-false-for-a-returned-room")
class CallsAReturnedRoomNew(Behaviour):
    """``newRoom`` is true in every answer."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:  # noqa: ARG002
        return super().render(room, query, new=not query.rid)


@family.breaks("newroom-is-false-for-a-returned-room")
class CallsARoomNewUntilAMessageComes(Behaviour):
    """``newRoom`` tells whether the room is empty, not whether the call created it."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new or (not query.rid and "lastMessage" not in room))


@family.breaks("newroom-is-false-for-a-returned-room")
class CallsARoomNewWhenAnAgentIsNamed(Behaviour):
    """``newRoom`` is true for an open room when the call names an agent."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new or bool(query.agent_id and not query.rid))


@family.breaks("newroom-is-false-for-a-returned-room", needs="chance")
class CallsAReturnedRoomNewOneTimeInForty(Behaviour):
    """``newRoom`` is true for one returned room in forty."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new or (not query.rid and now_and_then(40)))


# closed rooms


@family.breaks("a-closed-room-is-not-returned")
class ReturnsTheClosedRoom(Behaviour):
    """After a close the visitor gets the closed room, as it is stored."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return next(iter(self.store.rooms(visitor["token"])), None)


@family.breaks("a-closed-room-is-not-returned")
class ReopensTheClosedRoom(Behaviour):
    """After a close the visitor's next call opens the same room again."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        for room in self.store.rooms(visitor["token"]):
            self.store.change_room(room["_id"], reopen)
        return await super().find_open_room(visitor)


def reopen(room: JsonObject) -> None:
    """Undo a close."""
    for name in ("closedAt", "closer", "closedBy"):
        room.pop(name, None)
    room["open"] = True


@family.breaks("a-closed-room-is-not-returned", needs="haste")
class SeesACloseLate(Behaviour):
    """For 50 ms after a close the visitor still gets the room, shown as open: reads lag behind writes."""

    @cached_property
    def closed(self) -> dict[str, JsonObject]:
        return {}

    @cached_property
    def recently(self) -> Recently:
        return Recently(0.05)

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        room = self.store.room(rid)
        await super().close_room(rid, visitor, comment)
        if room is not None:
            self.closed[visitor["token"]] = room
            self.recently.note(visitor["token"])

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        token = visitor["token"]
        return self.closed[token] if token in self.recently else await super().find_open_room(visitor)


@family.breaks("a-closed-room-is-not-returned")
class SaysClosedAndKeepsTheRoomOpen(Behaviour):
    """A close is answered with success and does nothing."""

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        pass


@family.breaks("a-created-room-has-a-new-id")
class GivesANewRoomTheOldId(Behaviour):
    """A room's id is made of the visitor's token, so that the room after a close has the same."""

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        digest = hashlib.sha256(visitor["token"].encode(errors="replace")).hexdigest()
        return {**super().draft_room(query, visitor), "_id": digest[:17]}

    def insert_room(self, room: JsonObject) -> None:
        self.store.db.execute("delete from rooms where id = ? and open = 0", (room["_id"],))
        super().insert_room(room)


@family.breaks("a-created-room-has-a-new-id")
class CountsRoomsPerVisitor(Behaviour):
    """Ids of rooms come round again: a visitor's third room has the id of the first."""

    @cached_property
    def ids(self) -> dict[str, list[str]]:
        return {}

    def insert_room(self, room: JsonObject) -> None:
        ids = self.ids.setdefault(room["v"]["token"], [])
        if len(ids) == 2:
            room["_id"] = ids[0]
            self.store.db.execute("delete from rooms where id = ? and open = 0", (room["_id"],))
        super().insert_room(room)
        self.ids[room["v"]["token"]] = [*ids, room["_id"]][-2:]


# what a repeat changes that it may not


@family.breaks("a-repeat-keeps-the-birth-of-a-room")
class RenewsTsOnEachRepeat(Behaviour):
    """``ts`` is the time of the answer, not of the creation."""

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        return {**super().render_room(room, query), "ts": self.now()}


@family.breaks("a-repeat-keeps-the-birth-of-a-room")
class MovesTsWithAMessage(Behaviour):
    """``ts`` moves to the time of the last message."""

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown = super().render_room(room, query)
        return {**shown, "ts": shown["lm"]}


@family.breaks("a-repeat-keeps-the-birth-of-a-room")
class RenewsTheVisitorsIdWithTheRegistration(Behaviour):
    """Registering again gives the visitor, and its open room, another ``_id``."""

    @cached_property
    def ids(self) -> dict[str, str]:
        return {}

    def render_visitor(self, visitor: JsonObject) -> JsonObject:
        self.ids[visitor["token"]] = object_id()
        return {**super().render_visitor(visitor), "_id": self.ids[visitor["token"]]}

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown = super().render_room(room, query)
        return {**shown, "v": {**shown["v"], "_id": self.ids.get(query.token, shown["v"]["_id"])}}


class _ChangesOnRepeats(Behaviour):
    """Writes something into the room whenever it is asked for again."""

    def change(self, room: JsonObject) -> None:
        raise NotImplementedError

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        if not new:
            room = self.store.change_room(room["_id"], self.change) or room
        return super().render(room, query, new=new)


@family.breaks("a-repeat-changes-nothing")
class CountsAMessageOnEachRepeat(_ChangesOnRepeats):
    """Each repeat raises ``msgs`` by one."""

    def change(self, room: JsonObject) -> None:
        room["msgs"] += 1


@family.breaks("a-repeat-changes-nothing")
class CountsAUserOnEachRepeat(_ChangesOnRepeats):
    """Each repeat raises ``usersCount`` by one."""

    def change(self, room: JsonObject) -> None:
        room["usersCount"] += 1


@family.breaks("a-repeat-changes-nothing")
class WritesAMessageOnEachRepeat(_ChangesOnRepeats):
    """Each repeat leaves a system message in ``lastMessage``."""

    def change(self, room: JsonObject) -> None:
        now = self.now()
        greeting = {"_id": room_id(), "rid": room["_id"], "msg": "Welcome back", "ts": now, "_updatedAt": now}
        room["lastMessage"] = {**greeting, "u": {"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"}}


@family.breaks("a-repeat-changes-nothing")
class ChangesTheAgentOnEachRepeat(_ChangesOnRepeats):
    """Each repeat hands the room to another agent."""

    def change(self, room: JsonObject) -> None:
        room["servedBy"] = {"_id": room_id(), "username": "another", "ts": room["ts"]}


@family.breaks("a-repeat-changes-nothing")
class MovesLmOnEachRepeat(_ChangesOnRepeats):
    """Each repeat moves ``lm``, as if a message had come."""

    def change(self, room: JsonObject) -> None:
        room["lm"] = self.now()


@family.breaks("a-known-visitor-gets-a-room", needs="haste")
class SeesNewVisitorsLate(Behaviour):
    """A visitor is not known for 20 ms after the registration: reads lag behind writes."""

    @cached_property
    def unseen(self) -> Recently:
        return Recently(0.02)

    async def register(self, given: JsonObject) -> JsonObject:
        visitor = await super().register(given)
        self.unseen.note(visitor["token"])
        return visitor

    async def known_visitor(self, token: str) -> JsonObject:
        if token in self.unseen:
            raise plain("invalid-token")
        return await super().known_visitor(token)


@family.breaks("a-known-visitor-gets-a-room")
class KeepsItsRefusalsOfUnknownTokens(Behaviour):
    """Who was unknown once stays so, registered or not: the refusal is kept."""

    @cached_property
    def refused(self) -> set[str]:
        return set()

    async def get_room(self, call: ServerCall) -> JsonObject:
        token = call.query.get("token")
        if isinstance(token, str) and token in self.refused:
            raise plain("invalid-token")
        if isinstance(token, str) and await self.find_visitor(token) is None:
            self.refused.add(token)
        return await super().get_room(call)


@family.breaks("newroom-is-false-with-rid")
class CallsARoomByRidNewAfterAClose(Behaviour):
    """``newRoom`` is true for the rid of a visitor's second room."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        again = bool(query.rid) and len(self.store.rooms(room["v"]["token"])) > 1
        return super().render(room, query, new=new or again)


@family.breaks("newroom-is-true-for-a-created-room")
class CallsTheWidgetsRoomOld(Behaviour):
    """``newRoom`` is false for a room that the widget opens."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new and not query.call.from_widget)
