"""The rate limiter: so many calls per address and route in a fixed window, told in three headers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

from rocketchat_contract.reference.call import Header, Refusal
from rocketchat_contract.reference.settings import LimitSetting


class Window:
    """Counts the calls of one route; all counters fall back to zero together."""

    def __init__(self, limit: LimitSetting, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._since = clock()
        self._counts: Counter[str] = Counter()

    def take(self, address: str) -> tuple[int, float]:
        """Count a call: how many are left (negative: refused), and the seconds until the window ends."""
        now = self._clock()
        if now - self._since >= self.limit.seconds:
            self._since = now
            self._counts.clear()
        self._counts[address] += 1
        return self.limit.calls - self._counts[address], self._since + self.limit.seconds - now


def rate_headers(limit: LimitSetting, left: int, ends_at: float) -> tuple[Header, ...]:
    """Tell limit, calls left, and when the window ends, in milliseconds since 1970."""
    return (
        (b"x-ratelimit-limit", b"%d" % limit.calls),
        (b"x-ratelimit-remaining", b"%d" % max(0, left)),
        (b"x-ratelimit-reset", b"%d" % round(ends_at * 1000)),
    )


def too_many_requests(seconds: float) -> Refusal:
    """Refuse a call beyond the limit."""
    wait = math.ceil(seconds)
    text = "Error, too many requests. Please slow down. "
    text += f"You must wait {wait} seconds before trying this endpoint again. [error-too-many-requests]"
    return Refusal(text, status=429)
