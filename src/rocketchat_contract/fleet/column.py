"""One deployment's column of the fleet's report: read from its run's report, or the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from rocketchat_contract.archive import DEPLOYMENTS
from rocketchat_contract.errors import ExitCode
from rocketchat_contract.fleet.attempt import SAID, Judged
from rocketchat_contract.fleet.plan import DEPLOYMENT_NAME, Deployment
from rocketchat_contract.fleet.versions import outside
from rocketchat_contract.inputs.bounded import InputError
from rocketchat_contract.judge.verdict import EXIT_CODES, Outcome, VerdictWord
from rocketchat_contract.report.html import MOST_BRIEF, MOST_DRAWN
from rocketchat_contract.report.phrases import OPERATION
from rocketchat_contract.report.stored import StoredHeader, StoredReport, read_report

_REFUSED = (None, ExitCode.USAGE, ExitCode.INCOMPLETE)
"""Ways for a run to end without a report that say nothing against the suite."""


@dataclass(frozen=True)
class Promise:
    """A requirement as the fleet's report names it."""

    id: str
    group: str
    level: Literal["must", "should"]
    sentence: str


@dataclass(frozen=True)
class Judges:
    """What all deployments of a fleet are judged with."""

    version: str
    suite_sha256: str
    contract_sha256: str
    promises: tuple[Promise, ...]
    operation: str = OPERATION


@dataclass(frozen=True)
class Cell:
    """What became of one requirement on one deployment.

    ``anchor`` is its evidence's place in the run's report. ``is_accepted`` says that a baseline lists what is broken,
    ``is_published_only`` that it counts in the verdict of the published document alone. ``seconds`` is how long the
    calls took that it was judged on.
    """

    outcome: Outcome
    judged: int
    broken: int
    anchor: str
    is_accepted: bool = False
    is_published_only: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class DeploymentResult:
    """One deployment. ``word`` follows the run's exit code, so that what a baseline accepts breaks nothing.

    ``run`` and ``said`` are its run's folder and terminal text below the fleet's folder.
    ``problems`` are sentences about what else is wrong: no run, another version than expected, something left.
    """

    name: str
    position: int
    target: str
    word: VerdictWord
    sentence: str
    run: str = ""
    said: str = ""
    profile: str = ""
    started: str = ""
    seconds: float = 0.0
    attempts: int = 1
    ledger: str = ""
    problems: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def evidence(self, requirement: str) -> str:
        """Where a cell's evidence is, below the fleet's folder: the run's report, or what its terminal said."""
        cell = self.cells.get(requirement)
        if cell is not None:
            return f"{self.run}/report.html#{cell.anchor}"
        return self.said or f"#deployment-{self.name}"

    def to_json(self) -> dict[str, Any]:
        """The column as JSON, as ``Fleet.from_json`` reads it."""
        return {**asdict(self), "problems": list(self.problems)}

    @property
    def accepted(self) -> int:
        """How many broken requirements a baseline accepts."""
        return sum(cell.is_accepted for cell in self.cells.values())

    def check(self) -> None:
        """Raise ``ValueError`` when its files are not where a fleet keeps them; links lead there."""
        place = rf"{DEPLOYMENTS}/{re.escape(self.name)}/attempt-[0-9]+"
        is_run = not self.run or re.fullmatch(rf"{place}/{DEPLOYMENT_NAME.pattern}", self.run)
        is_said = not self.said or re.fullmatch(rf"{place}/{re.escape(SAID)}", self.said)
        if not (DEPLOYMENT_NAME.fullmatch(self.name) and is_run and is_said):
            raise ValueError(f"the deployment {self.name!r} has its files in {self.run!r} and {self.said!r}")


def column_of(deployment: Deployment, judged: Judged, fleet: Path, judges: Judges) -> DeploymentResult:
    """The column of a deployment whose run's folder, if it has one, is in the fleet's folder.

    A run that was judged with another suite or contract, on a worker of another version, counts as an error.
    """
    column = DeploymentResult(
        name=deployment.name,
        position=deployment.position,
        target=deployment.target,
        word=VerdictWord.INCOMPLETE if judged.exit_code in _REFUSED else VerdictWord.ERROR,
        sentence="It was not judged.",
        said=judged.said,
        profile=deployment.profile.name,
        attempts=judged.attempt,
    )
    if not judged.run:
        return replace(column, problems=(judged.problem or judged.refused or _last_words(judged.words),))
    try:
        report = read_report(fleet / judged.run / "report.json")
    except InputError as error:
        return replace(column, word=VerdictWord.ERROR, problems=(str(error),))
    if _other_judges(report.header, judges):
        problem = (
            "It was judged with another suite or contract than the fleet: every worker needs the same version, "
            "and no file of it may change before the fleet ends."
        )
        return replace(column, word=VerdictWord.ERROR, run=judged.run, problems=(problem,))
    return _filled_in(column, report, judged, deployment.version)


def _other_judges(header: StoredHeader, judges: Judges) -> bool:
    text = (header.suite.sha256, header.contract.sha256)
    return text != (judges.suite_sha256, judges.contract_sha256)


def _filled_in(column: DeploymentResult, report: StoredReport, judged: Judged, expected: str) -> DeploymentResult:
    facts = {fact.name: fact.value for fact in report.facts}
    word = next((word for word, code in EXIT_CODES.items() if code == judged.exit_code), VerdictWord.ERROR)
    strange = outside(facts.get("version"), expected)
    left, verdict = report.ledger.left, report.verdict
    problems = (
        *verdict.errors,
        *verdict.obstacles,
        judged.problem,
        strange,
        f"Left on the target: {', '.join(left)}." if left and not report.header.embedded else "",
    )
    return replace(
        column,
        word=VerdictWord.INCOMPLETE if strange and word is VerdictWord.CONFORMANT else word,
        sentence=verdict.sentence,
        run=judged.run,
        started=report.header.started,
        seconds=report.seconds,
        ledger=report.ledger.sentence,
        problems=tuple(filter(None, problems)),
        facts=facts,
        cells=_cells(report),
    )


def _cells(report: StoredReport) -> dict[str, Cell]:
    rows, accepted = report.requirements, report.accepted
    all_shown = sum(len(row.findings) for row in rows) <= MOST_DRAWN + MOST_BRIEF
    cells = {}
    for row in rows:
        anchor = f"finding-{row.id}-1" if row.findings and all_shown else f"requirement-{row.id}"
        outcome, is_accepted = Outcome(row.outcome), row.id in accepted
        is_published_only = "full" not in row.columns
        cells[row.id] = Cell(
            outcome, row.judged, row.broken, anchor, is_accepted, is_published_only, round(row.seconds, 6)
        )
    return cells


def _last_words(words: str) -> str:
    """What the terminal of a run said in the end that ended in no error of ours."""
    return " ".join(words.split()) or "Its run ended without a word."
