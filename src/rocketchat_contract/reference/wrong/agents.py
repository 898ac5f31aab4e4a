"""Wrong in what becomes of an open room when a call names an agent whom the server knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import cached_property

from rocketchat_contract.reference.call import JsonObject, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.wrong.catalogue import Family, Variants
from rocketchat_contract.reference.wrong.seams import OneStep

family = Family("refusals")
variants = Variants()


class TwoAgents(OneStep):
    """Two agents are online, so that rooms are served by one and by the other."""

    def seed(self, password: str) -> None:
        super().seed(password)
        if self.store.user_named("second") is None:
            agent = self.draft_user("second", "Second", ["user", "livechat-agent"])
            self.store.save_user({**agent, "status": "online", "statusLivechat": "available"}, "")


class _LooksAtTheAgent(TwoAgents):
    """Looks whether the call names an agent before it answers an open room."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = await self.find_open_room(visitor)
        agent = self.store.user(query.agent_id) if query.agent_id else None
        if room is None or agent is None or agent["_id"] == server_of(room):
            return await super().get_or_create(query, visitor)
        return await self.named(query, visitor, room, agent)

    async def named(self, query: AskedRoom, visitor: JsonObject, room: JsonObject, agent: JsonObject) -> JsonObject:
        """Answer a call for an open room that names another known agent than the one who serves it."""
        raise NotImplementedError


def server_of(room: JsonObject) -> object:
    """The id of who serves a room."""
    return (room.get("servedBy") or {}).get("_id")


def handing(agent: JsonObject) -> Callable[[JsonObject], None]:
    """Let another agent serve a room."""
    return lambda room: room.update(servedBy={**room["servedBy"], "_id": agent["_id"], "username": agent["username"]})


@family.breaks("an-agent-id-changes-no-open-room", unguarded=True)
class OpensAnotherRoomForAnAgentOfOthers(_LooksAtTheAgent):
    """A known agent who serves others gets a room of its own."""

    async def named(self, query: AskedRoom, visitor: JsonObject, room: JsonObject, agent: JsonObject) -> JsonObject:  # noqa: ARG002
        return await self.create_room(query, visitor)


@family.breaks("an-agent-id-changes-no-open-room")
class RefusesAnAgentOfOthersForAnOpenRoom(_LooksAtTheAgent):
    """A known agent who serves others is refused while a room is open."""

    async def named(self, query: AskedRoom, visitor: JsonObject, room: JsonObject, agent: JsonObject) -> JsonObject:  # noqa: ARG002
        raise plain("error-agent-mismatch")


@family.breaks("an-agent-id-changes-no-open-room", unguarded=True)
class MovesToAnotherRoomForAnAgentOfOthers(_LooksAtTheAgent):
    """A known agent who serves others closes the room and opens another one."""

    async def named(self, query: AskedRoom, visitor: JsonObject, room: JsonObject, agent: JsonObject) -> JsonObject:  # noqa: ARG002
        await self.close_room(room["_id"], visitor, "")
        return await self.create_room(query, visitor)


@family.breaks("newroom-is-false-for-a-returned-room")
class CallsARoomNewForAnAgentOfOthers(_LooksAtTheAgent):
    """A room is called new when the call names another agent than the one who serves it."""

    async def named(self, query: AskedRoom, visitor: JsonObject, room: JsonObject, agent: JsonObject) -> JsonObject:  # noqa: ARG002
        return self.render(room, query, new=True)


@family.breaks("a-repeat-changes-nothing")
class HandsTheRoomToTheNamedAgent(_LooksAtTheAgent):
    """Whoever the call names serves the open room from then on."""

    async def named(self, query: AskedRoom, visitor: JsonObject, room: JsonObject, agent: JsonObject) -> JsonObject:  # noqa: ARG002
        return self.render(self.store.change_room(room["_id"], handing(agent)) or room, query, new=False)


@family.breaks("a-repeat-changes-nothing")
class TakesTheRoomFromItsAgent(_LooksAtTheAgent):
    """A call that names another agent leaves the room served by nobody."""

    async def named(self, query: AskedRoom, visitor: JsonObject, room: JsonObject, agent: JsonObject) -> JsonObject:  # noqa: ARG002
        room = self.store.change_room(room["_id"], lambda now: now.pop("servedBy", None)) or room
        return self.render(room, query, new=False)


@family.breaks("a-repeat-changes-nothing")
class HandsARoomOverByItsRid(TwoAgents):
    """Whoever a call by rid names serves the room from then on."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        agent = self.store.user(query.agent_id) if query.agent_id else None
        if agent is not None and await self.room_by_id(query.rid, visitor) is not None:
            self.store.change_room(query.rid, handing(agent))
        return await super().get_by_id(query, visitor)


# what agents do of their own accord


@variants.keeps()
class HasTwoAgents(TwoAgents):
    """Two agents are online and take rooms in turn."""


class _ChangesOnce(TwoAgents):
    """Something becomes of a room at one of its answers, whatever the call says."""

    at = 3

    @cached_property
    def answers(self) -> dict[str, int]:
        return {}

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        count = self.answers[room["_id"]] = self.answers.get(room["_id"], 0) + 1
        if count == self.at and room.get("open"):
            room = self.store.change_room(room["_id"], self.change) or room
        return super().render(room, query, new=new)

    def change(self, room: JsonObject) -> None:
        raise NotImplementedError


@variants.keeps()
class LetsABotHandOver(_ChangesOnce):
    """A bot serves each room at first, and hands it over to another agent after two answers."""

    def change(self, room: JsonObject) -> None:
        others = [agent for agent in self.store.online_agents() if agent["_id"] != server_of(room)]
        handing(others[0])(room)


@variants.keeps()
class PutsRoomsBackIntoTheQueue(_ChangesOnce):
    """An agent leaves each room after three answers, and nobody takes it."""

    at = 4

    def change(self, room: JsonObject) -> None:
        room.pop("servedBy", None)


@variants.keeps()
class MovesChatsAfterAWhile(TwoAgents):
    """A bot brings each chat to a department 20 ms after it began, whatever its visitor asks for then."""

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        answer = await super().create_room(query, visitor)
        asyncio.get_running_loop().call_later(0.02, self.move, answer["room"]["_id"])
        return answer

    def move(self, room: str) -> None:
        self.store.change_room(room, lambda each: each.update(departmentId="66f2c1d0a1b2c3d4e5f60718"))


@variants.keeps()
class LetsABotGreetAndHandOver(TwoAgents):
    """A bot writes two messages in each room, between its second, third and fourth answer."""

    @cached_property
    def answered(self) -> Counter[str]:
        return Counter()

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        self.answered[room["_id"]] += 1
        if self.answered[room["_id"]] in (3, 4) and room.get("open"):
            room = self.store.change_room(room["_id"], lambda each: each.update(msgs=each["msgs"] + 1)) or room
        return super().render(room, query, new=new)
