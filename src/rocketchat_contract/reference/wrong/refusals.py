"""Wrong in refusing: what is let in, and what a refused call leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import without_members
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import OneStep

family = Family("refusals")

# what is let in


class _LetsIn(Behaviour):
    """Registers whoever is not known, as one person or as many."""

    def guest(self, token: str) -> JsonObject:
        known = self.store.visitor(token)
        if known is None:
            known = self.draft_visitor({"token": token})
            self.store.save_visitor(known)
        return known


@family.breaks("a-missing-token-is-refused")
class OpensARoomWithoutToken(_LetsIn):
    """A call without token gets a guest's room."""

    def room_query(self, call: ServerCall) -> AskedRoom:
        if "token" in call.query:
            return super().room_query(call)
        self.guest("anonymous")
        return super().room_query(replace(call, query={**call.query, "token": "anonymous"}))


@family.breaks("an-empty-token-is-refused")
class OpensARoomForTheEmptyToken(_LetsIn):
    """An empty token gets a guest's room."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        return await super().find_visitor(token) if token else self.guest(" ")


@family.breaks("an-empty-token-is-refused")
class FindsSomebodyForTheEmptyToken(Behaviour):
    """An empty token finds the visitor who came last."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        return await super().find_visitor(token) if token else next(reversed(self.store.visitors()), None)


@family.breaks("an-unknown-token-is-refused")
class RegistersUnknownTokens(_LetsIn):
    """A token that nobody registered becomes a visitor's."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        return self.guest(token) if token else None


@family.breaks("an-unknown-token-is-refused")
class RegistersUnknownTokensBehindARefusal(_LetsIn):
    """A token that nobody registered is refused the first time, and known the second."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        found = await super().find_visitor(token)
        if found is None and token:
            self.guest(token)
        return found


@family.breaks("an-unknown-token-is-refused")
class RegistersUnknownTokensForAnAgent(_LetsIn):
    """A token that nobody registered becomes a visitor's when the call names an agent."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        token = call.query.get("token")
        if "agentId" in call.query and isinstance(token, str) and token:
            self.guest(token)
        return await super().get_room(call)


@family.breaks("a-deleted-visitor-is-refused")
class RemembersDeletedVisitors(Behaviour):
    """A deleted visitor's token still opens rooms."""

    @cached_property
    def deleted(self) -> dict[str, JsonObject]:
        return {}

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        visitor = await self.find_visitor(call.values[0])
        answer = await super().delete_visitor(call)
        if visitor is not None:
            self.deleted[visitor["token"]] = visitor
        return answer

    async def find_visitor(self, token: str) -> JsonObject | None:
        found = await super().find_visitor(token)
        if found is None and token in self.deleted:
            self.store.save_visitor(self.deleted.pop(token))
        return found or await super().find_visitor(token)


@family.breaks("a-deleted-visitor-is-refused")
class SaysDeletedAndForgetsTheRoomsOnly(Behaviour):
    """A deletion erases the rooms and leaves the visitor."""

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        visitor = await self.find_visitor(call.values[0])
        answer = await super().delete_visitor(call)
        if visitor is not None:
            self.store.save_visitor(visitor)
        return answer


def reading(*names: str) -> Callable[[Parts], Parts]:
    """Read lists and objects under these names as no parameter at all."""

    class Reads(Behaviour):
        def room_query(self, call: ServerCall) -> AskedRoom:
            kept = {n: v for n, v in call.query.items() if n not in names or isinstance(v, str)}
            return super().room_query(replace(call, query=kept))

    return lambda parts: parts.behaving(Reads)


family.add(
    "takes_a_structured_rid_for_none",
    "structured-parameters-are-refused",
    "A rid that is a list or an object counts as none.",
    reading("rid"),
)
family.add(
    "takes_a_structured_agent_for_none",
    "structured-parameters-are-refused",
    "An agentId that is a list or an object counts as none.",
    reading("agentId"),
)


@family.breaks("structured-parameters-are-refused")
class TakesTheLastOfTwoAgents(Behaviour):
    """Of two agentIds the last counts."""

    def room_query(self, call: ServerCall) -> AskedRoom:
        value = call.query.get("agentId")
        last = value[-1] if isinstance(value, list) and len(value) > 1 else value
        return super().room_query(replace(call, query={**call.query, "agentId": last}) if last else call)


# agents


@family.breaks("an-agent-id-changes-no-open-room", unguarded=True)
class OpensAnotherRoomForAnotherAgent(OneStep):
    """A call that names an agent opens a room with that agent beside the open one."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if query.agent_id:
            return await self.create_room(query, visitor)
        return await super().get_or_create(query, visitor)


@family.breaks("an-agent-id-changes-no-open-room")
class RefusesAnUnknownAgentForAnOpenRoom(Behaviour):
    """A call that names an agent nobody knows is refused, though the room is open."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if query.agent_id and self.store.user(query.agent_id) is None and self.store.open_room(visitor["token"]):
            raise plain("agent-not-found")
        return await super().get_or_create(query, visitor)


# what a refused call leaves behind


