"""What a text looks like in base64 and in hexadecimal digits, wherever it stands in what was encoded."""

from __future__ import annotations

import base64
from collections.abc import Iterator

BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-")
HEXADECIMAL = frozenset("0123456789abcdefABCDEF")
ALPHANUMERIC = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")


def in_base64(text: str) -> Iterator[str]:
    """The letters that the text gives in base64, for each place in a group of three bytes; both alphabets.

    Letters that also hold bits of what stands before or behind it are left out, and so is padding.
    """
    content = text.encode("utf-8", "surrogatepass")
    for before, unsure in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b"\0" * before + content)[unsure : 8 * (before + len(content)) // 6].decode("ascii")
        yield from dict.fromkeys((encoded, encoded.replace("+", "-").replace("/", "_")))


def in_hexadecimal(text: str) -> str:
    """The bytes of a text as small hexadecimal digits."""
    return text.encode("utf-8", "surrogatepass").hex()


def grown(text: str, start: int, stop: int, floor: int, alphabet: frozenset[str]) -> tuple[int, int]:
    """The range, and all around it that is made of the same letters, not before ``floor``."""
    while start > floor and text[start - 1] in alphabet:
        start -= 1
    while stop < len(text) and text[stop] in alphabet:
        stop += 1
    return start, stop
