"""What is known of each visitor, to find it in answers to others: ids, rooms, names, messages and addresses.

What two visitors have tells nothing. Plain names tell only where a room names its visitor, for agents may share them;
one that is hardly anybody else's tells wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import unquote_plus

from rocketchat_contract.judge.operation import Operation

WORD = re.compile(r"[A-Za-z0-9]{12,}")
"""An id, as it stands inside other text."""

ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")

_LONG = 12
"""Characters that a name or message needs so that finding it elsewhere is no accident."""


_SHORT = 7
"""Characters that a username needs for that."""


class Trace(NamedTuple):
    """Something that is one visitor's: what it is, and the text itself."""

    kind: str
    text: str


class VisitorTraces:
    """Which ``_id``, names, rooms, messages and addresses have been shown for which token.

    A token has several ids when its visitor was deleted and came back, or when registrations raced.
    """

    def __init__(self) -> None:
        self._ids_of: dict[str, tuple[str, ...]] = {}
        self._names_of: dict[str, tuple[str, ...]] = {}
        self._owner_of_name: dict[str, str | None] = {}
        self._owners: dict[str, tuple[str, str | None]] = {}
        self._telling: dict[str, str] = {}
        self._beginning = ""

    def learn(self, token: str, visitor_id: str) -> None:
        """Keep an ``_id`` that a registration answered."""
        known = self._ids_of.get(token, ())
        if visitor_id not in known:
            self._ids_of[token] = (*known, visitor_id)
            self.keep(token, "_id", visitor_id)

    def name(self, token: str, name: str) -> None:
        """Keep a name or username that a visitor goes by."""
        if self._owner_of_name.setdefault(name, token) != token:
            self._owner_of_name[name] = None
        elif name not in self._names_of.get(token, ()):
            self._names_of[token] = (*self._names_of.get(token, ()), name)
        if is_a_handle(name):
            self.keep(token, "name", name)
        if _is_telling(name):
            self.keep(token, "name", name)
            self._telling[name] = token
            self._beginning = shared_beginning(self._beginning or name, name)

    def keep(self, token: str, kind: str, text: str) -> None:
        """Keep another text that is one visitor's: a room, a message, an address."""
        if len(text) >= _LONG or kind in ("_id", "name"):
            known, owner = self._owners.setdefault(text, (kind, token))
            self._owners[text] = (known, owner if owner == token else None)

    def forget(self, token: str) -> None:
        """Drop ids and names of a visitor who was deleted."""
        for known in (*self._ids_of.pop(token, ()), *self._names_of.pop(token, ())):
            if self._owners.get(known, ("", None))[1] == token:
                del self._owners[known]
            if self._owner_of_name.get(known) == token:
                del self._owner_of_name[known]
            self._telling.pop(known, None)

    def of(self, token: str | None) -> tuple[str, ...]:
        """The ids of a token, the last one last."""
        return self._ids_of.get(token or "", ())

    def is_anothers_name(self, value: object, token: str | None) -> bool:
        """Whether a value is a name that only a visitor with another token goes by."""
        owner = self._owner_of_name.get(value) if isinstance(value, str) else None
        return owner is not None and owner != token

    def is_own(self, text: str, token: str | None) -> bool:
        """Whether a text is known to be the visitor's with this token."""
        return self._owners.get(text, ("", None))[1] == token

    def others_in(self, op: Operation, texts: list[str], fields: list[str]) -> Trace | None:
        """What is another visitor's among the texts of an answer's body and its header fields.

        What the call itself names is no news, nor is the room that it is answered with.
        """
        found = self._owners.keys() & {*texts, *fields}
        found |= self._owners.keys() & set(_pieces(texts, fields))
        found |= set(self._sentences(texts, fields))
        if not found:
            return None
        asked = unquote_plus(op.exchange.request.target)
        others = sorted(text for text in found if self._is_anothers(text, op) and text not in asked)
        return Trace(self._owners[others[0]][0], others[0]) if others else None

    def _is_anothers(self, text: str, op: Operation) -> bool:
        owner = self._owners[text][1]
        return owner is not None and owner != op.token and text != op.room

    def _sentences(self, texts: list[str], fields: list[str]) -> Iterator[str]:
        """Names that stand inside other text."""
        if not self._beginning:
            return
        for text in (*texts, *fields):
            if self._beginning in text and self._owner_of_name.get(text) is None:
                yield from (name for name in self._telling if stands_in(name, text))


def shared_beginning(one: str, other: str) -> str:
    """What two texts have in common at their beginning."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(letter for letter, _ in alike)


def _is_telling(name: str) -> bool:
    """Whether a name is hardly anybody else's."""
    return len(name) >= _LONG and any(map(str.isdigit, name)) and " " in name


def is_a_handle(name: str) -> bool:
    """Whether a name is a username with a number, which tells where it stands alone."""
    return len(name) >= _SHORT and name[-1].isdigit() and " " not in name


def stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text, and not only the beginning or the end of a longer one."""
    before, found, after = text.partition(name)
    return bool(found) and not before[-1:].isalnum() and not after[:1].isalnum()


def _pieces(texts: Iterable[str], fields: Iterable[str]) -> Iterator[str]:
    for text in (*texts, *fields):
        if len(text) >= _LONG:
            yield from WORD.findall(text)
            if "@" in text:
                yield from ADDRESS.findall(text)
