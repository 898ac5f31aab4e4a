"""The number of a limiter that names only a wait: guessed from how many calls passed before its refusals.

A window is at least as long as the wait. How many calls passed in the last window before a refusal is the limit, once
that shows twice; a little more may have passed, as a window begins when the limiter says so. Until then calls that
leave together wait for a whole window, so that they do not meet the limit in its middle. Where calls are turned away
however few they are, it is not their number that is the matter, and nothing is guessed any more.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_MOST = 2_000
"""Calls that are remembered; a limiter that allows more in its window troubles nobody."""

_TOLERANCE = 1.25
"""How many times more calls may pass in the window before one refusal than before another, and one call more."""

_DOUBTS, _FAR, _MANY = 3, 5, 100
"""Refusals in a row that speak against a limit, none of which came after so many windows full of calls, and so many."""

_LONGEST, _WINDOWS, _MOST_SERIES = 60.0, 3, 4
"""What one refusal alone makes calls wait: for a window of so many seconds, until so many windows later.

After so many series of refusals that show no limit, it is not guessed at the cost of waiting any longer.
"""


@dataclass(slots=True)
class Guess:
    """``window`` is as long as waits and refusals in a row show, ``limit`` how many calls pass in it, once known.

    ``refusals`` counts series of refusals: what else is refused until the wait is over says nothing more. ``_doubts``
    are those of them, not far apart, that came although no more calls left than the limit allows, while it
    ``is_in_use``.
    """

    window: float = 0.0
    limit: int | None = None
    refusals: int = 0
    is_in_use: bool = False
    _counted: int = 0
    _doubts: int = 0
    _since: int = 0
    _began: float | None = None
    _until: float = 0.0
    _passes: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST))

    def passed(self, now: float) -> None:
        """A call was let through."""
        self._passes.append(now)
        self._since += 1
        if now >= self._until:
            self._began = None

    def refused(self, now: float, until: float) -> None:
        """A call was turned away until a moment; a second time in a row shows that the window is longer."""
        if self._began is None:
            self._began = now
            self.refusals += 1
            self.window = max(self.window, until - now)
            self._count(now)
        self._until = until
        self.window = max(self.window, until - self._began)

    def wait(self, now: float, calls: int) -> float:
        """Seconds until calls may leave together while the limit is not known."""
        if calls < 2 or self.limit is not None or self.is_of_no_use or not self._passes or not self._is_open(now):
            return 0.0
        return max(0.0, self._passes[-1] + self.window - now)

    def _is_open(self, now: float) -> bool:
        """Whether there may be a limit that the next refusals show; one refusal may be an accident."""
        if self.refusals == 1:
            return self.window <= _LONGEST and now <= self._until + _WINDOWS * self.window
        return 1 < self.refusals <= _MOST_SERIES

    @property
    def is_of_no_use(self) -> bool:
        """Whether calls are turned away however few they are."""
        return self._doubts >= _DOUBTS

    def _doubt(self, count: int) -> None:
        """Note whether this refusal came in spite of the limit that is believed."""
        passed, self._since = self._since, 0
        if self.is_of_no_use or self.limit is None or not self.is_in_use:
            return
        is_far = passed >= max(_FAR * self.limit, _MANY)
        self._doubts = self._doubts + 1 if count <= self.limit and not is_far else 0

    def _count(self, now: float) -> None:
        """Compare how many calls passed in the window before this refusal and before the last one."""
        count = sum(moment > now - self.window for moment in self._passes)
        self._doubt(count)
        if self.is_of_no_use:
            self.limit = None
        if not count or self.is_of_no_use:
            return
        fewest, most = sorted((count, self._counted))
        self.limit = fewest if fewest and most <= _TOLERANCE * fewest + 1 else None
        self._counted = count
