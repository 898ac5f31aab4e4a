"""One deployment judged in its own process: interrupted, killed, or begun again, it leaves nothing on the target."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from rocketchat_contract.config import PROFILES
from rocketchat_contract.fleet.attempt import Judged, attempt_folder, awaited, judge_here, packed, unpack
from rocketchat_contract.fleet.plan import Deployment
from rocketchat_contract.fleet.supervised import hold

from .servers import Watched, eventually, runs_in, watched

HOST = "127.0.0.21"


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Watched]:
    """A target that leaves time to be interrupted."""
    with watched(tmp_path, HOST, latency=0.1) as server:
        yield server


def deployment(url: str | None, **more: object) -> Deployment:
    options = (("profile", "smoke"), ("seed", "1"))
    return Deployment("one", 1, HOST, PROFILES["smoke"], url, options=options, **more)  # type: ignore[arg-type]


def has_visitors(server: Watched) -> bool:
    return server.left()[1] > 0


def test_a_run_that_is_let_go_cleans_up(slow: Watched, tmp_path: Path) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(judge_here, deployment(slow.url), tmp_path, stopped=stop.is_set)
        eventually(lambda: has_visitors(slow))
        stop.set()
        judged = under_way.result()

    assert judged.exit_code == 3
    assert slow.left() == (0, 0)


def test_a_killed_run_is_cleaned_up_after(slow: Watched, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(judge_here, deployment(slow.url), tmp_path)
        eventually(lambda: has_visitors(slow))
        for process in runs_in(tmp_path / "deployments"):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        judged = under_way.result()

    assert judged.problem == "The run was killed by signal 9. What it made on the target is gone again."
    assert slow.left() == (0, 0)


def test_an_attempt_after_a_lost_one_sweeps_first_and_judges_then(slow: Watched, tmp_path: Path) -> None:
    one = deployment(slow.url)
    lost = attempt_folder(tmp_path, one, 1)
    lost.mkdir(parents=True)
    command = [sys.executable, "-m", "rocketchat_contract.fleet.supervised", str(lost), "run", slow.url, "--yes"]
    with subprocess.Popen([*command, f"--report-dir={lost}"], stdin=subprocess.PIPE) as process:
        eventually(lambda: has_visitors(slow))
        process.kill()
    left = slow.left()

    judged = judge_here(one, tmp_path, attempt=2)

    assert left != (0, 0)
    assert (judged.attempt, judged.problem) == (2, "")
    assert slow.left() == (0, 0)


def test_nothing_is_sent_when_nobody_sees_what_the_lost_attempt_left(slow: Watched, tmp_path: Path) -> None:
    judged = judge_here(deployment(slow.url), tmp_path, attempt=2)

    assert judged.exit_code is None
    assert "nobody knows what its run left on the target" in judged.problem
    assert judged.is_perhaps_alive
    assert not attempt_folder(tmp_path, deployment(None), 2).exists()


def test_nothing_is_sent_while_the_lost_attempt_lives(tmp_path: Path) -> None:
    held = hold(tmp_path)
    assert held is not None

    reason = awaited(tmp_path, patience=0.3)
    held.close()

    assert reason == f"its run in {tmp_path} is still alive."


def test_a_ledger_that_cannot_be_swept_is_a_reason_not_to_go_on(tmp_path: Path) -> None:
    one = deployment(None)
    run = attempt_folder(tmp_path, one, 1) / "run"
    run.mkdir(parents=True)
    (run / "ledger.jsonl").write_text("{}\n", encoding="utf-8")

    judged = judge_here(one, tmp_path, attempt=2)

    assert "is not the ledger of a run" in judged.problem
    assert not judged.is_perhaps_alive


def test_an_attempt_that_ended_is_not_repeated(tmp_path: Path) -> None:
    one = deployment(None, server=("edition=newest",))
    first = judge_here(one, tmp_path)

    assert judge_here(one, tmp_path, attempt=2) == first
    assert first.run.startswith("deployments/one/attempt-1/2")


def test_a_secret_that_is_not_set_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    judged = judge_here(deployment("http://127.0.0.1:9", secrets=(("token", "NO_SUCH_VARIABLE"),)), tmp_path)

    assert judged.problem == "The environment variable NO_SUCH_VARIABLE is not set where the deployment is judged."


def test_an_archive_carries_the_reports_but_no_ledger(tmp_path: Path) -> None:
    run = tmp_path / "here" / "deployments" / "one" / "attempt-1" / "run"
    run.mkdir(parents=True)
    for name in ("record.jsonl", "report.json", "ledger.jsonl"):
        (run / name).write_text(name, encoding="utf-8")
    judged = Judged(0, 1, run="deployments/one/attempt-1/run")

    archive = packed(tmp_path / "here", judged)
    unpack(archive, tmp_path / "there")

    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        assert sorted(Path(name).name for name in members.getnames()) == ["record.jsonl", "report.json"]
    assert (tmp_path / "there" / judged.run / "record.jsonl").read_text() == "record.jsonl"


def archive_of(*members: tuple[str, bytes]) -> bytes:
    """An archive with members of these names and kinds."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, kind in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, "/etc/passwd", 1 if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(b"x"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../escaped", tarfile.REGTYPE),
        ("a/../../escaped", tarfile.REGTYPE),
        ("link", tarfile.SYMTYPE),
        ("link", tarfile.LNKTYPE),
        ("pipe", tarfile.FIFOTYPE),
        ("device", tarfile.CHRTYPE),
    ],
)
def test_nothing_but_files_below_the_folder_is_unpacked(name: str, kind: bytes, tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    unpack(archive_of((name, kind), ("deployments/a/right", tarfile.REGTYPE)), tmp_path / "fleet")

    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir()}
    assert found == {"fleet/deployments/a/right"}


def test_unpacking_needs_no_filters_of_archives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(tarfile, "data_filter")

    unpack(archive_of(("deployments/a/right", tarfile.REGTYPE)), tmp_path)

    assert (tmp_path / "deployments/a/right").read_bytes() == b"x"
