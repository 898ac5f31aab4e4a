"""Ctrl-C, SIGTERM and SIGHUP reach a run only where it waits, so that no record, ledger or judgement is cut in two.

The first signal ends the drivers and starts the clean-up: a call that is under way may still be answered for a few
seconds, since nobody could say what became of it otherwise. During the clean-up a signal is only noted, and the next
one ends the clean-up too. A third one anywhere is Python's own ``KeyboardInterrupt``. What comes after the clean-up is
held back until the reports are whole, which takes a moment only.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_STUBBORN = 3
GRACE = 3.0
"""Seconds that a call under way gets after a signal."""

STOPPING = (
    "Stopping and cleaning up. Press Ctrl-C again to stop at once; sweep finishes what is left then. "
    "Cleaning up takes 2 minutes at most."
)
STOPPING_NOW = "Stopping at once."


class Interruption:
    """Holds back signals outside of ``allowed`` blocks; ``install`` puts it in place, in the main thread only.

    ``answer`` is called with a sentence as soon as a signal comes, also where it has to wait.
    """

    def __init__(self) -> None:
        self.answer: Callable[[str], None] = lambda _: None
        self.reason = ""
        self._signals = 0
        self._taken = 0
        self._is_allowed = False
        self._is_held = False
        self._came = 0.0
        self._before: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Take the signals until ``remove``."""
        if threading.current_thread() is threading.main_thread() and not self._before:
            self._before = {number: signal.signal(number, self._come) for number in _SIGNALS if not _is_waived(number)}

    def remove(self) -> None:
        """Give the signals back to whoever had them."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def hurry(self, deadline: int, now: int) -> int:
        """The deadline of a call (ns), or an earlier one when a signal waits to be taken."""
        waiting = self._signals - self._taken
        if waiting <= 0:
            return deadline
        grace = GRACE - (time.monotonic() - self._came) if waiting == 1 else 0.0
        return min(deadline, now + int(grace * 1e9))

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """A signal raises ``KeyboardInterrupt`` in here, one that came before at its door."""
        self.check()
        self._is_allowed = True
        try:
            yield
        finally:
            self._is_allowed = False

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` for a signal that nobody has taken yet."""
        if self._signals > self._taken:
            self._taken = self._signals
            raise KeyboardInterrupt

    def forgive(self) -> None:
        """From now on it takes one more signal to interrupt: the clean-up begins."""
        self._taken = max(self._signals, 1)

    def hold(self) -> None:
        """From now on signals change nothing: the clean-up is over, and what it found is written down."""
        self._is_held = True

    def _come(self, number: int, _frame: FrameType | None) -> None:
        if self._is_held:
            return
        self._signals += 1
        self.answer(STOPPING if self._signals == 1 else STOPPING_NOW)
        self._came = time.monotonic()
        self.reason = f"The run was interrupted ({signal.Signals(number).name})."
        if self._is_allowed:
            self._is_allowed = False
            self.check()
        elif self._signals >= _STUBBORN:
            raise KeyboardInterrupt


def _is_waived(number: signal.Signals) -> bool:
    """Whether a run is to outlive its terminal: ``nohup`` makes it deaf for that signal."""
    return number.name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN
