"""From tallies to outcomes, and from outcomes to one verdict and one exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from rocketchat_contract.contract.requirements import Column, Requirement
from rocketchat_contract.contract.selection import Selection
from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.fate import Cause, Why
from rocketchat_contract.judge.finding import Finding


class Outcome(StrEnum):
    """What became of one requirement."""

    PASS = "pass"  # noqa: S105 - a word, not a password
    FAIL = "fail"
    WARN = "warn"
    NOT_APPLICABLE = "not-applicable"
    NOT_JUDGED = "not-judged"
    ERROR = "error"


class VerdictWord(StrEnum):
    """What became of the run."""

    CONFORMANT = "conformant"
    VIOLATED = "violated"
    INCOMPLETE = "incomplete"
    ERROR = "error"


EXIT_CODES = {
    VerdictWord.CONFORMANT: ExitCode.CONFORMANT,
    VerdictWord.VIOLATED: ExitCode.VIOLATED,
    VerdictWord.INCOMPLETE: ExitCode.INCOMPLETE,
    VerdictWord.ERROR: ExitCode.ERROR,
}


def never_broken_bound(chances: int, confidence: float = 0.95) -> float:
    """The largest rate at which this many independent chances in a row still may all be kept.

    Clopper and Pearson's one-sided upper bound for no event in ``chances``; about three over them at 95 %.
    """
    return float(1 - (1 - confidence) ** (1 / chances))


@dataclass(frozen=True)
class Row:
    """A requirement and its outcome: judged ``judged`` times, of which ``broken`` times not kept.

    ``findings`` are the first few distinct ones; ``reason`` speaks when nothing was judged or we failed. ``why`` is the
    kind of that reason, ``causes`` what became of calls that could have shown it, each with their number. ``transient``
    is how many of the broken ones a network or something in front may have caused. ``seconds`` is how long the calls
    took that it was judged on, all together.
    """

    requirement: Requirement
    outcome: Outcome
    judged: int = 0
    broken: int = 0
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    why: Why | None = None
    causes: tuple[tuple[Cause, int], ...] = ()
    transient: int = 0
    seconds: float = 0.0

    @property
    def lasts(self) -> bool:
        """Whether it was broken by more than what passes."""
        return not 0 < self.broken == self.transient

    @property
    def rate_below(self) -> float | None:
        """How often it may be broken at most, as a share, when no chance in ``judged`` broke it; else None."""
        return never_broken_bound(self.judged) if self.judged and not self.broken else None


@dataclass(frozen=True)
class Verdict:
    """All rows, the reasons that make the run incomplete, and what follows.

    ``obstacles`` are sentences about the whole run (the target vanished, generated queries reached nothing);
    ``errors`` are defects of the suite itself. ``not_asked`` are the ids of requirements that the run was not asked
    about, as the options ``asked`` say; they have no rows.
    """

    rows: tuple[Row, ...]
    obstacles: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    strict: bool = False
    not_asked: tuple[str, ...] = ()
    asked: str = ""

    def limited(self, selection: Selection) -> Verdict:
        """The verdict on what a selection asks for."""
        if not selection.is_given:
            return self
        rows = tuple(row for row in self.rows if selection.asks(row.requirement))
        left_out = selection.left_out(row.requirement for row in self.rows)
        asked = " ".join(filter(None, (self.asked, selection.words)))
        return replace(self, rows=rows, not_asked=(*self.not_asked, *left_out), asked=asked)

    @cached_property
    def word(self) -> VerdictWord:
        """The verdict on the full contract, which decides the exit code."""
        return self.word_of("full")

    def word_of(self, column: Column) -> VerdictWord:
        """The verdict of one column."""
        rows = [row for row in self.rows if column in row.requirement.columns]
        return _word(rows, self.obstacles, self.errors, strict=self.strict)

    @property
    def exit_code(self) -> ExitCode:
        """0 conformant, 1 violated, 3 incomplete, 4 error of the suite."""
        return EXIT_CODES[self.word]

    @cached_property
    def counts(self) -> Counter[Outcome]:
        """How many requirements had each outcome."""
        return Counter(row.outcome for row in self.rows)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the requirements."""
        return tuple(finding for row in self.rows for finding in row.findings)

    @property
    def judged(self) -> int:
        """How many requirements were judged at least once."""
        return sum(row.judged > 0 for row in self.rows)


def decides(row: Row, *, strict: bool) -> bool:
    """Whether this row alone keeps the run from being conformant."""
    if "full" not in row.requirement.columns:
        return False
    if row.outcome is Outcome.NOT_JUDGED:
        return row.requirement.level == "must"
    return row.outcome in (Outcome.FAIL, Outcome.ERROR) or (strict and row.outcome is Outcome.WARN and row.lasts)


def _word(rows: Iterable[Row], obstacles: tuple[str, ...], errors: tuple[str, ...], *, strict: bool) -> VerdictWord:
    rows = list(rows)
    outcomes = {row.outcome for row in rows}
    if errors or Outcome.ERROR in outcomes:
        return VerdictWord.ERROR
    if Outcome.FAIL in outcomes or (strict and any(row.outcome is Outcome.WARN and row.lasts for row in rows)):
        return VerdictWord.VIOLATED
    unjudged = any(row.outcome is Outcome.NOT_JUDGED and row.requirement.level == "must" for row in rows)
    if obstacles or unjudged or not any(row.judged for row in rows):
        return VerdictWord.INCOMPLETE
    return VerdictWord.CONFORMANT
