"""A standard stream that is closed, or whose reader goes away, changes no exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.hars import entries, write_har
from support.histories import ANNA, closed, created, registered, returned

RIGHT = (registered(ANNA), created(ANNA, "R1"))
WRONG = (*RIGHT, closed(ANNA, "R1"), returned(ANNA, "R1"))
PYTHON = f"{sys.executable} -m rocketchat_contract"
BROKEN = "refuses_visitors_who_have_a_room"
STREAMS = {
    "as they are": "{} >out 2>err",
    "no output": "{} >&- 2>err",
    "no errors": "{} 2>&- >out",
    "none at all": "{} <&- >&- 2>&-",
    "output that nobody reads": "{} 2>err | true",
    "errors that nobody reads": "{} 2>&1 >out | true",
    "nothing that anybody reads": "{} 2>&1 | true",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run that broke the contract, and its bundle."""
    folder = tmp_path_factory.mktemp("streams")
    har = write_har(folder / "wrong.har", entries(*WRONG))
    shell(folder, f"{PYTHON} judge {har} --report-dir reports/run >out 2>err")
    shell(folder, f"{PYTHON} bundle reports/run --out run.zip >out 2>err")
    (folder / "broken.zip").write_bytes((folder / "run.zip").read_bytes() + b"x")
    return folder


def shell(folder: Path, command: str) -> int:
    script = f"{command}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], cwd=folder, timeout=100, stdin=subprocess.DEVNULL, check=False)
    return done.returncode


@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("judge wrong.har", 1),
        ("judge missing.jsonl", 2),
        ("verify run.zip", 0),
        ("verify broken.zip", 1),
        ("history reports", 0),
        ("history nowhere", 2),
    ],
)
def test_the_exit_code_stays(runs: Path, command: str, code: int, streams: str) -> None:
    assert shell(runs, streams.format(f"{PYTHON} {command}")) == code


@pytest.mark.parametrize("closed", ["no output", "no errors", "nothing that anybody reads"])
def test_the_exit_code_of_a_run_stays(runs: Path, closed: str) -> None:
    assert shell(runs, STREAMS[closed].format(f"{PYTHON} run --profile smoke --wrong {BROKEN}")) == 1


def test_no_traceback_is_written(runs: Path) -> None:
    shell(runs, f"{PYTHON} judge wrong.har 2>err | true")

    assert "Traceback" not in (runs / "err").read_text()
