"""Removes old runs, and never an answer to «since when»: what counts of each target's past stays.

Of each target the newest runs stay, and of each requirement the run that last kept it and the one that first broke
it. A run without reports, which tells nothing of its target, stays while it is among the newest, is under way, or may
have left something. A fleet goes as a whole, when none of its runs has to stay, so that its page never leads nowhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from rocketchat_contract.archive import DEPLOYMENTS
from rocketchat_contract.archive.history import History, Track
from rocketchat_contract.archive.summaries import Summary, fleet_of
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.journal import RECORD
from rocketchat_contract.record.ledger import LEDGER
from rocketchat_contract.results.interrupted import InterruptedState, Unfinished, may_leave

_WRITTEN = (
    RECORD,
    "report.*",
    "summary.md",
    "junit.xml",
    "ctrf.json",
    "badge.*",
    "sweep-*.jsonl",
    "fleet.json",
    "fleet.html",
    "said.txt",
    "ended.json",
    "running",
    "latest",
)
"""Names of files that runs and fleets write; a folder with any other in it is not removed."""
_DEEPEST = 4
"""A run's folder in a fleet: ``deployments/NAME/attempt-1/RUN``; a run by itself has no folder in its own."""


@dataclass(frozen=True)
class PruneUnit:
    """What stays or goes as a whole: a run by itself, or a fleet.

    ``path`` is its folder below the history's. ``why`` says why it stays although the rule lets it go.
    """

    path: str
    runs: tuple[Summary | Unfinished, ...]
    why: str = ""


@dataclass(frozen=True)
class Pruning:
    """What the rule lets go, and what it would but for a reason of its own."""

    folder: Path
    going: tuple[PruneUnit, ...]
    held: tuple[PruneUnit, ...]
    staying: int

    @property
    def runs(self) -> int:
        """How many runs go."""
        return sum(len(unit.runs) for unit in self.going)


def plan_pruning(history: History, keep: int) -> Pruning:
    """What may go when the newest ``keep`` runs of each target stay; removes nothing."""
    kept = {run.identity for track in history.tracks for run in kept_of(track, keep)}
    loose = [unit for unit in units_of(history) if not any(run.identity in kept for run in unit.runs)]
    text = [PruneUnit(unit.path, unit.runs, _reason(history.folder, unit)) for unit in loose]
    going = tuple(unit for unit in text if not unit.why)
    whole = history.runs + history.unfinished + len(history.copies)
    return Pruning(
        history.folder,
        going,
        tuple(unit for unit in text if unit.why),
        whole - sum(len(unit.runs) for unit in going),
    )


def kept_of(track: Track, keep: int) -> Iterator[Summary | Unfinished]:
    """The runs of a target that stay."""
    yield from track.runs[-max(keep, 1) :]
    yield from sorted(track.all_runs, key=lambda run: run.started)[-max(keep, 1) :]
    known = set(track.runs[-1].requirements if track.runs else ())
    for trend in track.trends:
        if trend.requirement in known:
            yield from filter(None, (trend.first_broken, trend.last_good))


def units_of(history: History) -> list[PruneUnit]:
    """All runs by what they stay or go with, in the order of their folders."""
    found: dict[str, list[Summary | Unfinished]] = {}
    runs = (run for track in history.tracks for run in track.all_runs)
    for run in (*runs, *history.copies):
        fleet = fleet_of(run.path)
        found.setdefault(Path(run.path).parent.as_posix() if fleet is None else fleet, []).append(run)
    return [PruneUnit(path, tuple(runs)) for path, runs in sorted(found.items())]


def _reason(folder: Path, unit: PruneUnit) -> str:
    """Why a folder stays all the same; empty when it may go."""
    if unit.path == ".":
        return "it is the folder of the history itself"
    if any(isinstance(run, Unfinished) and run.state is InterruptedState.UNDER_WAY for run in unit.runs):
        return "it is still under way"
    for path in sorted((folder / unit.path).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name == LEDGER and may_leave(path):
            return f"{name} says that something is left on the target: sweep it first"
        if path.name != LEDGER and not _is_written_by_us(path, path.relative_to(folder / unit.path)):
            return f"{name} is not of a run"
    return ""


def _is_written_by_us(path: Path, inside: Path) -> bool:
    """Whether a run or a fleet writes such a file or folder at that place of its own."""
    if path.is_dir() and not path.is_symlink():
        return inside.parts[0] == DEPLOYMENTS and len(inside.parts) <= _DEEPEST
    return any(fnmatch(path.name, pattern) for pattern in _WRITTEN)


def remove(pruning: Pruning) -> None:
    """Remove what goes; raises ``UsageError`` when the disk does not let it."""
    for unit in pruning.going:
        try:
            shutil.rmtree(pruning.folder / unit.path)
        except OSError as error:
            raise UsageError(
                f"{pruning.folder / unit.path} cannot be removed: {error.strerror}.", "Check whose files these are."
            ) from error
