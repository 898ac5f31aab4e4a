"""What a run may cost, in time, calls and rooms, is a hard limit; and what it may not do it does not do."""

from __future__ import annotations

import itertools
import time

import pytest

from support.fronts import Asked, Forward, front
from support.live import PATIENCE, Command, rocket
from support.truth import is_row


def test_a_run_that_takes_too_long(suite: Command) -> None:
    with rocket("limit=5/3") as server:
        ended = suite.run(server.url, "--run-timeout", "2")

        is_row(ended, suite, server, 3, "incomplete")
        assert "The run's time of 2 s is over (--run-timeout)." in ended.footer["obstacles"]


def test_fail_fast(suite: Command) -> None:
    with rocket("edition=3.7") as server:
        ended = suite.run(server.url, "--fail-fast")

        is_row(ended, suite, server, 1, "violated")
        assert ended.report["reach"]["room_calls"] < 10


def test_after_fail_fast_no_budget_is_blamed(suite: Command) -> None:
    with rocket("wrong=creates_two_rooms_within_100_milliseconds") as server:
        ended = suite.run(server.url, "--fail-fast")

        is_row(ended, suite, server, 1, "violated")
        assert ended.footer["notes"] == ["The run stopped at the first required check that failed (--fail-fast)."]


def test_the_budget_is_a_hard_limit_whatever_the_server_does(suite: Command) -> None:
    with rocket("edition=3.7") as server:
        ended = suite.run(server.url, "--profile", "smoke")

        is_row(ended, suite, server, 1, "violated")
        assert 0 < server.rooms_made <= 10
        assert server.visitors_made <= 5
        assert ended.report["reach"]["room_calls"] <= 15 + 4


@pytest.mark.parametrize("pairs", [["edition=3.7"], ["edition=3.7", "latency=0.005"], ["edition=3.7", "latency=0.05"]])
def test_slow_answers_do_not_let_more_rooms_be_made(pairs: list[str], suite: Command) -> None:
    with rocket(*pairs) as server:
        ended = suite.run(server.url)

        assert (ended.code, ended.verdict) == (1, "violated")
        assert 20 < server.rooms_made <= 30


@pytest.mark.parametrize("pairs", [[], ["edition=3.7"], ["edition=7.10"], ["edition=7.2", "latency=0.005"]])
def test_few_rooms_are_made_where_none_can_be_closed(pairs: list[str], suite: Command) -> None:
    with rocket("visitors_may_close=false", *pairs) as server:
        suite.run(server.url)

        assert 0 < server.rooms_made <= 12


def test_readonly_creates_nothing(suite: Command) -> None:
    with rocket() as server:
        ended = suite.run(server.url, "--profile", "readonly")

        is_row(ended, suite, server, 3, "incomplete")
        assert (ended.broken, server.rooms_made, server.visitors_made) == (set(), 0, 0)
        assert ended.footer["notes"] == ["The profile readonly opens no room."]
        assert ended.ledger.sentence == "created 0 rooms, closed 0, left 0; 0 visitors, deleted 0"


def test_a_call_that_hangs_ends_with_the_run(suite: Command) -> None:
    calls = itertools.count(1)

    def hang(asked: Asked, forward: Forward) -> bytes:
        if asked.is_room_call and next(calls) == 3:
            time.sleep(PATIENCE)
        return forward()

    with rocket() as server, front(server.port, hang) as served:
        ended = suite.run(served.url, "--run-timeout", "2")

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert ended.seconds < 25
        assert "The run's time of 2 s is over (--run-timeout)." in ended.footer["obstacles"]
