"""Secrets leave the process only as names.

A visitor's token becomes the shell variable that would hold it, ``$RC_TOKEN_1``, and a deviation of a token
becomes the shell expansion that makes it (``${RC_TOKEN_1^^}`` for capitals), so that a masked request line
works when pasted into a shell with the variable set. Tokens of a run share a mark, which makes every
deviation of them recognisable that keeps it: cut, lengthened, in other letter case, escaped as URLs and JSON do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator

SECRET_HEADERS = {
    "x-auth-token": "$RC_AUTH_TOKEN",
    "x-user-id": "$RC_USER_ID",
    "authorization": "$RC_AUTHORIZATION",
}
COOKIE_HEADERS = frozenset({"set-cookie"})
MASKED = "$RC_MASKED_"
"""How a secret begins for which there is no shell expansion; nobody can replay it."""

TOKEN_ALIAS = re.compile(r"\$\{?RC_TOKEN_(\d+)")

_STEM = len("rcc") + 8 + 6
"""Characters of a token that tell whose it is, whatever was done to the rest."""

_FOREIGN_STEM = 8
"""The same for secrets that the server made; shorter ones are masked only where they stand alone."""

_FEW = 64
"""Secrets that are sooner looked for one by one than by reading every word of a text."""

_WORD = re.compile(r"[0-9A-Za-z_-]+")
_ALIAS = r"\$RC_[A-Z]+_[0-9A-Za-z_]+|\$\{RC_TOKEN_\d+[^}]*\}"
_ALIAS_OR_WORD = re.compile(rf"{_ALIAS}|[0-9A-Za-z_-]{{{_FOREIGN_STEM},}}")

_LETTER = r"(?:2[dD]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF])"
_ESCAPED = re.compile(rf"\\\\|(?:[0-9A-Za-z_-]+|%{_LETTER}|\\u00{_LETTER})+")
_ESCAPED_TWICE = re.compile(rf"(?:[0-9A-Za-z_-]+|%(?:25)*{_LETTER}|\\+u00{_LETTER})+")
_ESCAPE = re.compile(rf"(?:%(?:25)*|\\+u00)({_LETTER})")


def token_mark(run: str) -> str:
    """Eight hexadecimal digits that all tokens of a run share; not the run's id, which is no secret."""
    return hashlib.sha256(f"tokens of {run}".encode()).hexdigest()[:8]


