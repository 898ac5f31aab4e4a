"""Tokens that this run made: the mark in each tells, whatever was done to the rest, for the price of a constant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rocketchat_contract.record.redact.encodings import (
    ALPHANUMERIC,
    BASE64,
    HEXADECIMAL,
    grown,
    in_base64,
    in_hexadecimal,
)
from rocketchat_contract.record.redact.forms import forms_of
from rocketchat_contract.record.redact.names import Alias, Names

_STEM = len("rcc") + 8 + 6
"""Characters of a token that tell whose it is, whatever was done to the rest."""

_TAIL = 20
"""Letters of a token behind the mark."""

_LONGEST = 256
"""Letters behind a mark that are read in one go, so that a text of nothing but tokens is still read only once."""

_GAP = r"[ \t.,:;|/+*~_-]{0,3}"
"""What may stand between the letters of a token that is spelt out; no quote, so that JSON stays JSON."""


class OwnTokens:
    """Tokens of a run, in which ``mark`` stands after ``rcc``, and in nothing else."""

    def __init__(self, mark: str, names: Names) -> None:
        self._names = names
        self._mark = mark.lower()
        self._plain = re.compile(rf"{re.escape(mark)}[0-9a-z]{{0,{_LONGEST}}}", re.IGNORECASE)
        self._wide = re.compile("(?:r\0?)?(?:c\0?){0,2}" + "\0?".join(mark) + "(?:\0?[0-9a-z])*", re.IGNORECASE)
        spelt = _GAP.join(mark) + rf"(?:{_GAP}[0-9a-z]){{0,{_TAIL}}}"
        self._spelt = re.compile(rf"(?:(?:r{_GAP})?c{_GAP})?(?:c{_GAP})?{spelt}", re.IGNORECASE)
        self._encoded = tuple(_encoded(self._mark))
        self._tokens: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._signed: dict[str, list[str]] = {}

    def add(self, token: str, name: str) -> bool:
        """Know a token by its name; False when it holds no mark and must be found in another way."""
        own = self._plain.match(token.removeprefix("rcc"))
        if own is None:
            return False
        stem = token[:_STEM].lower()
        self._stems.setdefault(stem, token)
        self._tokens[token] = name
        if own.group() != token.removeprefix("rcc"):
            forms = forms_of(token)
            self._tokens.update(dict.fromkeys(forms, name))
            self._signed[stem] = sorted({*self._signed.get(stem, ()), *forms}, key=len, reverse=True)
        return True

    def pieces(self, text: str) -> Iterator[str]:
        """The text with what holds the mark, as it is, apart."""
        if self._mark not in text.lower():
            yield text
            return
        end = 0
        while (match := self._plain.search(text, end)) is not None:
            start = _beginning(text, match.start(), end)
            yield text[end:start]
            end, name = self._named(text, start, match.end())
            yield name
        yield text[end:]

    def hidden(self, text: str) -> Iterator[str]:
        """The text with tokens apart that are spelt out or encoded: UTF-16, reversed, base64, hexadecimal."""
        end = 0
        for start, stop in sorted(self._hidden_spans(text)):
            if stop > end:
                yield text[end:start]
                yield self._names.nameless(text[max(start, end) : stop])
                end = stop
        yield text[end:]

    def _hidden_spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Every range with the mark in another form; each form is looked for once, from the beginning to the end."""
        for pattern in (self._spelt, *((self._wide,) if "\0" in text else ())):
            yield from (match.span() for match in pattern.finditer(text))
        for needle, alphabet in self._encoded:
            end = 0
            while (at := text.find(needle, end)) >= 0:
                start, end = grown(text, at, at + len(needle), end, alphabet)
                yield start, end

    def _named(self, text: str, start: int, stop: int) -> tuple[int, Alias]:
        """Where the token ends that begins at ``start``, and its name; what was put behind it may hold another."""
        found = text[start:stop]
        for lead in ("", "r", "rc", "rcc"):
            stem = (lead + found)[:_STEM].lower()
            for form in () if lead else self._signed.get(stem, ()):
                if text.startswith(form, start):
                    return start + len(form), Alias(f"${self._tokens[form]}")
            token = found if found in self._tokens else self._stems.get(stem)
            if token is not None:
                known = token if found.startswith(token) else found
                return start + len(known), self._names.expansion(known, token, self._tokens[token])
        return stop, self._names.nameless(found)


def _encoded(mark: str) -> Iterator[tuple[str, frozenset[str]]]:
    """What the mark looks like when it is encoded, and the letters that may stand around it."""
    for each in dict.fromkeys((mark, mark.upper())):
        yield each[::-1], ALPHANUMERIC
        for needle in dict.fromkeys((in_hexadecimal(each), in_hexadecimal(each).upper())):
            yield needle, HEXADECIMAL
        for needle in in_base64(each):
            yield needle, BASE64


def _beginning(text: str, start: int, end: int) -> int:
    """Where a token begins whose mark stands at ``start``, not before ``end``; the r of ``\\r`` is no letter."""
    for letter in "ccr":
        if start == end or text[start - 1].lower() != letter:
            break
        start -= 1
    escaped = text[start] in "rR" and (start - len(text[:start].rstrip("\\"))) % 2 == 1
    return start + escaped
