"""One pacer for all drivers of a run: it stays under the limits that hold for it instead of hitting them.

Rocket.Chat counts per address, route and method, in windows of fixed length, and tells so. Gateways count all calls
of an address together; some tell so, others are learned by backing off (``brake``). A refusal that names its wait is
obeyed, and a limit that nobody tells is believed when it showed twice.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from rocketchat_contract.client.brake import Brake
from rocketchat_contract.client.guess import Guess
from rocketchat_contract.client.limits import (
    LONGEST_WAIT,
    UNAVAILABLE,
    Announced,
    fields_of,
    is_limited,
    named_wait,
    rocket_chats,
    standard,
)
from rocketchat_contract.client.transport import Reply
from rocketchat_contract.config import Rate

STOCK_WINDOW = 60.0
"""Seconds of the window that a stock Rocket.Chat uses."""

LONGEST_PAUSE, LONGEST_OUTAGE = 60.0, 5.0
"""Seconds of a pause after a limiter that names none, and after a server that is away."""

_USUAL_WINDOWS = (1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds: a window is first seen from somewhere inside, so it is at least this long."""

_PROBE = 1.0
"""Seconds until a limiter is asked again whose clock cannot be believed."""

_SHORTEST_WAIT = 0.1
"""Seconds after a refusal that names no time at all, doubled with each further one."""

_SKEW = 2.0
"""Seconds by which a told reset and a named wait may differ unnoticed."""


