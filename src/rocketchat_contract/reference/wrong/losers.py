"""Wrong in what the losers of a race are told: that the room is new, nothing at all, or an error."""

from __future__ import annotations

from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Family

family = Family("races", needs="race")


@family.breaks("overlapping-calls-report-one-creation")
class CallsTheRoomNewForEveryRacer(Behaviour):
    """The loser of a race gets the winner's room, called new."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.002)

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        return {**await super().lose_race(query, visitor), "newRoom": True}


@family.breaks("overlapping-calls-report-one-creation")
class CallsTheRoomNewForTwoRacers(Behaviour):
    """The first loser of a race gets the winner's room, called new; the others are told the truth."""

    @cached_property
    def informed(self) -> set[str]:
        return set()

    async def between_look_up_and_insertion(self) -> None:
        await window(0.002)

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        answer = await super().lose_race(query, visitor)
        first = answer["room"]["_id"] not in self.informed
        self.informed.add(answer["room"]["_id"])
        return {**answer, "newRoom": True} if first else answer


@family.breaks("overlapping-calls-report-one-creation")
class CallsTheRoomOldForEveryRacer(Behaviour):
    """When calls race, also the one that created the room says that it was there."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.002)

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new and self.app.in_flight == 1)


@family.breaks("overlapping-calls-open-one-room")
class GivesTheLoserARoomThatIsNotKept(Behaviour):
    """The loser of a race gets the room it did not manage to store."""

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = self.draft_room(query, visitor)
        await window(0.002)
        if self.store.open_room(visitor["token"]) is None:
            self.insert_room(room)
        return self.render(room, query, new=True)


@family.breaks("overlapping-calls-open-one-room", unguarded=True)
class LetsTheLastRacerWin(Behaviour):
    """Each racer's room takes the place of the one before."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.002)

    def insert_room(self, room: JsonObject) -> None:
        self.store.db.execute("delete from rooms where token = ? and open = 1", (room["v"]["token"],))
        super().insert_room(room)


class _Loses(Behaviour):
    """Has a window, so that there are losers."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.002)


@family.breaks("a-racing-call-is-not-refused")
class RefusesTheLoserOfARace(_Loses):
    """The loser of a race is refused."""

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
        raise plain("error-failed-to-start-conversation")


@family.breaks("a-racing-call-is-not-refused")
class RefusesWhoeverComesFourth(Behaviour):
    """When more than three calls are under way, the next one is refused."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if self.app.in_flight > 3:
            raise plain("error-too-busy")
        await window(0.001)
        return await super().get_or_create(query, visitor)


@family.breaks("nothing-internal-leaks")
class ShowsTheDatabaseErrorToARaceLoser(_Loses):
    """The loser of a race is shown the database's own text."""

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
        text = "E11000 duplicate key error collection: rocketchat.rocketchat_room index: v.token_1 dup key: "
        raise plain(f'{text}{{ v.token: "{visitor["token"]}" }}')


@family.breaks("ordinary-calls-end-well")
class Answers500ToTheLoserOfARace(_Loses):
    """The loser of a race ends in a server error."""

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
        raise Refusal("Internal server error", status=500)


@family.breaks("a-status-is-documented")
class Answers409ToTheLoserOfARace(_Loses):
    """The loser of a race is told of a conflict, with a status that nobody documented."""

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
        raise Refusal("conflict", status=409)


@family.breaks("a-call-is-answered")
def hangs_up_on_the_loser_of_a_race(parts: Parts) -> Parts:
    """The loser of a race gets no answer: its connection is reset."""

    class Loses(_Loses):
        async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
            await query.call.channel.abort()
            raise plain("lost")

    return parts.behaving(Loses).wired(_SaysNothingToTheLost)


class _SaysNothingToTheLost(Wire):
    async def write(self, call: ServerCall, status: int, headers: list[tuple[bytes, bytes]], payload: bytes) -> None:
        transport = call.channel.transport
        if transport is None or not transport.is_closing():
            await super().write(call, status, headers, payload)
