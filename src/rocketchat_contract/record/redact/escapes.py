"""Letters, digits, ``-`` and ``_`` that are escaped: the encoders of URLs, JSON and HTML leave these as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rocketchat_contract.record.redact.names import Alias, Search

_HEX = r"(?:2[dD]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF])"
_DECIMAL = r"(?:45|4[89]|5[0-7]|6[5-9]|[78][0-9]|9[05789]|1[01][0-9]|12[012])"
_ENTITY = rf"#(?:0{{0,6}}{_DECIMAL}|[xX]0{{0,6}}{_HEX});?"
_WORD = "[0-9A-Za-z_-]+"
_AGAIN, _SLASHES = "%(?:25){0,4}", r"\\{1,8}"
"""Signs of what is escaped several times over; with a most, so that a text is not read anew from each sign."""

_RUN = re.compile(rf"\\\\|(?:{_WORD}|%{_HEX}|\\u00{_HEX}|&{_ENTITY})+")
"""Words with escapes in them. An escaped backslash comes first: in JSON, the ``u`` behind it is a plain letter."""

_TWICE = re.compile(rf"(?:{_WORD}|{_AGAIN}{_HEX}|{_SLASHES}(?:u00|x){_HEX}|&(?:amp;)?{_ENTITY})+")
_ESCAPE = re.compile(
    rf"(?:{_AGAIN}|{_SLASHES}u00|{_SLASHES}x|&(?:amp;)?#[xX]0{{0,6}})(?P<hex>{_HEX});?"
    rf"|&(?:amp;)?#0{{0,6}}(?P<decimal>{_DECIMAL});?"
)


def unescaped(text: str, search: Search) -> Iterator[str]:
    """The text with its secrets found as if nothing were escaped; words without one stay as they are written."""
    return _replaced(_RUN, text, search, lambda pieces, _: pieces)


def unescaped_twice(text: str, search: Search, nameless: Callable[[str], Alias]) -> Iterator[str]:
    """The text without words that hold a secret once they are unescaped more than once: those are not the secret."""
    return _replaced(_TWICE, text, search, lambda _, run: [nameless(run)])


def is_escaped(text: str) -> bool:
    """Whether something is escaped that needs it not."""
    return ("%" in text or "\\" in text or "&" in text) and _ESCAPE.search(text) is not None


def _replaced(
    runs: re.Pattern[str], text: str, search: Search, shown: Callable[[list[str], str], Iterable[str]]
) -> Iterator[str]:
    end = 0
    for match in runs.finditer(text):
        run = match.group()
        if "%" not in run and "\\" not in run and "&" not in run:
            continue
        pieces = list(search(_ESCAPE.sub(_letter, run)))
        if any(isinstance(piece, Alias) for piece in pieces):
            yield text[end : match.start()]
            yield from shown(pieces, run)
            end = match.end()
    yield text[end:]


def _letter(escape: re.Match[str]) -> str:
    return chr(int(escape["hex"], 16) if escape["hex"] else int(escape["decimal"]))
