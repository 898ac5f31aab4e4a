"""Visitors and rooms by their part in a story: ``{known visitor}``, ``{room 2, without its last letter}``.

A file of the corpus holds no token and no room id. What a driver made of one, cut it or changed its case, is said in
words, so that it can be done again to another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

KNOWN, UNKNOWN, ANOTHER, ROOM = "known visitor", "unknown visitor", "another visitor", "room"

_ROLE = rf"(?:{KNOWN}|{UNKNOWN}|{ROOM})(?: [1-9][0-9]*)?"
PLACEHOLDER = re.compile(rf"\{{({_ROLE})(?:, ([a-z0-9 ]+))?\}}")
"""A name, and what was done to it."""

_ALIAS = re.compile(r"\$RC_TOKEN_(\d+)|\$\{RC_TOKEN_(\d+)(\^\^|,,|~~|#\?|%\?|:0:\d+)?\}")
_WORD = re.compile(r"[0-9A-Za-z_-]{6,}")
_ESCAPE_OR_WORD = re.compile(rf"%[0-9A-Fa-f]{{2}}|{_WORD.pattern}")
_CUT = re.compile(r"cut to ([1-9][0-9]*) letters")

_DEEDS: dict[str, Callable[[str], str]] = {
    "in capitals": str.upper,
    "in small letters": str.lower,
    "in the other case": str.swapcase,
    "without its first letter": lambda text: text[1:],
    "without its last letter": lambda text: text[:-1],
}
_OF_SHELL = {
    "^^": "in capitals",
    ",,": "in small letters",
    "~~": "in the other case",
    "#?": "without its first letter",
    "%?": "without its last letter",
}


def done(deed: str | None, text: str) -> str:
    """The text after what was done to it; raises ``ValueError`` for words that say nothing."""
    if deed is None:
        return text
    cut = _CUT.fullmatch(deed)
    if cut:
        return text[: int(cut[1])]
    if deed not in _DEEDS:
        raise ValueError(deed)
    return _DEEDS[deed](text)


def aliases_in(text: str) -> list[str]:
    """The visitors whom a masked text speaks of, by the numbers of their tokens."""
    return [found[1] or found[2] for found in _ALIAS.finditer(text)]


class Forms:
    """Rooms by their ids and by what drivers make of them: another case, a part, more at the end."""

    def __init__(self, rooms: Iterable[str]) -> None:
        self._forms: dict[str, tuple[str, str | None]] = {}
        self._lengths: set[int] = set()
        for room in rooms:
            if _WORD.fullmatch(room):
                for deed in (*_DEEDS, f"cut to {len(room) // 2 + 4} letters"):
                    self._forms.setdefault(done(deed, room), (room, deed))
                self._forms[room] = (room, None)
                self._lengths.add(len(room))

    def rooms_in(self, text: str) -> list[str]:
        """The rooms that a text speaks of."""
        found: list[str] = []

        def note(room: str, _: str | None) -> str:
            found.append(room)
            return room

        self.replaced(text, note)
        return found

    def replaced(self, text: str, name_of: Callable[[str, str | None], str]) -> str:
        """The text with every room under its name."""
        return _ESCAPE_OR_WORD.sub(lambda word: self._replaced(word.group(), name_of), text)

    def _replaced(self, word: str, name_of: Callable[[str, str | None], str]) -> str:
        for length in (len(word), *self._lengths):
            known = self._forms.get(word[:length])
            if known is not None and (length == len(word) or known[1] is None):
                return name_of(*known) + word[length:]
        return word


class NameTable:
    """Gives names in the order in which they are asked for.

    ``known`` are the visitors who were registered, ``seen`` all who act; anybody else is another visitor.
    """

    def __init__(self, forms: Forms, known: Iterable[str], seen: Iterable[str]) -> None:
        self._forms = forms
        self._known, self._seen = frozenset(known), frozenset(seen)
        self._names: dict[tuple[str, str], str] = {}

    def visitor(self, alias: str, deed: str | None = None) -> str:
        """The name of a visitor."""
        role = KNOWN if alias in self._known else UNKNOWN if alias in self._seen else ANOTHER
        return self._name(role, alias, deed)

    def room(self, room: str, deed: str | None = None) -> str:
        """The name of a room."""
        return self._name(ROOM, room, deed)

    def renamed(self, text: str) -> str:
        """A masked text with names for tokens and rooms; braces of its own are percent-encoded."""
        pieces, end = [], 0
        for found in _ALIAS.finditer(text):
            pieces += [self._rooms(text[end : found.start()]), self._alias(found)]
            end = found.end()
        return "".join([*pieces, self._rooms(text[end:])])

    def _rooms(self, text: str) -> str:
        return self._forms.replaced(text.replace("{", "%7B").replace("}", "%7D"), self.room)

    def _alias(self, found: re.Match[str]) -> str:
        deed = found[3]
        if deed is not None and deed not in _OF_SHELL:
            return self.visitor(found[2], f"cut to {deed.removeprefix(':0:')} letters")
        return self.visitor(found[1] or found[2], None if deed is None else _OF_SHELL[deed])

    def _name(self, role: str, subject: str, deed: str | None) -> str:
        if (role, subject) not in self._names:
            number = sum(given == role for given, _ in self._names) + 1
            self._names[role, subject] = role if number == 1 else f"{role} {number}"
        name = self._names[role, subject]
        return f"{{{name}}}" if deed is None else f"{{{name}, {deed}}}"
