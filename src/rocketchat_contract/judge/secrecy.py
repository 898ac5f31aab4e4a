"""No answer shows a secret, of whomever: password hashes, session and resume tokens, keys; nor addresses of staff.

Further members are allowed in a room. What people wrote is not looked at: they may paste anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, of
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.visitor_traces import ADDRESS
from rocketchat_contract.record.redactor import TOKEN_ALIAS

VALUES = re.compile(
    r"(?P<hash>\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{22,}|\$argon2(?:id|i|d)\$|\$[156]\$[./A-Za-z0-9]{2,16}\$[./A-Za-z0-9]{20}|"
    r"\{S?SHA\d*\}[A-Za-z0-9+/=]{20}|(?:pbkdf2|scrypt)[a-z0-9_:-]*\$\d)|"
    r"(?P<key>-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b)|"
    r"(?P<login>\b[a-z][a-z0-9+.-]*://[^\s:/@\"<>]{1,64}:[^\s/@\"<>]{1,64}@[\w.-])|"
    r"(?P<token>\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,})"
)
"""Texts that are secrets by their form: hashes of passwords, keys, addresses with a password, signed tokens."""

_NAMES = frozenset(
    (
        *("password", "passwordhash", "passwd", "pwd", "bcrypt", "hashedtoken", "logintokens", "logintoken"),
        *("authtoken", "xauthtoken", "accesstoken", "refreshtoken", "idtoken", "sessiontoken", "resumetoken", "secret"),
        *("clientsecret", "apikey", "privatekey", "authorization", "totpsecret"),
    )
)
"""Members, in small letters and without signs, that hold secrets."""

SECRET_SIGNS = (
    "passw", "pwd", "bcrypt", "hashedtoken", "logintoken", "auth", "access", "refresh", "sessiontoken", "session_",
    "idtoken", "id_token", "resume", "secret", "apikey", "api_key", "api-key", "private", "$2", "$argon", "$1$", "$5$",
    "$6$", "{s", "pbkdf", "scrypt", "akia", "://", "eyj",
)  # fmt: skip
"""What stands in each body that has such a text or member; most bodies have none of them."""

_LETTERS = re.compile("[^a-z]")

_WRITTEN = frozenset(
    (
        *("msg", "md", "text", "html", "urls", "attachments", "blocks", "topic", "announcement", "description", "tags"),
        *("comment", "livechatData", "customFields", "fname", "title"),
    )
)
"""Members that hold what people wrote."""

_LONG = 8
"""Characters that a secret has at least."""

PEOPLE = re.compile(
    r"servedby|agent|user|member|owner|contact|guest|customer|participant|closedby|operator|emails", re.I
)
"""Members, by a part of their name, in which a person is described."""


def no_secret_shows(op: Operation, _: CheckContext) -> CheckResult:
    """Neither a member that holds secrets nor a text that is one by its form."""
    response = op.exchange.response
    if response is None:
        return None
    for name, value in response.headers:
        found = VALUES.search(value) if "$" in value or "://" in value or "BEGIN" in value else None
        if found is not None and found.lastgroup != "token":
            return _broken(str(found.lastgroup), f"the header {name}")
    body = response.body or ""
    if not _is_suspicious(body):
        return KEPT
    if not op.body:
        found = VALUES.search(body)
        return _broken(str(found.lastgroup), "the body") if found else KEPT
    shown = next(_secrets(op.body, unquote_plus(op.exchange.request.target)), None)
    return _broken(*shown) if shown else KEPT


def _is_suspicious(body: str) -> bool:
    text = body.lower()
    return any(sign in text for sign in SECRET_SIGNS)


def _broken(kind: str, place: str) -> Broken:
    """The secret itself is not repeated."""
    return Broken("no secret in an answer", f"{_TOLD.get(kind, 'a secret')} in {place}", kind)


_TOLD = {
    "hash": "the hash of a password",
    "key": "a private key",
    "login": "an address with a password in it",
    "token": "a signed token",
    "member": "a secret",
}


def _secrets(body: Any, asked: str) -> Iterator[tuple[str, str]]:
    """Kind and place of each secret."""
    for way, name, value in _members(body):
        if isinstance(value, str):
            found = VALUES.search(value)
            if found is not None and found.group() not in asked:
                yield str(found.lastgroup), way
            elif found is None and _LETTERS.sub("", name.lower()) in _NAMES and _is_secret(value, asked):
                yield "member", way


def _is_secret(value: str, asked: str) -> bool:
    """Whether the text of such a member is a secret; the visitor's token is its own affair."""
    return len(value) >= _LONG and " " not in value and value not in asked and not TOKEN_ALIAS.search(value)


def _members(content: Any) -> Iterator[tuple[str, str, Any]]:
    """The way to each value that nobody wrote, the name of the member that it is in, and the value."""
    waiting: list[tuple[str, str, Any]] = [("the body", "", content)]
    while waiting:
        way, name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{way}.{key}", key, inner) for key, inner in value.items() if key not in _WRITTEN]
        elif isinstance(value, list):
            waiting += [(way, name, inner) for inner in value]
        else:
            yield way.removeprefix("the body."), name, value


def no_address_of_others(op: Operation, known: CheckContext) -> CheckResult:
    """Where a room describes people beside its visitor, it shows no address of theirs."""
    response = op.exchange.response
    if response is None or response.body is None or not op.document:
        return None
    if "@" not in response.body:
        return KEPT
    asked = unquote_plus(op.exchange.request.target)
    for way, _, value in _members({name: part for name, part in op.document.items() if name != "v"}):
        is_address = isinstance(value, str) and PEOPLE.search(way) and ADDRESS.fullmatch(value)
        if is_address and value not in asked and not known.visitors.is_own(value, op.token):
            return Broken("no address of other people", f"an e-mail address in room.{way}", "address")
    return KEPT


SECRECY_CHECKS: dict[str, Check] = {
    "no-secret-shows": Check(no_secret_shows),
    "no-address-of-others-shows": Check(no_address_of_others, of(200)),
}
