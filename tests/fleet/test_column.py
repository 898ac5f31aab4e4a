"""What came back of a run becomes a column: its words, its problems, and never a guess."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from rocketchat_contract.config import PROFILES
from rocketchat_contract.fleet.attempt import Judged
from rocketchat_contract.fleet.column import DeploymentResult, column_of
from rocketchat_contract.fleet.plan import Deployment

from .fleets import JUDGES

DEPLOYMENT = Deployment("eu-1", 1, "chat.example.com", PROFILES["gate"], "https://chat.example.com", version=">=8")
RUN = "deployments/eu-1/attempt-1/20260101-000000-aaaaaaaa"


FINDING = {"expected": "JSON", "actual": "HTML", "signature": "html"}


def row(outcome: str, *columns: str) -> dict[str, Any]:
    broken = {"broken": 2, "findings": [FINDING]} if outcome == "fail" else {"broken": 0, "findings": []}
    return {"id": "an-answer-is-json", "outcome": outcome, "judged": 4, "columns": columns or ("full",), **broken}


def report(**changes: Any) -> dict[str, Any]:
    ledger = {"sentence": "created 1 room, closed 1, left 0", "rooms_left": [], "visitors_left": []}
    suite, contract = {"sha256": JUDGES.suite_sha256}, {"sha256": JUDGES.contract_sha256}
    return {
        "header": {"suite": suite, "contract": contract, "started": "2026-01-01T00:00:00Z", "embedded": ""},
        "verdict": {"sentence": "1 requirement, 1 judged", "errors": [], "obstacles": []},
        "facts": [{"name": "version", "value": "8.1"}],
        "ledger": ledger,
        "seconds": 1.5,
        "requirements": [row("pass")],
        **changes,
    }


def told(folder: Path, code: int | None, content: dict[str, Any] | None = None, **more: Any) -> DeploymentResult:
    if content is not None:
        (folder / RUN).mkdir(parents=True)
        (folder / RUN / "report.json").write_text(json.dumps(content), encoding="utf-8")
    judged = Judged(code, 1, run=RUN if content else "", said="said.txt", **more)
    return column_of(DEPLOYMENT, judged, folder, JUDGES)


@pytest.mark.parametrize(("code", "word"), [(0, "conformant"), (1, "violated"), (3, "incomplete"), (4, "error")])
def test_the_exit_code_of_the_run_is_the_word(tmp_path: Path, code: int, word: str) -> None:
    assert told(tmp_path, code, report()).word == word


@pytest.mark.parametrize(("code", "word"), [(2, "incomplete"), (3, "incomplete"), (None, "incomplete")])
def test_a_run_without_a_report_is_incomplete(tmp_path: Path, code: int | None, word: str) -> None:
    column = told(tmp_path, code, words="Error: x", refused="There is no room. Make one.")

    assert (column.word, column.problems) == (word, ("There is no room. Make one.",))


def test_a_run_that_says_no_error_of_ours_is_quoted(tmp_path: Path) -> None:
    assert told(tmp_path, 4, words="Traceback …\nKeyError: 'x'").problems == ("Traceback … KeyError: 'x'",)


def test_what_is_let_pass_as_known_is_accepted(tmp_path: Path) -> None:
    row = {"id": "an-open-room", "findings": [], "outcome": "fail", "judged": 1, "broken": 1, "columns": ["full"]}
    column = told(tmp_path, 0, {**report(), "requirements": [row], "known": {"accepted": ["an-open-room"]}})

    assert column.accepted == 1


@pytest.mark.parametrize("code", [0, 1, 4, 120])
def test_a_crash_is_no_verdict_whatever_its_exit_code(tmp_path: Path, code: int) -> None:
    assert told(tmp_path, code, words="Traceback …\nKeyError: 'x'").word == "error"


def test_another_version_than_expected_is_no_pass(tmp_path: Path) -> None:
    column = told(tmp_path, 0, report(facts=[{"name": "version", "value": "7.9"}]))

    assert (column.word, column.problems) == ("incomplete", ("Rocket.Chat >=8 is expected, but 7.9 answers.",))


def test_another_version_than_expected_hides_no_violation(tmp_path: Path) -> None:
    assert told(tmp_path, 1, report(facts=[])).word == "violated"


def test_what_is_left_on_the_target_is_a_problem(tmp_path: Path) -> None:
    ledger = {"sentence": "left 1", "rooms_left": ["r1"], "visitors_left": ["$RC_TOKEN_1"]}

    assert told(tmp_path, 0, report(ledger=ledger)).problems == ("Left on the target: r1, $RC_TOKEN_1.",)


def test_a_worker_with_another_suite_judges_nothing(tmp_path: Path) -> None:
    content = report()
    content["header"]["suite"] = {"sha256": "other"}

    column = told(tmp_path, 0, content)

    assert (column.word, column.cells) == ("error", {})


def test_a_broken_requirement_leads_to_its_finding(tmp_path: Path) -> None:
    column = told(tmp_path, 1, report(requirements=[row("fail")]))

    assert column.evidence("an-answer-is-json") == f"{RUN}/report.html#finding-an-answer-is-json-1"


def test_what_a_baseline_lists_is_marked_as_accepted(tmp_path: Path) -> None:
    column = told(tmp_path, 0, report(requirements=[row("fail")], baseline={"accepted": ["an-answer-is-json"]}))

    assert (column.word, column.accepted) == ("conformant", 1)


def test_what_only_the_published_document_forbids_is_marked(tmp_path: Path) -> None:
    cells = told(tmp_path, 0, report(requirements=[row("fail", "published")])).cells

    assert [cell.is_published_only for cell in cells.values()] == [True]


def test_a_column_comes_back_from_json(tmp_path: Path) -> None:
    column = replace(told(tmp_path, 0, report()), problems=("x",))

    assert TypeAdapter(DeploymentResult).validate_json(json.dumps(column.to_json())) == column
