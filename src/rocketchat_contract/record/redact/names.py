"""The names that stand for secrets: shell variables, and shell expansions for what was made of a secret."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NewType

Token = NewType("Token", str)
"""A visitor's token as the server knows it. It stays in memory, in the ledger and in the secrets file."""


class Alias(str):
    """A name that this suite wrote in place of a secret; other text never is one, whatever it looks like."""

    __slots__ = ()


MASKED = "$RC_MASKED_"
"""How a secret begins for which there is no shell expansion; nobody can replay it."""

TOKEN_ALIAS = re.compile(r"\$\{?RC_TOKEN_(\d+)")

Search = Callable[[str], Iterable[str]]
"""Cuts a text into pieces, of which those that are an ``Alias`` took the place of a secret."""

_WRITTEN = re.compile(
    rf"{re.escape(MASKED)}([0-9a-f]{{8}})"
    r"|\$([A-Z][0-9A-Za-z_]*)"
    r"|\$\{([A-Z][0-9A-Za-z_]*)(?:\^\^|,,|~~|#\?|%\?|:0:[0-9]+)?\}"
)
"""What an alias looks like. Without braces the name goes on as far as the shell would read it."""


def _written(letter: str) -> str:
    """The pattern of a letter, plain or escaped as URLs, JSON and HTML do, a few times over.

    Without a most, a text of nothing but backslashes would be read from each of them to its end.
    """
    code = f"{ord(letter):02x}"
    either = "".join(f"[{each}{each.upper()}]" if each.isalpha() else each for each in code)
    return rf"(?:{re.escape(letter)}|%(?:25){{0,4}}{either}|\\\\{{0,8}}u00{either}|&#(?:x{either}|{ord(letter)});)"


_FORGED = re.compile(rf"{_written('$')}{_written('{')}?{_written('R')}{_written('C')}_")
"""How an alias begins, in any writing that a reader may undo."""

_NAME_GOES_ON = re.compile("[0-9A-Za-z_]")
_BARE = re.compile(r"\$[A-Z][0-9A-Za-z_]*")


class GivenNames:
    """The names given so far. Only these are taken for aliases when a text is masked once more."""

    def __init__(self, names: Iterable[str]) -> None:
        self._given = set(names)
        self._nameless: set[str] = set()

    def give(self, name: str) -> Alias:
        """The alias of a secret that goes by this variable from now on."""
        self._given.add(name)
        return Alias(f"${name}")

    def nameless(self, found: str) -> Alias:
        """What stands in for a text that no expansion makes; equal texts have equal ones."""
        mark = hashlib.sha256(found.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        self._nameless.add(mark)
        return Alias(MASKED + mark)

    def expansion(self, found: str, secret: str, name: str) -> Alias:
        """The bash expansion that makes ``found`` out of a secret."""
        if found == secret:
            return Alias(f"${name}")
        whole = {
            secret.upper(): f"${{{name}^^}}",
            secret.lower(): f"${{{name},,}}",
            secret.swapcase(): f"${{{name}~~}}",
            secret[1:]: f"${{{name}#?}}",
            secret[:-1]: f"${{{name}%?}}",
        }
        if found in whole:
            return Alias(whole[found])
        return Alias(f"${{{name}:0:{len(found)}}}") if secret.startswith(found) else self.nameless(found)

    def written(self, text: str) -> Iterator[str]:
        """A text of this suite's own: the names in it that were given are aliases."""
        end = 0
        for match in _WRITTEN.finditer(text):
            mark, bare, braced = match.groups()
            if mark in self._nameless or (bare or braced) in self._given:
                yield text[end : match.start()]
                yield Alias(match.group())
                end = match.end()
        yield text[end:]

    def foreign(self, text: str) -> Iterator[str]:
        """A text from outside: what begins like an alias in it is none, and does not stay to look like one."""
        end = 0
        for match in _FORGED.finditer(text):
            yield text[end : match.start()]
            yield self.nameless(match.group())
            end = match.end()
        yield text[end:]


def is_suspicious(text: str) -> bool:
    """Whether something in a text looks like an alias."""
    return ("$" in text or "%" in text or "\\" in text or "&" in text) and _FORGED.search(text) is not None


def searched(pieces: Iterable[str], search: Search) -> Iterator[str]:
    """Look for secrets in the pieces that are none yet: a name is never looked into."""
    for piece in pieces:
        if isinstance(piece, Alias):
            yield piece
        elif piece:
            yield from search(piece)


def joined(pieces: Iterable[str]) -> str:
    """The text of pieces; an alias gets braces where the shell would read on into what follows."""
    parts = [piece for piece in pieces if piece]
    for at in range(len(parts) - 1):
        if isinstance(parts[at], Alias):
            parts[at] = _separated(parts[at], parts[at + 1])
    return "".join(parts)


def _separated(piece: str, following: str) -> str:
    goes_on = _NAME_GOES_ON.match(following) and _BARE.fullmatch(piece) and not piece.startswith(MASKED)
    return f"${{{piece[1:]}}}" if goes_on else piece


def without_tokens(text: str, spans: Iterable[tuple[int, int]], nameless: Callable[[str], Alias]) -> Iterator[str]:
    """The text with something nameless in place of each range; ranges may overlap, and come in any order."""
    end = 0
    for start, stop in sorted(spans):
        if stop > end:
            yield text[end:start]
            yield nameless(text[max(start, end) : stop])
            end = stop
    yield text[end:]
