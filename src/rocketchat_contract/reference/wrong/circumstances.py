"""Conformant variants of what happens to a room beside its visitor's calls, and of the HTTP around it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import replace
from functools import cached_property
from itertools import count

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import TEXT_TYPE, Header, JsonObject, ServerCall, ServerReply, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import without_members
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Variants
from rocketchat_contract.reference.wrong.exchanges import Tags, bare
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE

variants = Variants()


class _Later(Behaviour):
    """Shows a room otherwise from some answer on, as if somebody had acted in between."""

    after = 1

    @cached_property
    def shown(self) -> Counter[str]:
        return Counter()

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        self.shown[room["_id"]] += 1
        rendered = super().render_room(room, query)
        return self.later(rendered) if self.shown[room["_id"]] > self.after else self.at_first(rendered)

    def at_first(self, room: JsonObject) -> JsonObject:
        return room

    def later(self, room: JsonObject) -> JsonObject:
        return room


@variants.keeps()
class LetsABotAnswer(_Later):
    """A bot answers each new chat: one more message, which is the last one."""

    def later(self, room: JsonObject) -> JsonObject:
        text, user = (
            "Write to support@corp.example, too.",
            {"_id": "botbotbotbotbot22", "username": "bot", "name": "Bot"},
        )
        message = {"_id": f"b{room['_id'][1:]}", "rid": room["_id"], "msg": text, "ts": room["lm"], "u": user}
        return {**room, "msgs": room["msgs"] + 1, "lastMessage": {**message, "_updatedAt": room["lm"]}}


@variants.keeps()
class TransfersChats(_Later):
    """A chat moves to another agent and department after its first answer."""

    def later(self, room: JsonObject) -> JsonObject:
        agent = {"_id": "secondAgentOfAll2", "username": "second", "ts": room["ts"]}
        return {**room, "servedBy": agent, "departmentId": "66f2c1d0a1b2c3d4e5f60718"}


@variants.keeps()
class PutsChatsBackIntoTheQueue(_Later):
    """A chat goes back into the queue after its first answer: no agent serves it."""

    def later(self, room: JsonObject) -> JsonObject:
        return {**without_members(room, "servedBy"), "usersCount": 1}


@variants.keeps()
class AssignsChatsLate(_Later):
    """A chat waits in the queue for two answers, and is served from then on."""

    after = 2

    def at_first(self, room: JsonObject) -> JsonObject:
        return {**without_members(room, "servedBy"), "usersCount": 1}

    def later(self, room: JsonObject) -> JsonObject:
        return without_members(room, "queuedAt", "estimatedWaitingTimeQueue", "waitingResponse")


@variants.keeps()
class CountsWhatAgentsWrite(_Later):
    """Agents write three messages after the second answer."""

    after = 2

    def later(self, room: JsonObject) -> JsonObject:
        return {**room, "msgs": room["msgs"] + 3}


@variants.keeps()
class ComposesNamesOtherwise(Behaviour):
    """Names come with letters and accents apart, as some systems keep them."""

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown = super().render_room(room, query)
        return {**shown, "fname": unicodedata.normalize("NFD", shown["fname"])}


@variants.keeps()
class AddsTheChannelToNames(Behaviour):
    """Names say through which channel a visitor came."""

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        shown = super().render_room(room, query)
        return {**shown, "fname": f"{shown['fname']} (web)"}


@variants.keeps()
class ShowsTheVisitorsOwnAddress(Behaviour):
    """A room shows the e-mail address of its visitor."""

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
        known = self.store.visitor(query.token) or {}
        shown = super().render_room(room, query)
        return {**shown, "v": {**shown["v"], "visitorEmails": known.get("visitorEmails", [])}}


@variants.keeps()
class OffersCustomFields(Behaviour):
    """The workspace has custom fields, which rooms show."""

    def workspace_config(self) -> JsonObject:
        field = {"_id": "company", "label": "Company", "scope": "visitor", "type": "input", "public": True}
        return {**super().workspace_config(), "customFields": [field]}

    def fill(self, visitor: JsonObject, given: JsonObject) -> None:
        super().fill(visitor, given)
        for field in given.get("customFields") or []:
            visitor.setdefault("livechatData", {})[field["key"]] = field["value"]

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        return {**super().draft_room(query, visitor), "livechatData": self.fields_shown(visitor)}

    def fields_shown(self, visitor: JsonObject) -> JsonObject:
        """List the fields of a visitor."""
        fields: JsonObject = visitor.get("livechatData", {})
        return fields


# HTTP


@variants.keeps()
class GivesWeakValidators(Tags):
    """Room answers carry a weak ETag, and 304 is answered to it."""

    def tag(self, reply: ServerReply) -> bytes:
        return b"W/" + super().tag(reply)


class _AnswersAside(Wire):
    method = "HEAD"
    status = 405

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if call.method != self.method:
            return reply
        return ServerReply(self.status, b"", TEXT_TYPE, ((b"allow", b"GET"),), cacheable=True)


class _IgnoresHead(Behaviour):
    async def get_room(self, call: ServerCall) -> JsonObject:
        return {} if call.method == "HEAD" else await super().get_room(call)


@variants.keeps()
def refuses_head(parts: Parts) -> Parts:
    """HEAD is answered with 405."""
    return parts.behaving(_IgnoresHead).wired(_AnswersAside)


class _HasNoHead(_AnswersAside):
    status = 404


@variants.keeps()
def knows_no_head(parts: Parts) -> Parts:
    """HEAD is answered with 404."""
    return parts.behaving(_IgnoresHead).wired(_HasNoHead)


@variants.keeps()
class AllowsOtherSites(Wire):
    """OPTIONS is answered with 204 and what other sites may do."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        fields = ((b"access-control-allow-origin", b"*"), (b"access-control-allow-methods", b"GET, POST"))
        return replace(bare(reply, 204), headers=fields) if call.method == "OPTIONS" else reply


@variants.keeps()
class SetsCookiesOfABalancer(Wire):
    """A balancer sets two cookies with each answer, anew each time."""

    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:
        fields = super().headers(call, reply, payload)
        if call.route != ROOM_ROUTE:
            return fields
        return [
            *fields,
            (b"set-cookie", b"AWSALB=%032x; Path=/" % call.number),
            (b"set-cookie", b"AWSALBCORS=1; Path=/"),
        ]


@variants.keeps(warns=("a-racing-call-is-not-refused",))
class VetoesOneRoomInFive(Behaviour):
    """An app vetoes every fifth new room; the next try works."""

    @cached_property
    def tries(self) -> count[int]:
        return count(1)

    def gate(self, query: AskedRoom, visitor: JsonObject, preferred: JsonObject | None) -> None:
        super().gate(query, visitor, preferred)
        if next(self.tries) % 5 == 0:
            raise plain("error-app-prevented")


@variants.keeps()
class FailsHalfwayThroughACloseNowAndThen(Behaviour):
    """Every third close is done and answered with an error, for what comes after it fails."""

    @cached_property
    def closes(self) -> count[int]:
        return count(1)

    async def post_close(self, call: ServerCall) -> JsonObject:
        answer = await super().post_close(call)
        if next(self.closes) % 3 == 0:
            raise plain("Error closing room")
        return answer
