"""One pacer for all drivers of a run: it stays under the target's limiter instead of hitting it.

It learns from ``X-RateLimit-Limit``, ``-Remaining`` and ``-Reset`` (epoch milliseconds), from ``Retry-After``
(seconds), and from the wait that a 429 names in its body. Rocket.Chat counts per address, route and method.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rocketchat_contract.target.transport import Reply

LONGEST_WAIT = 120.0
"""Seconds; a reset further away says that clocks differ, and ``FALLBACK_WAIT`` is used."""

FALLBACK_WAIT = 60.0
"""Seconds of the window that a stock Rocket.Chat uses."""

_NAMED_WAIT = re.compile(r"must wait (\d+) seconds")


@dataclass(slots=True)
class _Route:
    limit: int | None = None
    remaining: int | None = None
    reset: float = 0.0


@dataclass
class Pacer:
    """Makes calls wait for their turn; ``sleep`` and ``now`` (epoch seconds) are injected."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    waiting: Callable[[float], None] = lambda _: None
    waited: float = 0.0
    _routes: dict[str, _Route] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, route: str, calls: int = 1) -> None:
        """Wait until ``calls`` calls of the route may leave together."""
        with self._lock:
            known = self._routes.setdefault(route, _Route())
            if known.remaining is not None and known.remaining < min(calls, known.limit or calls):
                self._wait(known)
            if known.remaining is not None:
                known.remaining -= calls

    def after(self, route: str, reply: Reply) -> None:
        """Learn from an answer."""
        headers = {name.lower(): value for name, value in reply.headers}
        with self._lock:
            known = self._routes.setdefault(route, _Route())
            known.limit = _number(headers, "x-ratelimit-limit") or known.limit
            remaining = _number(headers, "x-ratelimit-remaining")
            reset = _number(headers, "x-ratelimit-reset")
            if reset is not None:
                known.reset = self._moment(reset / 1000)
            if remaining is not None:
                known.remaining = remaining if known.remaining is None else min(remaining, max(known.remaining, 0))
                known.remaining = remaining if remaining > known.remaining + 1 else known.remaining
            if reply.status == 429:
                known.remaining = 0
                known.reset = max(known.reset, self.now() + _named_wait(headers, reply.body, known.reset - self.now()))

    def most_together(self, route: str, wanted: int) -> int:
        """How many calls may leave at once: the limiter's own number when it is smaller."""
        known = self._routes.get(route)
        return wanted if known is None or known.limit is None else min(wanted, known.limit)

    def _wait(self, known: _Route) -> None:
        seconds = max(0.0, known.reset - self.now()) + 0.05
        self.waiting(seconds)
        self.waited += seconds
        self.sleep(seconds)
        known.remaining = known.limit

    def _moment(self, epoch: float) -> float:
        return epoch if 0 <= epoch - self.now() <= LONGEST_WAIT else self.now() + FALLBACK_WAIT


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isdecimal() else None


def _named_wait(headers: Mapping[str, str], body: bytes, until_reset: float) -> float:
    after = _number(headers, "retry-after")
    named = _NAMED_WAIT.search(body[:2000].decode("utf-8", "replace"))
    wait = after if after is not None else int(named.group(1)) if named else None
    if wait is None:
        return until_reset if until_reset > 0 else FALLBACK_WAIT
    return min(float(wait), LONGEST_WAIT)