@family.breaks("a-refused-call-changes-nothing")
class CreatesARoomBehindARefusedRid(Behaviour):
    """A rid is refused, and a room opened all the same."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if await self.room_by_id(query.rid, visitor) is None and not self.store.open_room(visitor["token"]):
            await self.create_room(query, visitor)
            raise plain("invalid-room")
        return await super().get_by_id(query, visitor)


@family.breaks("a-refused-call-changes-nothing")
class ClosesTheRoomBehindARefusedRid(Behaviour):
    """A rid that is not the open room's is refused, and the open room closed."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.open_room(visitor["token"])
        if room is not None and room["_id"] != query.rid:
            await self.close_room(room["_id"], visitor, "")
        return await super().get_by_id(query, visitor)


@family.breaks("a-refused-call-changes-nothing", unguarded=True)
class CreatesARoomBehindAnUnknownParameter(OneStep):
    """A call with an unknown parameter is refused after a room was opened for it."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        try:
            return await super().get_room(call)
        except Refusal as refusal:
            token = call.query.get("token")
            if "Unknown key" in refusal.message and isinstance(token, str) and self.store.visitor(token):
                named = replace(call, query={"token": token})
                await self.create_room(self.room_query(named), await self.known_visitor(token))
            raise


@family.breaks("a-refused-call-changes-nothing", unguarded=True)
class ForgetsTheRoomAfterAForeignRid(OneStep):
    """A visitor who asked for a foreign rid is refused, and their own room is not found any more."""

    @cached_property
    def punished(self) -> set[str]:
        return set()

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            self.punished.add(visitor["token"])
        return await super().get_by_id(query, visitor)

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        found = await super().find_open_room(visitor)
        if visitor["token"] in self.punished:
            self.punished.discard(visitor["token"])
            return None
        return found


@family.breaks("a-refused-agent-opens-no-room")
class OpensARoomBehindARefusedAgent(Behaviour):
    """A call with an agent nobody knows opens a room, and is refused when the agent is to take it."""

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        answer = await super().create_room(query, visitor)
        if query.agent_id and await self.preferred_agent(query.agent_id) is None:
            raise plain("Match error: Missing key 'username'")
        return answer


class _Remembers(Behaviour):
    """Keeps the rooms of deleted visitors, by token and rid."""

    @cached_property
    def erased(self) -> dict[tuple[str, str], JsonObject]:
        return {}

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        rooms = self.store.rooms(call.values[0])
        answer = await super().delete_visitor(call)
        self.erased.update({(call.values[0], room["_id"]): room for room in rooms})
        return answer


@family.breaks("a-deleted-visitor-is-refused")
class ReturnsRoomsOfDeletedVisitorsByRid(_Remembers):
    """A deleted visitor's token still gets the room whose rid it knows."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        room = self.erased.get((str(call.query.get("token")), str(call.query.get("rid"))))
        if room is not None:
            return {"room": {**room, "open": True}, "newRoom": False}
        return await super().get_room(call)


@family.breaks("an-agent-id-changes-no-open-room", unguarded=True)
class OpensAnotherRoomForAKnownAgent(OneStep):
    """A call that names an agent who exists opens a room with that agent beside the open one."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if await self.preferred_agent(query.agent_id):
            return await self.create_room(query, visitor)
        return await super().get_or_create(query, visitor)


@family.breaks("a-refused-call-changes-nothing")
class CreatesARoomBehindAWrongShape(Behaviour):
    """A rid of wrong shape is refused after a room was opened."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        token, rid = call.query.get("token"), call.query.get("rid", "")
        if isinstance(token, str) and not isinstance(rid, str):
            visitor = await self.known_visitor(token)
            if not self.store.open_room(token):
                await self.create_room(self.room_query(replace(call, query={"token": token})), visitor)
        return await super().get_room(call)


@family.breaks("a-refused-call-changes-nothing")
class ClosesTheRoomBehindAWrongShape(Behaviour):
    """An agentId of wrong shape is refused, and the open room closed."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        token = call.query.get("token")
        if isinstance(token, str) and not isinstance(call.query.get("agentId", ""), str):
            room = self.store.open_room(token)
            if room is not None:
                await self.close_room(room["_id"], await self.known_visitor(token), "")
        return await super().get_room(call)


@family.breaks("a-repeat-changes-nothing")
class CountsAMessageForEachRefusedRid(Behaviour):
    """A refused rid leaves a system message in the open room: ``msgs`` goes up."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.store.open_room(visitor["token"])
        if room and room["_id"] != query.rid:
            self.store.change_room(room["_id"], lambda now: now.update(msgs=now["msgs"] + 1))
        return await super().get_by_id(query, visitor)


@family.breaks("a-closed-rid-is-refused")
class RemembersRoomsOfVisitorsWhoCameBack(_Remembers):
    """A visitor who was deleted and comes back still gets the closed rooms whose rids they know."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.erased.get((query.token, query.rid))
        if room is None:
            return await super().get_by_id(query, visitor)
        closed = ("closedAt", "closer", "closedBy")
        return self.render({**without_members(room, *closed), "open": True}, query, new=False)
