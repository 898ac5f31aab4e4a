"""Something in front that answers in the server's place ends a run as incomplete, whenever it begins."""

from __future__ import annotations

import itertools

import pytest

from support.fronts import Asked, Endless, Fault, Forward, front
from support.live import Command, rocket
from support.truth import is_judged_alike_offline, is_plain

PAGE = b"<html><title>Just a moment...</title></html>"


def page(status: str) -> bytes:
    """A page and nothing of the API's."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n"
    return head.encode() + PAGE


def bot_check(after: int, status: str) -> Fault:
    """Asks every caller to prove to be human, from so many room calls on."""
    rooms = itertools.count(1)
    begun = False

    def fault(asked: Asked, forward: Forward) -> bytes:
        nonlocal begun
        begun = begun or (asked.is_room_call and next(rooms) > after)
        return page(status) if begun else forward()

    return fault


@pytest.mark.parametrize("status", ["403 Forbidden", "200 OK"])
@pytest.mark.parametrize("after", [1, 20, 45])
def test_a_bot_check_in_mid_run(suite: Command, after: int, status: str) -> None:
    with rocket() as server, front(server.port, bot_check(after, status)) as served:
        ended = suite.run(served.url)

        assert (ended.code, ended.verdict) == (3, "incomplete"), ended.out
        assert any("answers in the server's place" in told for told in ended.footer["obstacles"])
        assert ended.report["reach"]["room_calls"] <= after + 12
        assert len(ended.ledger.visitors_left) >= len(server.visitors)
        is_judged_alike_offline(ended, suite)
        is_plain(ended)


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found"])
@pytest.mark.parametrize("profile", ["readonly", "smoke", "gate"])
def test_a_route_that_is_not_passed_on(suite: Command, status: str, profile: str) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return page(status) if asked.is_room_call else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", profile)

        assert (ended.code, ended.verdict) == (3, "incomplete"), ended.out
        assert any("answers in the server's place" in told for told in ended.footer["obstacles"])
        assert ended.report["reach"]["room_calls"] <= 12
        assert server.visitors == []
        is_judged_alike_offline(ended, suite)


def test_bodies_without_end_count_as_no_answer(suite: Command) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
        return Endless.of(head, b" ", 0.1) if asked.is_room_call else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--timeout", "1", "--give-up-after", "3")

        assert ended.code == 3
        (told,) = ended.footer["obstacles"]
        assert told == "GET /api/v1/livechat/room was not answered 3 times in a row (timeout), while other calls were."
        assert ended.report["reach"]["room_calls"] <= 5
        assert server.visitors == []
