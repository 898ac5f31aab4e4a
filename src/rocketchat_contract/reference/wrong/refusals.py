"""Wrong in refusing: what is let in, how a refusal looks, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Call, Document, Refusal, Reply, plain
from rocketchat_contract.reference.omnichannel import RoomQuery
from rocketchat_contract.reference.settings import Limit
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import OneStep, RoomWire, now_and_then, with_members

family = Family("refusals")

# what is let in


class _LetsIn(Behaviour):
    """Registers whoever is not known, as one person or as many."""

    def guest(self, token: str) -> Document:
        known = self.store.visitor(token)
        if known is None:
            known = self.draft_visitor({"token": token})
            self.store.save_visitor(known)
        return known


@family.breaks("a-missing-token-is-refused")
class OpensARoomWithoutToken(_LetsIn):
    """A call without token gets a guest's room."""

    def room_query(self, call: Call) -> RoomQuery:
        if "token" in call.query:
            return super().room_query(call)
        self.guest("anonymous")
        return super().room_query(replace(call, query={**call.query, "token": "anonymous"}))


@family.breaks("an-empty-token-is-refused")
class OpensARoomForTheEmptyToken(_LetsIn):
    """An empty token gets a guest's room."""

    async def find_visitor(self, token: str) -> Document | None:
        return await super().find_visitor(token) if token else self.guest(" ")


@family.breaks("an-empty-token-is-refused")
class FindsSomebodyForTheEmptyToken(Behaviour):
    """An empty token finds the visitor who came last."""

    async def find_visitor(self, token: str) -> Document | None:
        return await super().find_visitor(token) if token else next(reversed(self.store.visitors()), None)


@family.breaks("an-unknown-token-is-refused")
class RegistersUnknownTokens(_LetsIn):
    """A token that nobody registered becomes a visitor's."""

    async def find_visitor(self, token: str) -> Document | None:
        return self.guest(token) if token else None


@family.breaks("an-unknown-token-is-refused")
class RegistersUnknownTokensBehindARefusal(_LetsIn):
    """A token that nobody registered is refused the first time, and known the second."""

    async def find_visitor(self, token: str) -> Document | None:
        found = await super().find_visitor(token)
        if found is None and token:
            self.guest(token)
        return found


@family.breaks("an-unknown-token-is-refused")
class RegistersUnknownTokensForAnAgent(_LetsIn):
    """A token that nobody registered becomes a visitor's when the call names an agent."""

    async def get_room(self, call: Call) -> Document:
        token = call.query.get("token")
        if "agentId" in call.query and isinstance(token, str) and token:
            self.guest(token)
        return await super().get_room(call)


@family.breaks("a-deleted-visitor-is-refused")
class RemembersDeletedVisitors(Behaviour):
    """A deleted visitor's token still opens rooms."""

    @cached_property
    def deleted(self) -> dict[str, Document]:
        return {}

    async def delete_visitor(self, call: Call) -> Document:
        visitor = await self.find_visitor(call.values[0])
        answer = await super().delete_visitor(call)
        if visitor is not None:
            self.deleted[visitor["token"]] = visitor
        return answer

    async def find_visitor(self, token: str) -> Document | None:
        found = await super().find_visitor(token)
        if found is None and token in self.deleted:
            self.store.save_visitor(self.deleted.pop(token))
        return found or await super().find_visitor(token)


@family.breaks("a-deleted-visitor-is-refused")
class SaysDeletedAndForgetsTheRoomsOnly(Behaviour):
    """A deletion erases the rooms and leaves the visitor."""

    async def delete_visitor(self, call: Call) -> Document:
        visitor = await self.find_visitor(call.values[0])
        answer = await super().delete_visitor(call)
        if visitor is not None:
            self.store.save_visitor(visitor)
        return answer


def reading(*names: str) -> Callable[[Parts], Parts]:
    """Read lists and objects under these names as no parameter at all."""

    class Reads(Behaviour):
        def room_query(self, call: Call) -> RoomQuery:
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

    def room_query(self, call: Call) -> RoomQuery:
        value = call.query.get("agentId")
        last = value[-1] if isinstance(value, list) and len(value) > 1 else value
        return super().room_query(replace(call, query={**call.query, "agentId": last}) if last else call)


# agents


@family.breaks("an-agent-id-changes-no-open-room", unguarded=True)
class OpensAnotherRoomForAnotherAgent(OneStep):
    """A call that names an agent opens a room with that agent beside the open one."""

    async def get_or_create(self, query: RoomQuery, visitor: Document) -> Document:
        if query.agent_id:
            return await self.create_room(query, visitor)
        return await super().get_or_create(query, visitor)


@family.breaks("an-agent-id-changes-no-open-room")
class RefusesAnUnknownAgentForAnOpenRoom(Behaviour):
    """A call that names an agent nobody knows is refused, though the room is open."""

    async def get_or_create(self, query: RoomQuery, visitor: Document) -> Document:
        if query.agent_id and self.store.user(query.agent_id) is None and self.store.open_room(visitor["token"]):
            raise plain("agent-not-found")
        return await super().get_or_create(query, visitor)


