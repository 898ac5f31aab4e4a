"""What a run shows while it works: on a terminal one line that changes, elsewhere one line per driver."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.status import Status

if TYPE_CHECKING:
    from rocketchat_contract.judge.operation import Operation
    from rocketchat_contract.run import Run

SAYS = {
    "core": "walking every requirement once",
    "volley": "sending simultaneous calls",
    "life": "living visitors' lives",
    "queries": "sending generated queries",
    "cleanup": "closing rooms and deleting visitors",
}


class Progress:
    """Counts exchanges and shows what is being done, on standard error."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._status: Status | None = self._console.status("opening the target") if stream.isatty() else None
        self._driver = ""
        self._exchanges = 0

    def __enter__(self) -> Progress:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._status is not None:
            self._status.stop()

    def opened(self, run: Run) -> None:
        """Say what the target is."""
        version = next((fact.value for fact in run.facts if fact.name == "version"), "of unknown version")
        where = "embedded reference server" if run.server else "target"
        self._console.print(f"{where} {run.address.url}, Rocket.Chat {version}, seed {run.config.seed}", markup=False)

    def entered(self, driver: str) -> None:
        """A driver's next test begins."""
        if driver != self._driver:
            self._driver = driver
            if self._status is None:
                self._console.print(f"  {driver}: {SAYS.get(driver, driver)}", markup=False)
            self._show()

    def seen(self, op: Operation) -> None:
        """An exchange ended."""
        self._exchanges += 1
        if op.exchange.driver == "cleanup":
            self.entered("cleanup")
        if self._exchanges % 25 == 0:
            self._show()

    def waiting(self, seconds: float) -> None:
        """The pacer waits for the target's limiter."""
        if self._status is None:
            self._console.print(f"  waiting {seconds:.0f} s for the target's limiter", markup=False)
        else:
            self._status.update(f"waiting {seconds:.0f} s for the target's limiter, {self._exchanges} exchanges so far")

    def _show(self) -> None:
        if self._status is not None:
            what = SAYS.get(self._driver, "looking at the target")
            self._status.update(f"{what}, {self._exchanges} exchanges so far")
