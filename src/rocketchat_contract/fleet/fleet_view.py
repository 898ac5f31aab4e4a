"""What a fleet's reports say, made once: what differs between deployments, and the sentences on top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rocketchat_contract.fleet.column import DeploymentResult, Promise
from rocketchat_contract.fleet.merge import Fleet
from rocketchat_contract.judge.verdict import Outcome, VerdictWord
from rocketchat_contract.report.phrases import WORDS, count

_GRAVEST_FIRST = (Outcome.ERROR, Outcome.FAIL, Outcome.WARN, Outcome.NOT_JUDGED)


@dataclass(frozen=True)
class Line:
    """A requirement over all deployments; ``tally`` counts its outcomes, the gravest first."""

    promise: Promise
    tally: tuple[tuple[Outcome, int], ...]

    @property
    def differs(self) -> bool:
        """Whether deployments that were judged do not agree."""
        return len(self.tally) > 1

    @property
    def words(self) -> str:
        """The tally in words: ``2 fail, 10 pass``."""
        return ", ".join(f"{number} {WORDS[outcome]}" for outcome, number in self.tally)


@dataclass(frozen=True)
class FactLine:
    """A fact over all deployments; a deployment that did not show it is missing."""

    name: str
    values: dict[str, str]
    differs: bool


def fleet_lines(fleet: Fleet) -> tuple[list[Line], list[Line]]:
    """The requirements that differ, the worst first, and those that are the same everywhere."""
    lines = [_line(promise, fleet.columns) for promise in fleet.judges.promises]
    return sorted((line for line in lines if line.differs), key=_gravity), [line for line in lines if not line.differs]


def _line(promise: Promise, columns: Iterable[DeploymentResult]) -> Line:
    outcomes = [column.cells[promise.id].outcome for column in _judged(columns) if promise.id in column.cells]
    order = (*_GRAVEST_FIRST, Outcome.PASS, Outcome.NOT_APPLICABLE)
    return Line(promise, tuple((each, outcomes.count(each)) for each in order if each in outcomes))


def _judged(columns: Iterable[DeploymentResult]) -> list[DeploymentResult]:
    """The deployments that something was judged of: one that nobody reached differs in nothing. All, where none was."""
    several = list(columns)
    return [column for column in several if any(cell.judged for cell in column.cells.values())] or several


def _gravity(line: Line) -> tuple[int, ...]:
    tally = dict(line.tally)
    return tuple(-tally.get(outcome, 0) for outcome in _GRAVEST_FIRST)


def facts_of(fleet: Fleet) -> list[FactLine]:
    """All facts, those that differ first."""
    names = dict.fromkeys(name for column in fleet.columns for name in column.facts)
    return sorted((_fact(name, fleet.columns) for name in names), key=lambda line: not line.differs)


def _fact(name: str, columns: Iterable[DeploymentResult]) -> FactLine:
    values = {column.name: column.facts[name] for column in columns if name in column.facts}
    return FactLine(name, values, differs=len(set(values.values())) > 1)


def fleet_headline(fleet: Fleet) -> str:
    """The first line of every report of a fleet."""
    whole = count(len(fleet.columns), "deployment")
    operation = fleet.judges.operation
    text = {
        VerdictWord.VIOLATED: f"broke the contract of {operation}",
        VerdictWord.INCOMPLETE: "could not be judged in full",
        VerdictWord.ERROR: "met an error of the suite",
    }
    parts = [f"{fleet.counts[word]} {verb}" for word, verb in text.items() if fleet.counts[word]]
    accepting = sum(column.word is VerdictWord.CONFORMANT and column.accepted > 0 for column in fleet.columns)
    but = f", {accepting} of them but for what a baseline accepts" if accepting else ""
    return f"{whole}: {', '.join(parts)}." if parts else f"{whole} kept the contract of {operation}{but}."


def tally(fleet: Fleet) -> str:
    """The words of all deployments, counted: ``1 violated, 11 conformant``."""
    return ", ".join(f"{number} {word.value}" for word, number in fleet.counts.items() if number)


def broken(column: DeploymentResult) -> list[str]:
    """Ids of a deployment's broken requirements of the full contract, musts and shoulds, that nobody accepted."""
    found = [(name, cell) for name, cell in column.cells.items() if cell.outcome in (Outcome.FAIL, Outcome.WARN)]
    return [name for name, cell in found if not cell.is_accepted and not cell.is_published_only]


def said_in_short(column: DeploymentResult, most: int = 6) -> str:
    """What is wrong with a deployment, in one line; empty when nothing is."""
    names = broken(column)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    text = [f"broken: {', '.join(names[:most])}{more}"] if names else []
    unjudged = sum(cell.outcome is Outcome.NOT_JUDGED for cell in column.cells.values())
    if column.word is VerdictWord.INCOMPLETE and unjudged:
        text.append(f"not judged: {count(unjudged, 'requirement')}")
    return "; ".join([*text, *column.problems])
