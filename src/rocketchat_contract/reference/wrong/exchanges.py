"""Wrong in what else belongs to an HTTP exchange: other methods, conditions, cookies, header fields, bytes behind."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, ServerCall, ServerReply
from rocketchat_contract.reference.routes import Route
from rocketchat_contract.reference.wire import Wire, http_message
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE, RoomBytes, RoomHeaders

family = Family("wire")

_OPTIONS = "OPTIONS"

# other methods


def also(parts: Parts, method: str, change: Callable[[ServerReply], ServerReply]) -> Parts:
    """Let another method do what GET does, and change what it is answered with."""

    class Dispatches(parts.front):  # type: ignore[misc, name-defined]
        def find(self, asked: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
            route, values = super().find("GET" if asked == method else asked, path)
            usual: tuple[Route | None, tuple[str, ...]] = super().find(asked, path)
            return (route, values) if route is not None and route.name == ROOM_ROUTE else usual

    class Answers(Wire):
        def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
            shown = super().reply(call, reply)
            return change(shown) if (call.method, call.route, shown.status) == (method, ROOM_ROUTE, 200) else shown

    return replace(parts, front=Dispatches).wired(Answers)


def bare(reply: ServerReply, status: int) -> ServerReply:
    """Copy a reply without its body, under another status."""
    return replace(reply, status=status, document=b"", media_type=b"")


@family.breaks("an-options-call-opens-no-room")
def opens_a_room_on_options(parts: Parts) -> Parts:
    """OPTIONS opens a room, as GET does, and answers 204."""
    return also(parts, _OPTIONS, lambda reply: bare(reply, 204))


@family.breaks("an-options-call-opens-no-room")
def answers_options_with_the_room(parts: Parts) -> Parts:
    """OPTIONS is answered as GET is."""
    return also(parts, _OPTIONS, lambda reply: reply)


class _NewestOfSeveral(Behaviour):
    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        rooms = [room for room in self.store.rooms(visitor["token"]) if room.get("open")]
        return rooms[-1] if rooms else None

    async def get_room(self, call: ServerCall) -> JsonObject:
        query = self.room_query(call)
        if call.method != "HEAD" or query.rid:
            return await super().get_room(call)
        return await self.create_room(query, await self.known_visitor(query.token))


@family.breaks("an-open-room-is-returned")
def opens_another_room_on_head(parts: Parts) -> Parts:
    """HEAD opens another room, which is returned from then on."""
    return parts.behaving(_NewestOfSeveral).unguarded()


@family.breaks("nothing-follows-an-answer")
class AnswersHeadWithABody(Wire):
    """HEAD is answered with a body."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if (call.method, call.route) != ("HEAD", ROOM_ROUTE):
            return await super().write(call, status, headers, payload)
        return await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", headers, payload))


# bytes behind an answer


class _SendsMore(Wire):
    last = b""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route != ROOM_ROUTE:
            return await super().write(call, status, headers, payload)
        answer = http_message(f"HTTP/1.1 {status} OK", headers, payload)
        return await call.channel.raw(answer + self.more(answer))

    def more(self, answer: bytes) -> bytes:  # noqa: ARG002
        return b"<!-- served by node 3 -->"


@family.breaks("nothing-follows-an-answer")
class SendsBytesBehindAnAnswer(_SendsMore):
    """A comment follows each answer, beyond its length."""


@family.breaks("nothing-follows-an-answer")
class SendsTheAnswerBeforeAgain(_SendsMore):
    """The answer to the call before follows each answer."""

    def more(self, answer: bytes) -> bytes:
        before, self.last = self.last, answer
        return before


class SpeaksLater(Wire):
    """Says something on the connection, in a packet of its own shortly after each answer."""

    words = b""
    pause = 0.0003

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        await super().write(call, status, headers, payload)
        transport = call.channel.transport
        if call.route == ROOM_ROUTE and transport is not None:
            asyncio.get_running_loop().call_later(self.pause, self.speak, transport)

    def speak(self, transport: asyncio.Transport) -> None:
        """Say it."""
        transport.write(self.words)


@family.breaks("nothing-follows-an-answer")
class SendsBytesShortlyAfterAnAnswer(SpeaksLater):
    """A comment follows each answer, in a packet of its own."""

    words = b"<!-- served by node 3 -->"


# conditions


def tag_of(reply: ServerReply) -> bytes:
    """Make the validator of an answer."""
    return b'"%s"' % hashlib.sha256(json.dumps(reply.document).encode()).hexdigest()[:20].encode()


