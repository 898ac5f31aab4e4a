"""A limiter is stayed under, and what it takes fits the plan."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

from rocketchat_contract.client.burst import WIDEST_BURST
from rocketchat_contract.config import PROFILES
from support.fronts import Asked, Forward, front
from support.live import Command, rocket
from support.sockets import response
from support.truth import is_judged_alike_offline, is_row

GATE = PROFILES["gate"]
HTML = b"<html><body>\x1b[31mslow down\x1b[0m<script>alert(1)</script></body></html>"
LEARNED = re.compile(r"^(\d+) calls of any kind per ")
AT_MOST = re.compile(r"in all    at most \d+ requests, about (\d+) (s|min)")


def test_a_gate_stays_under_twelve_calls_a_second(suite: Command) -> None:
    with rocket("limit=12/1") as server:
        ended = suite.run(server.url)

        is_row(ended, suite, server, 0, "conformant")
        assert ended.statuses.count(429) <= GATE.width, "more than what is under way when a window ends"


def test_a_tight_limiter(suite: Command) -> None:
    with rocket("limit=5/1") as server:
        ended = suite.run(server.url, "--profile", "smoke")

        is_row(ended, suite, server, 3, "incomplete")
        assert ended.broken == set()
        assert ended.statuses.count(429) <= 2
        assert ended.facts["limiter"] == "5 room calls per 1 s"


def test_a_smoke_run_takes_no_longer_than_planned(suite: Command) -> None:
    """A window that is first seen from inside may be a stock one: the plan reckons with a minute."""
    with rocket("limit=5/1.2") as server:
        planned = suite("plan", server.url, "--profile", "smoke")
        began = time.monotonic()
        ended = suite.run(server.url, "--profile", "smoke")
        told = ended.footer["seconds"]

        is_row(ended, suite, server, 3, "incomplete")
        assert ended.report["reach"]["room_calls"] == 15
        ((number, unit),) = AT_MOST.findall(planned.out)
        assert (number, unit) >= ("3", "min")
        assert told <= 60 * int(number) + (time.monotonic() - began - told)
        assert ended.facts["limiter"] == "5 room calls per 2 s"


class Turnstile:
    """Turns calls away with a page, beyond so many in so many seconds; says nothing about it in headers."""

    def __init__(self, calls: int, seconds: float, *headers: str) -> None:
        self.calls, self.seconds, self.headers = calls, seconds, headers
        self.since, self.taken = 0.0, 0
        self.refused: Counter[float] = Counter()

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        if not asked.is_room_call:
            return forward()
        if time.monotonic() - self.since > self.seconds:
            self.since, self.taken = time.monotonic(), 0
        self.taken += 1
        if self.taken <= self.calls:
            return forward()
        self.refused[self.since] += 1
        return response(HTML, "429 Too Many Requests", *self.headers)


@pytest.mark.parametrize(
    ("headers", "flags"),
    [(("Retry-After: 1",), ()), ((), ("--limit", "20/1"))],
    ids=["with Retry-After", "with --limit"],
)
def test_a_page_for_429(suite: Command, headers: tuple[str, ...], flags: tuple[str, ...]) -> None:
    turnstile = Turnstile(20, 1.0, *headers)
    with rocket() as server, front(server.port, turnstile) as served:
        ended = suite.run(served.url, *flags)

        is_row(ended, suite, server, 0, "conformant")
        assert ended.broken <= {"a-429-fits-the-full-schema"}
        assert max(turnstile.refused.values(), default=0) <= WIDEST_BURST, "more than one burst in one window"
        assert ended.report["reach"]["room_calls"] <= GATE.most_room_calls
        assert ended.facts["limiter"] != "not seen"


def test_a_limiter_of_all_routes_that_names_only_a_wait(suite: Command) -> None:
    turnstile = Turnstile(20, 3.0, "Retry-After: 2")

    def fault(asked: Asked, forward: Forward) -> bytes:
        return turnstile(replace(asked, target="/api/v1/livechat/room"), forward)

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        assert ended.code == 0
        (learned,) = LEARNED.findall(ended.facts["limiter"])
        assert 15 <= int(learned) <= 20, "calls under way when a window ends may be missed, none is invented"
        assert ended.statuses.count(429) <= 12
        assert (server.open_rooms, server.visitors) == ([], [])


class Bucket:
    """nginx's ``limit_req``: so many calls a second from one address, so many before their time; no words on it."""

    def __init__(self, rate: float, burst: int, status: str) -> None:
        self.rate, self.burst, self.status = rate, burst, status
        self.level, self.last, self.lock = 0.0, time.monotonic(), threading.Lock()

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        with self.lock:
            now = time.monotonic()
            self.level, self.last = max(0.0, self.level - (now - self.last) * self.rate), now
            passes = self.level <= self.burst
            self.level += passes
        return forward() if passes else response(HTML, self.status, "Content-Type: text/html")


@pytest.mark.parametrize("status", ["503 Service Temporarily Unavailable", "429 Too Many Requests"])
def test_a_gateway_that_says_nothing_is_learned(suite: Command, status: str) -> None:
    with rocket() as server, front(server.port, Bucket(10, 20, status)) as served:
        ended = suite.run(served.url)

        assert (server.open_rooms, server.visitors) == ([], [])
        assert ended.statuses.count(int(status[:3])) <= 8
        assert "calls of any kind per" in ended.facts["limiter"]
        assert ended.footer["seconds"] < 60
        is_judged_alike_offline(ended, suite)


def test_each_tenth_call_turned_away_narrows_no_burst(suite: Command) -> None:
    asked_so_far = itertools.count(1)

    def tenth(_: Asked, forward: Forward) -> bytes:
        if next(asked_so_far) % 10 == 0:
            return response(HTML, "429 Too Many Requests", "Retry-After: 1")
        return forward()

    with rocket() as server, front(server.port, tenth) as served:
        ended = suite.run(served.url)

        assert ended.report["reach"]["volley_calls"] >= 15
        assert ended.broken <= {"a-429-fits-the-full-schema"}
        assert (server.open_rooms, server.visitors) == ([], [])
