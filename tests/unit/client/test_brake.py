"""Gateways that tell no numbers are learned by backing off and probing; the clock is a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from rocketchat_contract.client.brake import FIRST_GAP, Brake
from rocketchat_contract.client.pacer import Pacer
from rocketchat_contract.client.transport import Reply

ROOM, VISITOR = "GET /api/v1/livechat/room", "POST /api/v1/livechat/visitor"
PAGE = b"<html><h1>Slow down</h1></html>"
Gate = Callable[[float], bool]
"""Whether a call at a moment is let through."""


@dataclass
class Bucket:
    """nginx's ``limit_req``: so many calls a second, and so many before their time."""

    rate: float
    burst: int
    level: float = 0.0
    last: float = 0.0

    def __call__(self, now: float) -> bool:
        level = max(0.0, self.level - (now - self.last) * self.rate)
        passes = level <= self.burst
        self.level, self.last = level + passes, now
        return passes


@dataclass
class Sliding:
    """haproxy's ``http_req_rate``: so many calls in the last seconds, whenever they came."""

    calls: int
    seconds: float
    came: list[float] = field(default_factory=list)

    def __call__(self, now: float) -> bool:
        self.came = [moment for moment in self.came if moment > now - self.seconds]
        self.came.append(now)
        return len(self.came) <= self.calls


@dataclass
class Window:
    """A window that begins with its first call."""

    calls: int
    seconds: float
    since: float = 0.0
    taken: int = 0

    def __call__(self, now: float) -> bool:
        if now - self.since >= self.seconds:
            self.since, self.taken = now, 0
        self.taken += 1
        return self.taken <= self.calls


def each_tenth() -> Gate:
    asked = iter(range(1, 10**6))
    return lambda _: next(asked) % 10 != 0


@dataclass
class Drive:
    """Sends calls obediently, a refused one again, and counts."""

    gate: Gate
    refusal: Reply
    pacer: Pacer = field(init=False)
    now: float = 1_800_000_000.0
    refused: int = 0
    widths: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pacer = Pacer(now=lambda: self.now)

    def send(self, route: str = ROOM, together: int = 1) -> list[bool]:
        while wait := self.pacer.reserve(route, together):
            self.now += wait
        passed = [self.gate(self.now) for _ in range(together)]
        self.now += 0.01
        for each in passed:
            released = 1 if together > 1 else None
            told = self.refusal if not each else Reply(0, 1, 200)
            self.pacer.learn(route, Reply(0, 1, told.status, told.headers, told.body, released=released))
        self.refused += passed.count(False)
        return passed

    def gate_like(self, calls: int = 150) -> float:
        """Calls of two routes and a burst now and then; the seconds that it took."""
        began = self.now
        for number in range(calls):
            for _ in range(8):
                if self.send(VISITOR if number % 3 == 0 else ROOM)[0]:
                    break
            if number % 25 == 24:
                width = self.pacer.most_together(ROOM, 5)
                self.widths.append(width)
                self.send(ROOM, width)
        return self.now - began


@pytest.mark.parametrize("status", [503, 429])
@pytest.mark.parametrize(
    ("gate", "refused", "seconds"),
    [
        (lambda: Bucket(10, 20), 6, 40),
        (lambda: Bucket(5, 10), 10, 90),
        (lambda: Bucket(1, 3), 30, 600),
        (lambda: Sliding(50, 10), 12, 90),
    ],
    ids=["10 r/s burst 20", "5 r/s burst 10", "60 r/m burst 3", "50 in 10 s"],
)
def test_a_gateway_that_says_nothing(gate: Callable[[], Gate], refused: int, seconds: float, status: int) -> None:
    drive = Drive(gate(), Reply(0, 1, status, (), PAGE))

    took = drive.gate_like()

    assert (drive.refused <= refused, took <= seconds) == (True, True), (drive.refused, took)
    assert set(drive.widths) == {5}


def test_a_gateway_that_lets_no_two_calls_through_at_once() -> None:
    drive = Drive(Bucket(5, 0), Reply(0, 1, 429, (), PAGE))

    took = drive.gate_like()

    assert took <= 300
    assert drive.refused <= 50


@pytest.mark.parametrize("headers", [(("Retry-After", "1"),), ()], ids=["named", "not named"])
def test_a_call_now_and_then_that_is_turned_away_costs_little(headers: tuple[tuple[str, str], ...]) -> None:
    drive = Drive(each_tenth(), Reply(0, 1, 429, headers, PAGE))

    took = drive.gate_like()

    assert set(drive.widths) == {5}
    assert took <= 150


def test_one_refusal_is_forgotten() -> None:
    refusals = iter([True] * 30 + [False])
    drive = Drive(lambda _: next(refusals, True), Reply(0, 1, 429, (), PAGE))

    drive.gate_like(200)

    assert drive.refused == 1
    assert drive.pacer.brake.gap < 0.1


def test_a_hidden_window_of_a_minute_is_found() -> None:
    drive = Drive(Window(5, 60), Reply(0, 1, 429, (), PAGE))

    for _ in range(40):
        for _ in range(8):
            if drive.send()[0]:
                break

    assert drive.refused <= 25
    assert drive.pacer.rate_of(ROOM) is not None


def test_a_server_that_is_away_is_asked_again_soon() -> None:
    drive = Drive(lambda _: False, Reply(0, 1, 503, (), PAGE))
    began = drive.now

    for _ in range(8):
        drive.send()

    assert drive.now - began <= 30


@pytest.mark.parametrize("runs", [(9, 9, 9, 9, 9, 2, 9, 30, 9, 9), (9, 9, 9, 9, 9, 9, 40, 3, 5, 9)])
def test_what_was_of_no_use_stays_so_through_uneven_runs(runs: tuple[int, ...]) -> None:
    brake, now = Brake(), 0.0
    for run in runs:
        for _ in range(run):
            now += 20.0
            brake.passed(now)
        brake.refused(now + 20.0, 60.0, together=False)
        now += 80.0

    assert brake.gap <= FIRST_GAP
