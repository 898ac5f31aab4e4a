"""Runs that have no reports: killed in the middle, or still under way.

They are judged neither as kept nor as broken. What counts of them is what they may have left on their target.
"""

from __future__ import annotations

import shlex
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.journal import CutError, Record, has_footer, is_being_written
from rocketchat_contract.record.ledger import LEDGER, sweep_of

_WRITING = 60
"""Seconds after the end of a record in which its run may still write its reports."""


class InterruptedState(StrEnum):
    """What became of a run without reports."""

    UNDER_WAY = "still under way, so not judged yet"
    KILLED = "killed before it ended, so not judged"
    UNTOLD = "ended, but killed before its reports were written"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run without reports; ``path`` is that of its record, ``deployment`` its name in a fleet, or empty."""

    path: str
    run: str
    started: str
    target: str
    deployment: str
    operation: str
    state: InterruptedState
    leaves: bool

    @property
    def identity(self) -> tuple[str, ...]:
        """It and no other; nobody copies a run without reports."""
        return (self.path,)

    @property
    def phrase(self) -> str:
        """What became of it, in one line."""
        if self.state is InterruptedState.UNDER_WAY:
            return f"{self.run}: {self.state}"
        left = "it may have left something on its target" if self.leaves else "no ledger says that it left anything"
        return f"{self.run}: {self.state}; {left}"

    def command(self, folder: Path) -> str:
        """The next step, empty when there is none; ``folder`` is the one that its path begins in."""
        if self.state is InterruptedState.UNDER_WAY:
            return ""
        place = folder / Path(self.path).parent
        if self.leaves:
            return sweep_of(place)
        named = shlex.quote(str(place))
        return (
            f"rocketchat-contract judge {named} --report-dir {named}" if self.state is InterruptedState.UNTOLD else ""
        )


def _target_of(header: RecordHeader) -> str:
    """What a run's target goes by, as its header tells."""
    return f"embedded: {header.embedded}" if header.embedded else header.target


def read_unfinished(folder: Path, path: str, deployment: str, operation: str) -> Unfinished | None:
    """A run by its record, ``operation`` unless its header names another; None when it is none of ours."""
    record = folder / path
    try:
        header = Record(record).header
        return Unfinished(
            path=path,
            run=header.run,
            started=header.started,
            target=_target_of(header),
            deployment=deployment,
            operation=header.contract.operation or operation,
            state=state_of(record),
            leaves=may_leave(record.with_name(LEDGER)),
        )
    except (UsageError, OSError, KeyError, TypeError, AttributeError):
        return None


def state_of(record: Path) -> InterruptedState:
    """What became of the run of a record that has no report beside it."""
    if is_being_written(record):
        return InterruptedState.UNDER_WAY
    if not has_footer(record):
        return InterruptedState.KILLED
    return InterruptedState.UNDER_WAY if time.time() - record.stat().st_mtime < _WRITING else InterruptedState.UNTOLD


def may_leave(ledger: Path) -> bool:
    """Whether a ledger on disk says that something may be on the target; one that cannot be read may."""
    if not ledger.exists():
        return False
    from rocketchat_contract.client.claims import read_book  # noqa: PLC0415 - only a killed run needs it

    try:
        left = read_book(ledger)
        return bool(left.unreadable) or not left.resources.ledger().is_clean
    except UsageError:
        return True


@contextmanager
def cut_explained(record: Path) -> Iterator[None]:
    """Whoever meets the end of a record before its footer is told what became of its run, and what to do.

    A run that came to its reports was not killed: its record could not be kept.
    """
    try:
        yield
    except CutError as cut:
        if record.with_name("report.json").exists():
            raise
        raise UsageError(cut.problem, _after_a_cut(record)) from None


def _after_a_cut(record: Path) -> str:
    if is_being_written(record):
        return "Its run is still under way: wait for its end."
    if may_leave(record.with_name(LEDGER)):
        return f"Its run was killed and may have left something on its target: {sweep_of(record.parent)}"
    return "Its run was killed, and no ledger says that it left anything: run again."


def refuse_cut(record: Path) -> None:
    """Raise ``UsageError`` when a record ends before its footer, or is none."""
    with cut_explained(record):
        deque(Record(record).exchanges(), maxlen=0)
