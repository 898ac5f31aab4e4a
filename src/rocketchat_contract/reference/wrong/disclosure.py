"""Wrong in what answers disclose: secrets of staff, and something of other visitors wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from urllib.parse import quote

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, Refusal, ServerCall, ServerReply, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import RoomWire, with_room

family = Family("identity")

_HASH = "$2b$10$Zq8oUcIckgx2ZMRZoMyeIeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
SIGNED = "eyJhbGciOiJIUzI1NiJ9.eyJyaWQiOiJyb29tIiwidXNlcklkIjoiYWdlbnQifQ.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW1gFWFOEjXk"
RESUME = {
    "loginTokens": [{"when": "2026-11-22T15:30:00.000Z", "hashedToken": "6tTm0vBgq3bSPiHv0bUoV8Xb1hO0b8Q0x3CqLr6f0mE="}]
}


def showing(change: Callable[[JsonObject], JsonObject]) -> Callable[[Parts], Parts]:
    """Change the room of each answer."""

    class Shows(RoomWire):
        def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
            return with_room(reply, change)

    return lambda parts: parts.wired(Shows)


def _of_the_agent(**more: object) -> Callable[[JsonObject], JsonObject]:
    return lambda room: {**room, "servedBy": {**room["servedBy"], **more}} if "servedBy" in room else room


for _name, _requirement, _sentence, _change in (
    (
        "shows_the_hash_of_a_password",
        "no-secret-shows",
        "The agent's account stands in the room, with the hash of the password.",
        _of_the_agent(services={"password": {"bcrypt": _HASH}}),
    ),
    (
        "shows_the_agents_resume_token",
        "no-secret-shows",
        "The agent's sessions stand in the room.",
        _of_the_agent(services={"resume": RESUME}),
    ),
    (
        "shows_a_session_of_the_server",
        "no-secret-shows",
        "A further member holds the credentials of a callback.",
        lambda room: {
            **room,
            "callback": {"X-Auth-Token": "aK3v9QmB2xW7pLz8Rt5YcN1dHs6UeJ4g"},
        },
    ),
    (
        "shows_where_the_database_is",
        "no-secret-shows",
        "A further member holds the database's address with its password.",
        lambda room: {**room, "origin": "mongodb://rocket:s3cr3t@mongo:27017/rocketchat"},
    ),
    (
        "shows_a_signed_token",
        "no-secret-shows",
        "A further member holds a token that opens files.",
        lambda room: {**room, "fileAccess": SIGNED},
    ),
    (
        "shows_the_address_of_the_agent",
        "no-address-of-others-shows",
        "The agent's e-mail address stands in the room.",
        _of_the_agent(emails=[{"address": "jane@corp.example", "verified": True}]),
    ),
):
    family.add(_name, _requirement, _sentence, showing(_change))

OTHERS = "no-other-visitor-shows"


class _KnowsOthers(Behaviour):
    """Knows the rooms of others that are there."""

    def others(self, token: str) -> list[JsonObject]:
        return [room for room in self.store.rooms() if room["v"]["token"] != token]

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown, others = super().render_room(room, query), self.others(query.token)
        return {**shown, **self.disclosed(others)} if others else shown

    def disclosed(self, others: list[JsonObject]) -> JsonObject:
        raise NotImplementedError


@family.breaks(OTHERS)
class ShowsRoomsInTheQueue(_KnowsOthers):
    """A further member lists the ids of other visitors' rooms."""

    def disclosed(self, others: list[JsonObject]) -> JsonObject:
        return {"queue": [room["_id"] for room in others]}


@family.breaks(OTHERS)
class ShowsWhatOthersWrote(_KnowsOthers):
    """A further member holds the last message of another visitor."""

    def disclosed(self, others: list[JsonObject]) -> JsonObject:
        return {"preview": [room["lastMessage"]["msg"] for room in others if "lastMessage" in room]}


@family.breaks(OTHERS)
class ShowsTheNamesOfOthers(_KnowsOthers):
    """A further member says after whom the visitor comes."""

    def disclosed(self, others: list[JsonObject]) -> JsonObject:
        return {"position": f"after {others[0]['fname']}"}


@family.breaks(OTHERS)
class NamesTheOwnerOfAForeignRoom(Behaviour):
    """The refusal of a foreign rid says whose room it is."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room is not None and room["v"]["token"] != visitor["token"]:
            raise plain(f"This room belongs to {room['fname']}")
        return await super().get_by_id(query, visitor)


@family.breaks(OTHERS)
class TellsTheAddressOfTheOwner(Behaviour):
    """The refusal of a foreign rid holds the e-mail address of its visitor."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        owner = self.store.visitor(room["v"]["token"]) if room is not None else None
        if owner is not None and owner["token"] != visitor["token"] and owner.get("visitorEmails"):
            raise plain(f"Ask {owner['visitorEmails'][0]['address']} [invalid-room]")
        return await super().get_by_id(query, visitor)


@family.breaks(OTHERS)
class SuggestsARoomToStrangers(Behaviour):
    """The refusal of an unknown token holds the id of the newest room."""

    async def known_visitor(self, token: str) -> JsonObject:
        rooms = self.store.rooms()
        if await self.find_visitor(token) is None and rooms:
            raise Refusal("invalid-token", "invalid-token", {"nearest": rooms[-1]["_id"]})
        return await super().known_visitor(token)


class _Remembers(RoomWire):
    """Tells in a header field what was answered to the call before."""

    @cached_property
    def before(self) -> list[JsonObject]:
        return []

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        fields = tuple(self.field(room) for room in self.before[-1:])
        self.before.append(reply.document["room"])
        return replace(reply, headers=(*reply.headers, *fields))

    def field(self, room: JsonObject) -> Header:
        raise NotImplementedError


@family.breaks(OTHERS)
class NamesTheRoomBeforeInAHeader(_Remembers):
    """A header field holds the id of the room that was answered before."""

    def field(self, room: JsonObject) -> Header:
        return b"x-previous-room", room["_id"].encode()


@family.breaks(OTHERS)
class ShowsTheIdOfTheVisitorBefore(_Remembers):
    """A header field holds the _id of the visitor who was answered before."""

    def field(self, room: JsonObject) -> Header:
        return b"x-correlation", room["v"]["_id"].encode()


@family.breaks(OTHERS)
class SetsACookieOfTheVisitorBefore(_Remembers):
    """A cookie holds the _id of the visitor who was answered before."""

    def field(self, room: JsonObject) -> Header:
        return b"set-cookie", b"visitor=" + quote(room["v"]["_id"]).encode()


class _RefusesWith(Behaviour):
    text = ""

    def refusal_body(self, refusal: Refusal) -> JsonObject:
        body = super().refusal_body(refusal)
        return {**body, "details": self.text} if refusal.message == "invalid-token" else body


@family.breaks("nothing-internal-leaks")
class ShowsTheStackOfAGateway(_RefusesWith):
    """The refusal of an unknown token holds a stack of Java."""

    text = "java.lang.NullPointerException\n\tat com.example.gateway.Filter.run(Filter.java:88)"


@family.breaks("nothing-internal-leaks")
class ShowsTheQuery(_RefusesWith):
    """The refusal of an unknown token names database and collection."""

    text = "BSONError: find on rocketchat.rocketchat_livechat_visitor failed"
