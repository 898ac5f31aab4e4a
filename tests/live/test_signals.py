"""Ctrl-C and SIGTERM in each phase of a run: cleaned up, recorded, told; never a traceback."""

from __future__ import annotations

import itertools
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from support.fronts import Asked, Forward, front
from support.live import Command, Ended, Rocket, rocket

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
Process = subprocess.Popen[str]


class Doorbell:
    """Rings when the first request of a kind has arrived, and keeps it waiting for a while."""

    def __init__(self, wanted: Callable[[Asked], bool], seconds: float = 0.5) -> None:
        self.wanted, self.seconds, self.rung = wanted, seconds, threading.Event()

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        if self.wanted(asked) and not self.rung.is_set():
            self.rung.set()
            time.sleep(self.seconds)
        return forward()

    def then(self, *numbers: int) -> Callable[[Process], None]:
        """What disturbs the run: signals, once it has rung."""

        def disturb(process: Process) -> None:
            self.rung.wait(20)
            for number in numbers:
                time.sleep(0.1)
                process.send_signal(number)

        return disturb


def nth(number: int, wanted: Callable[[Asked], bool]) -> Callable[[Asked], bool]:
    """The n-th request that is wanted."""
    count = itertools.count(1)
    return lambda asked: wanted(asked) and next(count) == number


def is_ended_well(ended: Ended, server: Rocket, number: int) -> None:
    """Incomplete, told why, nothing left, the record whole."""
    assert (ended.code, ended.verdict) == (3, "incomplete")
    assert f"The run was interrupted ({signal.Signals(number).name})." in ended.footer["obstacles"]
    assert (server.open_rooms, server.visitors) == ([], [])
    assert (ended.ledger.rooms_left, ended.ledger.visitors_left) == ((), ())
    assert not ended.has_book
    assert "Traceback" not in ended.err


@BOTH
def test_while_the_target_is_looked_at(suite: Command, number: int) -> None:
    bell = Doorbell(lambda asked: asked.path == "/api/info")
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(number))

        assert (ended.code, ended.runs) == (3, [])
        assert "Interrupted before anything was created." in ended.err
        assert "Traceback" not in ended.err
        assert not (ended.home / "reports").exists()


@BOTH
def test_during_a_room_call(suite: Command, number: int) -> None:
    bell = Doorbell(nth(8, lambda asked: asked.is_room_call))
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(number))

        is_ended_well(ended, server, number)
        assert ended.ledger.rooms_created > 0


def test_during_a_registration(suite: Command) -> None:
    bell = Doorbell(nth(2, lambda asked: asked.path.endswith("/livechat/visitor")))
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(signal.SIGINT))

        is_ended_well(ended, server, signal.SIGINT)


def test_during_simultaneous_calls(suite: Command) -> None:
    bell = Doorbell(nth(34, lambda asked: asked.is_room_call))
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(signal.SIGINT))

        is_ended_well(ended, server, signal.SIGINT)
        assert "volley" in {line["driver"] for line in ended.lines if line["type"] == "exchange"}


@BOTH
def test_while_waiting_for_the_limiter(suite: Command, number: int) -> None:
    with rocket("limit=4/30") as server:

        def disturb(process: Process) -> None:
            while not server.open_rooms:
                time.sleep(0.02)
            time.sleep(0.5)
            process.send_signal(number)

        ended = suite.run(server.url, "--profile", "smoke", during=disturb)

        is_ended_well(ended, server, number)
        assert ended.statuses.count(429) == 0


@BOTH
def test_while_cleaning_up(suite: Command, number: int) -> None:
    bell = Doorbell(lambda asked: asked.is_delete and asked.body == b"")
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, "--profile", "smoke", during=bell.then(number))

        is_ended_well(ended, server, number)


def test_a_second_one_cuts_the_clean_up_short(suite: Command) -> None:
    bell = Doorbell(lambda asked: asked.is_delete)
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, "--profile", "smoke", during=bell.then(signal.SIGINT, signal.SIGINT))
        left = len(server.visitors)
        swept = suite("sweep", str(ended.run))

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert len(ended.ledger.visitors_left) >= left > 0
        assert "Cleaning up was cut short." in ended.footer["notes"]
        assert swept.code == 0
        assert (server.open_rooms, server.visitors) == ([], [])


def test_in_a_terminal_the_embedded_server_outlives_ctrl_c(suite: Command) -> None:
    process = suite.start("run", "--set", "latency=0.01", alone=True)
    while not list(suite.home.glob("reports/*/record.jsonl")):
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    footer = Ended(process.returncode, "", err, suite.home).footer

    assert process.returncode == 3, err
    assert footer["obstacles"] == ["The run was interrupted (SIGINT)."]
    assert (footer["ledger"]["rooms_left"], footer["ledger"]["visitors_left"]) == ([], [])


@pytest.mark.parametrize("said", ["n\n", "\x03", "\x04"], ids=["no", "Ctrl-C", "end of input"])
def test_when_asked(suite: Command, said: str) -> None:
    with rocket() as server:
        ours, theirs = pty.openpty()
        process = suite.start("run", server.url, stdin=theirs)
        time.sleep(1.5)
        if said == "\x03":
            process.send_signal(signal.SIGINT)
        else:
            os.write(ours, said.encode())
        _, err = process.communicate(timeout=20)
        os.close(ours)
        os.close(theirs)

        assert process.returncode == 3, err
        assert "at most   60 room calls, 12 visitors, 30 rooms," in err
        assert (server.app.store.rooms(), server.app.store.visitors()) == ([], [])
        assert not (suite.home / "reports").exists()


def test_yes_when_asked(suite: Command) -> None:
    with rocket() as server:
        ours, theirs = pty.openpty()
        os.write(ours, b"y\n")
        process = suite.start("run", server.url, "--profile", "smoke", stdin=theirs)
        _, err = process.communicate(timeout=30)
        os.close(ours)
        os.close(theirs)

        assert process.returncode == 3
        assert "Go on?" in err
        assert server.app.store.rooms() == []
        assert (suite.home / "reports" / "latest" / "record.jsonl").exists()
