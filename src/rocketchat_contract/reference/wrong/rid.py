"""Wrong in what a rid names: exactly one room, the visitor's own open one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.get_or_create import reopen
from rocketchat_contract.reference.wrong.seams import OneStep, Recently, now_and_then

family = Family("rid")

# the visitor's own rid


@family.breaks("an-own-open-rid-is-returned")
class RefusesOwnRids(Behaviour):
    """No rid is ever found."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:  # noqa: ARG002
        return None


@family.breaks("an-own-open-rid-is-returned")
class RefusesOwnRidsAfterAMessage(Behaviour):
    """The rid of a room with a message is not found."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        room = await super().room_by_id(rid, visitor)
        return None if room and "lastMessage" in room else room


@family.breaks("an-own-open-rid-is-returned")
class RefusesTheRidOfASecondRoom(Behaviour):
    """The rid of the room after a close is not found."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        room = await super().room_by_id(rid, visitor)
        return room if len(self.store.rooms(visitor["token"])) == 1 else None


@family.breaks("an-own-open-rid-is-returned", needs="haste")
class RefusesNewRids(Behaviour):
    """The rid of a room is not found for 20 ms after its creation."""

    @cached_property
    def unseen(self) -> Recently:
        return Recently(0.02)

    def insert_room(self, room: JsonObject) -> None:
        super().insert_room(room)
        self.unseen.note(room["_id"])

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        return None if rid in self.unseen else await super().room_by_id(rid, visitor)


@family.breaks("an-own-open-rid-is-returned", needs="chance")
class RefusesOneOwnRidInFifteen(Behaviour):
    """One look-up by rid in fifteen finds nothing."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        return None if now_and_then(15) else await super().room_by_id(rid, visitor)


@family.breaks("an-own-open-rid-is-returned")
class ForgetsRidsWhenOthersCome(Behaviour):
    """Only the rids of the last two rooms are found."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        last = {room["_id"] for room in self.store.rooms()[-2:]}
        return await super().room_by_id(rid, visitor) if rid in last else None


@family.breaks("newroom-is-false-with-rid")
class CallsARoomByRidNew(Behaviour):
    """``newRoom`` is true when the call named its room."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new or bool(query.rid))


@family.breaks("newroom-is-false-with-rid")
class CallsARoomByRidNewUntilAMessageComes(Behaviour):
    """``newRoom`` is true for a rid as long as the room is empty."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new or bool(query.rid and "lastMessage" not in room))


# rids of closed rooms


@family.breaks("a-closed-rid-is-refused")
class ReturnsClosedRoomsByRid(Behaviour):
    """The rid of a closed room gives that room as it is."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        room = self.store.room(rid)
        return room if room and room["v"]["token"] == visitor["token"] else None


@family.breaks("a-closed-rid-is-refused")
class ReopensClosedRoomsByRid(Behaviour):
    """The rid of a closed room opens it again."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        room = self.store.room(rid)
        if room and room["v"]["token"] == visitor["token"] and not self.store.open_room(visitor["token"]):
            return self.store.change_room(rid, reopen)
        return await super().room_by_id(rid, visitor)


@family.breaks("a-closed-rid-is-refused")
class AnswersAClosedRidWithTheNextRoom(Behaviour):
    """The rid of a closed room leads to the visitor's open room, or to a new one."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and not room.get("open") and room["v"]["token"] == visitor["token"]:
            return await self.get_or_create(query, visitor)
        return await super().get_by_id(query, visitor)


@family.breaks("a-closed-rid-is-refused")
class AnswersAClosedRidWhileAnotherRoomIsOpen(Behaviour):
    """The rid of a closed room leads to the visitor's open room, when there is one."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room, other = self.store.room(query.rid), self.store.open_room(visitor["token"])
        if room and other and not room.get("open") and room["v"]["token"] == visitor["token"]:
            return self.render(other, query, new=False)
        return await super().get_by_id(query, visitor)


# unknown rids


@family.breaks("an-unknown-rid-is-refused")
class IgnoresAnUnknownRid(Behaviour):
    """A rid that no room has counts as none."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if self.store.room(query.rid) is None:
            return await self.get_or_create(query, visitor)
        return await super().get_by_id(query, visitor)


@family.breaks("an-unknown-rid-is-refused")
class OpensARoomForAnUnknownRid(Behaviour):
    """A rid that no room has opens a room when the visitor has none."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if self.store.room(query.rid) is None and not self.store.open_room(visitor["token"]):
            return await self.create_room(query, visitor)
        return await super().get_by_id(query, visitor)


@family.breaks("an-unknown-rid-is-refused", unguarded=True)
class OpensARoomWithTheRidOfTheCaller(OneStep):
    """A rid that no room has becomes the id of a new room."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if self.store.room(query.rid) is None:
            return await self.create_room(query, visitor)
        return await super().get_by_id(query, visitor)

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = super().draft_room(query, visitor)
        return {**room, "_id": query.rid} if query.rid else room


@family.breaks("an-unknown-rid-is-refused")
class TakesUndefinedForNoRid(Behaviour):
    """The rids ``undefined`` and ``null`` count as none."""

    def room_query(self, call: object) -> AskedRoom:
        query = super().room_query(call)  # type: ignore[arg-type]
        if query.rid in ("undefined", "null"):
            return AskedRoom(query.token, "", query.agent_id, query.sla, query.call)
        return query


# foreign rids


@family.breaks("a-foreign-rid-is-refused")
class ReturnsForeignRoomsByRid(Behaviour):
    """The rid of an open room gives it to anybody."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:  # noqa: ARG002
        room = self.store.room(rid)
        return room if room and room.get("open") else None


