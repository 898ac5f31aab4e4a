"""The fault table: what a run makes of a target that misbehaves, and what is left of it there.

Each row looks at the exit code and the verdict, whether the ledger tells the truth, whether the record is whole or
refused as truncated, and whether all is gone that can be removed; every command's files are searched for secrets.
"""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.reference.server import start_server
from rocketchat_contract.reference.settings import Settings
from support.fronts import Asked, CutError, Fault, Forward, front
from support.live import Command, Rocket, rocket
from support.needs import ipv6
from support.sockets import response
from support.truth import is_judged_alike_offline, is_plain, is_row

HTML = b"<html><body>\x1b[31mslow down\x1b[0m<script>alert(1)</script></body></html>"
GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(HTML) + HTML


def on_rooms(fault: Fault) -> Fault:
    """A fault of room calls only."""
    return lambda asked, forward: fault(asked, forward) if asked.is_room_call else forward()


def every(number: int, fault: Fault) -> Fault:
    """A fault of each so-manieth request."""
    count = itertools.count(1)
    return lambda asked, forward: fault(asked, forward) if next(count) % number == 0 else forward()


def cut(asked: Asked, forward: Forward) -> bytes:
    raise CutError(forward()[:-30])


def lose(asked: Asked, forward: Forward) -> bytes:
    forward()
    raise CutError(b"")


def test_nothing_wrong(suite: Command) -> None:
    with rocket() as server:
        ended = suite.run(server.url)

        is_row(ended, suite, server, 0, "conformant")
        assert ended.broken == set()


def test_over_ipv6(suite: Command) -> None:
    ipv6()
    with rocket("limit=30/1", host="::1") as server:
        ended = suite.run(server.url)

        assert server.url.startswith("http://[::1]:")
        is_row(ended, suite, server, 0, "conformant")
        assert server.url in (ended.run / "report.html").read_text()


def test_reset_in_the_middle_of_the_body(suite: Command) -> None:
    with rocket() as server, front(server.port, on_rooms(every(9, cut))) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, ended.code, {0: "conformant", 3: "incomplete"}[ended.code], told=False)
        assert ended.broken == {"a-call-is-answered"}


def test_answers_that_get_lost_after_a_room_was_made(suite: Command) -> None:
    with rocket() as server, front(server.port, on_rooms(every(4, lose))) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, ended.code, {0: "conformant", 3: "incomplete"}[ended.code], told=False)
        assert ended.broken == {"a-call-is-answered"}


def test_registrations_that_get_lost(suite: Command) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return lossy(asked, forward) if asked.path.endswith("/livechat/visitor") else forward()

    lossy = every(2, lose)
    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        is_row(ended, suite, server, 3, "incomplete")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_bursts_of_a_gateway(suite: Command, status: int) -> None:
    burst = GATEWAY.replace(b"502", str(status).encode())

    def fault(asked: Asked, forward: Forward) -> bytes:
        return burst if asked.number in (*range(12, 16), *range(30, 33)) else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, ended.code, {0: "conformant", 3: "incomplete"}[ended.code])
        assert ended.broken <= {"gateways-pass-calls-on"}
        assert ended.statuses.count(status) == 7


def test_a_500_is_a_violation(suite: Command) -> None:
    error = response(b'{"success":false,"error":"Internal server error"}', "500 Internal Server Error")

    with rocket() as server, front(server.port, on_rooms(every(10, lambda *_: error))) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, 1, "violated")


def test_a_slow_start(suite: Command) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return GATEWAY.replace(b"502", b"503") if asked.number <= 3 else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, 0, "conformant")
        assert ended.statuses[:4] == [503, 503, 503, 200]


