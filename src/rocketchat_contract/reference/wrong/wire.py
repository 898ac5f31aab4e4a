"""Wrong on the wire: media type, encoding, length, status line, caches, and calls that are not answered."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.call import TEXT_TYPE, Header, ServerCall, ServerReply
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import (
    ROOM_ROUTE,
    RoomHeaders,
    RoomWire,
    about_rooms,
    now_and_then,
)

family = Family("wire")

# status


@family.breaks("a-status-is-published")
class Answers201ToACreation(RoomWire):
    """A creation gets 201."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        return replace(reply, status=201) if reply.document["newRoom"] else reply


@family.breaks("a-status-is-documented")
class Answers203ToRepeats(RoomWire):
    """A returned room gets 203, as from a proxy that changed it."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        return reply if reply.document["newRoom"] else replace(reply, status=203)


@family.breaks("a-status-is-documented")
class Answers204ToRepeats(Wire):
    """A returned room gets 204 and no body."""

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route == ROOM_ROUTE and b'"newRoom":false' in payload:
            return await super().write(call, 204, [], b"")
        return await super().write(call, status, headers, payload)


_LOGIN = b"<!doctype html><title>Log in</title><form method=post action=/login><input name=user></form>"
_BUSY = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def sometimes(one_in: int, status: int, body: bytes, headers: tuple[Header, ...] = ()) -> Callable[[Parts], Parts]:
    """Answer one livechat call in so many with this page."""

    class Sometimes(Wire):
        def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
            if not about_rooms(call) or not now_and_then(one_in):
                return reply
            return ServerReply(status, body, b"text/html", headers, cacheable=True)

    return lambda parts: parts.wired(Sometimes)


for _name, _requirement, _sentence, _deviate in (
    (
        "redirects_to_a_login_page",
        "gateways-pass-calls-on",
        "One call in thirty is sent to a login page.",
        sometimes(30, 302, b"", ((b"location", b"/login"),)),
    ),
    (
        "shows_a_login_page_for_one_call_in_thirty",
        "gateways-pass-calls-on",
        "One call in thirty gets a login page with 200.",
        sometimes(30, 200, _LOGIN),
    ),
    (
        "answers_502_to_one_call_in_twenty",
        "gateways-pass-calls-on",
        "One call in twenty gets the 502 page of a gateway.",
        sometimes(20, 502, _BUSY),
    ),
    (
        "answers_503_to_one_call_in_fifty",
        "gateways-pass-calls-on",
        "One call in fifty gets the 503 page of a gateway.",
        sometimes(50, 503, _BUSY.replace(b"502", b"503")),
    ),
):
    family.add(_name, _requirement, _sentence, _deviate, needs="chance")

# headers


def header(name: bytes, value: bytes | None) -> Callable[[Parts], Parts]:
    """Answer room calls with this header, or without it."""

    class Says(RoomHeaders):
        pass

    Says.name, Says.value = name, value
    return lambda parts: parts.wired(Says)


for _name, _requirement, _sentence, _field, _value in (
    ("calls_the_body_text", "an-answer-is-json", "Content-Type is text/plain.", b"content-type", b"text/plain"),
    ("calls_the_body_html", "an-answer-is-json", "Content-Type is text/html.", b"content-type", b"text/html"),
    (
        "calls_the_body_javascript",
        "an-answer-is-json",
        "Content-Type is text/javascript.",
        b"content-type",
        b"text/javascript",
    ),
    ("leaves_the_media_type_out", "an-answer-is-json", "There is no Content-Type.", b"content-type", None),
    (
        "says_latin_1",
        "an-answer-is-json",
        "Content-Type says ISO-8859-1.",
        b"content-type",
        b"application/json; charset=ISO-8859-1",
    ),
    (
        "says_utf_16",
        "an-answer-is-json",
        "Content-Type says UTF-16.",
        b"content-type",
        b"application/json;charset=utf-16",
    ),
    ("lets_caches_keep_the_room", "an-answer-is-not-stored", "There is no Cache-Control.", b"cache-control", None),
    (
        "lets_caches_keep_the_room_for_a_minute",
        "an-answer-is-not-stored",
        "Caches may keep the room for a minute.",
        b"cache-control",
        b"public, max-age=60",
    ),
    (
        "lets_browsers_keep_the_room",
        "an-answer-is-not-stored",
        "Cache-Control says private, no-cache.",
        b"cache-control",
        b"private, no-cache",
    ),
    (
        "says_gzip_of_a_plain_body",
        "an-answer-is-not-coded-unasked",
        "Content-Encoding says gzip of a body that is not.",
        b"content-encoding",
        b"gzip",
    ),
):
    family.add(_name, _requirement, _sentence, header(_field, _value))


@family.breaks("an-answer-is-not-stored")
class LetsCachesKeepRefusals(Wire):
    """Refusals have no Cache-Control."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        return replace(reply, cacheable=True) if call.route == ROOM_ROUTE and reply.status == 400 else reply


class _Codes(Wire):
    coding = b"gzip"
    least = 0

    def coded(self, payload: bytes) -> bytes:
        return gzip.compress(payload)

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if call.route != ROOM_ROUTE or reply.status != 200 or len(super().encode(call, reply)) < self.least:
            return reply
        return replace(reply, headers=(*reply.headers, (b"content-encoding", self.coding)))

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        payload = super().encode(call, reply)
        return self.coded(payload) if (b"content-encoding", self.coding) in reply.headers else payload


@family.breaks("an-answer-is-not-coded-unasked")
class CompressesUnasked(_Codes):
    """Rooms are compressed with gzip, which nobody accepts."""


@family.breaks("an-answer-is-not-coded-unasked")
class CompressesLargeRoomsUnasked(_Codes):
    """Rooms of a kilobyte or more are compressed with deflate, which nobody accepts."""

    coding = b"deflate"
    least = 1024

    def coded(self, payload: bytes) -> bytes:
        return zlib.compress(payload)


@family.breaks("an-answer-is-not-coded-unasked")
class CompressesToGarbage(_Codes):
    """Rooms are said to be gzip and are bytes of no meaning."""

    def coded(self, payload: bytes) -> bytes:
        return bytes(byte ^ 0xA5 for byte in gzip.compress(payload))


class _CodesOnRequest(_Codes):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        accepted = [value for name, value in call.headers if name == b"accept-encoding"]
        return super().reply(call, reply) if b"gzip" in accepted else reply


@family.breaks("a-content-coding-is-true")
class CutsCompressedRoomsShort(_CodesOnRequest):
    """A room that is compressed on request lacks its last bytes."""

    def coded(self, payload: bytes) -> bytes:
        return super().coded(payload)[:-9]


@family.breaks("an-answer-is-json")
class NamesNoTypeInRefusals(Wire):
    """Refusals of wrong shapes have no Content-Type."""

    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:
        fields = super().headers(call, reply, payload)
        shapeless = call.route == ROOM_ROUTE and b"Match error" in payload
        return [field for field in fields if not shapeless or field[0] != b"content-type"]


@family.breaks("gateways-pass-calls-on")
class SpeaksTextWhenItsQueryIsUnreadable(RoomWire):
    """A query that cannot be read is refused in plain text, as something before the API does."""

    def refusal(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
        if reply.document["error"].startswith("Match error: Unknown key"):
            return replace(reply, document=b"Bad Request", media_type=TEXT_TYPE)
        return reply
