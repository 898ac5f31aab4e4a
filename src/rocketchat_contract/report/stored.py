"""A ``report.json`` read back: checked as a whole, so that history, diff, fleet and bundle rely on what is there.

Reports of older versions are read too: what they lacked has a default, and members that nobody reads are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from rocketchat_contract.inputs.bounded import FileKind, InputError, read_json

REPORT_FORMAT = 1
StoredWord = Literal["conformant", "violated", "incomplete", "error"]
OutcomeWord = Literal["pass", "fail", "warn", "not-judged", "not-applicable", "error"]

_KIND = FileKind("The report", "Name a run's folder or its report.json.")


@dataclass(frozen=True, slots=True)
class StoredSuite:
    """Which suite judged."""

    sha256: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class StoredContract:
    """What was judged by; ``operation`` is empty where the report does not name one."""

    sha256: str
    operation: str = ""


@dataclass(frozen=True, slots=True)
class StoredHeader:
    """Which run it was."""

    suite: StoredSuite
    contract: StoredContract
    run: str = ""
    target: str = ""
    started: str = ""
    embedded: str = ""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """What was found; ``word`` is empty in reports that no run of ours wrote."""

    word: StoredWord | Literal[""] = ""
    sentence: str = ""
    strict: bool = False
    errors: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """One broken promise."""

    expected: str
    actual: str
    signature: str


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One requirement."""

    id: str
    outcome: OutcomeWord
    level: str = ""
    sentence: str = ""
    reason: str = ""
    judged: int = 0
    seconds: float = 0.0
    broken: int = 0
    columns: tuple[str, ...] = ("full",)
    findings: tuple[StoredFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredFact:
    """What the target told about itself."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """What the run made, and what is left."""

    sentence: str = ""
    rooms_left: tuple[str, ...] = ()
    visitors_left: tuple[str, ...] = ()
    rooms_unconfirmed: tuple[str, ...] = ()
    visitors_unconfirmed: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[str, ...]:
        """All that is left or may be."""
        return (*self.rooms_left, *self.visitors_left, *self.rooms_unconfirmed, *self.visitors_unconfirmed)


@dataclass(frozen=True, slots=True)
class StoredAcceptance:
    """What a baseline, or the knowledge of releases, accepted."""

    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What is read of a report."""

    header: StoredHeader
    requirements: tuple[StoredRow, ...]
    verdict: StoredVerdict
    facts: tuple[StoredFact, ...]
    ledger: StoredLedger = field(default_factory=StoredLedger)
    seconds: float = 0.0
    baseline: StoredAcceptance | None = None
    known: StoredAcceptance | None = None

    @classmethod
    def from_json(cls, content: object) -> StoredReport:
        """The report as ``json_report`` writes it; raises ``ValueError`` that names what is wrong."""
        return _adapter().validate_python(content)  # type: ignore[no-any-return]

    @property
    def accepted(self) -> frozenset[str]:
        """The requirements whose breakage is accepted."""
        return frozenset(name for each in (self.baseline, self.known) if each for name in each.accepted)

    @property
    def version(self) -> str:
        """The version that the target told, or an empty text."""
        return next((fact.value for fact in self.facts if fact.name == "version"), "")


@lru_cache(maxsize=1)
def _adapter() -> Any:
    from pydantic import TypeAdapter  # noqa: PLC0415 - slow to import, and most histories are read from their index

    return TypeAdapter(StoredReport)


def read_report(path: Path) -> StoredReport:
    """The report of a run; raises ``InputError``."""
    return read_content(path)[0]


def read_content(path: Path) -> tuple[StoredReport, Mapping[str, Any]]:
    """The report of a run, and all of its content; raises ``InputError``."""
    content = read_json(path, _KIND)
    try:
        return StoredReport.from_json(content), content
    except ValueError as error:
        raise InputError(f"{path} is not the report of a run{_place(error)}.", _KIND.next_step) from None


def _place(error: ValueError) -> str:
    """The first member that is wrong."""
    found: list[dict[str, Any]] = getattr(error, "errors", list)()
    place = ".".join(map(str, found[0]["loc"])) if found else ""
    return f": {place} is missing, or wrong" if place else ""
