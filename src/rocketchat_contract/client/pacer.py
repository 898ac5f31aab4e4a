"""One pacer for all drivers of a run: it stays under the target's limiter instead of hitting it.

It learns from ``X-RateLimit-Limit``, ``-Remaining`` and ``-Reset``, from ``Retry-After``, and from the wait that a
429 names in its body; a server that names nothing is learned by counting. Rocket.Chat counts per address, route and
method, in windows of fixed length.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from rocketchat_contract.client.transport import Reply
from rocketchat_contract.config import Rate

LONGEST_WAIT = 600.0
"""Seconds; a reset or a wait further away is not believed."""

STOCK_WINDOW = 60.0
"""Seconds of the window that a stock Rocket.Chat uses."""

_USUAL_WINDOWS = (1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds: a window is first seen from somewhere inside, so it is at least this long."""

_SKEW = 2.0
"""Seconds by which clocks may differ unnoticed: a ``Date`` header has whole seconds only."""

_NAMED_WAIT = re.compile(rb"must wait (\d{1,6}) seconds")


@dataclass(slots=True)
class Route:
    """What is known of one route; ``remaining`` None when nothing is, times in epoch seconds of this machine."""

    limit: int | None = None
    remaining: int | None = None
    reset: float = 0.0
    window: float = 0.0
    since: float = 0.0
    calls: int = 0


@dataclass
class Pacer:
    """Says when calls may leave; it never sleeps itself. ``rate`` is the limiter's where the server does not tell."""

    rate: Rate | None = None
    now: Callable[[], float] = time.time
    _routes: dict[str, Route] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, route: str, calls: int = 1) -> float:
        """Take calls that leave together: 0 when they may leave now, else the seconds until asking again makes sense.

        More calls than the limiter ever allows at once leave at the beginning of a window.
        """
        with self._lock:
            known = self._known(route)
            self._renew(known)
            enough = min(calls, known.limit or calls)
            if known.remaining is not None and known.remaining < enough:
                return max(known.reset + _margin(known) - self.now(), 0.001)
            known.remaining = None if known.remaining is None else known.remaining - calls
            known.calls += calls
            return 0.0

    def learn(self, route: str, reply: Reply) -> None:
        """Learn from an answer."""
        headers = {name.lower(): value for name, value in reply.headers}
        with self._lock:
            known = self._known(route)
            known.limit = _number(headers, "x-ratelimit-limit") or known.limit
            remaining, reset = _number(headers, "x-ratelimit-remaining"), self._reset(headers)
            if reset is not None:
                self._window(known, reset)
            if remaining is not None:
                known.remaining = remaining if known.remaining is None else min(remaining, known.remaining)
            if reply.status == 429:
                self._refused(known, headers, reply.body)

    def rate_of(self, route: str) -> Rate | None:
        """What is known of a route's limiter."""
        known = self._routes.get(route, Route())
        if known.limit is None:
            return self.rate
        return Rate(known.limit, next((usual for usual in _USUAL_WINDOWS if usual >= known.window), known.window))

    def most_together(self, route: str, wanted: int) -> int:
        """How many calls may leave at once: the limiter's own number when it is smaller."""
        rate = self.rate_of(route)
        return wanted if rate is None else min(wanted, rate.calls)

    def forget(self) -> None:
        """Know nothing any more: the limiter treats the calls to come differently."""
        self._routes.clear()

    def _known(self, route: str) -> Route:
        if route not in self._routes:
            self._routes[route] = Route(since=self.now())
            if self.rate is not None:
                self._routes[route] = Route(self.rate.calls, self.rate.calls, 0.0, self.rate.seconds, self.now())
        return self._routes[route]

    def _renew(self, known: Route) -> None:
        """Begin a new window when the old one is over."""
        if known.limit is None or self.now() < known.reset + (_margin(known) if known.reset else 0.0):
            return
        known.remaining, known.calls, known.since = known.limit, 0, self.now()
        known.reset = self.now() + (known.window or STOCK_WINDOW)

    def _window(self, known: Route, reset: float) -> None:
        """The server says when its window ends; another end than before means another window."""
        if known.reset and reset > known.reset + max(known.window / 2, 0.5):
            known.remaining = None
        known.reset = reset
        known.window = max(known.window, reset - self.now())

    def _refused(self, known: Route, headers: Mapping[str, str], body: bytes) -> None:
        wait = _named_wait(headers, body, self.now())
        if wait is None:
            wait = known.reset - self.now() if known.reset > self.now() else known.window or STOCK_WINDOW
        if self.rate is None and "x-ratelimit-limit" not in headers:
            known.limit = max(1, min(known.limit or known.calls, known.calls - 1))
            known.window = max(known.window, wait)
        known.remaining = 0
        known.reset = max(known.reset, self.now() + min(wait, LONGEST_WAIT))

    def _reset(self, headers: Mapping[str, str]) -> float | None:
        """When the window ends, by this machine's clock: the header has milliseconds, seconds, or what is left."""
        value = _number(headers, "x-ratelimit-reset")
        if value is None:
            return None
        now = self.now()
        moment = value / 1000 if value > 1e11 else float(value) if value > 1e9 else now + value
        there = date_of(headers.get("date", ""))
        if value > 1e9 and there is not None and abs(there - now) > _SKEW:
            moment -= there - now
        return moment if -1 <= moment - now <= LONGEST_WAIT else now + STOCK_WINDOW


def _margin(known: Route) -> float:
    """Seconds to wait beyond a window's end: clocks and the way there are not exact."""
    return min(1.0, max(0.05, known.window / 40))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "").strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 16 else None


def date_of(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _named_wait(headers: Mapping[str, str], body: bytes, now: float) -> float | None:
    after = _number(headers, "retry-after")
    if after is not None:
        return float(after)
    moment = date_of(headers["retry-after"]) if "retry-after" in headers else None
    if moment is not None:
        return max(0.0, moment - now)
    named = _NAMED_WAIT.search(body[:2000])
    return float(named.group(1)) if named else None
