"""Wrong in the text of the body: what JSON forbids, and how letters are encoded."""

from __future__ import annotations

from collections.abc import Callable

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import RoomBytes

family = Family("wire")

Coded = Callable[[bytes], bytes]


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
    (
        "writes_nan_for_a_missing_number",
        "a-body-is-strict-json",
        "msgs is NaN in empty rooms.",
        lambda p: p.replace(b'"msgs":0', b'"msgs":NaN'),
    ),
    (
        "writes_infinity",
        "a-body-is-strict-json",
        "estimatedWaitingTimeQueue is Infinity.",
        lambda p: p.replace(b"9999999", b"Infinity"),
    ),
    (
        "writes_a_comma_too_many",
        "a-body-is-strict-json",
        "A comma stands before the last brace.",
        lambda p: p[:-1] + b",}",
    ),
    ("writes_single_quotes", "a-body-is-strict-json", "Texts have single quotes.", lambda p: p.replace(b'"', b"'")),
    ("writes_two_texts", "a-body-is-strict-json", "The body comes twice.", lambda p: p + p),
    ("calls_back", "a-body-is-strict-json", "The body is a call of a function.", lambda p: b"callback(" + p + b");"),
    ("guards_against_scripts", "a-body-is-strict-json", "The body starts with )]}'.", lambda p: b")]}',\n" + p),
    (
        "ends_with_a_notice",
        "a-body-is-strict-json",
        "A comment of a proxy stands behind the body.",
        lambda p: p + b"<!-- cached -->",
    ),
    (
        "writes_control_characters",
        "a-body-is-strict-json",
        "Line breaks inside texts are not escaped.",
        _control_characters,
    ),
    ("sends_nothing", "a-body-is-strict-json", "The body is empty.", lambda _: b""),
    (
        "cuts_bodies_at_a_kilobyte",
        "a-body-is-strict-json",
        "Bodies end after 1024 bytes, and say so.",
        lambda p: p[:1024],
    ),
    (
        "starts_with_a_byte_order_mark",
        "a-body-has-no-byte-order-mark",
        "The body starts with U+FEFF.",
        lambda p: b"\xef\xbb\xbf" + p,
    ),
    (
        "encodes_names_in_latin_1",
        "a-body-is-utf-8",
        "The body is ISO-8859-1.",
        lambda p: p.decode().encode("latin-1", "replace"),
    ),
    ("encodes_in_utf_16", "a-body-is-utf-8", "The body is UTF-16.", lambda p: p.decode().encode("utf-16")),
    ("writes_emoji_as_surrogates", "a-body-is-utf-8", "Emoji are two surrogates of three bytes each.", _surrogates),
    (
        "cuts_letters_in_half",
        "a-body-is-utf-8",
        "Names are cut in the middle of a letter.",
        lambda p: p.replace("ë".encode(), "ë".encode()[:1]),
    ),
    (
        "names_success_twice",
        "member-names-are-unique",
        "success stands twice in the body.",
        lambda p: p[:-1] + b',"success":true}',
    ),
    (
        "names_the_id_of_the_room_twice",
        "member-names-are-unique",
        "_id stands twice in the room.",
        lambda p: p.replace(b'"room":{', b'"room":{"_id":"",', 1),
    ),
    (
        "names_a_member_of_the_last_message_twice",
        "member-names-are-unique",
        "rid stands twice in lastMessage.",
        lambda p: p.replace(b'"lastMessage":{', b'"lastMessage":{"rid":"",', 1),
    ),
):
    family.add(_name, _requirement, _sentence, coding(_change))