@dataclass(slots=True)
class RouteLimit:
    """What is known of one limiter; ``remaining`` None when nothing is, ``reset`` in epoch seconds of this machine.

    ``is_announced``: the limiter names its number itself; ``is_whole``: the window was seen from end to end.
    ``is_renewed`` says that a window began since the last answer. ``passed`` and ``passed_before`` count the calls that
    it let through since its last refusal and before, ``refused`` its refusals in a row; it is asked ``again`` then.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float = 0.0
    window: float = 0.0
    is_announced: bool = False
    is_whole: bool = False
    is_renewed: bool = False
    passed: int = 0
    passed_before: int = 0
    refused: int = 0
    again: float = 0.0


@dataclass
class Pacer:
    """Says when calls may leave; it never sleeps itself. ``rate`` is the limiter's where the server does not tell.

    ``everywhere`` is the limit that holds for all routes together, ``brake`` what is learned where nobody tells.
    """

    rate: Rate | None = None
    now: Callable[[], float] = time.time
    brake: Brake = field(default_factory=Brake)
    everywhere: RouteLimit = field(default_factory=RouteLimit)
    _routes: dict[str, RouteLimit] = field(default_factory=dict)
    _guesses: defaultdict[str, Guess] = field(default_factory=lambda: defaultdict(Guess))
    _common: Guess = field(default_factory=Guess)
    _turned_away: Counter[str] = field(default_factory=Counter)
    _skew: float = 0.0
    _is_skew_known: bool = False
    _answers: int = 0
    _seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, route: str, calls: int = 1) -> float:
        """Take calls that leave together: 0 when they may leave now, else the seconds until asking again makes sense.

        More calls than the limiter ever allows at once leave at the beginning of a window.
        """
        with self._lock:
            now, limits = self.now(), (self._known(route), self.everywhere)
            wait = self._seconds_until(route, calls)
            if wait > 0:
                return max(wait, 0.001)
            for limit in limits:
                limit.remaining = None if limit.remaining is None else limit.remaining - calls
            self.brake.take(now)
            return 0.0

    def seconds_until(self, route: str) -> float:
        """Seconds until the next call of a route may leave; takes nothing."""
        with self._lock:
            return self._seconds_until(route, 1)

    def _seconds_until(self, route: str, calls: int) -> float:
        now, limits = self.now(), (self._known(route), self.everywhere)
        guesses = (self._common, self._guesses[route])
        waits = (*(_wait(limit, now, calls) for limit in limits), *(guess.wait(now, calls) for guess in guesses))
        return max(self.brake.wait(now, calls), *waits)

    def learn(self, route: str, reply: Reply) -> None:
        """Learn from an answer."""
        if reply.status is None:
            return
        fields = fields_of(reply)
        with self._lock:
            now, known = self.now(), self._known(route)
            own, common, wait = rocket_chats(fields, now), standard(fields, now), named_wait(reply, fields, now)
            if wait is not None:
                self._learn_skew(own, wait)
            self._hear(known, self._believed(own), now)
            self._hear(self.everywhere, common, now)
            if is_limited(reply):
                is_common = own.limit is None and common.remaining is not None
                self._turned_away[route] += 1
                self._refused(self.everywhere if is_common else known, reply, wait, now)
                if wait is not None and own.limit is None and not is_common:
                    self._guess(route, known, now)
            elif reply.status == UNAVAILABLE:
                self._away(reply, wait, now)
            else:
                self._passed(route, known, reply)

    def rate_of(self, route: str) -> Rate | None:
        """What is known of a route's limiter; a window of which only a part was seen may be a stock one."""
        known = self._routes.get(route, RouteLimit())
        return self.rate if known.limit is None else _rate(known)

    @property
    def rate_everywhere(self) -> Rate | None:
        """What is known of a limit on all routes together."""
        if self.everywhere.limit is not None:
            return _rate(self.everywhere)
        return Rate(1, self.brake.gap) if self.brake.gap else None

    @property
    def seconds_per_call(self) -> float | None:
        """How long answers took so far, on average; None before the first."""
        return self._seconds / self._answers if self._answers else None

    def most_together(self, route: str, wanted: int) -> int:
        """How many calls may leave at once: a limiter's own number when it is smaller, never one that was guessed."""
        limits = (self._known(route), self.everywhere)
        return min(wanted, *(limit.limit for limit in limits if limit.limit and limit.is_announced), wanted)

    @property
    def turned_away(self) -> int:
        """How many calls limiters turned away so far."""
        return self._turned_away.total()

    def forget(self) -> None:
        """Know nothing any more: the limiter treats the calls to come differently."""
        self._routes.clear()
        self._guesses.clear()
        self._turned_away.clear()
        self._common = Guess()
        if not self.everywhere.is_announced:
            self.everywhere = RouteLimit()

    def _known(self, route: str) -> RouteLimit:
        if route not in self._routes:
            rate = self.rate
            given = RouteLimit() if rate is None else RouteLimit(rate.calls, rate.calls, 0.0, rate.seconds, True, True)  # noqa: FBT003
            self._routes[route] = given
        return self._routes[route]

    def _hear(self, known: RouteLimit, text: Announced, now: float) -> None:
        """Take a limiter's own words over; another end of the window than before means another window."""
        if text.limit:
            known.limit, known.is_announced = text.limit, True
        if text.window:
            known.window, known.is_whole = text.window, True
        if text.reset is not None:
            reset = now + min(text.reset, LONGEST_WAIT)
            if known.reset and reset > known.reset + max(known.window / 2, 0.5):
                known.remaining, known.is_renewed = None, True
            known.reset, known.window = reset, max(known.window, reset - now)
            known.is_whole |= known.is_renewed
        if text.remaining is not None:
            known.remaining = text.remaining if known.remaining is None else min(text.remaining, known.remaining)
            known.reset = now + _PROBE if text.reset is None and not text.remaining else known.reset

    def _believed(self, text: Announced) -> Announced:
        """A limiter's words as far as its clock can be believed; ``reset`` None when no stock window explains it."""
        if text.reset is None:
            return text
        reset = text.reset - self._skew
        most = LONGEST_WAIT if self._is_skew_known else STOCK_WINDOW + _SKEW
        return replace(text, reset=reset if -1 <= reset <= most else None)

    def _learn_skew(self, text: Announced, wait: float) -> None:
        """A wait that a refusal names is exact, whatever its server's clock says."""
        if text.reset is not None:
            skew = text.reset - wait
            self._skew, self._is_skew_known = skew if abs(skew) > _SKEW else 0.0, True

    def _refused(self, known: RouteLimit, reply: Reply, wait: float | None, now: float) -> None:
        """A limiter turned a call away; those that left with it and were turned away too say the same."""
        is_first = now >= known.again
        if wait is None and known.is_announced and known.reset > now:
            wait = known.reset - now
        if wait is None:
            self.brake.refused(now, LONGEST_PAUSE, together=reply.released is not None)
        elif is_first:
            wait = max(wait, _SHORTEST_WAIT * 2**known.refused)
        known.refused = min(known.refused + is_first, 10)
        until = self.brake.until if wait is None else now + min(wait, LONGEST_WAIT)
        if wait is None:
            self._count(known, until - now)
        known.remaining, known.reset = 0, until if is_first else max(until, known.reset)
        known.again = known.reset

    def _guess(self, route: str, known: RouteLimit, now: float) -> None:
        """Guess a number that the limiter does not tell: that of all routes together when it counts them so."""
        if known.is_announced:
            return
        guess = self._guesses[route]
        guess.refused(now, known.reset)
        self._common.refused(now, known.reset)
        if not self.everywhere.is_announced:
            self.everywhere.limit = self._common.limit if len(self._turned_away) > 1 else None
        if self.everywhere.limit is not None and not self.everywhere.is_announced:
            self.everywhere.remaining, self.everywhere.reset = 0, known.reset
            self.everywhere.window, known.limit = self._common.window, None
        else:
            known.limit, known.window = guess.limit, guess.window
        guess.is_in_use = known.limit is not None
        self._common.is_in_use = self.everywhere.limit is not None
        if self._common.is_of_no_use:
            self._forget_guesses()

    def _forget_guesses(self) -> None:
        """No number is the matter: whatever was guessed of routes was an accident too."""
        for known in self._routes.values():
            known.limit = known.limit if known.is_announced else None

    def _count(self, known: RouteLimit, wait: float) -> None:
        """How many calls passed before a refusal: a number that nobody told, and that shows twice, is the limit."""
        if known.passed:
            if not known.is_announced:
                known.limit = known.passed if known.passed == known.passed_before else None
                known.window = max(wait, self.brake.pause)
            known.passed_before, known.passed = known.passed, 0

    def _away(self, reply: Reply, wait: float | None, now: float) -> None:
        """A server that is away, or a gateway's limiter that says no more."""
        self.brake.refused(now, LONGEST_OUTAGE, together=reply.released is not None)
        if wait is not None:
            self.brake.until = max(self.brake.until, now + min(wait, LONGEST_PAUSE))

    def _passed(self, route: str, known: RouteLimit, reply: Reply) -> None:
        self._answers += 1
        self._seconds += max(0, reply.ended - reply.started) / 1e9
        self.brake.passed(self.now())
        if self.now() >= known.again:
            known.refused = 0
        known.passed += 1
        self._guesses[route].passed(self.now())
        self._common.passed(self.now())


def _wait(known: RouteLimit, now: float, calls: int) -> float:
    """Seconds until a limiter lets so many calls through; a new window begins when the old one is over."""
    is_over = now >= known.reset + (_margin(known) if known.reset else 0.0)
    if is_over and (known.remaining is not None or known.limit is not None):
        known.remaining, known.is_renewed = known.limit, known.reset > 0
        known.reset = now + (known.window or STOCK_WINDOW)
    enough = min(calls, known.limit or calls)
    if known.remaining is None or known.remaining >= enough:
        return 0.0
    return max(known.reset + _margin(known) - now, 0.001)


def _rate(known: RouteLimit) -> Rate:
    window = next((usual for usual in _USUAL_WINDOWS if usual >= known.window), known.window)
    return Rate(known.limit or 1, window if known.is_whole or not known.is_announced else max(window, STOCK_WINDOW))


def _margin(known: RouteLimit) -> float:
    """Seconds to wait beyond a window's end: clocks and the way there are not exact."""
    return min(1.0, max(0.05, known.window / 40))
