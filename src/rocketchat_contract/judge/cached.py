"""Whether an answer came out of a cache in front of the server: caches say so in header fields of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, shortened_value
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.exchange import Response

CACHED_REQUIREMENT = "an-answer-comes-from-no-cache"

_HIT = re.compile(r"(?:^|[^a-z-])(?:tcp_(?:\w+_)?|refresh)?hit(?!-for)(?![a-z])|\b(?:stale|updating|revalidated)\b")
"""As CloudFront, Cloudflare, Fastly, nginx, squid, Varnish and RFC 9211 write it; hit-for-pass is none."""

_MISS = re.compile(r"\b(?:tcp_)?miss\b|\b(?:bypass|dynamic|expired)\b|fwd=")
_OTHER = ("control", "lookup", "key")
"""Ends of names of fields that speak of caches, and not of where the answer came from."""


def cache_sign_of(response: Response | None) -> str:
    """The header field that says so; empty when there is none."""
    if response is None:
        return ""
    fields = [(name.lower(), value.strip().lower()) for name, value in response.headers]
    status = [(name, value) for name, value in fields if "cache" in name and not name.endswith(_OTHER)]
    missed = any(_MISS.search(value) for _, value in status)
    return next((f"{name}: {shortened_value(value, 40)}" for name, value in _signs(fields, status, missed=missed)), "")


def _signs(fields: list[tuple[str, str]], status: list[tuple[str, str]], *, missed: bool) -> Iterator[tuple[str, str]]:
    for name, value in status:
        if _HIT.search(value) or (name.endswith("hits") and re.search(r"[1-9]", value)):
            yield name, value
    for name, value in fields:
        if name == "x-varnish" and len(value.split()) > 1:
            yield name, value
        if name == "age" and value.isdigit() and int(value) > 0 and not missed:
            yield name, value


def comes_from_no_cache(op: Operation, _: CheckContext) -> CheckResult:
    """No header field of the answer says that a cache gave it."""
    if op.exchange.response is None:
        return None
    sign = cache_sign_of(op.exchange.response)
    return Broken("an answer of the server itself", f"an answer out of a cache, {sign}", "cached") if sign else KEPT


CACHED_CHECKS: dict[str, Check] = {CACHED_REQUIREMENT: Check(comes_from_no_cache)}


class Cached:
    """Remembers which exchanges were answered out of a cache."""

    def __init__(self) -> None:
        self._signs: dict[int, str] = {}

    def learn(self, op: Operation) -> None:
        """Note an answer that a cache gave."""
        sign = cache_sign_of(op.exchange.response) if op.is_room_call else ""
        if sign:
            self._signs[op.number] = sign

    def hint(self, requirement: str, evidence: tuple[int, ...]) -> str:
        """What a cache has to do with a finding; empty when nothing."""
        found = [number for number in evidence if number in self._signs]
        if not found or requirement == CACHED_REQUIREMENT:
            return ""
        return f"Exchange {found[-1]} was answered out of a cache ({self._signs[found[-1]]}): see {CACHED_REQUIREMENT}."
