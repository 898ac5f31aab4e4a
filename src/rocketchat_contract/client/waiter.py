"""Waits on purpose: told while it lasts, ended by a signal, and never beyond the run's own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.interruption import GRACE, Interruption

_TICK = 1.0

CLEAN_UP_SECONDS = 100.0
"""What the clean-up may take when the run was stopped, and until its first answer: one window of a stock limiter."""

SECONDS_PER_CALL = 12.0
"""How much longer it may take for each answered call when nobody is in a hurry: a stock limiter's pace on one route."""


@dataclass
class Waiter:
    """``on_wait`` hears the seconds left, every second; ``limit`` are the run's own seconds, from ``start`` on.

    ``is_over`` says that they are over; the clean-up then has a time that answers do not make longer.
    """

    interruption: Interruption = field(default_factory=Interruption)
    on_wait: Callable[[float], None] = lambda _: None
    limit: float | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    waited: float = 0.0
    is_over: bool = False
    _until: float | None = None
    _seconds: float | None = None

    def start(self) -> None:
        """The run's time begins."""
        self._until = None if self.limit is None else self.now() + self.limit

    def lift(self) -> None:
        """The clean-up begins, with a time of its own: no limiter, whatever it says, keeps it for ever."""
        self._seconds = CLEAN_UP_SECONDS
        self._until = self.now() + CLEAN_UP_SECONDS

    def earn(self) -> None:
        """A call of the clean-up was answered: those to come may take their time, unless the run was stopped."""
        if self._seconds is not None and self._until is not None and not self.is_stopped:
            self._seconds += SECONDS_PER_CALL
            self._until += SECONDS_PER_CALL

    @property
    def is_stopped(self) -> bool:
        """Whether somebody waits for the end: the run's time is over, or a signal came."""
        return self.is_over or bool(self.interruption.reason)

    def allows(self, seconds: float) -> bool:
        """Whether so long a wait ends before the time that is left."""
        return self._until is None or self.now() + seconds < self._until

    def hurry(self, deadline: int, now: int) -> int:
        """The deadline of a call (ns), or an earlier one: a signal came, or the run's time is over.

        What is under way then may still be answered for a moment, so that it is known what became of it.
        """
        deadline = self.interruption.hurry(deadline, now)
        if self._until is None:
            return deadline
        return min(deadline, now + int((self._until + GRACE - self.now()) * 1e9))

    def check(self) -> None:
        """Raise when the run's time is over, or a signal came."""
        self.interruption.check()
        self._check(0.0)

    def wait(self, seconds: float) -> None:
        """Wait; raises at once when the run's time would be over before the end."""
        self._check(seconds)
        ends = self.now() + seconds
        self.waited += seconds
        while (left := ends - self.now()) > 0:
            self.on_wait(left)
            with self.interruption.allowed():
                self.sleep(min(left, _TICK))

    def _check(self, seconds: float) -> None:
        if self.allows(seconds):
            return
        if self._seconds is not None:
            raise RunStoppedError(f"its time of {self._seconds:.0f} s is over")
        self.is_over = True
        raise RunStoppedError(f"The run's time of {self.limit:g} s is over (--run-timeout).")
