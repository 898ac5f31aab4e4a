"""Waits on purpose: told while it lasts, ended by a signal, and never beyond the run's own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.interruption import GRACE, Interruption

_TICK = 1.0


@dataclass
class Waiter:
    """``told`` hears the seconds left, every second; ``limit`` are the run's own seconds, from ``start`` on."""

    interruption: Interruption = field(default_factory=Interruption)
    told: Callable[[float], None] = lambda _: None
    limit: float | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    waited: float = 0.0
    _until: float | None = None

    def start(self) -> None:
        """The run's time begins."""
        self._until = None if self.limit is None else self.now() + self.limit

    def lift(self) -> None:
        """The clean-up begins: it has all the time it needs."""
        self._until = None

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
            self.told(left)
            with self.interruption.allowed():
                self.sleep(min(left, _TICK))

    def _check(self, seconds: float) -> None:
        if self._until is not None and self.now() + seconds >= self._until:
            raise RunStoppedError(f"The run's time of {self.limit:g} s is over (--run-timeout).")
