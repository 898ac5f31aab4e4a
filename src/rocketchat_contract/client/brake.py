"""What something in front allows that tells no numbers, such as nginx's ``limit_req``.

Learned as one learns a road in the dark: after a refusal a pause, longer with each further one; the next call is the
probe; and from then on a gap between calls, wider with each refusal and narrower again after many calls that passed.
Where wider gaps change nothing, it is not this run's speed that is the matter, and the gap is narrow again.
Calls that leave together still do: they wait until as many gaps have gone by.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

FIRST_PAUSE = 0.5
FIRST_GAP = 0.1
"""Seconds; ten calls a second is what most recipes for gateways allow."""

WIDEST_GAP = 20.0
FIRST_TRUST = 100
"""Calls that pass before the gap is halved; twice as many after each time that this was too early."""

_RUNS, _FEW = 4, 4
"""So many runs of calls that passed, none shorter and the last one no longer, show that wider gaps change nothing."""


@dataclass
class Brake:
    """``gap`` are the seconds between calls, ``until`` the end of a pause; both are 0 until something is refused.

    ``pause`` is how long the last pause was, from the first refusal of a series to the call that passed.
    """

    gap: float = 0.0
    until: float = 0.0
    pause: float = 0.0
    _next: float = 0.0
    _began: float | None = None
    _step: float = FIRST_PAUSE
    _passed: int = 0
    _trust: int = FIRST_TRUST
    _is_narrowed: bool = False
    _is_of_no_use: bool = False
    _runs: deque[int] = field(default_factory=lambda: deque(maxlen=_RUNS))

    def wait(self, now: float, calls: int) -> float:
        """Seconds until so many calls may leave together."""
        return max(self.until - now, self._next + (calls - 1) * self.gap - now if self.gap else 0.0, 0.0)

    def take(self, now: float) -> None:
        """Calls leave."""
        self._next = now + self.gap

    def refused(self, now: float, longest: float, *, together: bool) -> None:
        """A call was turned away without a word on how long; of calls that left ``together`` the first one counts."""
        if now < self.until:
            return
        if self._began is None:
            self._begin(now, together=together)
        self.until = now + min(self._step, longest)
        self._step = min(2 * self._step, longest)

    def passed(self, now: float) -> None:
        """A call was answered; one that left before the refusal proves nothing."""
        if now < self.until:
            return
        if self._began is not None:
            self.pause, self._began = self.until - self._began, None
        self._passed += 1
        if self.gap and self._passed >= self._trust:
            self.gap = self.gap / 2 if self.gap > FIRST_GAP / 2 else 0.0
            self._passed, self._is_narrowed = 0, True

    def _begin(self, now: float, *, together: bool) -> None:
        """The first refusal of a series; where calls are spaced, it is the burst itself that is too wide."""
        self._began, self._step = now, max(FIRST_PAUSE, self.pause / 2)
        if self.gap:
            self._runs.append(self._passed)
        self._is_of_no_use = self._shows_no_use or (self._is_of_no_use and not self._shows_use)
        if self._is_of_no_use:
            self.gap = FIRST_GAP
        elif not (together and self.gap):
            self.gap = min(max(2 * self.gap, FIRST_GAP), WIDEST_GAP)
        self._trust *= 2 if self._is_narrowed else 1
        self._passed, self._is_narrowed = 0, False

    @property
    def _shows_use(self) -> bool:
        """Whether many calls passed in a row, or few twice in a row, as where a narrow gap is too narrow."""
        return self._passed >= FIRST_TRUST or max(list(self._runs)[-2:]) < _FEW

    @property
    def _shows_no_use(self) -> bool:
        """Whether calls are turned away however wide the gap is."""
        runs = self._runs
        return len(runs) == _RUNS and min(runs) >= _FEW and runs[-1] <= 2 * runs[0]
