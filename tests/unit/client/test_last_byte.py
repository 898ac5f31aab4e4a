"""Calls that leave together."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from rocketchat_contract.client import last_byte
from rocketchat_contract.client.address import parse_address, tls_context
from rocketchat_contract.client.last_byte import LastByteBurst
from rocketchat_contract.client.release import Left, Part, release
from rocketchat_contract.client.transport import Call, Options, Reply, Transport
from support.certificates import authority
from support.sockets import JSON_200, Handler, closed_port, read_request, serve, silent

PATIENCE = 30
"""Seconds; so long only on a machine with much else to do."""


def fire(url: str, number: int, seconds: float = PATIENCE, ca: str | None = None) -> list[Reply]:
    tls = tls_context(ca) if ca else None
    transport = Transport(Options(parse_address(url), seconds, tls))
    volley = LastByteBurst(transport)
    volley.load([Call("GET", f"/{place}") for place in range(number)])
    volley.fire(transport.options.clock)
    volley.collect()
    volley.close()
    return volley.replies()


class Meeting:
    """Answers when so many requests are there at once, or not at all."""

    def __init__(self, number: int) -> None:
        self.barrier = threading.Barrier(number)

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        self.barrier.wait(PATIENCE)
        connection.sendall(JSON_200)


def test_all_calls_are_under_way_at_once() -> None:
    with serve(Meeting(8)) as served:
        found = fire(served.url, 8)

    assert [reply.status for reply in found] == [200] * 8
    assert max(reply.started for reply in found) < min(reply.ended for reply in found)


def test_all_calls_are_under_way_at_once_over_tls(tmp_path: Path) -> None:
    own = authority(tmp_path)
    with serve(Meeting(4), own.server("localhost")) as served:
        found = fire(f"https://localhost:{served.port}", 4, ca=own.pem)

    assert [reply.status for reply in found] == [200] * 4


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_every_last_byte_leaves_before_the_first_answer(secure: bool, tmp_path: Path) -> None:
    own = authority(tmp_path) if secure else None
    with serve(Meeting(6), own.server("localhost") if own else None) as served:
        url = f"https://localhost:{served.port}" if own else served.url
        found = fire(url, 6, ca=own.pem if own else None)

    released = [reply.released or 0 for reply in found]
    assert max(reply.started for reply in found) <= min(released)
    assert max(released) < min(reply.ended for reply in found)


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_an_answer_that_comes_while_others_leave_overlaps_none_of_them(
    secure: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(JSON_200)
        answered.set()

    def slowly(parts: Sequence[Part], clock: Callable[[], int]) -> list[Left]:
        left = release(parts[:1], clock)
        answered.wait(PATIENCE)
        return left + release(parts[1:], clock)

    monkeypatch.setattr(last_byte, "release", slowly)
    own = authority(tmp_path) if secure else None
    with serve(handle, own.server("localhost") if own else None) as served:
        first, second = fire(f"https://localhost:{served.port}" if own else served.url, 2, ca=own.pem if own else None)

    assert first.answered is not None
    assert first.answered < (second.released or 0) <= (second.answered or 0) <= second.ended


def test_an_answer_is_timed_when_it_comes_and_not_when_it_is_read() -> None:
    with serve(Meeting(2)) as served:
        transport = Transport(Options(parse_address(served.url)))
        burst = LastByteBurst(transport)
        burst.load([Call("GET", "/")] * 2)
        burst.fire(transport.options.clock)
        time.sleep(0.5)
        burst.collect()
        burst.close()

    for reply in burst.replies():
        assert 0 < (reply.answered or 0) - (reply.released or 0) < 300_000_000


def test_a_call_that_never_left_was_not_released() -> None:
    assert [reply.released for reply in fire(f"http://127.0.0.1:{closed_port()}", 2)] == [None, None]


def test_nothing_arrives_whole_before_the_last_byte() -> None:
    arrived: list[float] = []

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        arrived.append(time.monotonic())
        connection.sendall(JSON_200)

    with serve(handle) as served:
        transport = Transport(Options(parse_address(served.url)))
        volley = LastByteBurst(transport)
        volley.load([Call("GET", "/")] * 3)
        time.sleep(0.05)
        before = len(arrived)
        volley.fire(transport.options.clock)
        volley.collect()
        volley.close()

    assert (before, len(arrived)) == (0, 3)


def odd_one_out(fault: Handler) -> Handler:
    def handle(connection: socket.socket) -> None:
        request = read_request(connection)
        if request.startswith(b"GET /1 "):
            fault(connection)
        else:
            connection.sendall(JSON_200)

    return handle


def test_one_call_without_an_answer_is_a_failure_of_its_own() -> None:
    with serve(odd_one_out(lambda connection: connection.close())) as served:
        found = fire(served.url, 3)

    assert [reply.status for reply in found] == [200, None, 200]
    assert found[1].failure is not None
    assert found[1].failure.kind == "closed"


def kinds(replies: list[Reply]) -> list[str | None]:
    return [reply.failure.kind if reply.failure else None for reply in replies]


def test_one_slow_call_times_out_alone() -> None:
    with serve(odd_one_out(silent)) as served:
        found = (kinds(fire(served.url, 3, seconds)) for seconds in (0.3, 3, PATIENCE))  # the others need a moment too

        assert [None, "timeout", None] in found


def test_a_target_that_is_gone_refuses_every_call() -> None:
    found = fire(f"http://127.0.0.1:{closed_port()}", 2)

    assert [(reply.failure.kind, reply.failure.sent) for reply in found if reply.failure] == [("refused", False)] * 2


def test_calls_that_are_given_up_count_as_stopped() -> None:
    with serve(silent) as served:
        transport = Transport(Options(parse_address(served.url)))
        volley = LastByteBurst(transport)
        volley.load([Call("GET", "/")] * 2)
        volley.fire(transport.options.clock)
        volley.close()

    stopped = [(reply.failure.kind, reply.failure.sent) for reply in volley.replies() if reply.failure]
    assert stopped == [("stopped", True)] * 2


def test_a_volley_that_never_fired_has_no_replies() -> None:
    with serve(silent) as served:
        transport = Transport(Options(parse_address(served.url)))
        volley = LastByteBurst(transport)
        volley.load([Call("GET", "/")])
        volley.close()

    assert volley.replies() == []
