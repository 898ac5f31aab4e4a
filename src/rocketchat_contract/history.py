"""Many runs in one folder: each requirement over time, first broken and last good.

Only ``report.json`` of each run is read, and only once: what counts of it is kept beside the runs in a small index,
by path, size and time of change, so that thousands of runs are told in the time it takes to look at them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet import DEPLOYMENTS
from rocketchat_contract.report.wording import OPERATION

INDEX = ".history-index.json"
EXAMPLE = ".example"
"""A file that marks the folder of a run as one to show, which no history counts."""

FORMAT = 3

LETTERS = {"pass": "p", "fail": "f", "warn": "w", "not-judged": "n", "not-applicable": "a", "error": "e"}
WORDS = {letter: word for word, letter in LETTERS.items()}
ABSENT = "-"
"""Stands for a requirement that a run did not know yet, or no longer."""

_BROKEN = ("fail", "warn")
_DEEP = 5
"""How many last parts of its path tell a fleet's run: ``deployments/NAME/attempt-1/RUN/report.json``."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What counts of one run. ``outcomes`` has a letter for each of ``requirements``.

    ``deployment`` is its name in a fleet; empty for a run by itself.
    """

    path: str
    run: str
    started: str
    target: str
    deployment: str
    version: str
    suite_version: str
    suite: str
    contract: str
    operation: str
    word: str
    outcomes: str
    requirements: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, ...]:
        """What a copy of its report has in common with it; one that another suite or contract made is no copy."""
        return (self.run, self.started, self.target, self.suite, self.contract)

    @property
    def judged_by(self) -> str:
        """The versions of server, suite and contract, in words."""
        server = f"Rocket.Chat {self.version or 'of unknown version'}"
        return f"{server}, suite {self.suite_version} {self.suite[:8]}, contract {self.contract[:8]}"


@dataclass(frozen=True)
class Trend:
    """One requirement over the runs of one target, oldest first; ``letters`` has one for each."""

    requirement: str
    runs: tuple[Summary, ...]
    letters: str

    @property
    def broken(self) -> int:
        """In how many runs it was broken."""
        return sum(WORDS.get(letter) in _BROKEN for letter in self.letters)

    @property
    def judged(self) -> int:
        """In how many runs it was judged."""
        return self.broken + self.letters.count("p")

    @cached_property
    def last_good(self) -> Summary | None:
        """The last run that kept it."""
        place = self.letters.rfind("p")
        return self.runs[place] if place >= 0 else None

    @cached_property
    def first_broken(self) -> Summary | None:
        """The first run of those that have broken it since it was last kept; None when it is not broken now."""
        since = self.letters.rfind("p") + 1
        places = [place for place in range(since, len(self.letters)) if WORDS.get(self.letters[place]) in _BROKEN]
        return self.runs[places[0]] if places else None

    @property
    def is_broken(self) -> bool:
        """Whether the last run that judged it found it broken."""
        return self.first_broken is not None

    @property
    def edges(self) -> tuple[tuple[str, Summary], ...]:
        """The runs between which it broke, with what they are to it; none when it is not broken now."""
        if self.first_broken is None:
            return ()
        kept = () if self.last_good is None else (("last kept", self.last_good),)
        return (("first broken", self.first_broken), *kept)

    @property
    def sentence(self) -> str:
        """Since when it is as it is, and what had changed then."""
        often = f"broken in {_runs(self.broken, self.judged)}"
        if self.first_broken is None:
            if not self.judged:
                return "never judged"
            return f"not broken now, {often}" if self.broken else f"kept in {_runs(self.judged, self.judged)}"
        since = f"broken since {day(self.first_broken)}"
        if self.last_good is None:
            return f"{since}, never kept; {often}"
        changed = "; ".join(_changes(self.last_good, self.first_broken)) or "nothing that is recorded changed then"
        return f"{since}, last kept {day(self.last_good)}; {changed}; {often}"


def _runs(number: int, of: int) -> str:
    return f"{number:,} of {of:,} run{'' if of == 1 else 's'}"


def day(run: Summary) -> str:
    """When a run was, to the minute."""
    return run.started[:16].replace("T", " ")


def _changes(good: Summary, broken: Summary) -> Iterator[str]:
    if good.version != broken.version:
        yield f"Rocket.Chat {good.version or 'unknown'} → {broken.version or 'unknown'}"
    if good.suite != broken.suite:
        yield f"suite {good.suite_version} {good.suite[:8]} → {broken.suite_version} {broken.suite[:8]}"
    if good.contract != broken.contract:
        yield f"contract {good.contract[:8]} → {broken.contract[:8]}"


@dataclass(frozen=True)
class Track:
    """The runs of one operation on one target, oldest first; ``deployment`` is its name in a fleet, or empty."""

    target: str
    runs: tuple[Summary, ...]
    deployment: str = ""
    operation: str = OPERATION

    @property
    def name(self) -> str:
        """What a reader knows it by; the suite's own operation goes without saying."""
        other = "" if self.operation == OPERATION else self.operation
        return " · ".join(filter(None, (self.deployment, self.target, other)))

    @cached_property
    def trends(self) -> tuple[Trend, ...]:
        """Each requirement over time: those that are broken first, then those that ever were."""
        names = dict.fromkeys(name for run in reversed(self.runs) for name in run.requirements)
        letters = {name: [ABSENT] * len(self.runs) for name in names}
        for place, run in enumerate(self.runs):
            for name, letter in zip(run.requirements, run.outcomes, strict=True):
                letters[name][place] = letter
        trends = [Trend(name, self.runs, "".join(told)) for name, told in letters.items()]
        return tuple(sorted(trends, key=lambda trend: (not trend.is_broken, not trend.broken)))


