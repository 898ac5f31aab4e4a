"""Personal data of a capture goes by stand-ins: names, addresses, phone numbers and what people wrote.

Bodies stay as they were otherwise, to the letter: only the texts are replaced that stand under such a name. The same
text has the same stand-in everywhere, so that what was alike, or was not, still is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum


class PersonalKind(StrEnum):
    """What is masked, as it is told."""

    NAME = "names"
    ADDRESS = "addresses"
    PHONE = "phone numbers"
    TEXT = "message texts"


_NAMED: Mapping[PersonalKind, tuple[str, ...]] = {
    PersonalKind.NAME: (
        "name",
        "fname",
        "username",
        "alias",
        "displayname",
        "nickname",
        "firstname",
        "lastname",
        "user",
    ),
    PersonalKind.ADDRESS: ("address", "email", "emails", "visitoremails", "mail", "ip", "useragent", "clientaddress"),
    PersonalKind.PHONE: ("phone", "phones", "phonenumber", "mobile", "tel"),
    PersonalKind.TEXT: (
        *("msg", "message", "text", "md", "comment", "topic", "description", "announcement", "title", "label"),
        *("attachments", "urls", "blocks", "livechatdata", "customfields", "crmdata", "metadata", "tags", "note"),
    ),
}
_KINDS = {name: kind for kind, names in _NAMED.items() for name in names}
"""Members, in small letters, that hold personal data: their texts, and those within."""

_PLAIN = frozenset({"_id", "id", "rid", "token", "type", "t", "ts", "_updatedat"})
"""Members that hold none, even within those: a judgement needs them, and they tell nothing about a person."""

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]', re.DOTALL)
_NAMES = re.compile(r"\s*:")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_STAND_INS = {
    PersonalKind.NAME: "name {}",
    PersonalKind.ADDRESS: "address{}@example.invalid",
    PersonalKind.PHONE: "+000000{:04}",
    PersonalKind.TEXT: "text {}",
}


class Personal:
    """Knows the personal texts of a capture by their stand-ins; ``masked`` counts how many of each kind."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts: Counter[PersonalKind] = Counter()

    @property
    def masked(self) -> dict[str, int]:
        """How many different texts of each kind were replaced."""
        return {kind.value: self._counts[kind] for kind in PersonalKind if self._counts[kind]}

    def body(self, text: str) -> str:
        """A body with stand-ins; what is no JSON loses its e-mail addresses."""
        if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
            return self.mails(text)
        return self.mails(_Scan(text, self._stand_in).replaced())

    def mails(self, text: str) -> str:
        """Any text without e-mail addresses."""
        if "@" not in text:
            return text
        return _MAIL.sub(lambda found: self._stand_in(PersonalKind.ADDRESS, found.group()), text)

    def value(self, name: str, text: str) -> str:
        """A parameter's value, by the parameter's name."""
        kind = _KINDS.get(name.lower())
        return self._stand_in(kind, text) if kind is not None else self.mails(text)

    def _stand_in(self, kind: PersonalKind, text: str) -> str:
        if not text or text.endswith("@example.invalid"):
            return text
        if text not in self._known:
            self._counts[kind] += 1
            self._known[text] = _STAND_INS[kind].format(self._counts[kind])
        return self._known[text]


class _Scan:
    """Replaces the personal texts of one body; brackets are followed, and not trusted."""

    def __init__(self, text: str, stand_in: Callable[[PersonalKind, str], str]) -> None:
        self._text = text
        self._stand_in = stand_in
        self._within: list[PersonalKind | None] = [None]
        self._kind: PersonalKind | None = None

    def replaced(self) -> str:
        """The body with stand-ins."""
        return _TOKENS.sub(self._token, self._text)

    def _token(self, found: re.Match[str]) -> str:
        part = found.group()
        if part[0] != '"':
            self._follow(part)
            return part
        if _NAMES.match(self._text, found.end()):
            self._kind = self._kind_of(_read(part))
            return part
        return part if self._kind is None else json.dumps(self._stand_in(self._kind, _read(part)))

    def _follow(self, sign: str) -> None:
        if sign in "{[":
            self._within.append(self._kind)
        elif sign in "}]" and len(self._within) > 1:
            self._within.pop()
        if sign != ":":
            self._kind = self._within[-1]

    def _kind_of(self, name: str) -> PersonalKind | None:
        return None if name.lower() in _PLAIN else _KINDS.get(name.lower(), self._within[-1])


def _read(quoted: str) -> str:
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        return quoted[1:-1]
