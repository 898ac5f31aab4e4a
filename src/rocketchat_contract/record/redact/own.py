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
from rocketchat_contract.record.redact.names import Alias, GivenNames, without_tokens
from rocketchat_contract.rocketchat.own_visitors import TOKEN_LEAD

_STEM = len(TOKEN_LEAD) + 8 + 6
"""Characters of a token that tell whose it is, whatever was done to the rest."""

_TAIL = 20
"""Letters of a token behind the mark."""

_LONGEST = 256
"""Letters behind a mark that are read in one go, so that a text of nothing but tokens is still read only once."""

_LEAD = 3 * (1 + 3)
"""Letters of ``rcc``, each with the gap behind it."""

_GAP = r"[ \t.,:;|/+*~_-]{0,3}"
"""What may stand between two letters; no quote, so that JSON stays JSON."""

_RCC = re.compile(rf"(?:{_GAP}[cC](?:{_GAP}[cC](?:{_GAP}[rR])?)?)?")


class OwnTokens:
    """Tokens of a run, in which ``mark`` stands after ``rcc``, and in nothing else."""

    def __init__(self, mark: str, names: GivenNames) -> None:
        self._names = names
        self._mark = mark.lower()
        self._plain = re.compile(rf"{re.escape(mark)}[0-9a-z]{{0,{_LONGEST}}}", re.IGNORECASE)
        self._wide = re.compile("(?:r\0?)?(?:c\0?){0,2}" + "\0?".join(mark) + "(?:\0?[0-9a-z])*", re.IGNORECASE)
        self._spelt = _spelt_out(mark)
        self._encoded = tuple(_encoded(self._mark))
        self._needles = tuple(needle for needle, _ in self._encoded)
        self._tokens: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._signed: dict[str, list[str]] = {}

    def add(self, token: str, name: str) -> bool:
        """Know a token by its name; False when it holds no mark and must be found in another way."""
        own = self._plain.match(token.removeprefix(TOKEN_LEAD))
        if own is None:
            return False
        stem = token[:_STEM].lower()
        for each in (token[:_STEM], stem):  # tokens of two visitors may differ in their case alone
            self._stems.setdefault(each, token)
        self._tokens[token] = name
        if own.group() != token.removeprefix(TOKEN_LEAD):
            forms = forms_of(token)
            self._tokens.update(dict.fromkeys(forms, name))
            self._signed[stem] = sorted({*self._signed.get(stem, ()), *forms}, key=len, reverse=True)
        return True

    def shows_in(self, folded: str) -> bool:
        """Whether the mark is there as it is, in a text of small letters."""
        return self._mark in folded

    def hides_in(self, text: str) -> bool:
        """Whether the mark is there in another form."""
        for needle in self._needles:  # any() takes twice as long, and every text comes through here
            if needle in text:
                return True
        return "\0" in text or self._spelt.search(text) is not None

    def pieces(self, text: str) -> Iterator[str]:
        """The text with what holds the mark, as it is, apart."""
        end = 0
        while (match := self._plain.search(text, end)) is not None:
            start = _beginning(text, match.start(), end)
            yield text[end:start]
            end, name = self._named(text, start, match.end())
            yield name
        yield text[end:]

    def hidden(self, text: str) -> Iterator[str]:
        """The text with tokens apart that are spelt out or encoded: UTF-16, reversed, base64, hexadecimal."""
        return without_tokens(text, self._hidden_spans(text), self._names.nameless)

    def _hidden_spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Every range with the mark in another form; each form is looked for once, from the beginning to the end."""
        for match in self._spelt.finditer(text):
            yield match.start() - _lead(text[max(0, match.start() - _LEAD) : match.start()]), match.end()
        for match in self._wide.finditer(text):
            yield match.span()
        for needle, alphabet in self._encoded:
            end = 0
            while (at := text.find(needle, end)) >= 0:
                start, end = grown(text, at, at + len(needle), end, alphabet)
                yield start, end

    def _named(self, text: str, start: int, stop: int) -> tuple[int, Alias]:
        """Where the token ends that begins at ``start``, and its name; what was put behind it may hold another."""
        found = text[start:stop]
        for lead in ("", "r", "rc", TOKEN_LEAD):
            stem = (lead + found)[:_STEM].lower()
            for form in () if lead else self._signed.get(stem, ()):
                if text.startswith(form, start):
                    return start + len(form), Alias(f"${self._tokens[form]}")
            near = self._stems.get((lead + found)[:_STEM]) or self._stems.get(stem)
            token = found if found in self._tokens else near
            if token is not None:
                known = token if found.startswith(token) else found
                return start + len(known), self._names.expansion(known, token, self._tokens[token])
        return stop, self._names.nameless(found)


def _lead(before: str) -> int:
    """The length of ``rcc`` spelt out at the end of a text, or of what is left of it."""
    found = _RCC.match(before[::-1])
    return len(found.group()) if found is not None else 0


def _spelt_out(mark: str) -> re.Pattern[str]:
    """The pattern of a mark with at least one gap in it, in any case, and of the letters behind it.

    Cases are told by classes: a pattern that ignores case would be tried at every place of a text.
    """
    letters = [_either(letter) for letter in mark]
    spread = "".join(_GAP + each for each in letters[1:])
    return re.compile(rf"{letters[0]}(?!{''.join(letters[1:])}){spread}(?:{_GAP}[0-9A-Za-z]){{0,{_TAIL}}}")


def _either(letter: str) -> str:
    return letter if letter.isdigit() else f"[{letter.lower()}{letter.upper()}]"


def _encoded(mark: str) -> Iterator[tuple[str, frozenset[str]]]:
    """What the mark looks like when it is encoded, and the letters that may stand around it."""
    for each in dict.fromkeys((mark[::-1], mark[::-1].upper())):
        yield each, ALPHANUMERIC
    for each in dict.fromkeys((in_hexadecimal(mark), in_hexadecimal(mark).upper())):
        yield each, HEXADECIMAL
    for each in in_base64(mark):
        yield each, BASE64


def _beginning(text: str, start: int, end: int) -> int:
    """Where a token begins whose mark stands at ``start``, not before ``end``; the r of ``\\r`` is no letter."""
    for letter in "ccr":
        if start == end or text[start - 1].lower() != letter:
            break
        start -= 1
    escaped = text[start] in "rR" and (start - len(text[:start].rstrip("\\"))) % 2 == 1
    return start + escaped
