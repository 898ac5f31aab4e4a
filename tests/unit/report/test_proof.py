"""What is known of the suite itself, in every report: proved, proved once and changed since, never proved."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rocketchat_contract.report.ctrf import ctrf
from rocketchat_contract.report.html import html
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.report.junit import junit
from rocketchat_contract.report.markdown import markdown
from rocketchat_contract.report.proof import Proof, read_proof
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.sarif import sarif

from .examples import conformant

SUITE = "5f2c9a10" * 8
SENTENCE = (
    "this suite catches 104 of 104 wrong servers with the profile full and lets 18 of 18 right ones pass with nightly; "
    "proof of 2026-11-22, suite 5f2c9a10"
)
STALE = "; the suite has changed since, so this may no longer hold"
WRITERS = {
    "html": html,
    "markdown": markdown,
    "json": json_report,
    "sarif": sarif,
    "junit": junit,
    "ctrf": ctrf,
}
anywhere = pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A proof as ``prove`` stores it."""
    right = [{"result": "passed", "breaks": []}] * 9
    content = {
        "date": "2026-11-22",
        "suite": {"version": "0.1.0", "sha256": SUITE},
        "families": {"races": [32, 32], "rid": [72, 72]},
        "editions": [*right, {"result": "caught", "breaks": ["overlapping-calls-open-one-room"]}],
        "variants": right,
    }
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def told(writer: Callable[[RunResult], str], proof: Proof | None) -> str:
    """A report on one line, without what its format adds to a sentence."""
    return " ".join(writer(replace(conformant(), proof=proof)).split())


@anywhere
def test_the_proof_of_this_suite_is_told(writer: Callable[[RunResult], str], stored: Path) -> None:
    text = told(writer, read_proof(stored, SUITE))
    assert SENTENCE in text
    assert STALE not in text


@anywhere
def test_the_proof_of_an_older_suite_says_so(writer: Callable[[RunResult], str], stored: Path) -> None:
    assert SENTENCE + STALE in told(writer, read_proof(stored, "0" * 64))


@anywhere
def test_without_a_proof_nothing_is_claimed(writer: Callable[[RunResult], str], tmp_path: Path) -> None:
    text = told(writer, read_proof(tmp_path / "none.json", SUITE))
    assert "this suite catches" not in text


def test_json_tells_the_numbers_as_well(stored: Path) -> None:
    proof = json.loads(json_report(replace(conformant(), proof=read_proof(stored, SUITE))))["proof"]
    assert (proof["caught"], proof["wrong"], proof["passed"], proof["right"]) == (104, 104, 18, 18)
    assert proof["families"] == {"races": [32, 32], "rid": [72, 72]}
