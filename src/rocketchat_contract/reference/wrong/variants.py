"""Servers that differ from the reference server and keep the contract: the suite has to let them pass."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, Refusal, ServerCall, ServerReply, coded, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.wire import Wire, http_message
from rocketchat_contract.reference.wrong.catalogue import Variants
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE, RoomHeaders, RoomWire, now_and_then, with_room

variants = Variants()


@variants.keeps()
class AddsMembersToTheRoom(RoomWire):
    """Rooms carry members that no document names."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        more: JsonObject = {"encrypted": False, "federated": None, "abacAttributes": [], "avatarETag": "x7", "uids": []}
        return with_room(reply, lambda room: {**room, **more})


@variants.keeps()
class CarriesOptionalMembers(RoomWire):
    """Rooms carry what apps, agents and old versions may have left in them."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        more: JsonObject = {
            "default": False,
            "ro": False,
            "sysMes": ["uj", "ul"],
            "topic": "",
            "tags": ["vip"],
            "livechatData": {},
        }
        more |= {"customFields": {"salesforceCrmContactId": "0035"}, "departmentAncestors": ["a", "b"], "onHold": False}

        def carry(room: JsonObject) -> JsonObject:
            return {**room, **more, "v": {"activity": None, **room["v"]}, "callStatus": "ended", "autoTranslate": True}

        return with_room(reply, carry)


@variants.keeps()
class CarriesOnlyWhatOldVersionsWrite(RoomWire):
    """Rooms lack what only new versions write."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        new = {"_enforceSingleRoom", "source", "queuedAt", "priorityWeight", "estimatedWaitingTimeQueue", "contactId"}
        new |= {"verified", "waitingResponse", "metrics"}
        return with_room(reply, lambda room: {name: value for name, value in room.items() if name not in new})


@variants.keeps()
class CarriesLargeRooms(RoomWire):
    """A room is 300 kilobytes long."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        history = [{"n": n, "text": "lorem ipsum dolor sit amet " * 10} for n in range(1000)]
        return with_room(reply, lambda room: {**room, "livechatData": {"history": history}})


@variants.keeps()
class NamesTheCharset(RoomHeaders):
    """Content-Type is written application/json; charset=utf-8."""

    value = b"application/json; charset=utf-8"


@variants.keeps()
class WritesTheMediaTypeInCapitals(RoomHeaders):
    """Content-Type is written Application/JSON;Charset="UTF-8"."""

    value = b'Application/JSON;Charset="UTF-8"'


@variants.keeps()
class SaysMoreAboutCaches(RoomHeaders):
    """Cache-Control has further directives beside no-store."""

    name = b"cache-control"
    value = b"private, No-Store, max-age=0"


@variants.keeps()
class OrdersMembersOtherwise(Wire):
    """Members of all objects come in an order of their own each time."""

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        return super().encode(call, replace(reply, document=shuffled(reply.document)))


def shuffled(value: object) -> object:
    """Copy a document with the members of each object in another order."""
    if isinstance(value, dict):
        names = random.sample(list(value), len(value))
        return {name: shuffled(value[name]) for name in names}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@variants.keeps()
class PrintsBodiesPretty(Wire):
    """Bodies are indented, with line breaks around them."""

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        if isinstance(reply.document, bytes):
            return super().encode(call, reply)
        return b"\n" + json.dumps(reply.document, indent=2).encode() + b"\r\n"


@variants.keeps()
class ClosesAsHttp10Does(Wire):
    """Room answers are HTTP/1.0: no length, the end of the connection ends the body."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route != ROOM_ROUTE:
            return await super().write(call, status, headers, payload)
        fields = [field for field in headers if field[0] != b"content-length"]
        content = b"" if call.method == "HEAD" else payload
        return await call.channel.raw(http_message(f"HTTP/1.0 {status} OK", fields, content))


@variants.keeps()
class ClosesIdleConnections(Wire):
    """A connection over which nothing came for a fifth of a second is closed, unannounced."""

    @cached_property
    def last(self) -> dict[tuple[str, int], int]:
        return {}

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        self.last[call.channel.peer] = call.number
        await super().write(call, status, headers, payload)
        asyncio.get_running_loop().call_later(0.2, self.close_idle, call)

    def close_idle(self, call: ServerCall) -> None:
        """Close the connection of a call, unless another call came over it since."""
        if self.last[call.channel.peer] == call.number and call.channel.transport is not None:
            call.channel.transport.close()