class Mask:
    """Replaces the secrets of one run by their names, the same way every time.

    ``mark`` stands in each token of the run after ``rcc``, and in nothing else.
    """

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self._tokens: dict[str, int] = {}
        self._last = 0
        self._stems: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._foreign: dict[str, str] = {}
        self._phrases: re.Pattern[str] | None = None
        self._folded = mark.lower()
        self._own = re.compile(rf"{re.escape(mark)}[0-9a-z]*", re.IGNORECASE)
        self._own_wide = re.compile("(?:r\0?)?(?:c\0?){0,2}" + "\0?".join(mark) + "(?:\0?[0-9a-z])*", re.IGNORECASE)

    def add_token(self, token: str) -> str:
        """Keep a visitor's token secret from now on; answers its name."""
        if token not in self._tokens:
            self.restore_token(token, self._last + 1)
        return f"$RC_TOKEN_{self._tokens[token]}"

    def restore_token(self, token: str, number: int) -> None:
        """Keep a token secret under the number that it went by in an earlier process; later ones get higher numbers."""
        self._tokens[token] = number
        self.number_from(number + 1)
        own = token.removeprefix("rcc")
        if self._own.match(own):
            self._stems[token[:_STEM].lower()] = token
        if not self._own.fullmatch(own):
            self._keep(token, f"$RC_TOKEN_{number}")

    def number_from(self, number: int) -> None:
        """Give no token that is new from now on a number below this one."""
        self._last = max(self._last, number - 1)

    def add_secret(self, secret: str, name: str) -> None:
        """Keep a credential secret under ``$name``."""
        self._keep(secret, f"${name}")

    def text(self, text: str) -> str:
        """The text with every secret replaced by its name."""
        if _holds_escapes(text):
            text = _ESCAPED.sub(self._unescaped, text)
        text = self._plain(text)
        if ("%25" in text or "\\\\u" in text) and _holds_escapes(text):
            text = _ESCAPED_TWICE.sub(self._hidden, text)
        if "\0" in text:
            text = self._own_wide.sub(lambda match: _nameless(match.group()), text)
        return text

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers with credentials and cookies replaced."""
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def bytes(self, content: bytes) -> bytes:
        """Like ``text``, for bytes that are not UTF-8."""
        return self.text(content.decode("latin-1")).encode("latin-1", "replace")

    def variables(self) -> dict[str, str]:
        """The shell variables and their secret values, for a file that only the user may read."""
        names: dict[str, str] = {}
        for secret, name in self._others.items():
            names.setdefault(name.lstrip("$"), secret)
        return names | {f"RC_TOKEN_{number}": token for token, number in self._tokens.items()}

    def _keep(self, secret: str, name: str) -> None:
        if not secret or secret in self._others:
            return
        self._others[secret] = name
        if len(secret) >= _FOREIGN_STEM and _WORD.fullmatch(secret):
            self._foreign.setdefault(secret[:_FOREIGN_STEM].lower(), secret)
        phrases = [each for each in self._others if len(each) < _FOREIGN_STEM or not _WORD.fullmatch(each)]
        if phrases:
            self._phrases = re.compile("|".join([_ALIAS, *map(_standing, sorted(phrases, key=len, reverse=True))]))

    def _header(self, name: str, value: str) -> str:
        if name in SECRET_HEADERS:
            return SECRET_HEADERS[name]
        if name in COOKIE_HEADERS:
            return value.split("=", 1)[0] + "=…"
        return self.text(value)

    def _plain(self, text: str) -> str:
        if self._phrases is not None:
            text = self._phrases.sub(lambda match: self._others.get(match.group(), match.group()), text)
        if self._folded in text.lower():
            text = "".join(self._with_own_names(text))
        return _ALIAS_OR_WORD.sub(self._foreign_name, text) if self._holds_foreign(text) else text

    def _holds_foreign(self, text: str) -> bool:
        """Whether some word may be a secret that the server made: to look for a few costs less than to read words."""
        if len(self._foreign) > _FEW:
            return True
        folded = text.lower() if self._foreign else ""
        return any(stem in folded for stem in self._foreign)

    def _with_own_names(self, text: str) -> Iterator[str]:
        end = 0
        for match in self._own.finditer(text):
            start = _beginning(text, match.start(), end)
            yield text[end:start]
            end = match.end()
            name = self._own_name(text[start:end])
            yield f"${{{name[1:]}}}" if text[end : end + 1] == "_" and name[1] != "{" else name
        yield text[end:]

    def _unescaped(self, match: re.Match[str]) -> str:
        return self._decoded(match.group(), lambda masked: masked)

    def _hidden(self, match: re.Match[str]) -> str:
        return self._decoded(match.group(), lambda _: _nameless(match.group()))

    def _decoded(self, found: str, told: Callable[[str], str]) -> str:
        if "%" not in found and "\\" not in found:
            return found
        plain = _ESCAPE.sub(lambda escape: chr(int(escape.group(1), 16)), found)
        masked = self._plain(plain)
        return found if masked == plain else told(masked)

    def _own_name(self, found: str) -> str:
        number = self._tokens.get(found)
        if number is not None:
            return f"$RC_TOKEN_{number}"
        for lead in ("", "r", "rc", "rcc"):
            token = self._stems.get((lead + found)[:_STEM].lower())
            if token is not None:
                return self._expanded(found, token, f"RC_TOKEN_{self._tokens[token]}")
        return _nameless(found)

    def _expanded(self, found: str, token: str, name: str) -> str:
        """The bash expansion that makes ``found`` out of ``token``; what was put behind it may hold another."""
        if found.startswith(token) and found != token:
            return f"${{{name}}}{self._plain(found[len(token) :])}"
        return _expansion(found, token, name)

    def _foreign_name(self, match: re.Match[str]) -> str:
        """The name of a secret that the server made, or of its deviation, with what stands before it."""
        found = match.group()
        if found in self._others:
            return self._others[found]
        if found.startswith("$"):
            return found
        folded = found.lower()
        for start in range(len(found) - _FOREIGN_STEM + 1):
            secret = self._foreign.get(folded[start : start + _FOREIGN_STEM])
            if secret is not None:
                return found[:start] + self._expanded(found[start:], secret, self._others[secret].lstrip("$"))
        return found


def _holds_escapes(text: str) -> bool:
    """Whether a letter, digit, - or _ is escaped: the encoders of URLs and JSON never do that themselves."""
    return ("%" in text or "\\u" in text) and _ESCAPE.search(text) is not None


def _beginning(text: str, start: int, end: int) -> int:
    """Where a token begins whose mark stands at ``start``, not before ``end``; the r of ``\\r`` is no letter."""
    for letter in "ccr":
        if start == end or text[start - 1].lower() != letter:
            break
        start -= 1
    escaped = text[start] in "rR" and (start - len(text[:start].rstrip("\\"))) % 2 == 1
    return start + escaped


def _standing(secret: str) -> str:
    """The pattern of a secret that is no long word: where it stands alone, if it is so short that it may be a word."""
    if len(secret) >= _FOREIGN_STEM:
        return re.escape(secret)
    return rf"""(?<=["=/]){re.escape(secret)}(?=["&#/?]|$)"""


def _nameless(found: str) -> str:
    return f"{MASKED}{hashlib.sha256(found.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _expansion(found: str, token: str, name: str) -> str:
    """The bash expansion that makes ``found`` out of ``token``."""
    whole = {
        token.upper(): f"${{{name}^^}}",
        token.lower(): f"${{{name},,}}",
        token.swapcase(): f"${{{name}~~}}",
        token[1:]: f"${{{name}#?}}",
        token[:-1]: f"${{{name}%?}}",
        token: f"${name}",
    }
    if found in whole:
        return whole[found]
    if token.startswith(found):
        return f"${{{name}:0:{len(found)}}}"
    return _nameless(found)
