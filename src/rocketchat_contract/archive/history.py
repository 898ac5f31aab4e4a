"""Many runs in one folder: each requirement over time, first broken and last good.

Only ``report.json`` of each run is read, and only once (``summaries``). Of a run without reports the head of its record
is read, and its ledger.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rocketchat_contract.archive.summaries import (
    DOCUMENT,
    VERDICT_WORDS,
    Summary,
    deployment_of,
    keep_summaries,
    kept_summaries,
    read_summary,
)
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.journal import RECORD
from rocketchat_contract.report.phrases import OPERATION
from rocketchat_contract.results.interrupted import Unfinished, read_unfinished

EXAMPLE = ".example"
"""A file that marks the folder of a run as one to show, which no history counts."""

ABSENT = "-"
"""Stands for a requirement that a run did not know yet, or no longer."""

_BROKEN = ("fail", "warn", DOCUMENT)
_ASIDE = {
    "w": "; recommended, so it decides no verdict",
    "d": "; in the published document only, which decides no verdict",
}


@dataclass(frozen=True)
class Trend:
    """One requirement over the runs of one target, oldest first; ``letters`` has one for each."""

    requirement: str
    runs: tuple[Summary, ...]
    letters: str

    @property
    def broken(self) -> int:
        """In how many runs it was broken."""
        return sum(VERDICT_WORDS.get(letter) in _BROKEN for letter in self.letters)

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
        places = [
            place for place in range(since, len(self.letters)) if VERDICT_WORDS.get(self.letters[place]) in _BROKEN
        ]
        return self.runs[places[0]] if places else None

    @property
    def is_broken(self) -> bool:
        """Whether the last run that judged it found it broken."""
        return self.first_broken is not None

    @property
    def decides(self) -> bool:
        """Whether it was broken so, in the last run that judged it, that no verdict was conformant for it."""
        return self.is_broken and not self._aside

    @cached_property
    def _aside(self) -> str:
        """Why what is broken now decides no verdict; empty when it does, or when nothing is."""
        judged = (letter for letter in reversed(self.letters) if letter == "p" or VERDICT_WORDS.get(letter) in _BROKEN)
        return _ASIDE.get(next(judged, ""), "")

    @property
    def sign(self) -> str:
        """The sign of how it stands now: broken, broken without deciding a verdict, or not."""
        if self.decides:
            return "✗"
        return "!" if self.is_broken else "✓"

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
            return f"{since}, never kept; {often}{self._aside}"
        changed = "; ".join(_changes(self.last_good, self.first_broken)) or "nothing that is recorded changed then"
        return f"{since}, last kept {day(self.last_good)}; {changed}; {often}{self._aside}"


def _runs(number: int, of: int) -> str:
    return f"{number:,} of {of:,} run{'' if of == 1 else 's'}"


def day(run: Summary | Unfinished) -> str:
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
    """The runs of one operation on one target, oldest first; ``deployment`` is its name in a fleet, or empty.

    ``unfinished`` are those without reports, which tell nothing of the target.
    """

    target: str
    runs: tuple[Summary, ...]
    deployment: str = ""
    operation: str = OPERATION
    unfinished: tuple[Unfinished, ...] = ()

    @property
    def name(self) -> str:
        """What a reader knows it by; the suite's own operation goes without saying."""
        other = "" if self.operation == OPERATION else self.operation
        return " · ".join(filter(None, (self.deployment, self.target, other)))

    @property
    def all_runs(self) -> tuple[Summary | Unfinished, ...]:
        """The runs, then those without reports."""
        return (*self.runs, *self.unfinished)

    @cached_property
    def trends(self) -> tuple[Trend, ...]:
        """Each requirement over time: those that decide first, then those that are broken, then that ever were."""
        names = dict.fromkeys(name for run in reversed(self.runs) for name in run.requirements)
        letters = {name: [ABSENT] * len(self.runs) for name in names}
        for place, run in enumerate(self.runs):
            for name, letter in zip(run.requirements, run.outcomes, strict=True):
                letters[name][place] = letter
        trends = [Trend(name, self.runs, "".join(text)) for name, text in letters.items()]
        return tuple(sorted(trends, key=lambda trend: (not trend.decides, not trend.is_broken, not trend.broken)))


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

    @property
    def unfinished(self) -> int:
        """How many runs have no reports."""
        return sum(len(track.unfinished) for track in self.tracks)


def read_history(folder: Path) -> History:
    """The history of the runs below a folder; raises UsageError when there is none."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Name the folder of --report-dir.")
    known = kept_summaries(folder)
    entries, unread = {}, []
    reports, records = _found(folder)
    for path, stamp in reports:
        entry = known.get(path)
        if entry is None or entry[0] != stamp:
            summary = read_summary(folder, path)
            if summary is None:
                unread.append(path)
                continue
            entry = (stamp, summary)
        entries[path] = entry
    unfinished = [read_unfinished(folder, path, deployment_of(path), OPERATION) for path in records]
    unread += [path for path, run in zip(records, unfinished, strict=True) if run is None]
    if not entries and not any(unfinished):
        raise UsageError(f"There is no run below {folder}.", "Name the folder of --report-dir.")
    if entries.keys() != known.keys() or any(entries[path] is not known[path] for path in entries):
        keep_summaries(folder, entries)
    runs, copies = _once(summary for _, summary in entries.values())
    return History(folder, tuple(_tracks(runs, filter(None, unfinished))), tuple(unread), tuple(copies))


def _found(folder: Path) -> tuple[list[tuple[str, tuple[int, int]]], list[str]]:
    """Paths of all reports below a folder with time of change and size, and of records without one; no examples.

    Links such as ``latest`` are not followed.
    """
    reports, records = [], []
    for place, folders, files in os.walk(folder):
        folders.sort()
        if EXAMPLE in files:
            continue
        if "report.json" in files:
            path = os.path.join(place, "report.json")  # noqa: PTH118 - pathlib costs more than the rest here
            reports.append((os.path.relpath(path, folder), _stamp(path)))
        elif RECORD in files:
            records.append(Path(place, RECORD).relative_to(folder).as_posix())
    return reports, records


def _stamp(path: str) -> tuple[int, int]:
    """When a file was changed, and its size; a link that leads nowhere has neither."""
    with suppress(OSError):
        text = os.stat(path)  # noqa: PTH116 - as above
        return (text.st_mtime_ns, text.st_size)
    return (0, 0)


def _once(summaries: Iterable[Summary]) -> tuple[list[Summary], list[Summary]]:
    """Each run once, and its copies."""
    seen: dict[tuple[str, ...], Summary] = {}
    copies = []
    for summary in sorted(summaries, key=lambda each: (not each.deployment, each.path)):
        first = seen.setdefault(summary.identity, summary)
        if first is not summary:
            copies.append(summary)
    return list(seen.values()), copies


def _tracks(summaries: Iterable[Summary], unfinished: Iterable[Unfinished]) -> Iterator[Track]:
    by_target: dict[tuple[str, str, str], tuple[list[Summary], list[Unfinished]]] = {}
    runs: list[Summary | Unfinished] = [*summaries, *unfinished]
    for run in sorted(runs, key=lambda each: (each.started, each.run)):
        whole, cut = by_target.setdefault((run.target, run.deployment, run.operation), ([], []))
        if isinstance(run, Unfinished):
            cut.append(run)
        else:
            whole.append(run)
    for (target, deployment, operation), (whole, cut) in sorted(by_target.items()):
        yield Track(target, tuple(whole), deployment, operation, tuple(cut))
