"""Wrong in length and connection: bodies cut short, calls that nobody answers, and what comes only under load."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from itertools import count

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, ServerCall, ServerReply
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.wire import Wire, http_message
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE, about_rooms, now_and_then

family = Family("wire")


class _Raw(Wire):
    """Writes room answers to the connection itself."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route != ROOM_ROUTE or not self.strikes(status, payload):
            return await super().write(call, status, headers, payload)
        fields = [field for field in headers if field[0] != b"content-length"]
        return await self.raw(call, status, fields, payload)

    def strikes(self, status: int, payload: bytes) -> bool:  # noqa: ARG002
        return status == 200

    async def raw(self, call: ServerCall, status: int, fields: list[Header], payload: bytes) -> None:
        raise NotImplementedError


class _Announces(_Raw):
    def length(self, payload: bytes) -> int:
        raise NotImplementedError

    async def raw(self, call: ServerCall, status: int, fields: list[Header], payload: bytes) -> None:
        fields = [*fields, (b"content-length", b"%d" % self.length(payload))]
        await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", fields, payload))


@family.breaks("a-body-is-complete")
class CutsTheBodyShort(_Raw):
    """A body ends in its middle: its last chunk never comes."""

    async def raw(self, call: ServerCall, status: int, fields: list[Header], payload: bytes) -> None:
        half = payload[: len(payload) // 2]
        fields = [*fields, (b"transfer-encoding", b"chunked")]
        await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", fields, b"%x\r\n%b\r\n" % (len(half), half)))


@family.breaks("a-call-is-answered", needs="chance")
class CutsOneBodyInThirtyShort(CutsTheBodyShort):
    """One body in thirty ends in its middle."""

    def strikes(self, status: int, payload: bytes) -> bool:
        return super().strikes(status, payload) and now_and_then(30)


@family.breaks("a-call-is-answered")
class CutsEachSixthBodyShort(CutsTheBodyShort):
    """Each sixth body ends in its middle."""

    @cached_property
    def bodies(self) -> count[int]:
        return count(1)

    def strikes(self, status: int, payload: bytes) -> bool:
        return super().strikes(status, payload) and next(self.bodies) % 6 == 0


@family.breaks("a-body-is-complete")
class AnnouncesMoreThanItSends(_Announces):
    """Content-Length counts ten bytes too many."""

    def length(self, payload: bytes) -> int:
        return len(payload) + 10


@family.breaks("a-body-is-strict-json")
class AnnouncesLessThanItSends(_Announces):
    """Content-Length counts letters, not bytes."""

    def length(self, payload: bytes) -> int:
        return len(payload.decode())


@family.breaks("a-body-is-complete")
class WritesChunksOfAWrongSize(_Raw):
    """A chunk is longer than it says."""

    async def raw(self, call: ServerCall, status: int, fields: list[Header], payload: bytes) -> None:
        fields = [*fields, (b"transfer-encoding", b"chunked")]
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(payload) - 7, payload)
        await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", fields, body))


@family.breaks("an-answer-comes-from-no-cache")
class StandsBehindACache(Wire):
    """For a second the same query gets the same answer, out of a cache that says so."""

    @cached_property
    def kept(self) -> dict[str, tuple[float, int, list[Header], bytes]]:
        return {}

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route != ROOM_ROUTE:
            return await super().write(call, status, headers, payload)
        key, now = repr(sorted(call.query.items())), time.monotonic()
        found = self.kept.get(key)
        if found is not None and now - found[0] < 1:
            _, status, headers, payload = found
            return await super().write(call, status, [*headers, (b"x-cache", b"HIT")], payload)
        self.kept[key] = (now, status, headers, payload)
        return await super().write(call, status, [*headers, (b"x-cache", b"MISS")], payload)


@family.breaks("a-call-is-answered", needs="chance")
class DropsOneConnectionInTwenty(Wire):
    """One livechat call in twenty ends with a reset connection."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if about_rooms(call) and now_and_then(20):
            return await call.channel.abort()
        return await super().write(call, status, headers, payload)


@family.breaks("a-call-is-answered")
class DropsTheConnectionOfACreation(_Raw):
    """A room is created, and the connection reset before the answer."""

    def strikes(self, status: int, payload: bytes) -> bool:
        return status == 200 and b'"newRoom":true' in payload

    async def raw(self, call: ServerCall, status: int, fields: list[Header], payload: bytes) -> None:  # noqa: ARG002
        await call.channel.abort()


@family.breaks("a-call-is-answered", needs="chance")
class SpeaksNoHttp(_Raw):
    """One room in ten comes without a status line."""

    def strikes(self, status: int, payload: bytes) -> bool:
        return super().strikes(status, payload) and now_and_then(10)

    async def raw(self, call: ServerCall, status: int, fields: list[Header], payload: bytes) -> None:  # noqa: ARG002
        await call.channel.raw(payload)


@family.breaks("a-call-is-answered")
class HangsUpOnLongQueries(Wire):
    """A query of more than two kilobytes ends with a reset connection."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if sum(len(str(value)) for value in call.query.values()) > 2048:
            return await call.channel.abort()
        return await super().write(call, status, headers, payload)


class _Slow(Behaviour):
    """Takes its time, so that calls are under way together."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        await window(0.001)
        answer = await super().get_room(call)
        return {**answer, "load": self.app.in_flight}


class _UnderLoad(Wire):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if call.route != ROOM_ROUTE or reply.status != 200:
            return reply
        body = dict(reply.document)
        return self.loaded(body.pop("load"), replace(reply, document=body))

    def loaded(self, load: int, reply: ServerReply) -> ServerReply:
        raise NotImplementedError


def under_load(wire: type[Wire]) -> Callable[[Parts], Parts]:
    """Let a wire know how many calls are under way."""
    return lambda parts: parts.behaving(_Slow).wired(wire)


class _Unavailable(_UnderLoad):
    def loaded(self, load: int, reply: ServerReply) -> ServerReply:
        return (
            ServerReply(503, b"<h1>503 Service Unavailable</h1>", b"text/html", cacheable=True) if load > 3 else reply
        )


class _Accepted(_UnderLoad):
    def loaded(self, load: int, reply: ServerReply) -> ServerReply:
        return replace(reply, status=202) if load > 2 and reply.document["newRoom"] else reply


family.add(
    "answers_503_under_load",
    "gateways-pass-calls-on",
    "When more than three calls are under way, some get the 503 page of a gateway.",
    under_load(_Unavailable),
    needs="race",
)
family.add(
    "answers_202_under_load",
    "a-status-is-published",
    "A creation beside other calls gets 202.",
    under_load(_Accepted),
    needs="race",
)


@family.breaks("a-call-is-answered")
class NeverAnswersAnEmoji(Wire):
    """A call with an emoji is never answered."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route == ROOM_ROUTE and any(sign >= "\U00010000" for sign in str(call.query)):
            return await call.channel.keep_silent()
        return await super().write(call, status, headers, payload)
