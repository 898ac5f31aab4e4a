"""What a run shows while it works: on a terminal one line that changes, elsewhere one line per driver."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.status import Status

from rocketchat_contract.config import spoken
from rocketchat_contract.face.console import columns, fold
from rocketchat_contract.report.plain import sentence, visible
from rocketchat_contract.run.items import CLEANUP, DOING

if TYPE_CHECKING:
    from rocketchat_contract.judge.operation import Operation
    from rocketchat_contract.run.plan import Plan
    from rocketchat_contract.run.session import Run


def request_line(op: Operation) -> str:
    """One request with what came back and how long it took, secrets masked as in the record."""
    exchange = op.exchange
    status = "no answer" if op.status is None else str(op.status)
    milliseconds = (exchange.ended - exchange.started) / 1e6
    return f"  {op.number:>5}  {status:<9} {milliseconds:>7.1f} ms  {exchange.request.method} {exchange.request.target}"


class Progress:
    """Counts exchanges and shows what is being done, on standard error."""

    def __init__(self, stream: TextIO, *, quiet: bool = False, verbose: bool = False) -> None:
        self._is_quiet = quiet
        self._is_verbose = verbose
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._columns = columns(stream)
        self._status: Status | None = (
            self._console.status("opening the target") if stream.isatty() and not quiet else None
        )
        self._driver = ""
        self._exchanges = 0
        self._room_calls = 0
        self._most_room_calls = 0
        self._is_waiting = False
        self._ends: float | None = None
        self._left: Callable[[str], float] | None = None

    def __enter__(self) -> Progress:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.pause()

    def pause(self) -> None:
        """Let go of the terminal."""
        if self._status is not None:
            self._status.stop()

    def opened(self, run: Run) -> None:
        """Say what the target is, and what about it is not as it ought to be."""
        self._most_room_calls = run.config.profile.room_calls
        known = run.facts.known
        version = sentence(known["version"].value, 30) if "version" in known else "of unknown version"
        where = "embedded reference server" if run.server else "target"
        self._say(f"{where} {run.address.url}, Rocket.Chat {version}, seed {run.config.seed}")
        if run.config.insecure:
            self._say("WARNING: the server's certificate is not checked (--insecure).")
        if run.config.credentials and not (run.address.is_secure or run.address.is_loopback):
            self._say("WARNING: credentials are sent over plain http, which others can read.")
        for obstacle in run.facts.obstacles:
            self._say(obstacle)

    def planned(self, plan: Plan, left: Callable[[str], float] | None = None) -> None:
        """Say what the run may cost; ``left`` tells at any time how long the rest takes, from this driver on."""
        self._left = left
        profile = plan.profile
        cost = f"at most {profile.room_calls} room calls, {profile.opens} rooms, {profile.visitors} visitors"
        self._ends = time.monotonic() + plan.seconds
        self._say(f"profile {profile.name}: {cost}, about {spoken(plan.seconds)}")
        if plan.reserve:
            self._say(f"  and only to ask again what was lost: {plan.reserve}")

    def entered(self, driver: str) -> None:
        """A driver's next test begins."""
        if driver != self._driver:
            self._driver = driver
            self._reckon()
            if self._status is None:
                self._say(f"  {driver}: {DOING.get(driver, driver)}")
            else:
                self._status.start()
            self._show()

    def seen(self, op: Operation) -> None:
        """An exchange ended."""
        self._exchanges += 1
        self._room_calls += op.is_room_call
        if self._driver != CLEANUP:
            self._reckon()
        if self._is_verbose:
            self._say(request_line(op))
        if self._is_waiting or self._exchanges % 25 == 0:
            self._is_waiting = False
            self._show()

    def waiting(self, seconds: float) -> None:
        """The run waits, for the target's limiter or until it has recovered."""
        if self._status is not None:
            self._status.update(f"waiting {ceil(seconds)} s for the target, {self._so_far()}")
        elif not self._is_waiting and seconds > 1:
            self._say(f"  waiting {ceil(seconds)} s for the target, {self._so_far()}")
        self._is_waiting = True

    def _reckon(self) -> None:
        """Renew the estimate: limits and latency are known better with each call."""
        if self._left is not None:
            self._ends = time.monotonic() + self._left(self._driver)

    def _show(self) -> None:
        if self._status is not None:
            self._status.update(f"{DOING.get(self._driver, 'looking at the target')}, {self._so_far()}")

    def _so_far(self) -> str:
        """How far the run is; the time that is left comes first, since a narrow terminal cuts the end off."""
        most = self._most_room_calls
        done = f"{self._room_calls}/{most} room calls" if most else f"{self._exchanges} exchanges"
        left = 0.0 if self._ends is None else self._ends - time.monotonic()
        return f"at most {spoken(left)} left, {done}" if left > 0 else done

    def _say(self, text: str) -> None:
        if self._is_quiet and not text.startswith("WARNING"):
            return
        self._console.print(fold(visible(text), self._columns), markup=False)
