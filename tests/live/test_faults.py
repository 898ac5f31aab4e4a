"""The fault table: what a run makes of a target that misbehaves, and what is left of it there."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from rocketchat_contract.reference.server import start
from rocketchat_contract.reference.settings import Settings
from support.certificates import authority
from support.fronts import Asked, CutError, Fault, Forward, front
from support.live import Command, Ended, Rocket, rocket
from support.sockets import response

HTML = b"<html><body>\x1b[31mslow down\x1b[0m<script>alert(1)</script></body></html>"
GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(HTML) + HTML


def is_clean(ended: Ended, server: Rocket) -> None:
    """Nothing is left, and that is what the run says."""
    assert (server.open_rooms, server.visitors) == ([], [])
    assert (ended.ledger.rooms_left, ended.ledger.visitors_left) == ((), ())
    assert not ended.has_book
    assert ended.out.isprintable() or "\x1b" not in ended.out


def is_judged_alike_offline(ended: Ended, suite: Command) -> None:
    """The record gives the same verdict again."""
    again = suite("judge", str(ended.run))

    assert again.code == ended.code
    assert [line for line in again.out.splitlines() if line.startswith("verdict:")] == [
        line for line in ended.out.splitlines() if line.startswith("verdict:")
    ]


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

        assert (ended.code, ended.verdict) == (0, "conformant")
        is_clean(ended, server)
        is_judged_alike_offline(ended, suite)


def test_reset_in_the_middle_of_the_body(suite: Command) -> None:
    with rocket() as server, front(server.port, on_rooms(every(9, cut))) as served:
        ended = suite.run(served.url)

        assert (ended.code, ended.broken & {"a-body-is-complete"}) == (1, {"a-body-is-complete"})
        assert [name for name in ended.broken if "room" in name] == []
        is_clean(ended, server)
        is_judged_alike_offline(ended, suite)


def test_answers_that_get_lost_after_a_room_was_made(suite: Command) -> None:
    with rocket() as server, front(server.port, on_rooms(every(4, lose))) as served:
        ended = suite.run(served.url)

        assert ended.code in (0, 3)
        assert ended.broken <= {"a-call-is-answered"}
        is_clean(ended, server)


def test_registrations_that_get_lost(suite: Command) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return lossy(asked, forward) if asked.path.endswith("/livechat/visitor") else forward()

    lossy = every(2, lose)
    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 3
        is_clean(ended, server)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_bursts_of_a_gateway(suite: Command, status: int) -> None:
    burst = GATEWAY.replace(b"502", str(status).encode())

    def fault(asked: Asked, forward: Forward) -> bytes:
        return burst if asked.number in (*range(12, 16), *range(30, 33)) else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        assert ended.code in (0, 3)
        assert ended.broken <= {"gateways-pass-calls-on"}
        is_clean(ended, server)


def test_a_500_is_a_violation(suite: Command) -> None:
    error = response(b'{"success":false,"error":"Internal server error"}', "500 Internal Server Error")

    with rocket() as server, front(server.port, on_rooms(every(10, lambda *_: error))) as served:
        ended = suite.run(served.url)

        assert (ended.code, ended.verdict) == (1, "violated")
        is_clean(ended, server)


def test_a_limiter_is_stayed_under(suite: Command) -> None:
    with rocket("limit=12/1") as server:
        ended = suite.run(server.url)

        assert (ended.code, ended.verdict) == (0, "conformant")
        assert ended.statuses.count(429) <= 2
        is_clean(ended, server)


def test_a_tight_limiter(suite: Command) -> None:
    with rocket("limit=5/2") as server:
        ended = suite.run(server.url, "--profile", "smoke")

        assert ended.code == 3
        assert ended.broken == set()
        assert ended.statuses.count(429) <= 2
        assert "room calls" in ended.facts["limiter"]
        is_clean(ended, server)


class Turnstile:
    """Turns calls away with a page, beyond so many in so many seconds; says nothing about it in headers."""

    def __init__(self, calls: int, seconds: float, *headers: str) -> None:
        self.calls, self.seconds, self.headers = calls, seconds, headers
        self.since, self.taken = 0.0, 0

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        if time.monotonic() - self.since > self.seconds:
            self.since, self.taken = time.monotonic(), 0
        self.taken += 1
        return forward() if self.taken <= self.calls else response(HTML, "429 Too Many Requests", *self.headers)


@pytest.mark.parametrize(
    ("headers", "flags"),
    [(("Retry-After: 1",), ()), ((), ("--limit", "20/1"))],
    ids=["with Retry-After", "with --limit"],
)
def test_a_page_for_429(suite: Command, headers: tuple[str, ...], flags: tuple[str, ...]) -> None:
    with rocket() as server, front(server.port, on_rooms(Turnstile(20, 1.0, *headers))) as served:
        ended = suite.run(served.url, *flags)

        assert ended.code == 0
        assert ended.broken <= {"a-429-fits-the-full-schema"}
        assert ended.statuses.count(429) <= 3
        is_clean(ended, server)


def test_a_slow_start(suite: Command) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return GATEWAY.replace(b"502", b"503") if asked.number <= 3 else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        assert (ended.code, ended.verdict) == (0, "conformant")
        is_clean(ended, server)


def test_a_server_killed_in_the_middle_is_swept_later(suite: Command) -> None:
    store = suite.home.parent / "store.db"
    server = start(Settings(store=str(store)))
    port = int(server.url.rpartition(":")[2])

    def kill(asked: Asked, forward: Forward) -> bytes:
        if asked.number == 25:
            server.crash()
        return forward()

    with front(port, kill) as served:
        ended = suite.run(served.url, "--give-up-after", "4")

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert "The target gave no answer 4 times in a row." in ended.footer["obstacles"]
        assert ended.ledger.rooms_left
        assert ended.ledger.visitors_left
        assert (ended.run / "ledger.jsonl").stat().st_mode & 0o777 == 0o600
        is_judged_alike_offline(ended, suite)
        with start(Settings(store=str(store)), port=port):
            swept = suite("sweep", str(ended.run.relative_to(suite.home)))

    assert swept.code == 0
    assert "left 0;" in swept.out
    assert not ended.has_book


def test_a_suite_killed_in_the_middle_is_swept_later(suite: Command) -> None:
    with rocket("latency=0.01") as server:
        ended = suite.run(server.url, during=lambda process: kill_when(process, lambda: len(server.open_rooms) > 1))
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


def kill_when(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """End the suite as a power cut does, as soon as something holds."""
    when(process, condition, signal.SIGKILL)


def when(process: subprocess.Popen[str], condition: Callable[[], bool], number: int = signal.SIGINT) -> None:
    """Send a signal as soon as something holds."""
    while process.poll() is None and not condition():
        time.sleep(0.01)
    if process.poll() is None:
        process.send_signal(number)


def test_closing_is_refused(suite: Command) -> None:
    with rocket("visitors_may_close=false") as server:
        ended = suite.run(server.url)

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert "switch on Omnichannel_allow_visitors_to_close_conversation" in ended.out.replace("\n    ", " ")
        assert set(ended.ledger.rooms_left) == set(server.open_rooms) != set()
        assert len(ended.ledger.visitors_left) == len(server.visitors) > 0
        assert ended.has_book
        assert "rocketchat-contract sweep" in ended.err


def test_deleting_is_refused(suite: Command) -> None:
    with rocket("delete_forbidden=true") as server:
        ended = suite.run(server.url)

        assert ended.code in (0, 3)
        assert ended.broken == set()
        assert (server.open_rooms, ended.ledger.rooms_left) == ([], ())
        assert len(ended.ledger.visitors_left) == len(server.visitors) > 0
        assert ended.has_book


def test_livechat_is_switched_off(suite: Command) -> None:
    with rocket("livechat_enabled=false") as server:
        ended = suite.run(server.url)

        assert (ended.code, ended.verdict, ended.broken) == (3, "incomplete", set())
        assert "Livechat is switched off: switch on Livechat_enabled." in ended.footer["obstacles"]
        is_clean_of_visitors(server)


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (("agent_online=false",), "No agent is online"),
        (("contact_blocked=true",), "contact channel is blocked"),
    ],
)
def test_settings_that_forbid_rooms(suite: Command, pairs: tuple[str, ...], sentence: str) -> None:
    with rocket(*pairs) as server:
        ended = suite.run(server.url)

        assert (ended.code, ended.verdict, ended.broken) == (3, "incomplete", set())
        assert sentence in " ".join(ended.report["verdict"]["obstacles"])
        is_clean_of_visitors(server)


def is_clean_of_visitors(server: Rocket) -> None:
    """Whatever was registered is gone."""
    assert (server.open_rooms, server.visitors) == ([], [])


def test_no_disk_space_for_the_record(suite: Command) -> None:
    with rocket() as server:
        limited = replace(suite, prefix=("bash", "-c", 'ulimit -f 30; exec "$@"', "limited"))
        ended = limited.run(server.url)
        judged = suite("judge", str(ended.run))

        assert ended.code == 4
        assert "cannot be kept: File too large" in ended.out.replace("\n", " ")
        assert (server.open_rooms, server.visitors) == ([], [])
        assert judged.code == 2
        assert not ended.has_book


def test_two_runs_at_once(suite: Command) -> None:
    with rocket("limit=40/1") as server, ThreadPoolExecutor(2) as pool:
        homes = [suite.home / name for name in ("one", "two")]
        for home in homes:
            home.mkdir()
        commands = [Command(home, suite.environment) for home in homes]
        one, two = pool.map(lambda command: command.run(server.url), commands)

        assert {one.code, two.code} <= {0, 3}
        assert one.broken | two.broken == set()
        is_clean(one, server)
        is_clean(two, server)


def test_what_others_have_on_the_server_is_left_alone(suite: Command) -> None:
    with rocket() as server:
        theirs = suite.home / "theirs"
        theirs.mkdir()
        left = Command(theirs, suite.environment).run(server.url, "--profile", "smoke", during=kill_when_rooms(server))
        before = (sorted(server.open_rooms), sorted(server.visitors))
        ended = suite.run(server.url)

        assert (left.code, ended.code) == (-signal.SIGKILL, 0)
        assert (sorted(server.open_rooms), sorted(server.visitors)) == before != ([], [])


def kill_when_rooms(server: Rocket) -> Callable[[subprocess.Popen[str]], None]:
    return lambda process: kill_when(process, lambda: bool(server.open_rooms))


def test_a_run_that_takes_too_long(suite: Command) -> None:
    with rocket("limit=5/3") as server:
        ended = suite.run(server.url, "--run-timeout", "2")

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert "The run's time of 2 s is over (--run-timeout)." in ended.footer["obstacles"]
        is_clean(ended, server)


def test_fail_fast(suite: Command) -> None:
    with rocket("edition=3.7") as server:
        ended = suite.run(server.url, "--fail-fast")

        assert (ended.code, ended.verdict) == (1, "violated")
        assert ended.report["reach"]["room_calls"] < 10
        is_clean(ended, server)


def test_the_budget_is_a_wall_whatever_the_server_does(suite: Command) -> None:
    with rocket("edition=3.7") as server:
        ended = suite.run(server.url, "--profile", "smoke")

        assert ended.code == 1
        assert len(server.app.store.rooms()) <= 10
        assert ended.report["reach"]["room_calls"] <= 15
        is_clean(ended, server)


def test_readonly_creates_nothing(suite: Command) -> None:
    with rocket() as server:
        ended = suite.run(server.url, "--profile", "readonly")

        assert (ended.code, ended.broken) == (3, set())
        assert (server.app.store.rooms(), server.app.store.visitors()) == ([], [])
        assert ended.ledger.sentence == "created 0 rooms, closed 0, left 0; 0 visitors, deleted 0"


def test_own_authority_and_sub_path(suite: Command) -> None:
    own = authority(suite.home)
    with (
        rocket("prefix=/chat") as server,
        front(server.port, lambda _, forward: forward(), own.server("localhost")) as served,
    ):
        ended = suite.run(f"https://localhost:{served.port}/chat/", "--ca", own.pem)

        assert (ended.code, ended.verdict) == (0, "conformant")
        is_clean(ended, server)


def test_an_unchecked_certificate_is_told_loudly(suite: Command) -> None:
    own = authority(suite.home)
    with rocket() as server, front(server.port, lambda _, forward: forward(), own.server("localhost")) as served:
        ended = suite.run(f"https://localhost:{served.port}", "--insecure", "--profile", "readonly")

        assert "WARNING: the server's certificate is not checked (--insecure)." in ended.err
        assert ended.facts["server certificate"] == "not checked (--insecure)"
