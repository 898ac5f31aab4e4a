"""``pytest tests/contract`` is the same engine as ``run``: same verdict, summary, reports and exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.again import unlike
from support.live import Command, Ended, rocket
from support.needs import module
from support.sockets import closed_port

ROOT = Path(__file__).parents[2]


def pytest_of(suite: Command, *words: str, tests: tuple[str, ...] = ("tests/contract",)) -> Ended:
    """Run pytest from the checkout, its reports in the suite's home."""
    reports = suite.home / "reports"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--report-dir={reports}", *words]
    done = subprocess.run(
        [*command, *tests],
        cwd=ROOT,
        env=suite.variables(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    ended = Ended(done.returncode, done.stdout, done.stderr, suite.home)
    suite.search(ended)
    assert unlike(reports) == []
    return ended


def test_a_live_target(suite: Command) -> None:
    with rocket() as server:
        ended = pytest_of(suite, "--target", server.url, "--yes", "--seed", "1")

        assert (ended.code, ended.verdict) == (0, "conformant")
        assert (server.open_rooms, server.visitors) == ([], [])
        assert f"{ended.run}/report.html" in ended.out


def test_every_driver_passes_without_a_target(suite: Command) -> None:
    ended = pytest_of(suite, "--profile", "nightly")

    assert (ended.code, ended.verdict) == (0, "conformant")
    assert len(ended.report["header"]["drivers"]) > 5


def test_the_summary_is_that_of_run(suite: Command) -> None:
    by_pytest = pytest_of(suite, "--profile", "gate", "--seed", "1")
    by_run = suite("run", "--profile", "gate", "--seed", "1")

    assert (by_pytest.code, by_run.code) == (0, 0)
    verdicts = [re.findall(r"verdict: .*", ended.out) for ended in (by_pytest, by_run)]
    assert verdicts[0] == verdicts[1] != []


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--target", "http://h"), 2, "Pass --yes to allow it."),
        (("--wrong", "nothing_of_the_kind"), 2, "nothing_of_the_kind"),
        (("--target", f"http://127.0.0.1:{closed_port()}", "--yes"), 3, "Start the server"),
    ],
)
def test_refusals_have_the_exit_codes_of_run(suite: Command, words: tuple[str, ...], code: int, sentence: str) -> None:
    ended = pytest_of(suite, *words)

    assert ended.code == code, ended.out
    assert sentence in ended.out + ended.err
    assert "_pytest.outcomes" not in ended.out + ended.err
    assert len(ended.runs) == (1 if code == 3 else 0)


def test_workers_that_share_the_drivers_are_refused(suite: Command) -> None:
    module("xdist")
    ended = pytest_of(suite, "-n", "2", "--profile", "smoke", "-q")

    assert (ended.code, ended.runs) == (2, [])
    assert "run them without -n" in ended.out


def test_a_subset_of_drivers_is_no_pass(suite: Command) -> None:
    tests = ("tests/contract/test_look.py",)
    ended = pytest_of(suite, "--profile", "readonly", "-k", "unknown_token", tests=tests)

    assert (ended.code, ended.verdict) == (3, "incomplete")


def test_drivers_among_other_tests_are_tests(suite: Command) -> None:
    tests = ("tests/contract/test_core.py", "tests/unit/client/test_budget.py")
    right = pytest_of(suite, "--profile", "smoke", "-q", tests=tests)

    assert " passed" in right.out
    assert right.code == 3


def test_other_tests_alone_start_nothing(suite: Command) -> None:
    ended = pytest_of(suite, "-q", tests=("tests/unit/client/test_budget.py",))

    assert (ended.code, ended.runs) == (0, [])


def test_a_finding_fails_its_driver(suite: Command) -> None:
    ended = pytest_of(suite, "--profile", "smoke", "--edition", "3.7", "-q")

    assert ended.code == 1
    assert "an-open-room-is-returned: expected room" in ended.out
    assert json.loads((ended.run / "report.json").read_text())["verdict"]["word"] == "violated"


def test_repeated_traffic_is_one_run(suite: Command) -> None:
    ended = pytest_of(suite, "--profile", "smoke", "--repeat", "2", "--seed", "1")

    assert (ended.code, ended.lines[0]["repeat"]) == (3, 2)
    assert 15 < ended.report["reach"]["room_calls"] <= 30


def test_collecting_only_starts_nothing(suite: Command) -> None:
    ended = pytest_of(suite, "--collect-only", "-q", "--target", f"http://127.0.0.1:{closed_port()}", "--yes")

    assert (ended.code, ended.runs) == (0, [])


def test_the_same_seed_makes_the_same_calls(suite: Command) -> None:
    def asked(name: str) -> list[str]:
        home, words = suite.home / name, ("--profile", "nightly", "--seed", "42", "-k", "positive")
        home.mkdir()
        ended = pytest_of(Command(home), *words, tests=("tests/contract/test_queries.py",))
        return [re.sub(r"rid=\w{17}\b", "rid=ROOM", target) for target in ended.targets("queries")]

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(asked, ("one", "two"))

    assert one == two
    assert len(one) > 50
