"""A fleet on a real Dask scheduler with real workers; one is killed in the middle, and nothing is left anywhere."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from click.testing import CliRunner

from rocketchat_contract.cli.commands import cli
from rocketchat_contract.config import PROFILES
from rocketchat_contract.fleet import dask as on_dask
from rocketchat_contract.fleet.attempt import Judged, packed
from rocketchat_contract.fleet.plan import Deployment, FleetPlan
from support.again import unlike
from support.canaries import CANARY
from support.needs import module
from support.processes import command_of

from .servers import Watched, eventually, listening_to_processes, watched

module("distributed")

DASK = [sys.executable, "-m", "dask"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
TARGETS = {"right": {}, "forgets": {"wrong": "forgets_the_room"}, "slow": {"latency": 0.12}, "other": {}}


@dataclass
class Cluster:
    address: str
    folder: Path
    workers: list[subprocess.Popen[bytes]]

    def lose(self, what: str, place: Path) -> None:
        """Kill the worker that judges into a folder at once: alone, or with everything that its machine runs."""
        for worker in self.workers:
            family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
            runs = [process for process in family if str(place) in command_of(process)]
            if runs:
                for process in family:
                    if what == "machine" or process not in runs:
                        with suppress(psutil.NoSuchProcess):
                            process.send_signal(signal.SIGKILL)
                self.workers.remove(worker)
                return
        raise AssertionError(f"No worker judges into {place}.")


def is_written(file: Path) -> bool:
    """Whether a file of the scheduler is there and whole."""
    try:
        return bool(json.loads(file.read_text()))
    except (FileNotFoundError, ValueError):
        return False


def ended(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a process that was asked to end."""
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    listening = ["scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={file}"]
    worker = ["worker", f"--scheduler-file={file}", "--nthreads=1", "--no-dashboard", "--memory-limit=0"]
    started = [subprocess.Popen([*DASK, *listening], **QUIET)]
    try:
        eventually(lambda: is_written(file))
        for n in range(3):
            command = [*DASK, *worker, f"--local-directory={folder / str(n)}", f"--name=worker-{n}"]
            started.append(subprocess.Popen(command, **QUIET))
        yield Cluster(json.loads(file.read_text())["address"], folder, started[1:])
    finally:
        for process in reversed(started):
            process.terminate()
            ended(process)


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Watched]]:
    folder = tmp_path_factory.mktemp("targets")
    with ExitStack() as servers:
        yield {
            name: servers.enter_context(watched(folder, f"127.0.0.{n}", **settings))
            for n, (name, settings) in enumerate(TARGETS.items(), 31)
        }


def fleet_file(folder: Path, targets: dict[str, Watched]) -> Path:
    tables = [f'[[deployment]]\nname = "{name}"\nurl = "{each.url}"\n' for name, each in targets.items()]
    path = folder / "fleet.toml"
    path.write_text("\n".join(['[defaults]\nprofile = "smoke"\nseed = 1\n', *tables]), encoding="utf-8")
    return path


