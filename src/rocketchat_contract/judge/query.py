"""The query of a room call: plain parameters, what is not plain, and whether anybody would call it hostile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_plus, unquote_to_bytes

from rocketchat_contract.record.ordinary import is_ordinary_value

NONE: frozenset[str] = frozenset()

_NAMED = frozenset({"token", "rid", "agentId"})
_EXPANSION = re.compile(r"\$\{RC_TOKEN_\d+[^}]*\}")
"""A deviation of a masked token, in which a percent sign is no escape."""

_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BEYOND_ASCII = re.compile(r"%[89A-Fa-f]")


@dataclass(frozen=True, slots=True)
class RoomQuery:
    """The query of a room call, as ``qs`` would group it: plain parameters, and what is not plain.

    ``odd`` holds names sent twice or as list or object, ``unnamed`` plain ones that the document does not name.
    ``is_usual`` says that there is a token and nothing odd or unnamed; ``is_ordinary`` that nothing is odd or unnamed
    and no value long or of unusual characters. ``malformed`` names the parameters of which name or value is no
    percent-encoded UTF-8: what a server reads there, if anything, is its own affair.
    """

    plain: Mapping[str, str]
    twice: frozenset[str] = NONE
    structured: frozenset[str] = NONE
    odd: frozenset[str] = NONE
    unnamed: frozenset[str] = NONE
    is_usual: bool = True
    is_ordinary: bool = True
    malformed: frozenset[str] = NONE


@lru_cache(maxsize=4096)
def parse_query(text: str, named: frozenset[str] = _NAMED) -> RoomQuery:
    """The parameters of a query string, percent-decoded; ``named`` are those that the document names."""
    plain: dict[str, str] = {}
    twice, structured = set(), set()
    pairs = list(query_pairs(text))
    for key, value in pairs:
        name, bracket, _ = key.partition("[")
        if bracket and name:
            structured.add(name)
        elif key in plain:
            twice.add(key)
        else:
            plain[key] = value
    odd, unnamed = frozenset(twice | structured), frozenset(plain.keys() - named)
    documented = not odd and not unnamed
    malformed = frozenset(_malformed(text)) if "%" in text and not is_well_formed(text) else NONE
    ordinary = documented and not malformed and all(map(is_ordinary_value, plain.values()))
    usual = documented and "token" in plain
    return RoomQuery(plain, frozenset(twice), frozenset(structured), odd, unnamed, usual, ordinary, malformed)


def _malformed(text: str) -> Iterator[str]:
    for part in text.split("&"):
        if not is_well_formed(part):
            yield _decoded(part.partition("=")[0]).partition("[")[0]


def is_well_formed(text: str) -> bool:
    """Whether a text of a URL is percent-encoded UTF-8: RFC 3986, section 2.1, and RFC 3629."""
    text = _EXPANSION.sub("", text)
    if _NO_ESCAPE.search(text):
        return False
    if text.isascii() and _BEYOND_ASCII.search(text) is None:
        return True
    try:
        unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def query_pairs(text: str) -> Iterator[tuple[str, str]]:
    """The names and values of a query string, percent-decoded, in their order."""
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield _decoded(name), _decoded(value)


@lru_cache(maxsize=4096)
def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text
