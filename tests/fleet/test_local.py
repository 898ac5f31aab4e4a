"""A fleet on this machine: hosts side by side, one deployment of a host at a time, and one report."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rocketchat_contract.cli.commands import cli
from rocketchat_contract.cli.fleet import _refuse_other_systems
from rocketchat_contract.config import PROFILES
from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet import local
from rocketchat_contract.fleet.attempt import Judged
from rocketchat_contract.fleet.folder import read_fleet
from rocketchat_contract.fleet.plan import Deployment, FleetPlan
from support.again import unlike

from .servers import eventually, runs_in, watched

FLEET = """
[defaults]
profile = "smoke"
seed = 1

[[deployment]]
name = "newest"
server = ["edition=newest"]

[[deployment]]
name = "forgets"
server = ["wrong=forgets_the_room"]

[[deployment]]
name = "gone"
url = "http://127.0.0.1:9"
"""


def plan(hosts: str) -> FleetPlan:
    deployments = (Deployment(f"d{n}", n, host, PROFILES["gate"]) for n, host in enumerate(hosts))
    return FleetPlan(Path("fleet.toml"), tuple(deployments))


def test_no_host_is_met_by_two_runs_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    busy, most, lock = Counter[str](), Counter[str](), threading.Lock()
    all_hosts = threading.Barrier(3)

    def judge(deployment: Deployment, folder: Path, **_: object) -> Judged:
        if deployment.name in ("d0", "d2", "d6"):  # the first of each host
            all_hosts.wait(60)
        with lock:
            busy[deployment.host] += 1
            busy["all"] += 1
            most[deployment.host] = max(most[deployment.host], busy[deployment.host])
            most["all"] = max(most["all"], busy["all"])
        time.sleep(0.02)
        if deployment.name in ("d0", "d2", "d6"):
            all_hosts.wait(60)
        with lock:
            busy[deployment.host] -= 1
            busy["all"] -= 1
        return Judged(0, 1)

    monkeypatch.setattr(local, "judge_here", judge)
    local.judge_locally(plan("aabbabc"), tmp_path, jobs=3, ended=lambda *_: None)

    assert most == {"a": 1, "b": 1, "c": 1, "all": 3}


def test_after_an_interruption_no_other_deployment_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begun, problems = [], []

    def judge(deployment: Deployment, folder: Path, *, stopped: Callable[[], bool]) -> Judged:
        begun.append(deployment.name)
        if begun != ["d0"]:
            eventually(stopped)
        return Judged(3, 1)

    def ended(deployment: Deployment, judged: Judged) -> None:
        problems.append(judged.problem)
        if len(problems) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(local, "judge_here", judge)
    local.judge_locally(plan("aaaa"), tmp_path, jobs=1, ended=ended)

    assert begun in (["d0"], ["d0", "d1"])
    assert problems[-1] == "The fleet run was interrupted before its turn."


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["fleet", *map(str, arguments)])


def words(result: Result) -> str:
    """What was said, in one line: where a line is folded depends on the length of paths."""
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "fleet.toml").write_text(FLEET, encoding="utf-8")
    result = run("run", folder / "fleet.toml", "--jobs", 2, "--yes", "--report-dir", folder / "reports")
    return result, next((folder / "reports").glob("fleet-*"))


def test_a_fleet_ends_with_its_worst_exit_code(judged: tuple[Result, Path]) -> None:
    result, _ = judged

    assert result.exit_code == 1, result.output
    assert "✗ violated forgets: broken: an-open-room-is-returned" in words(result)
    assert "? incomplete gone: not judged: " in words(result)
    assert "; http://127.0.0.1:9 gives no answer: connection refused." in words(result)


def test_every_link_of_the_page_leads_to_something(judged: tuple[Result, Path]) -> None:
    folder = judged[1]
    links = re.findall(r' href="([^"#]*)(?:#([^"]*))?"', (folder / "fleet.html").read_text("utf-8"))

    for path, anchor in {link for link in links if not link[0].startswith("data:")}:
        text = (folder / (path or "fleet.html")).read_text("utf-8")
        assert not anchor or f'id="{anchor}"' in text, (path, anchor)


def test_each_record_is_judged_again_to_the_same_reports(judged: tuple[Result, Path]) -> None:
    words = [column.word for column in read_fleet(judged[1]).columns if column.run]

    assert words == ["incomplete", "violated", "incomplete"]
    assert unlike(judged[1]) == []


def test_a_fleet_merged_of_its_parts_is_the_same_fleet(judged: tuple[Result, Path], tmp_path: Path) -> None:
    whole = json.loads((judged[1] / "fleet.json").read_text("utf-8"))
    for name in ("newest", "forgets", "gone"):
        part = {**whole, "deployments": [each for each in whole["deployments"] if each["name"] == name]}
        (tmp_path / name / "deployments").mkdir(parents=True)
        (tmp_path / name / "fleet.json").write_text(json.dumps(part), encoding="utf-8")
        if (judged[1] / "deployments" / name).is_dir():
            shutil.copytree(judged[1] / "deployments" / name, tmp_path / name / "deployments" / name)

    result = run("merge", tmp_path, "--out", tmp_path / "out")

    assert result.exit_code == 1, result.output
    assert json.loads((tmp_path / "out" / "fleet.json").read_text("utf-8")) == whole


def test_merging_again_gives_the_same_and_carries_no_secret_along(judged: tuple[Result, Path], tmp_path: Path) -> None:
    part, out = tmp_path / "part", tmp_path / "out"
    shutil.copytree(judged[1], part, symlinks=True)
    attempt = next(part.glob("deployments/forgets/attempt-1"))
    (next(attempt.glob("2*")) / "ledger.jsonl").write_text("a real token", encoding="utf-8")

    results = [run("merge", *folders, "--out", out) for folders in ([part], [part], [part, out])]

    assert {result.exit_code for result in results} == {1}, results[-1].output
    names = {path.name for path in out.rglob("*")}
    assert (out / "fleet.json").read_bytes() == (part / "fleet.json").read_bytes()
    assert "record.jsonl" in names
    assert not names & {"ledger.jsonl", "running", "latest"}


def test_a_part_with_a_cut_record_is_refused(judged: tuple[Result, Path], tmp_path: Path) -> None:
    shutil.copytree(judged[1], tmp_path / "part", symlinks=True)
    record = next((tmp_path / "part").glob("deployments/forgets/attempt-1/2*/record.jsonl"))
    record.write_bytes(record.read_bytes()[:-100])

    result = run("merge", tmp_path / "part", "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert "truncated" in words(result)


def test_an_interrupted_fleet_leaves_nothing_and_still_reports(tmp_path: Path) -> None:
    with watched(tmp_path, "127.0.0.41", latency=0.3) as server:
        fleet = FLEET.replace("http://127.0.0.1:9", server.url)
        (tmp_path / "fleet.toml").write_text(fleet, encoding="utf-8")
        command = [sys.executable, "-m", "rocketchat_contract", "fleet", "run", "fleet.toml", "--yes", "--only=gone"]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
            eventually(lambda: server.left()[1] > 0)
            running.send_signal(signal.SIGINT)
            said, _ = running.communicate(timeout=120)

        assert server.left() == (0, 0)
    assert running.returncode == 3
    assert "? incomplete gone: " in said
    assert "The run was interrupted (SIGTERM)." in " ".join(said.split())
    assert unlike(tmp_path / "reports") == []


def test_a_killed_fleet_leaves_nothing_on_its_targets(tmp_path: Path) -> None:
    with watched(tmp_path, "127.0.0.42", latency=0.1) as server:
        (tmp_path / "fleet.toml").write_text(FLEET.replace("http://127.0.0.1:9", server.url), encoding="utf-8")
        command = [sys.executable, "-m", "rocketchat_contract", "fleet", "run", "fleet.toml", "--yes", "--only=gone"]
        command.append(f"--report-dir={tmp_path / 'reports'}")
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as running:
            eventually(lambda: server.left()[1] > 0)
            running.kill()
        eventually(lambda: not runs_in(tmp_path / "reports"))

        assert server.left() == (0, 0)


def test_a_live_fleet_asks_first(tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET, encoding="utf-8")

    result = run("run", tmp_path / "fleet.toml")

    assert result.exit_code == 2
    assert "1 deployment, at most 19 room calls" in words(result)
    assert "Pass --yes to allow it." in words(result)


def test_a_system_without_posix_locks_is_refused() -> None:
    with pytest.raises(UsageError, match="POSIX systems only"):
        _refuse_other_systems("nt")


def test_a_variable_that_is_not_set_is_told_before_any_traffic(tmp_path: Path) -> None:
    secret = 'credentials = { user-id = "NO_SUCH_ID", auth-token = "NO_SUCH_TOKEN" }\n'
    (tmp_path / "fleet.toml").write_text(FLEET + secret, encoding="utf-8")

    result = run("run", tmp_path / "fleet.toml", "--yes", "--report-dir", tmp_path / "reports")

    assert result.exit_code == 2
    assert "Deployment gone: the environment variable NO_SUCH_ID (user-id) is not set." in words(result)
    assert not (tmp_path / "reports").exists()


def test_a_baseline_that_is_not_there_is_told_before_any_traffic(tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(f'{FLEET}baseline = "none.toml"\n', encoding="utf-8")

    result = run("run", tmp_path / "fleet.toml", "--yes", "--report-dir", tmp_path / "reports")

    assert result.exit_code == 2
    assert f"The baseline {tmp_path / 'none.toml'} cannot be read" in words(result)
    assert not (tmp_path / "reports").exists()


def test_merging_nothing_is_a_mistake(tmp_path: Path) -> None:
    result = run("merge", tmp_path, "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert "There is no fleet run below" in words(result)