def run(path: Path, reports: Path, *more: str) -> dict[str, Any]:
    """Run a fleet; answers its deployments by name."""
    command = [sys.executable, "-m", "rocketchat_contract", "fleet", "run", str(path), "--yes"]
    done = subprocess.run([*command, f"--report-dir={reports}", *more], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stdout + done.stderr
    assert unlike(reports) == []
    content = json.loads(next(reports.glob("fleet-*/fleet.json")).read_text("utf-8"))
    return {each["name"]: each for each in content["deployments"]}


@pytest.fixture(scope="module")
def here(targets: dict[str, Watched], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two of the deployments, judged on this machine."""
    folder = tmp_path_factory.mktemp("here")
    return run(fleet_file(folder, targets), folder / "reports", "--only=slow,forgets")


def outcomes(deployment: dict[str, Any]) -> dict[str, str]:
    return {name: cell["outcome"] for name, cell in deployment["cells"].items()}


def test_a_header_is_in_no_command_line(cluster: Cluster, targets: dict[str, Watched], tmp_path: Path) -> None:
    path = fleet_file(tmp_path, targets)
    path.write_text(path.read_text().replace("seed = 1", f'header = ["X-Api-Key: {CANARY}"]', 1))

    with listening_to_processes() as seen:
        found = run(path, tmp_path / "dask", f"--scheduler={cluster.address}", "--only=right")

    assert found["right"]["word"] == "incomplete"
    assert any(b"deployments/right/attempt-1" in line for line in seen)
    assert [line for line in seen if CANARY.encode() in line] == []


@pytest.mark.parametrize("lost", ["machine", "worker"])
def test_what_is_lost_changes_no_verdict_and_leaves_nothing(
    lost: str, cluster: Cluster, targets: dict[str, Watched], here: dict[str, Any], tmp_path: Path
) -> None:
    path = fleet_file(tmp_path, targets)
    with ThreadPoolExecutor(1) as pool:
        judging = pool.submit(run, path, tmp_path / "dask", f"--scheduler={cluster.address}")
        eventually(lambda: targets["slow"].left()[1] > 0)
        cluster.lose(lost, Path("deployments/slow/attempt-1"))
        found = judging.result()

    assert found["slow"]["attempts"] == 2
    assert outcomes(found["slow"]) == outcomes(here["slow"])
    words = {"right": here["slow"], "forgets": here["forgets"], "slow": here["slow"], "other": here["slow"]}
    assert {name: each["word"] for name, each in found.items()} == {name: each["word"] for name, each in words.items()}
    assert {name: each.left() for name, each in targets.items()} == dict.fromkeys(targets, (0, 0))


def test_without_a_scheduler_the_run_ends_as_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_dask, "CONNECTING", 0.5)
    path = tmp_path / "fleet.toml"
    path.write_text('[[deployment]]\nname = "a"\nserver = []\n', encoding="utf-8")

    result = CliRunner().invoke(cli, ["fleet", "run", str(path), "--scheduler=tcp://127.0.0.1:9"])

    assert result.exit_code == 2
    assert "There is no Dask scheduler at tcp://127.0.0.1:9" in result.output


class Pending:
    """A task that nobody does."""

    def done(self) -> bool:
        return False

    def release(self) -> None:
        """Nothing holds it."""


class Deserted:
    """A client whose scheduler has no worker left."""

    status = "running"

    def submit(self, *_: object, **__: object) -> Pending:
        return Pending()

    def scheduler_info(self, **_: object) -> dict[str, Any]:
        return {"workers": {}}


def no_news(*_: object, **__: object) -> None:
    raise TimeoutError


@dataclass(frozen=True)
class Returned:
    """A task that is done."""

    value: tuple[Judged, bytes]

    def done(self) -> bool:
        return True

    def result(self) -> tuple[Judged, bytes]:
        return self.value

    def release(self) -> None:
        """Nothing holds it."""


class Bereft:
    """A client whose only task comes back with a run that may still be under way."""

    status = "running"

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        self.submitted: list[str] = []

    def submit(self, _: object, deployment: Deployment, *__: object, **___: object) -> Returned:
        self.submitted.append(deployment.name)
        result = (self.judged, packed(Path(), self.judged))
        return Returned(result)


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_host_where_a_lost_run_may_live_is_left_alone(
    is_alive: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = SimpleNamespace(set=lambda _: None)
    library = SimpleNamespace(wait=lambda tasks, **_: SimpleNamespace(done=tasks), Variable=lambda *_, **__: variable)
    monkeypatch.setattr(on_dask, "_distributed", lambda: library)
    client, told = Bereft(Judged(None, 2, problem="Lost.", is_perhaps_alive=is_alive)), {}
    plan = FleetPlan(tmp_path, tuple(Deployment(name, n, "host", PROFILES["gate"]) for n, name in enumerate("ab")))

    on_dask.Cluster(client, tmp_path).judge(plan, lambda one, judged: told.setdefault(one.name, judged.problem))

    left_alone = "It was not judged: the lost run of a, on the same host or limiter, may still be under way."
    assert told == {"a": "Lost.", "b": left_alone if is_alive else "Lost."}
    assert client.submitted == (["a"] if is_alive else ["a", "b"])


def test_a_cluster_without_workers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = SimpleNamespace(set=lambda _: None, delete=lambda: None)
    library = SimpleNamespace(wait=no_news, Variable=lambda *_, **__: variable)
    monkeypatch.setattr(on_dask, "_distributed", lambda: library)
    monkeypatch.setattr(on_dask, "WITHOUT_WORKERS", 0.0)
    told = []
    plan = FleetPlan(tmp_path, (Deployment("one", 1, "host", PROFILES["gate"]),))

    on_dask.Cluster(Deserted(), tmp_path).judge(plan, lambda _, judged: told.append(judged.problem))

    assert told == ["No worker was there for 0 s, so it was given up."]