@variants.keeps()
class DripsBodies(Wire):
    """Bodies come in many small pieces."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        send = call.channel.send
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for start in range(0, len(payload), 200):
            await send({"type": "http.response.body", "body": payload[start : start + 200], "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})


@variants.keeps()
class AnswersInItsOwnTime(Wire):
    """Answers take between nothing and 8 ms, so that they overtake each other."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        await asyncio.sleep(random.choice((0, 0, 0.001, 0.008)))  # noqa: S311 - a latency
        await super().write(call, status, headers, payload)


@variants.keeps()
class GivesVisitorsAnotherToken(Behaviour):
    """Registration answers with a token of the server's own making."""

    def registration(self, body: JsonObject) -> JsonObject:
        given = super().registration(body)
        if self.store.visitor(given["token"]):
            return given
        return {**given, "token": self.new_visitor_id()}


@variants.keeps()
class IgnoresUnknownParameters(Behaviour):
    """Parameters that nobody documented are ignored, not refused."""

    def room_query(self, call: ServerCall) -> AskedRoom:
        known = ("token", *self.optional_parameters())
        named = {name: value for name, value in call.query.items() if name in known}
        return super().room_query(replace(call, query=named))


@variants.keeps()
class PutsVisitorsIntoADepartment(Behaviour):
    """Every visitor belongs to the workspace's department."""

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        department = self.store.departments()[0]["_id"]
        return {**super().draft_room(query, visitor), "departmentId": department, "departmentAncestors": [department]}


@variants.keeps(warns=("a-racing-call-is-not-refused",))
class RefusesTheLoserOfARaceWith400(Behaviour):
    """The loser of a race is refused, as Rocket.Chat 8.3 and later do; a warning, not a fault."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.001)

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
        raise plain("error-failed-to-start-conversation")


@variants.keeps(warns=("a-racing-call-is-not-refused", "nothing-internal-leaks"))
class RefusesEveryLoserOfARace(Behaviour):
    """Look-up and insertion lie 20 ms apart, and all but one of simultaneous calls are refused with E11000."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.02)

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
        raise plain("E11000 duplicate key error collection: rocketchat.rocketchat_room index: v.token_1")


@variants.keeps()
class TakesItsTimeToCreate(Behaviour):
    """20 ms pass between look-up and insertion; the store's guarantee holds."""

    async def between_look_up_and_insertion(self) -> None:
        await window(0.02)


@variants.keeps()
class LetsCallsQueue(Behaviour):
    """Calls of one visitor wait for each other; nobody loses a race."""

    @cached_property
    def locks(self) -> dict[str, asyncio.Lock]:
        return {}

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        async with self.locks.setdefault(visitor["token"], asyncio.Lock()):
            await window(0.0005)
            return await super().get_or_create(query, visitor)


@variants.keeps()
class AssignsAnAgentLater(Behaviour):
    """The room is served by nobody at first, and by an agent from its second answer on."""

    def assign(self, room: JsonObject, agent: JsonObject | None) -> JsonObject:  # noqa: ARG002
        return room

    def serve(self, room: JsonObject) -> None:
        """Let an agent take the room."""
        room.update(super().assign(room, self.pick_agent(None)))

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        if not new and "servedBy" not in room:
            room = self.store.change_room(room["_id"], self.serve) or room
        return super().render(room, query, new=new)


@variants.keeps()
class GreetsNewRooms(Behaviour):
    """System messages raise msgs a moment after the creation."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        if not new and room["msgs"] == 0:
            room = self.store.change_room(room["_id"], lambda now: now.update(msgs=2)) or room
        return super().render(room, query, new=new)


@variants.keeps()
class RefusesAsMeteorDoes(Behaviour):
    """Refusals carry code and errorType, as in version 4."""

    async def known_visitor(self, token: str) -> JsonObject:
        visitor = await self.find_visitor(token)
        if visitor is None:
            raise coded("invalid-token")
        return visitor

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = await self.room_by_id(query.rid, visitor)
        if room is None:
            raise coded("invalid-room", "Invalid room", {"method": "livechat/room"})
        return self.render(room, query, new=False)


@variants.keeps()
class RefusesInAnotherLanguage(Behaviour):
    """Refusals are worded in the workspace's language, but for the name of the token."""

    def refusal_body(self, refusal: Refusal) -> JsonObject:
        body = super().refusal_body(refusal)
        words = {"invalid-room": "Ungültiger Raum", "invalid-token": "Ungültiges Token"}
        return {**body, "error": words.get(body["error"], body["error"])}