# what a refused call leaves behind


@family.breaks("a-refused-call-changes-nothing")
class CreatesARoomBehindARefusedRid(Behaviour):
    """A rid is refused, and a room opened all the same."""

    async def get_by_id(self, query: RoomQuery, visitor: Document) -> Document:
        if await self.room_by_id(query.rid, visitor) is None and not self.store.open_room(visitor["token"]):
            await self.create_room(query, visitor)
            raise plain("invalid-room")
        return await super().get_by_id(query, visitor)


@family.breaks("a-refused-call-changes-nothing")
class ClosesTheRoomBehindARefusedRid(Behaviour):
    """A rid that is not the open room's is refused, and the open room closed."""

    async def get_by_id(self, query: RoomQuery, visitor: Document) -> Document:
        room = self.store.open_room(visitor["token"])
        if room is not None and room["_id"] != query.rid:
            await self.close_room(room["_id"], visitor, "")
        return await super().get_by_id(query, visitor)


@family.breaks("a-refused-call-changes-nothing", unguarded=True)
class CreatesARoomBehindAnUnknownParameter(OneStep):
    """A call with an unknown parameter is refused after a room was opened for it."""

    async def get_room(self, call: Call) -> Document:
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

    async def get_by_id(self, query: RoomQuery, visitor: Document) -> Document:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            self.punished.add(visitor["token"])
        return await super().get_by_id(query, visitor)

    async def find_open_room(self, visitor: Document) -> Document | None:
        found = await super().find_open_room(visitor)
        if visitor["token"] in self.punished:
            self.punished.discard(visitor["token"])
            return None
        return found


# statuses


