"""What counts of one run, read from its ``report.json`` and kept beside the runs in a small index.

A kept summary is found by its report's path, size and time of change, so that a history of thousands of runs takes
the time it takes to look at them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.archive import DEPLOYMENTS
from rocketchat_contract.inputs.bounded import FileKind, InputError, read_json
from rocketchat_contract.report.phrases import OPERATION
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.stored import StoredRow, read_report

INDEX = ".history-index.json"

_FORMAT = 5

LETTERS = {"pass": "p", "fail": "f", "warn": "w", "not-judged": "n", "not-applicable": "a", "error": "e"}
DOCUMENT = "published-only"
"""Broken, but promised by the published document alone."""

VERDICT_WORDS = {letter: word for word, letter in LETTERS.items()} | {"d": DOCUMENT}
_LETTERS = frozenset(VERDICT_WORDS)
_INDEX_KIND = FileKind("The index", "Remove it.")

_MOST_OF_A_REASON = 300
_DEEP = 5
"""How many last parts of its path tell a fleet's run: ``deployments/NAME/attempt-1/RUN/report.json``."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What counts of one run. ``outcomes`` has a letter for each of ``requirements``.

    ``deployment`` is its name in a fleet; empty for a run by itself. ``obstacle`` is what stood in the way of the whole
    run, where something did.
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
    obstacle: str
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


def read_summary(folder: Path, path: str) -> Summary | None:
    """What counts of the report at a path below a folder; None when it cannot be read."""
    try:
        report = read_report(folder / path)
    except InputError:
        return None
    header, rows, verdict = report.header, report.requirements, report.verdict
    if not (header.run and header.started and verdict.word):
        return None
    return Summary(
        path=path,
        run=header.run,
        started=header.started,
        target=f"embedded: {header.embedded}" if header.embedded else header.target,
        deployment=deployment_of(path),
        version=report.version,
        suite_version=header.suite.version,
        suite=header.suite.sha256,
        contract=header.contract.sha256,
        operation=header.contract.operation or OPERATION,
        word=verdict.word,
        obstacle=sentence(next(iter(verdict.obstacles), ""), _MOST_OF_A_REASON),
        outcomes="".join(_letter(row, strict=verdict.strict) for row in rows),
        requirements=tuple(row.id for row in rows),
    )


def _letter(row: StoredRow, *, strict: bool) -> str:
    """The letter of an outcome; a broken should of a run that was strict decides, as a broken must does."""
    letter = LETTERS[row.outcome]
    if letter in "fw" and "full" not in row.columns:
        return "d"
    return "f" if letter == "w" and strict else letter


def fleet_of(path: str) -> str | None:
    """The folder of the fleet that a run's report is in, as a path beside it; None for a run by itself."""
    parts = Path(path).parts
    is_inside = len(parts) >= _DEEP and parts[-_DEEP] == DEPLOYMENTS
    return Path(*parts[:-_DEEP]).as_posix() if is_inside else None


def deployment_of(path: str) -> str:
    """The name of the deployment in whose folder a run's report is; empty for a run by itself."""
    return "" if fleet_of(path) is None else Path(path).parts[1 - _DEEP]


Entry = tuple[tuple[int, int], Summary]
"""A summary, after time of change (ns) and size (bytes) of its report."""


def kept_summaries(folder: Path) -> Mapping[str, Entry]:
    """The index as it was kept; nothing where there is none, or one that is not understood."""
    try:
        content = read_json(folder / INDEX, _INDEX_KIND)
        if content["format"] != _FORMAT:
            return {}
        catalogues = [tuple(map(str, names)) for names in content["requirements"]]
        return {text[2]: _entry_of(text, catalogues) for text in content["runs"]}
    except (InputError, ValueError, KeyError, TypeError, IndexError):
        return {}


def _entry_of(text: list[Any], catalogues: list[tuple[str, ...]]) -> Entry:
    """An entry of the index; raises ``ValueError`` for one that no history wrote."""
    changed, size, *fields, place = text
    summary = Summary(*(*fields, catalogues[place]))
    is_whole = len(summary.outcomes) == len(summary.requirements) and _LETTERS.issuperset(summary.outcomes)
    if not is_whole or not all(type(each) is str for each in fields):
        raise ValueError(text)
    return (changed, size), summary


def keep_summaries(folder: Path, entries: Mapping[str, Entry]) -> None:
    """Write the index; a folder that nobody may write to does without."""
    from rocketchat_contract.report.files import write_whole  # noqa: PLC0415 - only after a change

    catalogues: dict[tuple[str, ...], int] = {}
    runs: list[list[Any]] = []
    for stamp, summary in entries.values():
        place = catalogues.setdefault(summary.requirements, len(catalogues))
        runs.append([*stamp, *astuple(summary)[:-1], place])
    content = {"format": _FORMAT, "requirements": [list(names) for names in catalogues], "runs": runs}
    try:
        write_whole(folder / INDEX, json.dumps(content, separators=(",", ":")) + "\n")
    except OSError:
        return
