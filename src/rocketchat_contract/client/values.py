"""Values for a call's parameters: texts that a loose comparison takes for another, and texts that break servers."""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Callable, Mapping

from rocketchat_contract.rocketchat.own_visitors import TOKEN_LEAD

EVERYTHING = "".join(
    (
        "b\r\nX-Injected: 1\r\nX-More: 1\r\n\x01\x1b[31m\x7f\0",
        "Zoë–Ünïcode 😀 \u202eabc\u202c",
        "<script>alert(1)</script>'\"`;-- {}",
        "../../../../etc/passwd ([a-z*+?\\",
        "x" * 2100,
    )
)
"""All that is hostile in one text, as far as one call carries it: 2,300 letters."""

LINES = f"{TOKEN_LEAD}NoSuchOneHere\r\nX-Injected: 1"
"""A value that ends a header field, if a server writes it into one, and begins another."""

RICH_MESSAGE = "see https://example.org, @agent"
"""A message of which a server makes links and mentions."""

_WIDE = {number: number + 0xFEE0 for number in range(0x21, 0x7F)}
"""Letters and signs of ASCII, and the same as wide as Chinese ones."""

DEVIATIONS: Mapping[str, Callable[[str], str]] = {
    "capitals": lambda text: text.upper(),
    "small letters": lambda text: text.lower(),
    "other case": lambda text: text.swapcase(),
    "cut": lambda text: text[:-1],
    "first half": lambda text: text[: len(text) // 2 + 4],
    "first letter off": lambda text: text[1:],
    "lengthened": lambda text: f"{text}x",
    "space after": lambda text: f"{text} ",
    "space before": lambda text: f" {text}",
    "spaces": lambda text: f" {text} ",
    "line break": lambda text: f"{text}\n",
    "quotes": lambda text: f"'{text}'",
    "accent": lambda text: f"{text}\u0301",
    "zero width": lambda text: f"{text}\u200b",
    "full width": lambda text: text[:-1] + text[-1:].translate(_WIDE),
    "any letter": lambda text: f"{text[:-1]}.",
    "any sign": lambda text: f"{text[:-1]}_",
    "anything": lambda text: f"{text[:-1]}*",
    "dot after": lambda text: f"{text}.",
    "semicolon after": lambda text: f"{text};x",
    "comma after": lambda text: f"{text},x",
    "plus after": lambda text: f"{text}+",
    "slash before": lambda text: f"x/{text}",
    "in a list": lambda text: json.dumps([text]),
    "in an object": lambda text: json.dumps({"$eq": text, "$ne": "x"}),
    "last letter encoded": lambda text: text[:-1] + "".join(f"%{byte:02x}" for byte in text[-1:].encode()),
    "nul at its end": lambda text: f"{text}\0",
    "nul and more": lambda text: f"{text}\0{EVERYTHING}/{text}",
}
"""What is done to a text that a loose comparison would still take for the same."""

UNUSUAL_END = f".*{'x' * 1_000}a+b@c-d~eéЖ😀y%"
"""The end of a token that a server may keep in another form: long, with signs, and beyond ASCII at its far end.

So whatever is changed there is also changed behind the place where a server may cut it, and the first signs with the
last one make a pattern of its beginning: see ``PATTERN``.
"""

PATTERN = ".*%"
"""Behind the beginning of a token with ``UNUSUAL_END``, a pattern for three kinds of look-up, and no token."""

UNUSUAL_DEVIATIONS: Mapping[str, Callable[[str], str]] = {
    "another last letter": lambda text: f"{text[:-2]}z%",
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "another letter beyond Latin": lambda text: text.replace("Ж", "Ю"),
    "another sign beyond 16 bits": lambda text: text.replace("😀", "😁"),
    "capitals beyond ASCII": lambda text: text.replace("é", "É"),
    "accent off": lambda text: text.replace("é", "e"),
    "space for plus": lambda text: text.replace("+", " "),
}
"""What makes another token of one with ``UNUSUAL_END``, unless a server keeps or compares it in another form."""

NUMBER_DEVIATIONS: Mapping[str, Callable[[str], str]] = {
    "zero before": lambda text: f"0{text}",
    "exponent": lambda text: f"{text[:-3]}e3",
    "decimal point": lambda text: f"{text}.0",
    "another last digit": lambda text: f"{text[:-1]}1",
}
"""Other texts that are nearly or exactly the same number as one that ends with three zeros."""

UUID_DEVIATIONS: Mapping[str, Callable[[str], str]] = {
    "capitals": lambda text: text.upper(),
    "without hyphens": lambda text: text.replace("-", ""),
    "in braces": lambda text: f"{{{text}}}",
}
"""Other texts that are the same UUID."""

OBJECTS = ("[x]", "[$eq]", "[$in][]")
"""What behind a parameter's name makes an object of its value."""

REPEATED_HEADERS = (
    *(("Cookie", "a=1"), ("Cookie", "b=2")),
    *(("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "192.0.2.2")),
    ("Accept-Encoding", "gzip"),
)
"""Fields that stand twice, and the wish for a compressed answer: they change nothing of the room."""

HOSTILE_VALUES: Mapping[str, str] = {
    "everything": EVERYTHING,
    "json": json.dumps({"$ne": EVERYTHING}, ensure_ascii=False),
    "very long": "x" * 12_000,
    "long": "x" * 3000,
    "umlaut": "Zoë–Ünïcode",
    "astral": "😀" * 8,
    "right to left": "\u202eabc\u202c",
    "nul": "a\0b",
    "control": "a\x01\x1b[31m\x7fb\r\nX-Injected: 1",
    "markup": "<script>alert(1)</script>",
    "quotes": "'\"`;-- {}",
    "pattern": "([a-z*+?\\",
    "path": "../../../../etc/passwd",
    "operator": '{"$ne": null}',
    "number": "1e400",
    "digits": "12345678901234567890",
    "object id": "507f1f77bcf86cd799439011",
    "undefined": "undefined",
}
"""Values that break servers, by what they are."""

MALFORMED: Mapping[str, str] = {
    "lone surrogate and percent sign": "%ED%A0%80%",
    "lone percent sign": "%",
    "byte that is no UTF-8": "%ff",
    "percent sign before other letters": "%zz",
    "surrogate": "%ED%A0%80",
    "overlong slash": "%c0%af",
    "cut letter": "%e2%82",
}
"""Percent-encodings that decode to no text, as they stand in the query; some servers never answer them."""

NEVER_SENT = frozenset({"sla", "priority"})
"""Parameters of the paid edition: some versions make a room behind their refusal, which no later call gets rid of."""


def value_deviation(text: str, change: str) -> str:
    """A text that a loose comparison would take for ``text``; ``change`` is one of ``DEVIATIONS``."""
    return DEVIATIONS[change](text)


def canary() -> str:
    """A value that stands nowhere unless the server keeps it."""
    return f"canary{secrets.token_hex(4)}"


def digits(length: int = 20) -> str:
    """A number that is no visitor's token."""
    return "".join(secrets.choice("123456789") for _ in range(length))


def round_number() -> str:
    """A number of twenty digits that is no visitor's token, and ends with three zeros."""
    return f"{digits(17)}000"
