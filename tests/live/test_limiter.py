"""A limiter is stayed under, and what it takes fits the plan."""

from __future__ import annotations

import re
import time

import pytest

from support.fronts import Asked, Forward, front
from support.live import Command, rocket
from support.sockets import response
from support.truth import is_row

HTML = b"<html><body>\x1b[31mslow down\x1b[0m<script>alert(1)</script></body></html>"
AT_MOST = re.compile(r"in all    at most \d+ requests, about (\d+) s")


def test_a_gate_stays_under_twelve_calls_a_second(suite: Command) -> None:
    with rocket("limit=12/1") as server:
        ended = suite.run(server.url)

        is_row(ended, suite, server, 0, "conformant")
        assert ended.statuses.count(429) <= 2


def test_a_tight_limiter(suite: Command) -> None:
    with rocket("limit=5/1") as server:
        ended = suite.run(server.url, "--profile", "smoke")

        is_row(ended, suite, server, 3, "incomplete")
        assert ended.broken == set()
        assert ended.statuses.count(429) <= 2
        assert ended.facts["limiter"] == "5 room calls per 1 s"


def test_a_smoke_run_takes_no_longer_than_planned(suite: Command) -> None:
    """The stock limiter fifty times as fast: four minutes become 4.8 s, without the time that calls take."""
    with rocket("limit=5/1.2") as server:
        planned = suite("plan", server.url, "--profile", "smoke")
        began = time.monotonic()
        ended = suite.run(server.url, "--profile", "smoke")
        told = ended.footer["seconds"]

        is_row(ended, suite, server, 3, "incomplete")
        assert ended.report["reach"]["room_calls"] == 15
        assert told <= int(AT_MOST.findall(planned.out)[0]) + (time.monotonic() - began - told)


class Turnstile:
    """Turns calls away with a page, beyond so many in so many seconds; says nothing about it in headers."""

    def __init__(self, calls: int, seconds: float, *headers: str) -> None:
        self.calls, self.seconds, self.headers = calls, seconds, headers
        self.since, self.taken = 0.0, 0

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        if not asked.is_room_call:
            return forward()
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
    with rocket() as server, front(server.port, Turnstile(20, 1.0, *headers)) as served:
        ended = suite.run(served.url, *flags)

        is_row(ended, suite, server, 0, "conformant")
        assert ended.broken <= {"a-429-fits-the-full-schema"}
        assert ended.statuses.count(429) <= 3
