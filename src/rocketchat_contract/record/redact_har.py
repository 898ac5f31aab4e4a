"""Visitors' tokens in somebody else's traffic go by names, as those of a run do.

Nobody knows beforehand which words of a capture are tokens. So they are collected first, from where only a token
can stand; then every place is renamed in which the judge, or a reader of a report, would meet one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, unquote_plus

from rocketchat_contract.record.exchange import Headers
from rocketchat_contract.record.redactor import COOKIE_HEADERS, SECRET_HEADERS
from rocketchat_contract.rocketchat.paths import VISITOR_PATH

VISITOR_PREFIX = f"{VISITOR_PATH}/"

REDACTED = re.compile(r"\W*(?:filtered|redacted|masked|hidden|removed|sanitized)\W*|[*x•]{3,64}", re.IGNORECASE)
"""What tools write in place of a token."""

_FEW = 100
"""Of so many tokens each is looked for within other words as well; of more, which no person's capture has, not."""

_TOKEN = re.compile(r"[\w$^{}%?#~:,.@+/=-]{1,128}", re.ASCII)
_WORD = re.compile(r"[0-9A-Za-z_-]{8,}")
_MEMBER = re.compile(r'("token"\s*:\s*)("(?:[^"\\]|\\.)*")')


class Disguise:
    """Knows the tokens of a capture by their names, ``$RC_TOKEN_1`` and on."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._phrases: dict[str, str] = {}
        self._count = 0

    def learn(self, tokens: Iterable[str]) -> None:
        """Remember tokens; what no client would choose as one, such as control characters, keeps its looks."""
        for token in tokens:
            if token in self._names or not _TOKEN.fullmatch(token) or REDACTED.fullmatch(token):
                continue
            name = self._names[token] = self._fresh()
            if _is_telling(token):
                (self._words if _WORD.fullmatch(token) else self._phrases)[token] = name

    def name(self, token: object) -> str | None:
        """The name of a token, if it is one."""
        return self._names.get(token) if isinstance(token, str) else None

    def nobody(self) -> str:
        """A name for a visitor whose token the capture hides."""
        return self._fresh()

    def text(self, text: str) -> str:
        """Text with its tokens under their names."""
        text = _MEMBER.sub(self._member, text)
        text = _WORD.sub(lambda found: self._words.get(found.group(), found.group()), text)
        within = self._phrases if len(self._words) > _FEW else self._phrases | self._words
        for phrase in sorted(within, key=len, reverse=True):
            text = text.replace(phrase, within[phrase])
        return text

    def bytes(self, content: bytes) -> bytes:
        """Like ``text``, for bytes that are not UTF-8."""
        return self.text(content.decode("latin-1")).encode("latin-1")

    def target(self, target: str, hidden: str | None = None) -> str:
        """Path and query with the token under its name; ``hidden`` stands in for one that was redacted."""
        path, mark, query = target.partition("?")
        if path.startswith(VISITOR_PREFIX):
            path = VISITOR_PREFIX + (
                self.name(unquote(path.removeprefix(VISITOR_PREFIX))) or path[len(VISITOR_PREFIX) :]
            )
        return self.text(path) + mark + "&".join(self._parameter(part, hidden) for part in query.split("&"))

    def headers(self, headers: Headers) -> Headers:
        """Headers without credentials, cookies and tokens."""
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def _fresh(self) -> str:
        self._count += 1
        return f"$RC_TOKEN_{self._count}"

    def _member(self, found: re.Match[str]) -> str:
        try:
            name = self.name(json.loads(found.group(2)))
        except ValueError:
            return found.group()
        return found.group() if name is None else f'{found.group(1)}"{name}"'

    def _parameter(self, part: str, hidden: str | None) -> str:
        key, equals, value = part.partition("=")
        if unquote_plus(key).partition("[")[0] != "token":
            return self.text(part)
        plain = unquote_plus(value)
        if hidden is not None and REDACTED.fullmatch(plain):
            return f"{key}{equals}{hidden}"
        return f"{key}{equals}{self.name(plain) or self.text(value)}"

    def _header(self, name: str, value: str) -> str:
        if name in SECRET_HEADERS:
            return SECRET_HEADERS[name]
        return value.split("=", 1)[0] + "=…" if name in COOKIE_HEADERS else self.text(value)


def har_tokens(value: Any) -> Iterator[str]:
    """The texts of members named ``token``, at any depth, however deep."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            token = found.get("token")
            if isinstance(token, str) and token:
                yield token
            waiting += reversed(found.values())
        elif isinstance(found, list):
            waiting += reversed(found)


def tokens_asked(target: str) -> Iterator[str]:
    """The tokens that a path or a query names."""
    path, _, query = target.partition("?")
    if path.startswith(VISITOR_PREFIX):
        yield unquote(path.removeprefix(VISITOR_PREFIX))
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if unquote_plus(key).partition("[")[0] == "token" and value:
            yield unquote_plus(value)


def _is_telling(token: str) -> bool:
    """Whether finding the token in a text is no accident: ``visitor`` is a word, ``f3k9a7b2`` is not."""
    return len(token) >= 16 or (len(token) >= 8 and any(character.isdigit() for character in token))
