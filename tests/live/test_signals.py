"""Ctrl-C, SIGTERM and SIGHUP in each phase of a run: cleaned up, recorded, told; never a traceback."""

from __future__ import annotations

import itertools
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from rocketchat_contract.report.files import WRITERS
from support.fronts import Asked, Forward, front
from support.live import PATIENCE, Command, Ended, Rocket, rocket
from support.sockets import response
from support.truth import counts_what_was_made, is_judged_alike_offline, is_plain, is_row, is_truthful

EACH = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=["Ctrl-C", "SIGTERM", "SIGHUP"]
)
Process = subprocess.Popen[str]


class Doorbell:
    """Rings when the first request of a kind has arrived, and keeps it waiting.

    It waits for the signals and a while longer, or, if it is to, until the test opens the door.
    """

    def __init__(self, wanted: Callable[[Asked], bool], *, until_opened: bool = False) -> None:
        self.wanted, self.rung, self.open = wanted, threading.Event(), threading.Event()
        self.until_opened = until_opened

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        if self.wanted(asked) and not self.rung.is_set():
            self.rung.set()
            self.open.wait(PATIENCE)
            time.sleep(0.4)
        return forward()

    def then(self, *numbers: int) -> Callable[[Process], None]:
        """What disturbs the run: signals, once it has rung."""

        def disturb(process: Process) -> None:
            self.rung.wait(PATIENCE)
            for number in numbers:
                time.sleep(0.1)
                process.send_signal(number)
            if not self.until_opened:
                self.open.set()

        return disturb


class Crowd(Doorbell):
    """Rings when the third of several simultaneous calls has arrived."""

    def __init__(self, wanted: Callable[[Asked], bool]) -> None:
        super().__init__(wanted)
        self.present, self.door = 0, threading.Lock()

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        with self.door:
            self.present += 1
            is_third = self.present > 2 and self.wanted(asked)
        try:
            return super().__call__(asked, forward) if is_third else forward()
        finally:
            with self.door:
                self.present -= 1


def nth(number: int, wanted: Callable[[Asked], bool]) -> Callable[[Asked], bool]:
    """The n-th request that is wanted."""
    count = itertools.count(1)
    return lambda asked: wanted(asked) and next(count) == number


def is_ended_well(ended: Ended, server: Rocket, number: int) -> None:
    """Incomplete, told why, nothing left, the record whole."""
    assert (ended.code, ended.verdict) == (3, "incomplete")
    assert f"The run was interrupted ({signal.Signals(number).name})." in ended.footer["obstacles"]
    assert (server.open_rooms, server.visitors) == ([], [])
    is_truthful(ended, server)
    is_plain(ended)
    is_judged_alike_offline(ended, Command(ended.home))
    assert ended.ledger.rooms_created <= server.rooms_made
    assert not ended.has_book


@EACH
def test_while_the_target_is_looked_at(suite: Command, number: int) -> None:
    bell = Doorbell(lambda asked: asked.path == "/api/info")
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(number))

        assert (ended.code, ended.runs) == (3, [])
        assert "Interrupted before anything was created." in ended.said
        assert "Traceback" not in ended.err
        assert not (ended.home / "reports").exists()


@EACH
def test_during_a_room_call(suite: Command, number: int) -> None:
    bell = Doorbell(nth(8, lambda asked: asked.is_room_call))
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(number))

        is_ended_well(ended, server, number)
        assert ended.ledger.rooms_created > 0
        assert "Stopping and cleaning up. Press Ctrl-C again to stop at once" in ended.said


def test_during_a_registration(suite: Command) -> None:
    bell = Doorbell(nth(2, lambda asked: asked.path.endswith("/livechat/visitor")))
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(signal.SIGINT))

        is_ended_well(ended, server, signal.SIGINT)


def test_during_simultaneous_calls(suite: Command) -> None:
    bell = Crowd(lambda asked: asked.is_room_call)
    with rocket("latency=0.03") as server, front(server.port, bell) as served:
        ended = suite.run(served.url, during=bell.then(signal.SIGINT))

        is_ended_well(ended, server, signal.SIGINT)
        assert "volley" in {line["driver"] for line in ended.lines if line["type"] == "exchange"}


@EACH
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


@EACH
def test_while_cleaning_up(suite: Command, number: int) -> None:
    bell = Doorbell(lambda asked: asked.is_delete and asked.body == b"")
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, "--profile", "smoke", during=bell.then(number))

        is_ended_well(ended, server, number)


def test_a_second_one_cuts_the_clean_up_short(suite: Command) -> None:
    bell = Doorbell(lambda asked: asked.is_delete, until_opened=True)
    with rocket() as server, front(server.port, bell) as served:
        flags = ("--profile", "smoke", "--timeout", "30")
        ended = suite.run(served.url, *flags, during=bell.then(signal.SIGINT, signal.SIGTERM))
        left = len(server.visitors)
        bell.open.set()
        swept = suite("sweep", str(ended.run))

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert len(ended.ledger.visitors_left) + len(ended.ledger.visitors_unconfirmed) >= left > 0
        assert set(ended.ledger.rooms_left) >= set(server.open_rooms)
        counts_what_was_made(ended, server)
        is_judged_alike_offline(ended, suite)
        assert "Cleaning up was cut short." in ended.footer["notes"]
        assert swept.code == 0
        assert (server.open_rooms, server.visitors) == ([], [])


