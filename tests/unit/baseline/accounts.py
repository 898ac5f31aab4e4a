"""Accounts of runs that never happened, for baselines to be held against."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.ledger import Fact
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.baseline import Baseline, load_baseline
from support.headers import header_of
from support.histories import requirements

RACE = "overlapping-calls-open-one-room"
REPEAT = "an-open-room-is-returned"
SHOULD = "an-answer-is-not-stored"
PUBLISHED = "a-status-is-published"
TODAY = date(2026, 11, 22)


def row(name: str, outcome: Outcome = Outcome.PASS, *signatures: str) -> Row:
    """A row with a finding for each signature."""
    findings = tuple(Finding(name, "one room", f"{sign} rooms", (1,), signature=sign) for sign in signatures)
    judged = 0 if outcome in (Outcome.NOT_JUDGED, Outcome.NOT_APPLICABLE) else 9
    return Row(requirements()[name], outcome, judged, len(findings), "" if judged else "nobody showed it", findings)


def result(*rows: Row, strict: bool = False, **changes: Any) -> RunResult:
    """A run on chat.example.com, Rocket.Chat 7.10.2, with an agent online."""
    header = header_of(target="https://chat.example.com")
    facts = (Fact("version", "7.10.2", 1), Fact("agent online", "yes", 2))
    told = {"header": header, "facts": facts, **changes}
    errors = tuple(told.pop("errors", ()))
    return RunResult(verdict=Verdict(tuple(rows) or (row(REPEAT),), errors=errors, strict=strict), **told)


def entry(requirement: str = RACE, **keys: Any) -> str:
    """The text of an entry that says everything needed."""
    said = {"requirement": requirement, "reason": "known", "owner": "ops", "expires": date(2027, 1, 31), **keys}
    lines = (f"{name} = {value if isinstance(value, date) else _toml(value)}" for name, value in said.items())
    return "[[accepted]]\n" + "\n".join(lines) + "\n"


def baseline(folder: Path, *entries: str) -> Baseline:
    """The baseline of a file with these entries."""
    path = folder / "b.toml"
    path.write_text("\n".join(entries), "utf-8")
    return load_baseline(path, requirements())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{name}" = "{each}"' for name, each in value.items()) + " }"
    return f'"{value}"'
