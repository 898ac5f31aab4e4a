"""Letters, digits, ``-`` and ``_`` that are escaped: the encoders of URLs, JSON and HTML leave these as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rocketchat_contract.record.redact.names import Alias, Search

_HEX = r"(?:2[dD]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF])"
_DECIMAL = r"(?:45|4[89]|5[0-7]|6[5-9]|[78][0-9]|9[05789]|1[01][0-9]|12[012])"
_HTML = rf"&#(?:0*{_DECIMAL}|[xX]0*{_HEX});?"
_WORD = "[0-9A-Za-z_-]+"
_RUN = re.compile(rf"\\\\|(?:{_WORD}|%{_HEX}|\\u00{_HEX}|{_HTML})+")
"""Words with escapes in them. An escaped backslash comes first: in JSON, the ``u`` behind it is a plain letter."""

_TWICE = re.compile(rf"(?:{_WORD}|%(?:25)*{_HEX}|\\+[ux](?:00)?{_HEX}|(?:&amp;|&)#(?:0*{_DECIMAL}|[xX]0*{_HEX});?)+")
_ESCAPE = re.compile(
    rf"(?:%(?:25)*|\\+u00|\\+x|&(?:amp;)?#[xX]0*)(?P<hex>{_HEX});?|&(?:amp;)?#0*(?P<decimal>{_DECIMAL});?"
)
_STARTS = ("%", "\\u", "&#", "\\x")
_STARTS_TWICE = ("%25", "\\\\u", "&amp;#", "\\x")


def unescaped(text: str, search: Search) -> Iterator[str]:
    """The text with its secrets found as if nothing were escaped; words without one stay as they are written."""
    if not _holds(text, _STARTS):
        yield text
        return
    yield from _replaced(_RUN, text, search, lambda pieces, _: pieces)


def unescaped_twice(text: str, search: Search, nameless: Callable[[str], Alias]) -> Iterator[str]:
    """The text without words that hold a secret once they are unescaped more than once: those are not the secret."""
    if not _holds(text, _STARTS_TWICE):
        yield text
        return
    yield from _replaced(_TWICE, text, search, lambda _, run: [nameless(run)])


def _holds(text: str, starts: tuple[str, ...]) -> bool:
    return any(start in text for start in starts) and _ESCAPE.search(text) is not None


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
