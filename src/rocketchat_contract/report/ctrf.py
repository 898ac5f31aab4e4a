"""CTRF, the common test report format: one test per requirement, with our own word as its raw status."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.report.account import Account
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.telling import Told, told_findings
from rocketchat_contract.report.unjudged import reason
from rocketchat_contract.report.wording import consequence, counts_sentence, headline, is_broken, recorded, target_name

_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def ctrf(account: Account) -> str:
    """The report as CTRF text."""
    told = told_findings(account)
    tests = [_test(row, told, account) for row in account.verdict.rows]
    tests += _run_tests(tests, account)
    content = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "results": {
            "tool": {"name": "rocketchat-contract", "version": recorded(account.header, "suite", "version")},
            "summary": _summary(tests, account),
            "tests": tests,
            "extra": {
                "target": target_name(account),
                "verdict": account.verdict.word.value,
                "publishedDocument": account.verdict.word_of("published").value,
                "exitCode": int(account.exit_code),
                "counts": counts_sentence(account.verdict),
                **({"proof": account.proof.sentence} if account.proof else {}),
                "problems": [sentence(text) for text in (*account.verdict.errors, *account.verdict.obstacles)],
            },
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _summary(tests: list[dict[str, Any]], account: Account) -> dict[str, int]:
    start = _milliseconds(recorded(account.header, "started"))
    statuses = [test["status"] for test in tests]
    return {
        "tests": len(tests),
        **{status: statuses.count(status) for status in _STATUSES},
        "start": start,
        "stop": start + round(account.seconds * 1000),
    }


def _run_tests(tests: list[dict[str, Any]], account: Account) -> list[dict[str, Any]]:
    """A failed test for the run itself, where it is no pass and no requirement says so."""
    if account.exit_code is ExitCode.CONFORMANT or any(test["status"] == "failed" for test in tests):
        return []
    message = f"{headline(account)} {consequence(account)}"
    return [{"name": "the run", "status": "failed", "duration": 0, "suite": ["run"], "message": message}]


def _test(row: Row, findings: Iterable[Told], account: Account) -> dict[str, Any]:
    requirement = row.requirement
    test: dict[str, Any] = {
        "name": requirement.id,
        "status": _status(row, account),
        "duration": 0,
        "suite": [requirement.group],
        "rawStatus": row.outcome.value,
        "tags": [requirement.level, requirement.source],
        "extra": {"judged": row.judged, "broken": row.broken, "columns": list(requirement.columns)},
    }
    own = [told for told in findings if told.row is row]
    if own:
        test["message"] = own[0].message
        test["trace"] = "\n".join(f"{told.message} {told.repeat.command}".strip() for told in own)
        known = [each.sentence for told in own for each in told.known]
        test["extra"] |= {"known": list(dict.fromkeys(known))} if known else {}
    elif row.outcome is not Outcome.PASS:
        test["message"] = reason(row)
    return test


def _status(row: Row, account: Account) -> str:
    if row.outcome is Outcome.PASS:
        return "passed"
    if row.outcome is Outcome.NOT_APPLICABLE:
        return "skipped"
    if is_broken(row):
        return "failed" if account.decides(row) else "other"
    return "pending" if row.outcome is Outcome.NOT_JUDGED else "other"


def _milliseconds(started: str) -> int:
    try:
        return round(datetime.fromisoformat(started).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
