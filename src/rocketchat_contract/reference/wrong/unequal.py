"""Wrong only when calls of different kinds overlap, or more of them than usual."""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import cached_property

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.races import Locks

family = Family("races", needs="race")


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsForANamedAgent(Locks):
    """Calls wait for each other only when they name the same agent, or none."""

    def key(self, query: AskedRoom) -> object:
        return query.token, query.agent_id


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsForAnotherEncoding(Locks):
    """Calls wait for each other only when their tokens are encoded alike."""

    def key(self, query: AskedRoom) -> object:
        parts = query.call.channel.query_string.split(b"&")
        return next((part for part in parts if part.startswith(b"token=")), b"")


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsWhenNineCallsRace(Locks):
    """Eight calls wait for each other; the ninth does not."""

    @cached_property
    def waiting(self) -> Counter[str]:
        return Counter()

    def key(self, query: AskedRoom) -> object:
        return query.token if self.waiting[query.token] <= 8 else query.call.number

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        self.waiting[query.token] += 1
        try:
            return await super().get_or_create(query, visitor)
        finally:
            self.waiting[query.token] -= 1


@family.breaks("rooms-are-not-shared")
class SharesAnswersToOneRid(Behaviour):
    """Who asks for a rid while somebody else does gets the same answer."""

    @cached_property
    def under_way(self) -> dict[str, asyncio.Task[JsonObject]]:
        return {}

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        task = self.under_way.get(query.rid)
        if task is None:
            task = self.under_way[query.rid] = asyncio.ensure_future(self.looked_up(query, visitor))
        return await asyncio.shield(task)

    async def looked_up(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Look a room up, which takes some milliseconds."""
        try:
            await window(0.003)
            return await super().get_by_id(query, visitor)
        finally:
            del self.under_way[query.rid]
