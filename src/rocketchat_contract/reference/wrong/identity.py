"""Wrong in that visitors get, or see something of, each other's rooms; and in what parameters do to a room."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, ServerCall, ServerReply, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE, Recently, RoomWire, now_and_then, with_room

family = Family("identity")

# rooms of others


@family.breaks("a-room-is-the-asking-visitors")
class ReturnsTheRoomOfAnotherVisitor(Behaviour):
    """The newest open room is returned, whosesoever it is."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:  # noqa: ARG002
        return next((room for room in reversed(self.store.rooms()) if room.get("open")), None)


@family.breaks("a-room-is-the-asking-visitors", needs="chance")
class ReturnsTheRoomOfAnotherOneTimeInFifty(Behaviour):
    """One look-up in fifty finds another visitor's room."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        if now_and_then(50):
            return next((room for room in reversed(self.store.rooms()) if room.get("open")), None)
        return await super().find_open_room(visitor)


@family.breaks("rooms-are-not-shared")
class GivesTwoVisitorsOneRoom(Behaviour):
    """Every second visitor gets the room of the one before, with their own name in it."""

    @cached_property
    def hosts(self) -> dict[str, str]:
        return {}

    @cached_property
    def tokens(self) -> list[str]:
        return []

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        token = visitor["token"]
        if token not in self.hosts:
            self.tokens.append(token)
            self.hosts[token] = token if len(self.tokens) % 2 else self.tokens[-2]
        room = self.store.open_room(self.hosts[token])
        mine = {name: visitor[name] for name in ("_id", "username", "token", "status")}
        return {**room, "v": mine} if room else None


@family.breaks("a-room-is-the-asking-visitors", needs="haste")
class CachesAnswersWithoutTheirQuery(Behaviour):
    """For 5 ms everybody gets the last answer: a cache knows the path and not the query."""

    answer: JsonObject

    @cached_property
    def fresh(self) -> Recently:
        return Recently(0.005)

    async def get_room(self, call: ServerCall) -> JsonObject:
        if ROOM_ROUTE not in self.fresh:
            self.answer = await super().get_room(call)
            self.fresh.note(ROOM_ROUTE)
        return self.answer


@family.breaks("newroom-is-false-for-a-returned-room", needs="haste")
class CachesAnswersByTheirQuery(Behaviour):
    """For 50 ms the same query gets the same answer, also the one that said newRoom true."""

    @cached_property
    def answers(self) -> dict[str, JsonObject]:
        return {}

    @cached_property
    def fresh(self) -> Recently:
        return Recently(0.05)

    async def get_room(self, call: ServerCall) -> JsonObject:
        key = repr(sorted(call.query.items(), key=repr))
        if key not in self.fresh:
            self.answers[key] = await super().get_room(call)
            self.fresh.note(key)
        return self.answers[key]


# something of others inside the own room


class _KnowsTheOther(Behaviour):
    """Knows which visitor got a room before this one did."""

    @cached_property
    def others(self) -> list[JsonObject]:
        return []

    def other(self, token: str) -> JsonObject | None:
        return next((visitor for visitor in reversed(self.others) if visitor["token"] != token), None)

    async def known_visitor(self, token: str) -> JsonObject:
        visitor = await super().known_visitor(token)
        self.others.append(visitor)
        return visitor

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown, other = super().render_room(room, query), self.other(query.token)
        return self.mixed(shown, other) if other else shown

    def mixed(self, room: JsonObject, other: JsonObject) -> JsonObject:
        raise NotImplementedError


@family.breaks("no-other-visitor-shows")
class HidesAnotherTokenInTheRoom(_KnowsTheOther):
    """The room holds the token of another visitor."""

    def mixed(self, room: JsonObject, other: JsonObject) -> JsonObject:
        return {**room, "crmData": {"previous": other["token"]}}


@family.breaks("no-other-visitor-shows")
class NamesAnotherVisitorAsTheOneWhoAnswered(_KnowsTheOther):
    """``responseBy`` holds the _id of another visitor."""

    def mixed(self, room: JsonObject, other: JsonObject) -> JsonObject:
        return {**room, "responseBy": {"_id": other["_id"], "lastMessageTs": room["lm"]}}


@family.breaks("no-other-visitor-shows")
class ShowsTheNameOfAnotherVisitor(_KnowsTheOther):
    """``fname`` is the name of another visitor."""

    def mixed(self, room: JsonObject, other: JsonObject) -> JsonObject:
        return {**room, "fname": other.get("name", room["fname"])}


@family.breaks("no-other-visitor-shows")
class ShowsTheUsernameOfAnotherVisitor(_KnowsTheOther):
    """``v.username`` is that of another visitor."""

    def mixed(self, room: JsonObject, other: JsonObject) -> JsonObject:
        return {**room, "v": {**room["v"], "username": other["username"]}}


@family.breaks("no-other-visitor-shows")
class NamesAnotherVisitorAsTheAuthor(_KnowsTheOther):
    """The author of ``lastMessage`` is another visitor."""

    def mixed(self, room: JsonObject, other: JsonObject) -> JsonObject:
        if "lastMessage" not in room:
            return room
        author = {"_id": other["_id"], "username": other["username"], "name": other["username"]}
        return {**room, "lastMessage": {**room["lastMessage"], "u": author}}


@family.breaks("a-last-message-is-the-rooms-own")
class ShowsTheLastMessageOfAnotherRoom(Behaviour):
    """``lastMessage`` is the last message of all rooms."""

    last: JsonObject | None = None

    async def send_message(self, message: JsonObject) -> JsonObject:
        self.last = await super().send_message(message)
        return self.last

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown = super().render_room(room, query)
        return {**shown, "lastMessage": self.last} if self.last else shown


@family.breaks("a-last-message-is-the-rooms-own")
class NamesABotAsTheAuthor(Behaviour):
    """A bot is the author of the visitor's message in ``lastMessage``."""

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown = super().render_room(room, query)
        bot = {"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"}
        return {**shown, "lastMessage": {**shown["lastMessage"], "u": bot}} if "lastMessage" in shown else shown