def test_a_server_killed_in_the_middle_is_swept_later(suite: Command) -> None:
    store = suite.home.parent / "store.db"
    server = start_server(Settings(store=str(store)))
    port = int(server.url.rpartition(":")[2])

    def kill(asked: Asked, forward: Forward) -> bytes:
        if asked.number == 25:
            server.crash()
        return forward()

    with front(port, kill) as served:
        ended = suite.run(served.url, "--give-up-after", "4")

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert "The target gave no answer 4 times in a row." in ended.footer["obstacles"]
        assert ended.ledger.rooms_left or ended.ledger.rooms_unconfirmed
        assert ended.ledger.visitors_left
        assert (ended.run / "ledger.jsonl").stat().st_mode & 0o777 == 0o600
        assert "rocketchat-contract sweep" in ended.err
        is_plain(ended)
        is_judged_alike_offline(ended, suite)
        with start_server(Settings(store=str(store)), port=port):
            swept = suite("sweep", str(ended.run.relative_to(suite.home)))

    assert swept.code == 0
    assert "left 0;" in swept.out
    assert not ended.has_book


def test_a_suite_killed_in_the_middle_is_swept_later(suite: Command) -> None:
    with rocket() as server, front(server.port, slowed) as served:
        ended = suite.run(served.url, during=lambda process: kill_when(process, lambda: len(server.open_rooms) > 1))
        left = (len(server.open_rooms), len(server.visitors))
        judged = suite("judge", str(ended.run))
        swept = suite("sweep", ended.run.name)

        assert ended.code == -signal.SIGKILL
        assert min(left) > 0
        assert judged.code == 2
        assert "truncated" in judged.err
        assert swept.code == 0
        assert (server.open_rooms, server.visitors) == ([], [])
        assert not ended.has_book


def slowed(asked: Asked, forward: Forward) -> bytes:
    """Leaves time to end the suite in the middle."""
    answer = forward()
    time.sleep(0.1)
    return answer


def kill_when(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """End the suite as a power cut does, as soon as something holds."""
    while process.poll() is None and not condition():
        time.sleep(0.01)
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)


def test_no_disk_space_for_the_record(suite: Command) -> None:
    with rocket() as server:
        whole = {**suite.environment, "PYTHONDONTWRITEBYTECODE": "1"}  # Python keeps compiled code that was cut off
        limited = replace(suite, prefix=("bash", "-c", 'ulimit -f 30; exec "$@"', "limited"), environment=whole)
        ended = limited.run(server.url)
        judged = suite("judge", str(ended.run))

        said = " ".join(ended.out.split())
        ledger = Ledger(server.rooms_made, server.rooms_made, (), server.visitors_made, server.visitors_made)
        assert (ended.code, "verdict: error" in said) == (4, True)
        assert "cannot be kept: File too large" in said
        assert (server.open_rooms, server.visitors) == ([], [])
        assert f"server: {ledger.sentence}" in said
        assert (judged.code, "truncated" in judged.err) == (2, True)
        assert not ended.has_book
        is_plain(ended)


def test_two_runs_at_once(suite: Command) -> None:
    with rocket("limit=40/1") as server, ThreadPoolExecutor(2) as pool:
        homes = [suite.home / name for name in ("one", "two")]
        for home in homes:
            home.mkdir()
        commands = [Command(home, suite.environment) for home in homes]
        one, two = pool.map(lambda command: command.run(server.url), commands)

        for ended, command in zip((one, two), commands, strict=True):
            is_row(ended, command, server, 0, "conformant", told=False)
        assert one.ledger.rooms_created + two.ledger.rooms_created == server.rooms_made
        assert one.ledger.visitors_created + two.ledger.visitors_created == server.visitors_made


def test_what_others_have_on_the_server_is_left_alone(suite: Command) -> None:
    with rocket() as server, front(server.port, slowed) as served:
        theirs = suite.home / "theirs"
        theirs.mkdir()
        left = Command(theirs, suite.environment).run(served.url, "--profile", "smoke", during=kill_when_rooms(server))
        time.sleep(0.3)  # a call that was under way arrives
        before = (sorted(server.open_rooms), sorted(server.visitors))
        ended = suite.run(server.url)

        assert (left.code, ended.code) == (-signal.SIGKILL, 0)
        assert (sorted(server.open_rooms), sorted(server.visitors)) == before != ([], [])
        assert (ended.ledger.rooms_left, ended.ledger.visitors_left) == ((), ())


def kill_when_rooms(server: Rocket) -> Callable[[subprocess.Popen[str]], None]:
    return lambda process: kill_when(process, lambda: bool(server.open_rooms))
