"""``run --contract FOLDER``: another operation is driven and judged at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.server import serving
from rocketchat_contract.reference.settings import LimitSetting, Settings
from support.again import unlike

PROGRAM = (sys.executable, "-m", "rocketchat_contract")


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "COLUMNS": "80"}
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


def run(folder: Path, reports: Path, *more: str) -> tuple[int, dict[str, Any]]:
    done = call("run", "--contract", folder, "--profile", "gate", "--seed", 7, "--report-dir", reports, *more)
    report = reports / "latest" / "report.json"
    assert unlike(reports, ["--contract", folder]) == []
    return done.returncode, json.loads(report.read_text()) if report.exists() else {"output": done.stderr}


@pytest.fixture(scope="module")
def right(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], Path]:
    reports = tmp_path_factory.mktemp("reports")
    return (*run(folder, reports), reports)


def test_the_reference_server_keeps_it(right: tuple[int, dict[str, Any], Path]) -> None:
    code, report, _ = right

    assert (code, report["verdict"]["word"]) == (0, "conformant")
    assert report["headline"].endswith("keeps the contract of GET /api/v1/livechat/config.")


def test_generated_calls_reach_it_and_change_nothing(right: tuple[int, dict[str, Any], Path]) -> None:
    _, report, _ = right

    assert report["header"]["drivers"] == ["operation"]
    assert report["reach"]["by_driver"]["operation"]["ok"] > 10
    assert (report["ledger"]["rooms_created"], report["ledger"]["visitors_created"]) == (0, 0)


def test_its_record_is_judged_again_with_its_contract(folder: Path, right: tuple[int, dict[str, Any], Path]) -> None:
    again = call("judge", right[2] / "latest", "--contract", folder)

    assert again.returncode == 0
    assert "GET\n/api/v1/livechat/config" in again.stdout


def test_its_record_is_not_judged_as_rooms(right: tuple[int, dict[str, Any], Path]) -> None:
    refused = call("judge", right[2] / "latest")

    assert refused.returncode == 2
    assert "is a record of GET /api/v1/livechat/config" in " ".join(refused.stderr.split())


def test_a_live_server_is_driven_and_left_as_it_was(folder: Path, tmp_path: Path) -> None:
    with serving(make_app(Settings(limit=LimitSetting(100, 1)))) as url:
        planned = call("plan", url, "--contract", folder, "--profile", "gate")
        done = call("run", url, "--contract", folder, "--profile", "smoke", "--yes", "--report-dir", tmp_path)

    assert "at most   60 generated calls" in planned.stdout
    assert (done.returncode, "created 0 rooms" in done.stdout) == (0, True)


def test_a_live_server_is_asked_for_only_with_a_yes(folder: Path) -> None:
    refused = call("run", "http://127.0.0.1:1", "--contract", folder)

    assert refused.returncode == 2
    assert "sends at most 60 generated calls" in " ".join(refused.stderr.split())


def test_a_wrong_answer_is_found(folder: Path, tmp_path: Path) -> None:
    code, report = run(folder, tmp_path, "--wrong", "wrong_config:says_enabled_as_text")

    broken = {row["id"] for row in report["requirements"] if row["outcome"] == "fail"}
    assert code == 1
    assert broken == {"a-200-fits-the-published-schema", "a-200-fits-the-full-schema"}


def test_what_it_breaks_is_accepted_and_bundled_with_its_contract(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path, "--wrong", "wrong_config:says_enabled_as_text")
    latest, own, file = tmp_path / "latest", ("--contract", folder), tmp_path / "b.toml"

    added = call("baseline", "update", latest, *own, "--baseline", file, "--reason", "known", "--owner", "us")
    judged = call("judge", latest, *own, "--baseline", file)
    bundled = call("bundle", latest, *own, "--out", tmp_path / "b.zip")
    verified = call("verify", tmp_path / "b.zip")

    assert [each.returncode for each in (added, judged, bundled, verified)] == [0, 0, 0, 0], added.stderr
    assert "1 added" in added.stdout