def answering(status: int, cause: str = "", media_type: bytes = b"", body: Any = None) -> Callable[[Parts], Parts]:
    """Refuse with another status, type or body, when ``cause`` is in the error."""

    class Answers(RoomWire):
        def refusal(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
            if cause not in reply.document["error"]:
                return reply
            document = reply.document if body is None else body
            return replace(reply, status=status, document=document, media_type=media_type or reply.media_type)

    return lambda parts: parts.wired(Answers)


_HTML = b"<!doctype html><title>Error</title><h1>Bad Request</h1>"
for _name, _requirement, _sentence, _deviate in (
    (
        "answers_404_to_unknown_tokens",
        "a-status-is-documented",
        "Unknown tokens get 404.",
        answering(404, "invalid-token"),
    ),
    ("answers_401_to_refusals", "a-status-is-documented", "Every refusal gets 401.", answering(401)),
    ("answers_404_to_unknown_rids", "a-status-is-documented", "Rids get 404.", answering(404, "invalid-room")),
    ("answers_422_to_wrong_shapes", "a-status-is-documented", "Wrong shapes get 422.", answering(422, "Match error")),
    ("refuses_with_status_200", "success-agrees-with-the-status", "Every refusal gets 200.", answering(200)),
    (
        "refuses_rids_with_status_200",
        "success-agrees-with-the-status",
        "The refusal of a rid gets 200.",
        answering(200, "invalid-room"),
    ),
    (
        "answers_html_to_unknown_tokens",
        "an-answer-is-json",
        "Unknown tokens get a page in HTML.",
        answering(400, "invalid-token", b"text/html", _HTML),
    ),
    (
        "answers_html_called_json_to_unknown_rids",
        "a-body-is-strict-json",
        "Unknown rids get a page in HTML that is called JSON.",
        answering(400, "invalid-room", b"", _HTML),
    ),
    ("calls_refusals_text", "an-answer-is-json", "Refusals are text/plain.", answering(400, "", b"text/plain")),
    ("refuses_with_an_empty_body", "a-body-is-strict-json", "Refusals are empty.", answering(400, "", b"", b"")),
    ("refuses_with_null", "a-400-fits-the-full-schema", "Refusals are null.", answering(400, "", b"", b"null")),
    ("refuses_with_a_list", "a-400-fits-the-full-schema", "Refusals are a list.", answering(400, "", b"", b"[]")),
    (
        "refuses_with_a_text",
        "a-400-fits-the-full-schema",
        "Wrong shapes are refused with a text.",
        answering(400, "Match error", b"", b'"Bad Request"'),
    ),
):
    family.add(_name, _requirement, _sentence, _deviate)


# envelopes


def refusing(change: Callable[[Document], Document], cause: str = "") -> Callable[[Parts], Parts]:
    """Change the body of refusals that have ``cause`` in their error."""

    class Refuses(RoomWire):
        def refusal(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
            document = reply.document
            return replace(reply, document=change(document)) if cause in document["error"] else reply

    return lambda parts: parts.wired(Refuses)


def _without(*names: str) -> Callable[[Document], Document]:
    return lambda body: {name: value for name, value in body.items() if name not in names}


def _with(**members: Any) -> Callable[[Document], Document]:
    return lambda body: {**body, **members}


for _name, _requirement, _sentence, _deviate in (
    (
        "leaves_success_out_of_refusals",
        "a-400-fits-the-full-schema",
        "Refusals lack success.",
        refusing(_without("success")),
    ),
    (
        "leaves_success_out_for_foreign_rids",
        "a-400-fits-the-full-schema",
        "The refusal of a rid lacks success.",
        refusing(_without("success"), "invalid-room"),
    ),
    (
        "writes_success_as_text_in_refusals",
        "a-400-fits-the-published-schema",
        "success of a refusal is a text.",
        refusing(_with(success="false")),
    ),
    (
        "writes_error_as_an_object",
        "a-400-fits-the-full-schema",
        "error is an object with code and message.",
        refusing(lambda body: {**body, "error": {"message": body["error"]}}),
    ),
    (
        "writes_error_as_a_number",
        "a-400-fits-the-published-schema",
        "error is the number 400.",
        refusing(_with(error=400)),
    ),
    (
        "writes_error_type_as_null",
        "a-400-fits-the-full-schema",
        "errorType is null where there is no code.",
        refusing(_with(errorType=None)),
    ),
    (
        "says_success_true_in_refusals",
        "success-agrees-with-the-status",
        "success of a refusal is true.",
        refusing(_with(success=True)),
    ),
    (
        "refuses_without_a_reason",
        "a-refusal-names-its-error",
        "Refusals lack error.",
        refusing(_without("error")),
    ),
    (
        "refuses_with_an_empty_reason",
        "a-refusal-names-its-error",
        "error is empty.",
        refusing(_with(error="")),
    ),
    (
        "refuses_wrong_shapes_with_a_blank_reason",
        "a-refusal-names-its-error",
        "error is blank when a parameter has a wrong shape.",
        refusing(_with(error="  "), "Expected string"),
    ),
    (
        "puts_a_room_into_refusals",
        "a-refusal-carries-no-room",
        "Refusals carry an empty room.",
        refusing(_with(room={})),
    ),
    (
        "puts_newroom_into_refusals",
        "a-refusal-carries-no-room",
        "The refusal of a rid says newRoom false.",
        refusing(_with(newRoom=False), "invalid-room"),
    ),
    (
        "is_vague_about_the_missing_token",
        "the-missing-token-is-named",
        "A call without token is told that something is missing.",
        refusing(_with(error="Match error: Missing key"), "Missing key"),
    ),
    (
        "shows_a_stack_to_wrong_shapes",
        "nothing-internal-leaks",
        "Refusals of wrong shapes show a stack.",
        refusing(
            _with(stack="Error: Match failed\n    at check (/app/bundle/programs/server/packages/check.js:75:13)"),
            "Match error",
        ),
    ),
    (
        "shows_a_file_to_unknown_tokens",
        "nothing-internal-leaks",
        "Refusals of unknown tokens name a file of the server.",
        refusing(_with(details="file:///app/bundle/programs/server/app/livechat.js"), "invalid-token"),
    ),
):
    family.add(_name, _requirement, _sentence, _deviate)


@family.breaks("a-refusal-carries-no-room")
class ShowsTheOpenRoomToAWrongRid(RoomWire):
    """One refusal in three carries a room and newRoom."""

    def refusal(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
        return with_members(reply, room={"_id": "none"}, newRoom=False) if now_and_then(3) else reply


# the limiter


def limited(wire: type[Wire]) -> Callable[[Parts], Parts]:
    """Turn a limiter of 30 calls in half a second on, whose answers pass through ``wire``."""
    return lambda parts: parts.set(limit=Limit(30, 0.5)).wired(wire)


class _HidesTheLimit(Wire):
    def reply(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
        headers = tuple(field for field in reply.headers if not field[0].startswith(b"x-ratelimit"))
        return replace(reply, headers=(*headers, (b"retry-after", b"1")) if reply.status == 429 else headers)


class _SaysHtml(_HidesTheLimit):
    def reply(self, call: Call, reply: Reply) -> Reply:
        reply = super().reply(call, reply)
        html = b"<!doctype html><title>429</title><h1>Too Many Requests</h1>"
        return replace(reply, document=html, media_type=b"text/html") if reply.status == 429 else reply


class _LeavesSuccessOut(_HidesTheLimit):
    def reply(self, call: Call, reply: Reply) -> Reply:
        reply = super().reply(call, reply)
        return replace(reply, document={"error": "Too many requests"}) if reply.status == 429 else reply


family.add(
    "answers_429_with_html",
    "a-429-fits-the-full-schema",
    "Whoever is over the limit gets a page in HTML.",
    limited(_SaysHtml),
)
family.add(
    "leaves_success_out_of_429",
    "a-429-fits-the-full-schema",
    "Whoever is over the limit gets a body without success.",
    limited(_LeavesSuccessOut),
)