@dataclass(frozen=True)
class History:
    """All runs of a folder by target, and the reports that could not be read.

    ``copies`` are further reports of runs that are in ``tracks``, such as those that merging a fleet has copied.
    """

    folder: Path
    tracks: tuple[Track, ...]
    unread: tuple[str, ...] = ()
    copies: tuple[Summary, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs were read."""
        return sum(len(track.runs) for track in self.tracks)


def read_history(folder: Path) -> History:
    """The history of the runs below a folder; raises UsageError when there is none."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Name the folder of --report-dir.")
    known = _index(folder)
    entries, unread = {}, []
    for path, stamp in _reports(folder):
        entry = known.get(path)
        if entry is None or entry[0] != stamp:
            summary = _summary(folder, path)
            if summary is None:
                unread.append(path)
                continue
            entry = (stamp, summary)
        entries[path] = entry
    if not entries:
        raise UsageError(f"There is no run below {folder}.", "Name the folder of --report-dir.")
    if entries.keys() != known.keys() or any(entries[path] is not known[path] for path in entries):
        _keep(folder, entries)
    runs, copies = _once(summary for _, summary in entries.values())
    return History(folder, tuple(_tracks(runs)), tuple(unread), tuple(copies))


def _reports(folder: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """Paths of all reports below a folder with time of change and size, but examples.

    Links such as ``latest`` are not followed.
    """
    for place, folders, files in os.walk(folder):
        folders.sort()
        if "report.json" in files and EXAMPLE not in files:
            path = os.path.join(place, "report.json")  # noqa: PTH118 - pathlib costs more than the rest here
            told = os.stat(path)  # noqa: PTH116 - as above
            yield os.path.relpath(path, folder), (told.st_mtime_ns, told.st_size)


def _summary(folder: Path, path: str) -> Summary | None:
    try:
        report = json.loads((folder / path).read_bytes())
        header, rows = report["header"], report["requirements"]
        version = next((fact["value"] for fact in report["facts"] if fact["name"] == "version"), "")
        return Summary(
            path=path,
            run=str(header["run"]),
            started=str(header["started"]),
            target=f"embedded: {header['embedded']}" if header.get("embedded") else str(header["target"]),
            deployment=deployment_of(path),
            version=str(version),
            suite_version=str(header["suite"]["version"]),
            suite=str(header["suite"]["sha256"]),
            contract=str(header["contract"]["sha256"]),
            operation=str(header["contract"].get("operation", OPERATION)),
            word=str(report["verdict"]["word"]),
            outcomes="".join(LETTERS[row["outcome"]] for row in rows),
            requirements=tuple(str(row["id"]) for row in rows),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def fleet_of(path: str) -> str | None:
    """The folder of the fleet that a run's report is in, as a path beside it; None for a run by itself."""
    parts = Path(path).parts
    is_inside = len(parts) >= _DEEP and parts[-_DEEP] == DEPLOYMENTS
    return Path(*parts[:-_DEEP]).as_posix() if is_inside else None


def deployment_of(path: str) -> str:
    """The name of the deployment in whose folder a run's report is; empty for a run by itself."""
    return "" if fleet_of(path) is None else Path(path).parts[1 - _DEEP]


def _once(summaries: Iterable[Summary]) -> tuple[list[Summary], list[Summary]]:
    """Each run once, and its copies."""
    seen: dict[tuple[str, ...], Summary] = {}
    copies = []
    for summary in sorted(summaries, key=lambda each: (not each.deployment, each.path)):
        first = seen.setdefault(summary.identity, summary)
        if first is not summary:
            copies.append(summary)
    return list(seen.values()), copies


def _tracks(summaries: Iterable[Summary]) -> Iterator[Track]:
    by_target: dict[tuple[str, str, str], list[Summary]] = {}
    for summary in sorted(summaries, key=lambda each: (each.started, each.run)):
        by_target.setdefault((summary.target, summary.deployment, summary.operation), []).append(summary)
    for (target, deployment, operation), runs in sorted(by_target.items()):
        yield Track(target, tuple(runs), deployment, operation)


_Entry = tuple[tuple[int, int], Summary]


def _index(folder: Path) -> Mapping[str, _Entry]:
    """The index as it was kept; nothing where there is none, or one that is not understood."""
    try:
        content = json.loads((folder / INDEX).read_bytes())
        if content["format"] != FORMAT:
            return {}
        catalogues = [tuple(names) for names in content["requirements"]]
        return {told[2]: _entry_of(told, catalogues) for told in content["runs"]}
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return {}


def _entry_of(told: list[Any], catalogues: list[tuple[str, ...]]) -> _Entry:
    changed, size, *fields, place = told
    return (changed, size), Summary(*(*fields, catalogues[place]))


def _keep(folder: Path, entries: Mapping[str, _Entry]) -> None:
    """Write the index; a folder that nobody may write to does without."""
    from rocketchat_contract.report.files import write_whole  # noqa: PLC0415 - only after a change

    catalogues: dict[tuple[str, ...], int] = {}
    runs: list[list[Any]] = []
    for stamp, summary in entries.values():
        place = catalogues.setdefault(summary.requirements, len(catalogues))
        runs.append([*stamp, *astuple(summary)[:-1], place])
    content = {"format": FORMAT, "requirements": [list(names) for names in catalogues], "runs": runs}
    try:
        write_whole(folder / INDEX, json.dumps(content, separators=(",", ":")) + "\n")
    except OSError:
        return
