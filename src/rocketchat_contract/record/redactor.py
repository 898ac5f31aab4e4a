"""Secrets leave the process only as names.

A visitor's token becomes the shell variable that would hold it, ``$RC_TOKEN_1``, and a deviation of a token
becomes the shell expansion that makes it (``${RC_TOKEN_1^^}`` for capitals), so that a masked request line
works when pasted into a shell with the variable set.

Each kind of secret is found in its own way. Tokens of a run share a mark, which makes every deviation of them
recognisable that keeps it. What others made, and credentials, are found letter by letter, when they are long enough
to be like nothing else. A token that is a word is hidden where a token stands. In every case a text is read a fixed
number of times, however many secrets there are.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from rocketchat_contract.record.redact.escapes import is_escaped, unescaped, unescaped_twice
from rocketchat_contract.record.redact.forms import SHORT_SECRET, folded_letters, forms_of, is_public, is_telling_secret
from rocketchat_contract.record.redact.fragments import Fragments
from rocketchat_contract.record.redact.names import (
    MASKED,
    TOKEN_ALIAS,
    Alias,
    GivenNames,
    Search,
    Token,
    is_suspicious,
    joined,
    searched,
)
from rocketchat_contract.record.redact.own import OwnTokens
from rocketchat_contract.record.redact.positions import placed
from rocketchat_contract.rocketchat.own_visitors import TOKEN_LEAD

__all__ = ["COOKIE_HEADERS", "MASKED", "SECRET_HEADERS", "TOKEN_ALIAS", "Alias", "Mask", "Token", "token_mark"]

SECRET_HEADERS = {
    "x-auth-token": "$RC_AUTH_TOKEN",
    "x-user-id": "$RC_USER_ID",
    "authorization": "$RC_AUTHORIZATION",
}
COOKIE_HEADERS = frozenset({"set-cookie"})
SENT_COOKIES = "cookie"
_PUBLIC_COOKIES = frozenset({"rc_room_type=l", "rc_is_widget=t"})
"""What the widget sends, and everybody may read."""

_LEFT_OUT = "…"

_MOST_HEADERS = 512
"""Headers that are remembered as holding no secret; most of them come again with every answer."""


def token_mark(run: str) -> str:
    """Eight hexadecimal digits that all tokens of a run share; not the run's id, which is no secret."""
    return hashlib.sha256(f"tokens of {run}".encode()).hexdigest()[:8]