class Tags(Wire):
    """Gives room answers a validator, and answers 304 to those that ``is_current`` allows."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        """Add the validator, or say that nothing has changed."""
        if call.route != ROOM_ROUTE or reply.status != 200:
            return reply
        tag = self.tag(reply)
        asked = call.header(b"if-none-match").encode("latin-1")
        is_same = bool(asked) and self.is_current(asked, tag)
        same = bare(reply, 304) if is_same else reply
        return replace(same, headers=(*reply.headers, (b"etag", tag)))

    def tag(self, reply: ServerReply) -> bytes:
        """Make the validator."""
        return tag_of(reply)

    def is_current(self, asked: bytes, tag: bytes) -> bool:
        """Compare weakly, as RFC 9110 says."""
        return asked.removeprefix(b"W/") == tag.removeprefix(b"W/")


_NOT_MODIFIED = "not-modified-is-true"


@family.breaks(_NOT_MODIFIED)
class Answers304ToAnyKnownEtag(Tags):
    """304 is answered to any validator that was ever given, whosesoever room it was of."""

    @cached_property
    def given(self) -> set[bytes]:
        return set()

    def tag(self, reply: ServerReply) -> bytes:
        tag = tag_of(reply)
        self.given.add(tag)
        return tag

    def is_current(self, asked: bytes, tag: bytes) -> bool:  # noqa: ARG002
        return asked in self.given


@family.breaks(_NOT_MODIFIED)
class TagsAnswersByTheirLength(Tags):
    """The validator is the length of the answer, so that most rooms have the same."""

    def tag(self, reply: ServerReply) -> bytes:
        return b'W/"%x"' % (len(json.dumps(reply.document)) // 1000)


@family.breaks(_NOT_MODIFIED)
class Answers304ToAnyCondition(Tags):
    """304 is answered to any condition."""

    def is_current(self, asked: bytes, tag: bytes) -> bool:  # noqa: ARG002
        return True


# cookies


@family.breaks("a-room-is-the-asking-visitors")
class TrustsASessionCookie(Behaviour):
    """A session's cookie says who asks, whatever the token says."""

    session = ""

    @cached_property
    def sessions(self) -> dict[str, str]:
        return {}

    async def get_room(self, call: ServerCall) -> JsonObject:
        known = await self.find_visitor(self.sessions.get(call.cookies.get("sid", ""), ""))
        query = self.room_query(call) if known is not None else None
        if known is not None and query is not None and not query.rid:
            return await self.get_or_create(query, known)
        answer = await super().get_room(call)
        self.session = hashlib.sha256(answer["room"]["v"]["token"].encode()).hexdigest()[:16]
        self.sessions[self.session] = answer["room"]["v"]["token"]
        return answer

    def succeed(self, document: JsonObject) -> ServerReply:
        reply, session, self.session = super().succeed(document), self.session, ""
        more = ((b"set-cookie", f"sid={session}; Path=/; HttpOnly".encode()),) if session else ()
        return replace(reply, headers=(*reply.headers, *more))


# header fields


@family.breaks("single-fields-stand-once")
class NamesTwoMediaTypes(Wire):
    """Content-Type stands twice, as JSON and as HTML."""

    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:
        return [*super().headers(call, reply, payload), (b"content-type", b"text/html")]


class _WritesIntoAHeader(Wire):
    parameter = "agentId"

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        value = call.query.get(self.parameter)
        if call.route != ROOM_ROUTE or not isinstance(value, str) or "\n" not in value:
            return await super().write(call, status, headers, payload)
        fields = [*headers, (b"x-asked-for", value.encode().replace(b"\0", b""))]
        return await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", fields, payload))


INJECTED = "no-value-becomes-a-header"


@family.breaks(INJECTED)
class WritesTheAgentIdIntoAHeader(_WritesIntoAHeader):
    """A header field holds the agentId, line breaks and all."""


@family.breaks(INJECTED)
class WritesTheRidIntoAHeader(_WritesIntoAHeader):
    """A header field holds the rid, line breaks and all."""

    parameter = "rid"


# codings


@family.breaks("a-content-coding-is-true")
class SaysGzipAndIsPlain(RoomHeaders):
    """Content-Encoding is gzip, and the body is not."""

    name = b"content-encoding"
    value = b"gzip"


class _Garbled(RoomBytes):
    def coded(self, payload: bytes) -> bytes:
        return b"\x8b\x02\x80" + payload[::-1] + b"\xff\xfe\x03"


@family.breaks("a-content-coding-is-true")
class CodesInBrotliUnasked(_Garbled):
    """Bodies that carry a room are coded in br, which nobody asked for."""

    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:
        fields = super().headers(call, reply, payload)
        return [*fields, (b"content-encoding", b"br")] if call.route == ROOM_ROUTE and reply.status == 200 else fields
