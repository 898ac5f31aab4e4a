"""One trial: the suite runs against one server, and what it says is compared with what is known of the server."""

from __future__ import annotations

import tempfile
import time
import traceback
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rocketchat_contract.config import PROFILES, Profile, RunConfig
from rocketchat_contract.errors import SuiteError
from rocketchat_contract.judge.operation import read
from rocketchat_contract.judge.verdict import Outcome, Row, VerdictWord
from rocketchat_contract.prove.subjects import Subject, SubjectKind
from rocketchat_contract.record.journal import Record
from rocketchat_contract.reference.forks import launch_fork
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine

if TYPE_CHECKING:
    from rocketchat_contract.report.run_result import RunResult

_PATIENCE = 4.0
"""Seconds that one call may take; the reference server answers in milliseconds."""


class TrialResult(StrEnum):
    """What came of a trial; the first three are as they ought to be."""

    CAUGHT = "caught"
    PASSED = "passed"
    ELSEWHERE = "caught by another requirement"
    MISSED = "missed"
    FALSE_ALARM = "false alarm"
    ERROR = "error of the suite"


AS_EXPECTED = frozenset({TrialResult.CAUGHT, TrialResult.PASSED})


@dataclass(frozen=True, slots=True)
class Trial:
    """A subject and what the suite said of it.

    ``named`` are the broken requirements of the full contract, ``calls`` how many room calls were sent until the
    awaited one was seen broken, ``seconds`` the wall time with start and end of the server.
    """

    subject: Subject
    result: TrialResult
    named: tuple[str, ...]
    calls: int | None
    seconds: float

    @property
    def is_as_expected(self) -> bool:
        """Whether the suite said what is true."""
        return self.result in AS_EXPECTED


class _StopsWhenNamed:
    """Ends the traffic after the test in which the awaited requirements were broken."""

    def __init__(self, driving: Engine, awaited: tuple[str, ...]) -> None:
        self._driving = driving
        self._awaited = awaited

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Look after each test."""
        run = self._driving.run
        if run is not None and self._awaited and all(run.judge.tally.count_of(name).broken for name in self._awaited):
            item.session.shouldstop = "named"


def examine(subject: Subject, seed: int, profile: Profile = PROFILES["full"]) -> Trial:
    """Run the suite against one server, in full when it is right, else until its fault is named.

    A server that the suite itself breaks on gives a trial with an error.
    """
    started = time.monotonic()
    try:
        return _examine(subject, seed, profile, started)
    except Exception as error:
        text = traceback.format_exception_only(error)[-1].strip()
        return Trial(subject, TrialResult.ERROR, (text,), None, time.monotonic() - started)


def _examine(subject: Subject, seed: int, profile: Profile, started: float) -> Trial:
    with tempfile.TemporaryDirectory(prefix="rocketchat-contract-") as folder:
        config = RunConfig(
            server=subject.settings,
            profile=profile,
            seed=seed,
            report_dir=Path(folder),
            timeout=_PATIENCE,
            shrink=False,
        )
        driving = Engine(config, launch=launch_fork)
        driving.open()
        try:
            run_drivers(driving, _StopsWhenNamed(driving, subject.breaks))
        finally:
            driving.interruption.remove()
        if driving.result is None or driving.run is None:
            raise SuiteError(f"The trial of {subject.name} ended without a result.", "Run again and report it.")
        calls = _calls_until(driving.result, subject, driving.run.journal.path)
        return judged(subject, driving.result, calls, time.monotonic() - started)


def judged(subject: Subject, result: RunResult, calls: int | None, seconds: float) -> Trial:
    """Compare a result with what is known of its server."""
    broken = [row.requirement.id for row in result.verdict.rows if row.broken and _counts(row)]
    return Trial(subject, _result(subject, result, frozenset(_all_broken(result))), tuple(broken), calls, seconds)


def _all_broken(result: RunResult) -> list[str]:
    return [row.requirement.id for row in result.verdict.rows if row.broken]


def _counts(row: Row) -> bool:
    return "full" in row.requirement.columns


def _result(subject: Subject, result: RunResult, broken: frozenset[str]) -> TrialResult:
    if subject.measured and not broken <= {*subject.breaks, *subject.allows}:
        return TrialResult.FALSE_ALARM
    if subject.breaks:
        if broken.issuperset(subject.breaks):
            return TrialResult.CAUGHT
        counted = {row.requirement.id for row in result.verdict.rows if row.broken and _counts(row)}
        return TrialResult.ELSEWHERE if counted else TrialResult.MISSED
    warned = {row.requirement.id for row in result.verdict.rows if row.outcome is Outcome.WARN}
    right = result.verdict.word is VerdictWord(subject.verdict) and warned <= set(subject.allows)
    return TrialResult.PASSED if right else TrialResult.FALSE_ALARM


def _calls_until(result: RunResult, subject: Subject, record: Path) -> int | None:
    rows = [row for row in result.verdict.rows if row.requirement.id in subject.breaks and row.findings]
    if not rows or subject.kind is not SubjectKind.WRONG:
        return None
    last = min(row.findings[0].evidence[-1] for row in rows)
    return sum(1 for exchange in Record(record).exchanges() if exchange.number <= last and read(exchange).is_room_call)


def to_json(trial: Trial) -> dict[str, Any]:
    """The trial as it is stored."""
    return {
        "name": trial.subject.name,
        "family": trial.subject.family,
        "breaks": list(trial.subject.breaks),
        "result": trial.result.value,
        "named": list(trial.named),
        "calls": trial.calls,
    }