class Mask:
    """Replaces the secrets of one run by their names, the same way every time.

    ``mark`` stands in each token of the run after ``rcc``, and in nothing else. What is added must be text; any text
    will do, lone surrogates too, and none of the methods raises.
    """

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self._names = GivenNames(name[1:] for name in SECRET_HEADERS.values())
        self._own = OwnTokens(mark, self._names)
        self._tail = re.compile(rf"{TOKEN_LEAD}{re.escape(mark)}([0-9A-Za-z]{{20}})")
        self._fragments = Fragments(self._names)
        self._tokens: dict[str, Alias] = {}
        self._last = 0
        self._hides_unknown = False
        self._credentials: dict[str, str] = {}
        self._placed: dict[str, Alias] = {}
        self._alone: re.Pattern[str] | None = None
        self._short: dict[str, Alias] = {}
        self._clean: set[tuple[str, str]] = set()
        self._shown: set[str] = set()
        self._names_shown: set[str] = set()
        self._lock = threading.Lock()

    def add_token(self, token: str, name: str = "") -> Alias:
        """Keep a visitor's token secret from now on, and answer its name: the given one, or the next number's.

        The lock keeps two threads from giving one number to two tokens.
        """
        with self._lock:
            if token not in self._tokens:
                self.number_from(self._last + (not name) + 1)
                self._learn(token, name.removeprefix("$") or f"RC_TOKEN_{self._last}")
            return self._tokens[token]

    def restore_token(self, token: str, number: int) -> None:
        """Keep a token secret under the number that it went by in an earlier process; later ones get higher numbers."""
        with self._lock:
            self.number_from(number + 1)
            self._learn(token, f"RC_TOKEN_{number}")

    def number_from(self, number: int) -> None:
        """Give no token that is new from now on a number below this one."""
        self._last = max(self._last, number - 1)

    def add_secret(self, secret: str, name: str) -> None:
        """Keep a credential secret under ``$name``."""
        with self._lock:
            if not secret or secret in self._credentials:
                return
            self._credentials[secret] = name
            alias = self._names.give(name)
            self._clean.clear()
            if len(secret) >= SHORT_SECRET and not is_public(secret):
                self._fragments.add(secret, name, strict=True)
            elif not is_public(secret):
                self._short[secret] = alias
                self._alone = re.compile("|".join(map(_alone, sorted(self._short, key=len, reverse=True))))

    def hide_unknown_tokens(self) -> None:
        """Hide from now on what stands where a token does, also when it was never added: there are too many to add."""
        self._hides_unknown = True

    def show(self, text: str) -> None:
        """Leave a text in cookies: an id or a name that stands in answers anyway."""
        if _WORD.fullmatch(text):
            self._shown.add(text)
        elif " " in text and len(text) < _LONGEST_NAME:
            self._names_shown.add(text)

    def knows(self, token: str) -> bool:
        """Whether a token, or what it is a deviation of, has a name already."""
        return token in self._tokens or self.text(token) != token

    def text(self, text: str) -> str:
        """The text with every secret replaced by its name; names that this mask gave stay as they are."""
        return self._masked(text, [self._names.written] if "$" in text else [])

    def answer(self, text: str) -> str:
        """Like ``text``, for what comes from outside: nothing in it is a name, whatever it looks like.

        A token that looks like one is a token all the same, where tokens stand.
        """
        return self._masked(text, [*self._in_place(), self._names.foreign] if is_suspicious(text) else [])

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers with credentials, cookies and tokens replaced, in their names too."""
        return tuple(self._header(name, value) for name, value in headers)

    def bytes(self, content: bytes) -> bytes:
        """Like ``answer``, for bytes that are not UTF-8."""
        return self.answer(content.decode("latin-1")).encode("latin-1", "replace")

    def variables(self) -> dict[str, str]:
        """The shell variables and their secret values, for a file that only the user may read."""
        variables: dict[str, str] = {}
        for secret, name in self._credentials.items():
            variables.setdefault(name, secret)
        return variables | {alias[1:]: token for token, alias in self._tokens.items()}

    def _learn(self, token: str, variable: str) -> None:
        self._tokens[token] = self._names.give(variable)
        if self._own.add(token, variable):
            self._learn_tail(token, variable)
            return
        self._clean.clear()
        if is_telling_secret(token) and not is_suspicious(token):
            self._fragments.add(token, variable, strict=False)
        elif token:
            self._placed.update(dict.fromkeys(forms_of(token), self._tokens[token]))

    def _learn_tail(self, token: str, variable: str) -> None:
        """What follows the mark is the secret of a token of this run: a part of it tells, also without the mark."""
        tail = self._tail.match(token)
        if tail is not None:
            self._clean.clear()
            self._fragments.add(tail[1], variable, strict=True, stands=False)

    def _masked(self, text: str, searches: list[Search]) -> str:
        searches += self._searches(text)
        if len(searches) == 1:
            return joined(searches[0](text))
        return joined(_through([text], searches)) if searches else text

    def _searches(self, text: str) -> Iterator[Search]:
        """What has to be looked for in a text; the order counts: what is found first is not looked into again.

        Most texts hold little: each test on the whole text costs less than a search in its pieces.
        """
        yield from self._in_place()
        if self._alone is not None:
            yield self._standing_alone
        escaped = is_escaped(text)
        if escaped:
            yield lambda piece: unescaped(piece, self._unescaped)
        yield from self._plain_searches(text)
        if escaped:
            yield lambda piece: unescaped_twice(piece, self._unescaped, self._names.nameless)

    def _in_place(self) -> Iterator[Search]:
        if self._placed or self._hides_unknown:
            yield lambda piece: placed(piece, self._name_in_place)

    def _plain_searches(self, text: str) -> Iterator[Search]:
        folded = folded_letters(text)
        for finder in (self._own, self._fragments):
            if finder.shows_in(folded):
                yield finder.pieces
            if finder.hides_in(text):
                yield finder.hidden

    def _unescaped(self, text: str) -> Iterator[str]:
        return _through([text], self._plain_searches(text))

    def _name_in_place(self, token: str) -> Alias | None:
        """The name of what stands where a token does; one of this run's own is found by its mark."""
        known = self._placed.get(token)
        if known is not None or not self._hides_unknown or self.mark in token.lower():
            return known
        return self._tokens.get(token) or self._names.nameless(token)

    def _standing_alone(self, text: str) -> Iterator[str]:
        end = 0
        for match in self._alone.finditer(text) if self._alone is not None else ():
            yield text[end : match.start()]
            yield self._short[match.group()]
            end = match.end()
        yield text[end:]

    def _header(self, name: str, value: str) -> tuple[str, str]:
        lower = name.lower()
        if lower in SECRET_HEADERS:
            return name, SECRET_HEADERS[lower]
        if (name, value) in self._clean:
            return name, value
        if lower in COOKIE_HEADERS:
            return name, self._cookie(value)
        if lower == SENT_COOKIES:
            return name, "; ".join(map(_named_only, value.split("; ")))
        masked = self.answer(name), self.answer(value)
        if masked == (name, value) and self.mark not in name + value and len(self._clean) < _MOST_HEADERS:
            self._clean.add(masked)
        return masked

    def _cookie(self, cookie: str) -> str:
        """A cookie with its name, and of the rest nothing but the names of the secrets in it."""
        name, _, rest = cookie.partition("=")
        value, _, attributes = rest.partition(";")
        stands = self._placed.get(value) or self._placed.get(unquote(value.strip('" ')))
        pieces = [stands or value, attributes]
        found = _through(pieces, self._searches(value + attributes))
        hidden = [shown for p in found if p for shown in ([p] if isinstance(p, Alias) else self._left(p))]
        kept = [p for at, p in enumerate(hidden) if p != _LEFT_OUT or hidden[at - 1 : at] != [p]]
        return f"{self.answer(name)}={joined(kept) or _LEFT_OUT}"

    def _left(self, piece: str) -> Iterator[str]:
        """What is left of a part of a cookie that is no secret's name: ids that are shown anyway."""
        plain = unquote(piece)
        yield _LEFT_OUT
        for known in (*self._shown.intersection(_WORD.findall(plain)), *filter(plain.__contains__, self._names_shown)):
            yield from (known, _LEFT_OUT)


_WORD = re.compile(r"[A-Za-z0-9]{12,}")
_LONGEST_NAME = 80


def _named_only(cookie: str) -> str:
    """A cookie that we send back: its name alone, for its value may open somebody's session."""
    return cookie if cookie in _PUBLIC_COOKIES else f"{cookie.partition('=')[0]}={_LEFT_OUT}"


def _through(pieces: Iterable[str], searches: Iterable[Search]) -> Iterator[str]:
    for search in searches:
        pieces = searched(pieces, search)
    return iter(pieces)


def _alone(secret: str) -> str:
    """The pattern of a credential so short that it may be a word: where it stands alone, but is not a member's name."""
    return rf"""(?<=["=/]){re.escape(secret)}(?=["&#/?]|$)(?!"\s*+:)"""