def test_a_call_that_is_still_under_way_after_the_clean_up_is_swept_later(suite: Command) -> None:
    """The server is at work on a registration for longer than a signal waits, and for longer than the clean-up."""
    bell = Doorbell(nth(2, lambda asked: asked.path.endswith("/livechat/visitor")), until_opened=True)
    with rocket() as server, front(server.port, bell) as served:
        ended = suite.run(served.url, "--timeout", "30", during=bell.then(signal.SIGINT))
        before = list(server.visitors)
        bell.open.set()
        wait_until(lambda: bool(server.visitors))
        swept = suite("sweep", str(ended.run))

        assert (ended.code, before, len(ended.ledger.unclear)) == (3, [], 1)
        assert "of 1 visitor a call may still take effect" in " ".join(ended.out.split())
        assert "A call that was given up may still take effect on" in ended.said
        assert (swept.code, server.visitors, ended.has_book) == (0, [], False)


def test_a_sweep_that_is_interrupted_is_swept_again(suite: Command) -> None:
    may_delete = threading.Event()
    bell = Doorbell(lambda asked: asked.is_delete and may_delete.is_set(), until_opened=True)

    def fault(asked: Asked, forward: Forward) -> bytes:
        is_refused = asked.is_delete and not may_delete.is_set()
        return response(b'{"success":false,"error":"no"}', "400 Bad Request") if is_refused else bell(asked, forward)

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", "smoke")
        may_delete.set()
        cut_short = suite("sweep", ended.run.name, "--timeout", "30", during=bell.then(signal.SIGINT))
        left = len(server.visitors)
        bell.open.set()
        swept = suite("sweep", ended.run.name)

        assert (cut_short.code, swept.code) == (3, 0)
        assert left > 0
        assert "left: visitor" in cut_short.out
        is_plain(cut_short)
        assert (server.open_rooms, server.visitors, ended.has_book) == ([], [], False)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that is sure to come."""
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)


@EACH
def test_while_reports_are_written(suite: Command, number: int) -> None:
    with rocket() as server:

        def disturb(process: Process) -> None:
            """From the footer on, which is the record's end, without a pause: no moment is a safe one."""
            folder = suite.home / "reports"
            wait_until(lambda: any(b'"type":"footer"' in path.read_bytes() for path in folder.glob("2*/record.jsonl")))
            while process.poll() is None and not list(folder.glob("2*/badge.json")):
                process.send_signal(signal.SIGSTOP)  # else it may be further by the time the signal comes
                if not list(folder.glob("2*/badge.json")):
                    process.send_signal(number)
                process.send_signal(signal.SIGCONT)
                time.sleep(0.02)

        ended = suite.run(server.url, during=disturb)

        is_row(ended, suite, server, 0, "conformant")
        assert {path.name for path in ended.run.iterdir()} == {"record.jsonl", *WRITERS}


def test_in_a_terminal_the_embedded_server_outlives_ctrl_c(suite: Command) -> None:
    process = suite.start("run", "--set", "latency=0.01", alone=True)
    wait_until(lambda: any(path.read_bytes().count(b"\n") > 20 for path in suite.home.glob("reports/2*/record.jsonl")))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    footer = Ended(process.returncode, "", err, suite.home).footer

    assert process.returncode == 3, err
    assert footer["obstacles"] == ["The run was interrupted (SIGINT)."]
    assert (footer["ledger"]["rooms_left"], footer["ledger"]["visitors_left"]) == ([], [])


def read_until(process: Process, words: str) -> str:
    """What the command says on standard error until these words, or until its end."""
    assert process.stderr is not None
    text = ""
    while words not in text and (letter := process.stderr.read(1)):
        text += letter
    return text


def interrupt_until_it_ends(process: Process) -> None:
    """Ctrl-C, and once more where it came between the question and the wait for its answer: Python sees it too late."""
    for _ in range(10):
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return


@pytest.mark.parametrize("said", ["n\n", "\x03", "\x04"], ids=["no", "Ctrl-C", "end of input"])
def test_when_asked(suite: Command, said: str) -> None:
    with rocket() as server:
        ours, theirs = pty.openpty()
        process = suite.start("run", server.url, stdin=theirs)
        asked = read_until(process, "Go on?")
        if said == "\x03":
            interrupt_until_it_ends(process)
        else:
            os.write(ours, said.encode())
        _, err = process.communicate(timeout=PATIENCE)
        os.close(ours)
        os.close(theirs)

        assert process.returncode == 3, err
        assert "at most   60 room calls, 12 visitors, 30 rooms," in asked
        assert (server.app.store.rooms(), server.app.store.visitors()) == ([], [])
        assert not (suite.home / "reports").exists()


def test_yes_when_asked(suite: Command) -> None:
    with rocket() as server:
        ours, theirs = pty.openpty()
        os.write(ours, b"y\n")
        process = suite.start("run", server.url, "--profile", "smoke", stdin=theirs)
        _, err = process.communicate(timeout=PATIENCE)
        os.close(ours)
        os.close(theirs)

        assert process.returncode == 3
        assert "Go on?" in err
        assert server.app.store.rooms() == []
        assert (suite.home / "reports" / "latest" / "record.jsonl").exists()
