"""A fleet as a value, and how two of them become one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from pydantic import TypeAdapter

from rocketchat_contract.errors import ExitCode, UsageError
from rocketchat_contract.fleet.column import DeploymentResult, Judges
from rocketchat_contract.judge.verdict import EXIT_CODES, VerdictWord

FLEET_FORMAT = 1
WORST_FIRST = (VerdictWord.ERROR, VerdictWord.VIOLATED, VerdictWord.INCOMPLETE, VerdictWord.CONFORMANT)


@dataclass(frozen=True)
class Fleet:
    """Deployments judged with the same suite by the same contract.

    ``runs`` are the ids of the fleet runs in it, ``started`` and ``ended`` the first and the last moment (ISO 8601).
    """

    runs: tuple[str, ...]
    judges: Judges
    started: str
    ended: str
    columns: tuple[DeploymentResult, ...]

    @cached_property
    def counts(self) -> dict[VerdictWord, int]:
        """How many deployments have each word, the worst first."""
        found = Counter(column.word for column in self.columns)
        return {word: found[word] for word in WORST_FIRST}

    @cached_property
    def word(self) -> VerdictWord:
        """The verdict of the fleet: that of its worst deployment; a fleet of none is incomplete."""
        return next((word for word, number in self.counts.items() if number), VerdictWord.INCOMPLETE)

    @property
    def exit_code(self) -> ExitCode:
        """4 when one ended so, else 1, else 3, else 0."""
        return EXIT_CODES[self.word]

    def to_json(self) -> dict[str, Any]:
        """The fleet as JSON; ``from_json`` reads it back."""
        judges = self.judges
        return {
            "format": FLEET_FORMAT,
            "runs": list(self.runs),
            "started": self.started,
            "ended": self.ended,
            "verdict": {
                "word": self.word.value,
                "exit_code": int(self.exit_code),
                "counts": {word.value: number for word, number in self.counts.items()},
            },
            "suite": {"version": judges.version, "sha256": judges.suite_sha256},
            "contract": {"operation": judges.operation, "sha256": judges.contract_sha256},
            "requirements": [vars(promise) for promise in judges.promises],
            "deployments": [column.to_json() for column in self.columns],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Fleet:
        """The fleet of ``to_json``; raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        suite, contract = content["suite"], content["contract"]
        judges = {
            "version": suite["version"],
            "suite_sha256": suite["sha256"],
            "contract_sha256": contract["sha256"],
            "promises": content["requirements"],
            "operation": contract.get("operation", Judges.operation),
        }
        text = {name: content[name] for name in ("runs", "started", "ended")}
        fleet = TypeAdapter(cls).validate_python({**text, "judges": judges, "columns": content["deployments"]})
        for column in fleet.columns:
            column.check()
        return fleet


def merged(fleets: Iterable[Fleet]) -> Fleet:
    """All fleets as one; raises ``UsageError`` when they do not belong together."""
    return reduce(merge, fleets)


def merge(one: Fleet, other: Fleet) -> Fleet:
    """Two fleets as one: associative and commutative. Raises ``UsageError`` for mixed suites or contracts."""
    _refuse_mixed("suite", one.judges.suite_sha256, other.judges.suite_sha256)
    _refuse_mixed("contract", one.judges.contract_sha256, other.judges.contract_sha256)
    columns = {column.name: column for column in one.columns}
    for column in other.columns:
        if columns.setdefault(column.name, column) != column:
            raise UsageError(
                f"The deployment {column.name} was judged in both, {columns[column.name].run or 'without a run'} and "
                f"{column.run or 'without a run'}.",
                "Leave one of the folders out.",
            )
    return Fleet(
        tuple(sorted({*one.runs, *other.runs})),
        one.judges,
        min(one.started, other.started),
        max(one.ended, other.ended),
        in_fleet_order(columns.values()),
    )


def in_fleet_order(columns: Iterable[DeploymentResult]) -> tuple[DeploymentResult, ...]:
    """The columns in the order of their fleet file."""
    return tuple(sorted(columns, key=lambda column: (column.position, column.name)))


def _refuse_mixed(what: str, one: str, other: str) -> None:
    if one != other:
        raise UsageError(
            f"The folders were judged by different {what}s: {one[:12]} and {other[:12]}.",
            f"Judge the records again with one {what}, or merge those that belong together.",
        )
