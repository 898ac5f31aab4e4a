"""Wrong on the wire: media type, encoding, length, status line, caches, and calls that are not answered."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.call import TEXT, Call, Header, Reply
from rocketchat_contract.reference.wire import Wire, http_message
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import (
    ROOM,
    RoomBytes,
    RoomHeaders,
    RoomWire,
    about_rooms,
    now_and_then,
)

family = Family("wire")

Coded = Callable[[bytes], bytes]

# status


@family.breaks("a-status-is-published")
class Answers201ToACreation(RoomWire):
    """A creation gets 201."""

    def success(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
        return replace(reply, status=201) if reply.document["newRoom"] else reply


@family.breaks("a-status-is-documented")
class Answers203ToRepeats(RoomWire):
    """A returned room gets 203, as from a proxy that changed it."""

    def success(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
        return reply if reply.document["newRoom"] else replace(reply, status=203)


@family.breaks("a-status-is-documented")
class Answers204ToRepeats(Wire):
    """A returned room gets 204 and no body."""

    async def write(self, call: Call, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route == ROOM and b'"newRoom":false' in payload:
            return await super().write(call, 204, [], b"")
        return await super().write(call, status, headers, payload)


_LOGIN = b"<!doctype html><title>Log in</title><form method=post action=/login><input name=user></form>"
_BUSY = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def sometimes(one_in: int, status: int, body: bytes, headers: tuple[Header, ...] = ()) -> Callable[[Parts], Parts]:
    """Answer one livechat call in so many with this page."""

    class Sometimes(Wire):
        def reply(self, call: Call, reply: Reply) -> Reply:
            if not about_rooms(call) or not now_and_then(one_in):
                return reply
            return Reply(status, body, b"text/html", headers, cacheable=True)

    return lambda parts: parts.wired(Sometimes)


for _name, _requirement, _sentence, _deviate in (
    (
        "redirects_to_a_login_page",
        "a-status-is-documented",
        "One call in thirty is sent to a login page.",
        sometimes(30, 302, b"", ((b"location", b"/login"),)),
    ),
    (
        "shows_a_login_page_for_one_call_in_thirty",
        "an-answer-is-json",
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
    family.add(_name, _requirement, _sentence, _deviate)

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
    ("calls_the_body_javascript", "an-answer-is-json", "Content-Type is text/javascript.", b"content-type", b"text/javascript"),
    ("leaves_the_media_type_out", "an-answer-is-json", "There is no Content-Type.", b"content-type", None),
    ("says_latin_1", "an-answer-is-json", "Content-Type says ISO-8859-1.", b"content-type", b"application/json; charset=ISO-8859-1"),
    ("says_utf_16", "an-answer-is-json", "Content-Type says UTF-16.", b"content-type", b"application/json;charset=utf-16"),
    ("lets_caches_keep_the_room", "an-answer-is-not-stored", "There is no Cache-Control.", b"cache-control", None),
    ("lets_caches_keep_the_room_for_a_minute", "an-answer-is-not-stored", "Caches may keep the room for a minute.", b"cache-control", b"public, max-age=60"),
    ("lets_browsers_keep_the_room", "an-answer-is-not-stored", "Cache-Control says private, no-cache.", b"cache-control", b"private, no-cache"),
    ("says_gzip_of_a_plain_body", "an-answer-is-not-coded-unasked", "Content-Encoding says gzip of a body that is not.", b"content-encoding", b"gzip"),
):  # fmt: skip
    family.add(_name, _requirement, _sentence, header(_field, _value))


@family.breaks("an-answer-is-not-stored")
class LetsCachesKeepRefusals(Wire):
    """Refusals have no Cache-Control."""

    def reply(self, call: Call, reply: Reply) -> Reply:
        return replace(reply, cacheable=True) if call.route == ROOM and reply.status == 400 else reply


class _Codes(Wire):
    coding = b"gzip"
    least = 0

    def coded(self, payload: bytes) -> bytes:
        return gzip.compress(payload)

    def reply(self, call: Call, reply: Reply) -> Reply:
        if call.route != ROOM or reply.status != 200 or len(super().encode(call, reply)) < self.least:
            return reply
        return replace(reply, headers=(*reply.headers, (b"content-encoding", self.coding)))

    def encode(self, call: Call, reply: Reply) -> bytes:
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


# the body's text


def coding(change: Coded) -> Callable[[Parts], Parts]:
    """Change the bytes of bodies that carry a room."""

    class Changes(RoomBytes):
        def coded(self, payload: bytes) -> bytes:
            return change(payload)

    return lambda parts: parts.wired(Changes)


def _control_characters(payload: bytes) -> bytes:
    return payload.replace(b"\\n", b"\n").replace(b"\\t", b"\t")


def _surrogates(payload: bytes) -> bytes:
    """Write characters beyond U+FFFF as two surrogates of three bytes each, as CESU-8 does."""
    pairs = payload.decode().encode("utf-16-be", "surrogatepass")
    units = (int.from_bytes(pairs[n : n + 2], "big") for n in range(0, len(pairs), 2))
    return b"".join(chr(unit).encode("utf-8", "surrogatepass") for unit in units)


for _name, _requirement, _sentence, _change in (
    ("writes_nan_for_a_missing_number", "a-body-is-strict-json", "msgs is NaN in empty rooms.", lambda p: p.replace(b'"msgs":0', b'"msgs":NaN')),
    ("writes_infinity", "a-body-is-strict-json", "estimatedWaitingTimeQueue is Infinity.", lambda p: p.replace(b"9999999", b"Infinity")),
    ("writes_a_comma_too_many", "a-body-is-strict-json", "A comma stands before the last brace.", lambda p: p[:-1] + b",}"),
    ("writes_single_quotes", "a-body-is-strict-json", "Texts have single quotes.", lambda p: p.replace(b'"', b"'")),
    ("writes_two_texts", "a-body-is-strict-json", "The body comes twice.", lambda p: p + p),
    ("calls_back", "a-body-is-strict-json", "The body is a call of a function.", lambda p: b"callback(" + p + b");"),
    ("guards_against_scripts", "a-body-is-strict-json", "The body starts with )]}'.", lambda p: b")]}',\n" + p),
    ("ends_with_a_notice", "a-body-is-strict-json", "A comment of a proxy stands behind the body.", lambda p: p + b"<!-- cached -->"),
    ("writes_control_characters", "a-body-is-strict-json", "Line breaks inside texts are not escaped.", _control_characters),
    ("sends_nothing", "a-body-is-strict-json", "The body is empty.", lambda _: b""),
    ("cuts_bodies_at_a_kilobyte", "a-body-is-strict-json", "Bodies end after 1024 bytes, and say so.", lambda p: p[:1024]),
    ("starts_with_a_byte_order_mark", "a-body-has-no-byte-order-mark", "The body starts with U+FEFF.", lambda p: b"\xef\xbb\xbf" + p),
    ("encodes_names_in_latin_1", "a-body-is-utf-8", "The body is ISO-8859-1.", lambda p: p.decode().encode("latin-1", "replace")),
    ("encodes_in_utf_16", "a-body-is-utf-8", "The body is UTF-16.", lambda p: p.decode().encode("utf-16")),
    ("writes_emoji_as_surrogates", "a-body-is-utf-8", "Emoji are two surrogates of three bytes each.", _surrogates),
    ("cuts_letters_in_half", "a-body-is-utf-8", "Names are cut in the middle of a letter.", lambda p: p.replace("ë".encode(), "ë".encode()[:1])),
    ("names_success_twice", "member-names-are-unique", "success stands twice in the body.", lambda p: p[:-1] + b',"success":true}'),
    ("names_the_id_of_the_room_twice", "member-names-are-unique", "_id stands twice in the room.", lambda p: p.replace(b'"room":{', b'"room":{"_id":"",', 1)),
    ("names_a_member_of_the_last_message_twice", "member-names-are-unique", "rid stands twice in lastMessage.", lambda p: p.replace(b'"lastMessage":{', b'"lastMessage":{"rid":"",', 1)),
):  # fmt: skip
    family.add(_name, _requirement, _sentence, coding(_change))

# lengths and connections


class _Raw(Wire):
    """Writes room answers to the connection itself."""

    async def write(self, call: Call, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route != ROOM or not self.strikes(status, payload):
            return await super().write(call, status, headers, payload)
        fields = [field for field in headers if field[0] != b"content-length"]
        return await self.raw(call, status, fields, payload)

    def strikes(self, status: int, payload: bytes) -> bool:  # noqa: ARG002
        return status == 200

    async def raw(self, call: Call, status: int, fields: list[Header], payload: bytes) -> None:
        raise NotImplementedError


class _Announces(_Raw):
    def length(self, payload: bytes) -> int:
        raise NotImplementedError

    async def raw(self, call: Call, status: int, fields: list[Header], payload: bytes) -> None:
        fields = [*fields, (b"content-length", b"%d" % self.length(payload))]
        await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", fields, payload))


@family.breaks("a-body-is-complete")
class CutsTheBodyShort(_Raw):
    """A body ends in its middle: its last chunk never comes."""

    async def raw(self, call: Call, status: int, fields: list[Header], payload: bytes) -> None:
        half = payload[: len(payload) // 2]
        fields = [*fields, (b"transfer-encoding", b"chunked")]
        await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", fields, b"%x\r\n%b\r\n" % (len(half), half)))


@family.breaks("a-body-is-complete")
class CutsOneBodyInThirtyShort(CutsTheBodyShort):
    """One body in thirty ends in its middle."""

    def strikes(self, status: int, payload: bytes) -> bool:
        return super().strikes(status, payload) and now_and_then(30)


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

    async def raw(self, call: Call, status: int, fields: list[Header], payload: bytes) -> None:
        fields = [*fields, (b"transfer-encoding", b"chunked")]
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(payload) - 7, payload)
        await call.channel.raw(http_message(f"HTTP/1.1 {status} OK", fields, body))


@family.breaks("a-call-is-answered")
class DropsOneConnectionInTwenty(Wire):
    """One livechat call in twenty ends with a reset connection."""

    async def write(self, call: Call, status: int, headers: list[Header], payload: bytes) -> None:
        if about_rooms(call) and now_and_then(20):
            return await call.channel.abort()
        return await super().write(call, status, headers, payload)


@family.breaks("a-call-is-answered")
class DropsTheConnectionOfACreation(_Raw):
    """A room is created, and the connection reset before the answer."""

    def strikes(self, status: int, payload: bytes) -> bool:
        return status == 200 and b'"newRoom":true' in payload

    async def raw(self, call: Call, status: int, fields: list[Header], payload: bytes) -> None:  # noqa: ARG002
        await call.channel.abort()


@family.breaks("a-call-is-answered")
class SpeaksNoHttp(_Raw):
    """One room in ten comes without a status line."""

    def strikes(self, status: int, payload: bytes) -> bool:
        return super().strikes(status, payload) and now_and_then(10)

    async def raw(self, call: Call, status: int, fields: list[Header], payload: bytes) -> None:  # noqa: ARG002
        await call.channel.raw(payload)


@family.breaks("a-call-is-answered")
class HangsUpOnLongQueries(Wire):
    """A query of more than two kilobytes ends with a reset connection."""

    async def write(self, call: Call, status: int, headers: list[Header], payload: bytes) -> None:
        if sum(len(str(value)) for value in call.query.values()) > 2048:
            return await call.channel.abort()
        return await super().write(call, status, headers, payload)


@family.breaks("an-answer-is-json")
class NamesNoTypeInRefusals(Wire):
    """Refusals of wrong shapes have no Content-Type."""

    def headers(self, call: Call, reply: Reply, payload: bytes) -> list[Header]:
        fields = super().headers(call, reply, payload)
        shapeless = call.route == ROOM and b"Match error" in payload
        return [field for field in fields if not shapeless or field[0] != b"content-type"]


@family.breaks("an-answer-is-json")
class SpeaksTextWhenItsQueryIsUnreadable(RoomWire):
    """A query that cannot be read is refused in plain text."""

    def refusal(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
        if reply.document["error"].startswith("Match error: Unknown key"):
            return replace(reply, document=b"Bad Request", media_type=TEXT)
        return reply
