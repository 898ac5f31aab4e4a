"""What every part of the behaviour shares: store, settings, edition, clock, ids."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from rocketchat_contract.reference.call import JsonObject, Refusal, ServerReply
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.reference.store import Store

_UNMISTAKABLE = b"23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
_FAIR = 256 // len(_UNMISTAKABLE) * len(_UNMISTAKABLE)
"""Bytes from here on are left out, or some letters would come more often."""
_LETTERS = (_UNMISTAKABLE * (256 // len(_UNMISTAKABLE))).ljust(256)
_UNFAIR = bytes(range(_FAIR, 256))
_PROCESS = secrets.token_hex(5)
_COUNT = count(secrets.randbelow(2**24))


@dataclass(frozen=True)
class Edition:
    """How one release line differs, as far as values tell it."""

    name: str
    version: str
    """What ``GET /api/info`` says."""
    one_open_room: bool
    """Whether the store enforces one open room per visitor (newer than about 8.3)."""
    database: tuple[float, float] = (0.0, 0.0)
    """Least and most seconds between a look-up and the insertion that rests on it."""
    limiter: bool = True
    """Whether the limiter works; it was silently off in about 7.4 to 7.7."""
    own_limits: bool = True
    """Whether room and registration have a limit of their own, half the usual one."""
    strict_query: bool = True
    """Whether oversized queries are refused instead of shortened."""


def room_id() -> str:
    """Draw a 17-character id as Meteor does."""
    letters = b""
    while len(letters) < 17:
        letters += secrets.token_bytes(24).translate(_LETTERS, _UNFAIR)
    return letters[:17].decode()


def object_id() -> str:
    """Draw a 24-hex id as MongoDB does: the second, what this process drew once, a number that counts on."""
    return f"{int(time.time()):08x}{_PROCESS}{next(_COUNT) % 2**24:06x}"


def iso(moment: float) -> str:
    """Write seconds since 1970 as JavaScript's ``toISOString``."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def seconds_between(earlier: str, later: str) -> float:
    """Subtract two ISO stamps."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


async def window(seconds: float) -> None:
    """Let other calls run for so long, exact to some microseconds; 0 lets each run one step.

    ``asyncio.sleep`` rounds up to whole milliseconds, so the last one is waited out in steps.
    """
    end = time.perf_counter() + seconds
    if seconds > 0.002:
        await asyncio.sleep(seconds - 0.002)
    await asyncio.sleep(0)
    while time.perf_counter() < end:
        await asyncio.sleep(0)


class Service:
    """The base of the behaviour's parts."""

    def __init__(self, store: Store, settings: Settings, edition: Edition) -> None:
        self.store = store
        self.settings = settings
        self.edition = edition

    def now(self) -> str:
        """Tell the time as ISO 8601 in UTC with milliseconds."""
        return iso(time.time())

    def new_room_id(self) -> str:
        """Draw the id of a room or message."""
        return room_id()

    def new_visitor_id(self) -> str:
        """Draw the id of a visitor, user or contact."""
        return object_id()

    async def between_look_up_and_insertion(self) -> None:
        """Take the time a database takes; other calls run meanwhile, which is the window of a race."""
        await window(random.uniform(*self.edition.database))  # noqa: S311 - a latency, not a secret

    def succeed(self, document: JsonObject) -> ServerReply:
        """Answer 200; ``success`` is the last member."""
        return ServerReply(200, {**document, "success": True})

    def refuse(self, refusal: Refusal) -> ServerReply:
        """Answer a refusal; every refusal of the server passes here."""
        return ServerReply(refusal.status, self.refusal_body(refusal), cacheable=refusal.early)

    def refusal_body(self, refusal: Refusal) -> JsonObject:
        """Write a refusal's body."""
        body: JsonObject = {"success": False}
        if refusal.message:
            body["error"] = refusal.message
        if refusal.code:
            body["errorType"] = refusal.code
        if refusal.details is not None:
            body["details"] = refusal.details
        return {**body, **refusal.extra}

    def typed(self, body: JsonObject, required: Mapping[str, type], optional: Mapping[str, type]) -> JsonObject:
        """Check a body against its schema as the typed routes do."""
        known = {**required, **optional}
        missing = next((name for name in required if name not in body), None)
        if missing is not None:
            raise invalid_params(f"must have required property '{missing}'")
        if any(name not in known for name in body):
            raise invalid_params("must NOT have additional properties")
        wrong = next((kind for name, kind in known.items() if name in body and not isinstance(body[name], kind)), None)
        if wrong is not None:
            raise invalid_params(f"must be {_KINDS[wrong]}")
        return body


_KINDS: dict[type, str] = {str: "string", dict: "object", bool: "boolean", list: "array"}


def invalid_params(problem: str) -> Refusal:
    """Refuse a body that its schema rejects."""
    return Refusal(f"{problem} [invalid-params]", "invalid-params", early=True)


def without_members(document: Mapping[str, Any], *names: str) -> JsonObject:
    """Copy a document less some members."""
    return {name: value for name, value in document.items() if name not in names}
