"""CTRF, the common test report format: one test per requirement, with our own word as its raw status."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.report.finding_view import FindingView, finding_views
from rocketchat_contract.report.phrases import (
    consequence,
    counts_sentence,
    headline,
    is_broken,
    recorded,
    target_name,
)
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.unjudged import unjudged_reason

_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def ctrf(result: RunResult) -> str:
    """The report as CTRF text."""
    views = finding_views(result)
    tests = [_test(row, views, result) for row in result.verdict.rows]
    tests += _run_tests(tests, result)
    content = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "results": {
            "tool": {"name": "rocketchat-contract", "version": recorded(result.header, "suite", "version")},
            "summary": _summary(tests, result),
            "tests": tests,
            "extra": {
                "target": target_name(result),
                "verdict": result.verdict.word.value,
                "publishedDocument": result.verdict.word_of("published").value,
                "exitCode": int(result.exit_code),
                "counts": counts_sentence(result.verdict),
                **({"proof": result.proof.sentence} if result.proof else {}),
                "problems": [sentence(text) for text in (*result.verdict.errors, *result.verdict.obstacles)],
            },
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _summary(tests: list[dict[str, Any]], result: RunResult) -> dict[str, int]:
    start = _milliseconds(recorded(result.header, "started"))
    statuses = [test["status"] for test in tests]
    return {
        "tests": len(tests),
        **{status: statuses.count(status) for status in _STATUSES},
        "start": start,
        "stop": start + round(result.seconds * 1000),
    }


def _run_tests(tests: list[dict[str, Any]], result: RunResult) -> list[dict[str, Any]]:
    """A failed test for the run itself, where it is no pass and no requirement says so."""
    if result.exit_code is ExitCode.CONFORMANT or any(test["status"] == "failed" for test in tests):
        return []
    message = f"{headline(result)} {consequence(result)}"
    return [{"name": "the run", "status": "failed", "duration": 0, "suite": ["run"], "message": message}]


def _test(row: Row, findings: Iterable[FindingView], result: RunResult) -> dict[str, Any]:
    requirement = row.requirement
    test: dict[str, Any] = {
        "name": requirement.id,
        "status": _status(row, result),
        "duration": round(1000 * row.seconds),
        "suite": [requirement.group],
        "rawStatus": row.outcome.value,
        "tags": [requirement.level, requirement.source],
        "extra": {"judged": row.judged, "broken": row.broken, "columns": list(requirement.columns)},
    }
    own = [views for views in findings if views.row is row]
    if own:
        test["message"] = own[0].message
        test["trace"] = "\n".join(f"{views.message} {views.repeat.command}".strip() for views in own)
        known = [each.sentence for views in own for each in views.known]
        test["extra"] |= {"known": list(dict.fromkeys(known))} if known else {}
    elif row.outcome is not Outcome.PASS:
        test["message"] = unjudged_reason(row)
    return test


def _status(row: Row, result: RunResult) -> str:
    if row.outcome is Outcome.PASS:
        return "passed"
    if row.outcome is Outcome.NOT_APPLICABLE:
        return "skipped"
    if is_broken(row):
        return "failed" if result.decides(row) else "other"
    return "pending" if row.outcome is Outcome.NOT_JUDGED else "other"


def _milliseconds(started: str) -> int:
    try:
        return round(datetime.fromisoformat(started).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