@family.breaks("a-last-message-is-the-rooms-own")
class KeepsTheLastMessageOverAClose(Behaviour):
    """A visitor's next room shows the last message of the closed one."""

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = super().draft_room(query, visitor)
        before = [old["lastMessage"] for old in self.store.rooms(visitor["token"]) if "lastMessage" in old]
        return {**room, "lastMessage": before[-1]} if before else room


@family.breaks("a-room-is-the-asking-visitors")
class WritesTheAskedTokenInCapitals(RoomWire):
    """``v.token`` of the room is not the token as it was registered."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        return with_room(reply, lambda room: {**room, "v": {**room["v"], "token": room["v"]["token"].upper()}})


@family.breaks("no-other-visitor-shows")
class TellsWhoseAForeignRidIs(Behaviour):
    """The refusal of a foreign rid names the token of its owner."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            raise plain(f"room of {room['v']['token']}")
        return await super().get_by_id(query, visitor)


@family.breaks("unknown-parameters-change-nothing")
class MergesParametersIntoTheRoom(Behaviour):
    """Parameters that nobody documented become members of the room."""

    def optional_parameters(self) -> tuple[str, ...]:
        return (*super().optional_parameters(), "fname", "departmentId", "source", "status")

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        unnamed = {n: v for n, v in query.call.query.items() if n not in ("token", "rid", "agentId")}
        return {**super().render_room(room, query), **unnamed}


@family.breaks("unknown-parameters-change-nothing")
class KeepsParametersInTheStore(Behaviour):
    """Parameters that nobody documented are kept in the room, deep inside, from its creation on."""

    def room_query(self, call: ServerCall) -> AskedRoom:
        named = {name: value for name, value in call.query.items() if name in ("token", "rid", "agentId")}
        query = super().room_query(replace(call, query=named))
        return replace(query, call=call)

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        named = ("token", "rid", "agentId")
        extra = {name: value for name, value in query.call.query.items() if name not in named}
        return {**super().draft_room(query, visitor), "livechatData": {"query": extra}}


@family.breaks("unknown-parameters-change-nothing")
class TakesADepartmentFromTheQuery(Behaviour):
    """The parameter departmentId, which nobody documented, moves the room there."""

    def optional_parameters(self) -> tuple[str, ...]:
        return (*super().optional_parameters(), "departmentId")

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        department = query.call.query.get("departmentId")
        return {**super().render_room(room, query), **({"departmentId": department} if department else {})}


@family.breaks("rooms-are-not-shared")
class NumbersRoomsPerVisitor(Behaviour):
    """Rooms are numbered for each visitor on their own, so that two visitors have rooms of one id."""

    def number_of(self, room: JsonObject) -> str:
        ids = [other["_id"] for other in self.store.rooms(room["v"]["token"])]
        return f"room{ids.index(room['_id']) + 1:013d}"

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        return {**super().render_room(room, query), "_id": self.number_of(room)}

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        room = self.store.open_room(visitor["token"])
        return room if room and self.number_of(room) == rid else None

    def own_open_room(self, rid: str, visitor: JsonObject) -> JsonObject:
        room = self.store.open_room(visitor["token"])
        return super().own_open_room(room["_id"] if room and self.number_of(room) == rid else rid, visitor)

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        await super().close_room(self.own_open_room(rid, visitor)["_id"], visitor, comment)


@family.breaks("rooms-are-not-shared")
class UsesIdsOfErasedRoomsAgain(Behaviour):
    """The next room gets the id of a room that was erased with its visitor."""

    @cached_property
    def free(self) -> list[str]:
        return []

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        ids = [room["_id"] for room in self.store.rooms(call.values[0])]
        answer = await super().delete_visitor(call)
        self.free.extend(ids)
        return answer

    def new_room_id(self) -> str:
        return self.free.pop() if self.free else super().new_room_id()


@family.breaks("rooms-are-not-shared")
class SharesRoomsOfOneName(Behaviour):
    """Visitors of one name share a room."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        rooms = (room for room in self.store.rooms() if room.get("open"))
        return next((room for room in rooms if room["fname"] == visitor.get("name")), None)


@family.breaks("rooms-are-not-shared")
class GivesTheRoomOfTheNamedAgent(Behaviour):
    """A first call that names an agent gets the newest room that the agent serves, whosesoever it is."""

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        rooms = (room for room in reversed(self.store.rooms()) if room.get("open") and query.agent_id)
        served = next((room for room in rooms if room.get("servedBy", {}).get("_id") == query.agent_id), None)
        return self.render(served, query, new=False) if served else await super().create_room(query, visitor)


@family.breaks("no-other-visitor-shows")
class NamesTheVisitorBeforeInAHeader(Wire):
    """A header holds the token of the visitor who asked before."""

    last = b""

    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:
        fields = super().headers(call, reply, payload)
        if call.route == ROOM_ROUTE and reply.status == 200:
            fields.append((b"x-last-visitor", self.last))
            self.last = reply.document["room"]["v"]["token"].encode()
        return fields