@variants.keeps()
class RefusesLongQueriesWith414(Wire):
    """A query of more than 8 kilobytes is too long for the machine in front."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if sum(len(str(value)) for value in call.query.values()) > 8000:
            return ServerReply(414, b"<h1>Request-URI Too Large</h1>", b"text/html", cacheable=True)
        return reply


class _Blocks(Behaviour):
    async def get_room(self, call: ServerCall) -> JsonObject:
        query = str(call.query)
        if any(sign in query for sign in ("<script", "../", "'$ne'")):
            raise Refusal("blocked", status=403)
        return await super().get_room(call)


class _SaysBlocked(Wire):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if call.route != ROOM_ROUTE or reply.status != 403:
            return reply
        return ServerReply(403, b"<html><h1>Forbidden</h1></html>", b"text/html", cacheable=True)


@variants.keeps(warns=("gateways-pass-calls-on",))
def stands_behind_a_firewall(parts: Parts) -> Parts:
    """A firewall answers markup, paths and operators with a 403 page of its own."""
    return parts.behaving(_Blocks).wired(_SaysBlocked)


BLOCKED = 418
"""Stands for a block until the page in front chooses a status."""


class _BlocksControls(Behaviour):
    async def get_room(self, call: ServerCall) -> JsonObject:
        if any("\\x" in repr(text) or "\ufffd" in text for text in (*call.query, *map(str, call.query.values()))):
            raise Refusal("blocked", status=BLOCKED)
        return await super().get_room(call)


class _SaysBlockedInManyWays(Wire):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if call.route != ROOM_ROUTE or reply.status != BLOCKED:
            return reply
        status = (200, 302, 400, 403, 405, 501)[call.number % 6]
        page = b"<html><title>Request Rejected</title>The requested URL was rejected. Your support ID is: 7</html>"
        return ServerReply(status, page, b"text/html", cacheable=True)


@variants.keeps(warns=("gateways-pass-calls-on",))
def stands_behind_a_firewall_of_many_words(parts: Parts) -> Parts:
    """A firewall answers control characters in names and values with pages of its own, under various statuses."""
    return parts.behaving(_BlocksControls).wired(_SaysBlockedInManyWays)


@variants.keeps(warns=("gateways-pass-calls-on",))
class StandsBehindAnImpatientGateway(Wire):
    """One answer in fifty comes too late for the gateway, which says 504 or Cloudflare's 524, and was acted on."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if call.route == ROOM_ROUTE and now_and_then(50):
            return ServerReply(524 if now_and_then(2) else 504, b"<html>", b"text/html", cacheable=True)
        return reply


class _DeletesInTwoSteps(Behaviour):
    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        visitor = await self.find_visitor(call.values[0])
        if visitor is not None:
            self.store.db.execute("delete from rooms where token = ?", (visitor["token"],))
            await window(0.003)
        return await super().delete_visitor(call)


@variants.keeps()
def deletes_in_two_steps(parts: Parts) -> Parts:
    """A deletion erases the visitor's rooms, and 3 ms later the visitor."""
    return parts.behaving(_DeletesInTwoSteps).set(delete_with_open_rooms=True)


@variants.keeps()
class EscapesLettersBeyondAscii(Wire):
    """Bodies are ASCII, all else is escaped, slashes too."""

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        if isinstance(reply.document, bytes):
            return super().encode(call, reply)
        return json.dumps(reply.document).replace("/", "\\/").encode()


@variants.keeps()
class NamesAgentsWithTheCall(Behaviour):
    """A named agent nobody knows is refused when a room is to be opened."""

    def gate(self, query: AskedRoom, visitor: JsonObject, preferred: JsonObject | None) -> None:
        super().gate(query, visitor, preferred)
        if query.agent_id and preferred is None:
            raise coded("agent-not-found", "Agent not found")
