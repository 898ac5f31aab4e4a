"""Fleets made by hand, for tests that need no run."""

from __future__ import annotations

from rocketchat_contract.fleet.column import Cell, DeploymentResult, Judges, Promise
from rocketchat_contract.fleet.merge import Fleet
from rocketchat_contract.judge.verdict import Outcome, VerdictWord

PROMISES = (
    Promise("an-open-room-is-returned", "get-or-create", "must", "A visitor with an open room gets that room."),
    Promise("an-answer-is-json", "wire", "must", "An answer is JSON."),
    Promise("a-refusal-is-polite", "refusals", "should", "A refusal says what is wrong <b>& why</b>."),
)
JUDGES = Judges("0.1.0", "a" * 64, "b" * 64, PROMISES)


def cell(outcome: str, name: str, *, accepted: bool = False) -> Cell:
    broken = outcome in ("fail", "warn")
    anchor = f"finding-{name}-1" if broken else f"requirement-{name}"
    return Cell(Outcome(outcome), 4, 2 if broken else 0, anchor, accepted)


def column(name: str, position: int, word: str, outcomes: str, **more: object) -> DeploymentResult:
    """A column whose outcomes are words with spaces between, one for each promise; none means that it has no run."""
    cells = {each.id: cell(outcome, each.id) for each, outcome in zip(PROMISES, outcomes.split(), strict=False)}
    facts = {"version": "8.0", "agent online": "yes"} if cells else {}
    run = f"deployments/{name}/attempt-1/20260101-000000-{position:08d}" if cells else ""
    told = {"run": run, "facts": facts, "profile": "gate", "seconds": 2.5, "ledger": "created 3 rooms", "cells": cells}
    return DeploymentResult(
        name, position, f"https://{name}.example.com", VerdictWord(word), "3 judged", **{**told, **more}
    )  # type: ignore[arg-type]


def fleet(*columns: DeploymentResult, run: str = "fleet-1", judges: Judges = JUDGES) -> Fleet:
    return Fleet((run,), judges, "2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z", columns)


def mixed() -> Fleet:
    """One of each word, an older version, an accepted failure, a hostile text, and one that never answered."""
    older = {"version": "7.10", "agent online": "yes"}
    accepted = {"cells": {PROMISES[0].id: cell("fail", PROMISES[0].id, accepted=True)}}
    return fleet(
        column("eu-1", 1, "conformant", "pass pass pass"),
        column("us-1", 2, "conformant", "pass pass pass"),
        column("old", 3, "violated", "fail pass warn", facts=older),
        column("accepted", 4, "conformant", "", **accepted, run="deployments/accepted/attempt-1/x"),
        column("lame", 5, "incomplete", "not-judged pass not-applicable", attempts=2),
        column("gone", 6, "incomplete", "", said="deployments/gone/attempt-1/said.txt", problems=("refused.",)),
        column("lost", 7, "incomplete", "", problems=('It was lost: <script>alert("x")</script> \x1b[31m | `x`.',)),
        column("crash", 8, "error", "error pass pass"),
    )
