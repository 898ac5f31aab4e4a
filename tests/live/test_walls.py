"""What a run may cost, in time, calls and rooms, is a wall; and what it may not do it does not do."""

from __future__ import annotations

from support.live import Command, rocket
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
        assert ended.footer["notes"] == ["The run stopped at the first broken must (--fail-fast)."]


def test_the_budget_is_a_wall_whatever_the_server_does(suite: Command) -> None:
    with rocket("edition=3.7") as server:
        ended = suite.run(server.url, "--profile", "smoke")

        is_row(ended, suite, server, 1, "violated")
        assert 0 < server.rooms_made <= 10
        assert server.visitors_made <= 5
        assert ended.report["reach"]["room_calls"] <= 15


def test_readonly_creates_nothing(suite: Command) -> None:
    with rocket() as server:
        ended = suite.run(server.url, "--profile", "readonly")

        is_row(ended, suite, server, 3, "incomplete")
        assert (ended.broken, server.rooms_made, server.visitors_made) == (set(), 0, 0)
        assert ended.footer["notes"] == ["The profile readonly opens no room."]
        assert ended.ledger.sentence == "created 0 rooms, closed 0, left 0; 0 visitors, deleted 0"
