"""Secrets leave the process only as names.

A visitor's token becomes the shell variable that would hold it, ``$RC_TOKEN_1``, and a deviation of a token
becomes the shell expansion that makes it (``${RC_TOKEN_1^^}`` for capitals), so that a masked request line
works when pasted into a shell with the variable set. Tokens of a run share the run's id, which makes every
deviation of them recognisable: cut, lengthened, in other letter case.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

ALNUM = re.compile(r"[0-9A-Za-z_-]{6,}")
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


class Mask:
    """Replaces the secrets of one run by their names, the same way every time."""

    def __init__(self, run: str) -> None:
        self._tokens: dict[str, int] = {}
        self._stems: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._own = re.compile(rf"(?:r?c?c)?{re.escape(run)}[0-9a-z]*", re.IGNORECASE)

    def add_token(self, token: str) -> str:
        """Keep a visitor's token secret from now on; answers its name."""
        if token in self._others:
            return self._others[token]
        if token not in self._tokens:
            self._tokens[token] = len(self._tokens) + 1
            if self._own.fullmatch(token):
                self._stems[token[:_STEM].lower()] = token
            else:
                self._others[token] = f"$RC_TOKEN_{self._tokens[token]}"
        return f"$RC_TOKEN_{self._tokens[token]}"

    def add_secret(self, secret: str, name: str) -> None:
        """Keep a credential secret under ``$name``."""
        self._others[secret] = f"${name}"

    def text(self, text: str) -> str:
        """The text with every secret replaced by its name."""
        masked = self._own.sub(lambda match: self._name(match.group()), text)
        return self._mask_others(masked) if self._others else masked

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Headers with credentials and cookies replaced."""
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def bytes(self, content: bytes) -> bytes:
        """Like ``text``, for bytes that are not UTF-8."""
        return self.text(content.decode("latin-1")).encode("latin-1")

    def variables(self) -> dict[str, str]:
        """The shell variables and their secret values, for a file that only the user may read."""
        names = {f"RC_TOKEN_{number}": token for token, number in self._tokens.items()}
        return names | {name.lstrip("$"): secret for secret, name in self._others.items()}

    def _header(self, name: str, value: str) -> str:
        if name in SECRET_HEADERS:
            return SECRET_HEADERS[name]
        if name in COOKIE_HEADERS:
            return value.split("=", 1)[0] + "=…"
        return self.text(value)

    def _mask_others(self, text: str) -> str:
        words = ALNUM.sub(lambda match: self._others.get(match.group(), match.group()), text)
        for secret, name in self._others.items():
            if not ALNUM.fullmatch(secret):
                words = words.replace(secret, name)
        return words

    def _name(self, found: str) -> str:
        number = self._tokens.get(found)
        if number is not None:
            return f"$RC_TOKEN_{number}"
        for lead in ("", "r", "rc", "rcc"):
            token = self._stems.get((lead + found)[:_STEM].lower())
            if token is not None:
                return _expansion(found, token, self._tokens[token])
        return f"{MASKED}{hashlib.sha256(found.encode()).hexdigest()[:8]}"


def _expansion(found: str, token: str, number: int) -> str:
    """The bash expansion that makes ``found`` out of ``token``."""
    name = f"RC_TOKEN_{number}"
    whole = {
        token.upper(): f"${{{name}^^}}",
        token.lower(): f"${{{name},,}}",
        token.swapcase(): f"${{{name}~~}}",
        token[1:]: f"${{{name}#?}}",
        token[:-1]: f"${{{name}%?}}",
    }
    if found in whole:
        return whole[found]
    if found.startswith(token):
        return f"${{{name}}}{found[len(token) :]}"
    if token.startswith(found):
        return f"${{{name}:0:{len(found)}}}"
    return f"{MASKED}{hashlib.sha256(found.encode()).hexdigest()[:8]}"
