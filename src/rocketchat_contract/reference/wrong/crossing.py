"""Wrong only when different calls cross: of the widget and the API, of visitors, or many for a room that is open."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.races import Locks

family = Family("races", needs="race")


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class CreatesTwoRoomsForTheWidgetAndTheApi(Locks):
    """Calls wait for each other, but none with the widget's cookies for one without."""

    def key(self, query: AskedRoom) -> object:
        return query.token, query.call.from_widget


@family.breaks("an-open-room-is-returned")
class ClosesTheRoomOfWhoeverAsksMeanwhile(Behaviour):
    """The room to close is kept in one place for all calls: who asks beside another's close loses the room."""

    current = ""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        self.current = room["_id"]
        return super().render(room, query, new=new)

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        self.current = rid
        await window(0.002)
        if self.current != rid:
            self.store.change_room(self.current, lambda room: room.update(open=False, closedAt=self.now()))
        await super().close_room(rid, visitor, comment)


class _Counts(Behaviour):
    """Looks how many calls of one visitor are under way before it answers."""

    @cached_property
    def under_way(self) -> Counter[str]:
        return Counter()

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if not self.concerns(visitor):
            return await super().get_or_create(query, visitor)
        self.under_way[query.token] += 1
        try:
            await window(0.003)
            crowded = self.under_way[query.token] > 1
            await window(0.003)
        finally:
            self.under_way[query.token] -= 1
        if crowded:
            raise plain("error-too-busy")
        return await super().get_or_create(query, visitor)

    def concerns(self, visitor: JsonObject) -> bool:
        raise NotImplementedError


@family.breaks("a-known-visitor-gets-a-room")
class RefusesAllRacers(_Counts):
    """Simultaneous first calls are all refused: nobody wins."""

    def concerns(self, visitor: JsonObject) -> bool:
        return self.store.open_room(visitor["token"]) is None


@family.breaks("a-known-visitor-gets-a-room")
class RefusesSimultaneousCallsForAnOpenRoom(_Counts):
    """Simultaneous calls for a room that is open are all refused."""

    def concerns(self, visitor: JsonObject) -> bool:
        return self.store.open_room(visitor["token"]) is not None