@family.breaks("a-foreign-rid-is-refused")
class AnswersAForeignRidWithTheOwnRoom(Behaviour):
    """The rid of another visitor's room gives the visitor's own."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            return await self.get_or_create(query, visitor)
        return await super().get_by_id(query, visitor)


@family.breaks("a-foreign-rid-is-refused")
class ReturnsForeignRoomsToVisitorsWithoutARoom(Behaviour):
    """The rid of another visitor's room is found as long as the visitor has none open."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        if self.store.open_room(visitor["token"]) is None:
            room = self.store.room(rid)
            return room if room and room.get("open") else None
        return await super().room_by_id(rid, visitor)


@family.breaks("a-foreign-rid-is-refused")
class HandsForeignRoomsOver(Behaviour):
    """The rid of another visitor's room makes it the asking visitor's."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        def hand_over(room: JsonObject) -> None:
            room["v"] = {**room["v"], "_id": visitor["_id"], "token": visitor["token"]}

        room = self.store.room(rid)
        return self.store.change_room(rid, hand_over) if room and room.get("open") else None


@family.breaks("a-foreign-rid-is-refused")
class GivesForeignRoomsTheAskersName(Behaviour):
    """The rid of another visitor's room gives it, with the asking visitor written into it."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        room = self.store.room(rid)
        mine = {name: visitor[name] for name in ("_id", "username", "token", "status")}
        return {**room, "v": mine} if room and room.get("open") else None


# rids that are matched loosely


def _loosely(same: Callable[[str, str], bool]) -> Callable[[Parts], Parts]:
    """Find the visitor's open room when ``same(asked, id)``."""

    class MatchesLoosely(Behaviour):
        async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
            room = self.store.open_room(visitor["token"])
            return room if room and same(rid, room["_id"]) else None

    return lambda parts: parts.behaving(MatchesLoosely)


def _as_pattern(asked: str, rid: str) -> bool:
    try:
        return re.fullmatch(asked, rid) is not None
    except re.error:
        return asked == rid


for _name, _how, _same in (
    ("matches_rids_in_any_case", "in any letter case", lambda asked, rid: asked.lower() == rid.lower()),
    ("matches_rids_by_prefix", "by their beginning", lambda asked, rid: rid.startswith(asked)),
    ("matches_rids_by_suffix", "by their end", lambda asked, rid: rid.endswith(asked)),
    ("matches_parts_of_rids", "by any part", lambda asked, rid: asked in rid),
    ("trims_rids", "less the spaces around them", lambda asked, rid: asked.strip() == rid),
    ("ignores_spaces_after_a_rid", "less the spaces after them", lambda asked, rid: asked.rstrip(" ") == rid),
    ("cuts_rids_to_seventeen_letters", "by their first 17 letters", lambda asked, rid: asked[:17] == rid),
    ("takes_rids_for_patterns", "as regular expressions", _as_pattern),
    ("ends_rids_at_a_nul", "up to a NUL", lambda asked, rid: asked.partition("\0")[0] == rid),
):
    family.add(_name, "a-rid-is-matched-exactly", f"Rids are matched {_how}.", _loosely(_same))


# how rids are refused


@family.breaks("refused-rids-answer-alike")
class TellsAForeignRidFromAnUnknownOne(Behaviour):
    """The rid of another visitor's room is refused in other words than one that no room has."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            raise plain("error-not-allowed")
        return await super().get_by_id(query, visitor)


@family.breaks("refused-rids-answer-alike")
class TellsAClosedRidFromAnUnknownOne(Behaviour):
    """The rid of any closed room, also of another visitor's, is refused as such."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and not room.get("open"):
            raise plain("room-closed")
        return await super().get_by_id(query, visitor)


@family.breaks("a-status-is-documented")
class Answers403ToForeignRids(Behaviour):
    """The rid of another visitor's room is refused with a status that nobody documented."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            raise Refusal("unauthorized", status=403)
        return await super().get_by_id(query, visitor)


@family.breaks("an-empty-rid-is-no-rid")
class RefusesAnEmptyRid(Behaviour):
    """An empty rid is looked for, and not found."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if "rid" in query.call.query:
            raise plain("invalid-room")
        return await super().get_or_create(query, visitor)


@family.breaks("an-empty-rid-is-no-rid")
class RefusesAnEmptyRidWithoutARoom(Behaviour):
    """An empty rid is refused as long as the visitor has no room open."""

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if "rid" in query.call.query:
            raise plain("invalid-room")
        return await super().create_room(query, visitor)


@family.breaks("refused-rids-answer-alike")
class TellsAForeignRidByItsDetails(Behaviour):
    """The refusal of another visitor's rid has the same words, and a member more."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            raise Refusal("invalid-room", details={"method": "livechat/room"})
        return await super().get_by_id(query, visitor)


@family.breaks("refused-rids-answer-alike")
class TellsAForeignClosedRid(Behaviour):
    """The rid of another visitor's closed room is refused in other words than one that no room has."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"] and not room.get("open"):
            raise plain("room-closed")
        return await super().get_by_id(query, visitor)


@family.breaks("an-own-open-rid-is-returned")
class RefusesRidsBeforeTheToken(Behaviour):
    """A query in which the rid comes first is refused."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        if next(iter(call.query), "") == "rid" and "token" in call.query:
            raise plain("invalid-room")
        return await super().get_room(call)
