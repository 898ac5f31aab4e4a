"""What one run finds, the next one replays first, through the command line and a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis.database import ReadOnlyDatabase

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.record.redactor import token_mark
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine
from support.again import unlike

WRONG = "wrong_agent:breaks_on_an_undefined_agent"
REQUIREMENT = "ordinary-calls-end-well"


def run(reports: Path, *options: object, ci: str = "") -> tuple[int, dict[str, Any], str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "CI": ci}
    command = [sys.executable, "-m", "rocketchat_contract", "run", "--seed", "1", "--report-dir", reports, *options]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=180, env=environment, check=False
    )
    report = reports / "latest" / "report.json"
    assert unlike(reports) == []
    return done.returncode, json.loads(report.read_text()) if report.exists() else {}, done.stderr


def failing(report: dict[str, Any]) -> set[str]:
    return {row["id"] for row in report["requirements"] if row["outcome"] == "fail"}


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a night that found something: its reports and its corpus."""
    folder = tmp_path_factory.mktemp("nightly")
    code, _, said = run(
        folder / "reports", "--wrong", WRONG, "--profile", "nightly", "--fail-fast", "--corpus", folder / "corpus"
    )
    assert (code, "kept in the corpus" in said) == (1, True)
    return folder


def test_a_gate_alone_does_not_see_it(tmp_path: Path) -> None:
    code, report, _ = run(tmp_path, "--wrong", WRONG, "--profile", "gate")

    assert (code, REQUIREMENT in failing(report)) == (0, False)


def test_a_gate_with_the_corpus_sees_it_first(nightly: Path, tmp_path: Path) -> None:
    code, report, _ = run(
        tmp_path, "--wrong", WRONG, "--profile", "gate", "--fail-fast", "--corpus", nightly / "corpus"
    )

    assert code == 1
    assert REQUIREMENT in failing(report)
    assert report["reach"]["by_driver"].keys() == {"facts", "corpus", "cleanup"}


def test_a_mended_server_passes_with_the_corpus(nightly: Path, tmp_path: Path) -> None:
    code, report, _ = run(tmp_path, "--profile", "gate", "--corpus", nightly / "corpus")

    assert (code, report["verdict"]["word"]) == (0, "conformant")
    assert {"name": "corpus", "value": "1 of 1 entries replayed", "exchange": 0} in report["facts"]


def test_the_corpus_names_parts_not_values(nightly: Path) -> None:
    (path,) = (nightly / "corpus").glob("*.json")
    run = json.loads((nightly / "reports" / "latest" / "report.json").read_text())["header"]["run"]

    steps = json.loads(path.read_text())["steps"]

    assert steps == ["register {known visitor}", "GET /api/v1/livechat/room?token={known visitor}&agentId=undefined"]
    assert f"rcc{token_mark(run)}" not in path.read_text()


def test_a_file_that_is_no_entry_stops_before_any_call(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.json").write_text("{}")

    code, _, said = run(tmp_path / "reports", "--profile", "gate", "--corpus", tmp_path / "corpus")

    assert (code, "is no entry of a corpus" in said) == (2, True)
    assert not (tmp_path / "reports").exists()


def life(folder: Path) -> Engine:
    """A few lives on a server that forgets, in this process."""
    profile = replace(PROFILES["nightly"], drivers=("life",), lives=20, steps=12)
    places = (str(folder / "db"),)
    server = ("wrong=forgets_the_room",)
    return Engine(RunConfig(server=server, profile=profile, seed=3, report_dir=folder, database=places))


def test_a_run_keeps_its_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    driving = life(tmp_path)

    driving.open()
    run_drivers(driving)
    driving.interruption.remove()

    assert any(path.is_file() for path in (tmp_path / "db").rglob("*"))


def test_a_run_in_ci_only_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    assert isinstance(life(tmp_path).memory.database, ReadOnlyDatabase)
