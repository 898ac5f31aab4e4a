"""The pacer stays under the limiter; the clock is a number."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from rocketchat_contract.client.brake import FIRST_PAUSE
from rocketchat_contract.client.pacer import STOCK_WINDOW, Pacer
from rocketchat_contract.client.transport import Reply
from rocketchat_contract.config import Rate

ROOM = "GET /api/v1/livechat/room"
TOO_MANY = (
    b'{"success":false,"error":"Error, too many requests. Please slow down. '
    b'You must wait 7 seconds before trying this endpoint again. [error-too-many-requests]"}'
)


@dataclass
class Clock:
    time: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Limiter:
    """A window of fixed length, as Rocket.Chat has it."""

    clock: Clock
    calls: int
    seconds: float
    skew: float = 0.0
    tells: bool = True
    refused: int = 0
    taken: int = field(default=0, init=False)
    since: float = field(default=0.0, init=False)

    def answer(self) -> Reply:
        now = self.clock()
        if now - self.since >= self.seconds:
            self.since, self.taken = now, 0
        self.taken += 1
        status = 429 if self.taken > self.calls else 200
        self.refused += status == 429
        left, ends = max(0, self.calls - self.taken), self.since + self.seconds + self.skew
        headers = (("X-RateLimit-Limit", str(self.calls)), ("X-RateLimit-Remaining", str(left)))
        told = (*headers, ("X-RateLimit-Reset", str(round(ends * 1000)))) if self.tells else ()
        return Reply(0, 1, status, told, b"" if status == 200 else TOO_MANY)


def drive(pacer: Pacer, limiter: Limiter, calls: int, together: int = 1) -> float:
    """Send so many calls, obediently; the seconds it took."""
    began = limiter.clock()
    for _ in range(0, calls, together):
        while wait := pacer.reserve(ROOM, together):
            limiter.clock.time += wait
        for reply in [limiter.answer() for _ in range(together)]:
            pacer.learn(ROOM, reply)
        limiter.clock.time += 0.01
    return limiter.clock() - began


def test_calls_stay_under_a_limit_that_is_told() -> None:
    clock = Clock()
    limiter = Limiter(clock, 5, 60)

    took = drive(Pacer(now=clock), limiter, 60)

    assert limiter.refused == 0
    assert 11 * 60 <= took <= 11 * 62


def test_the_windows_rest_is_used_when_others_used_some_of_it() -> None:
    clock = Clock()
    limiter = Limiter(clock, 5, 60)
    for _ in range(3):
        limiter.answer()

    drive(Pacer(now=clock), limiter, 20)

    assert limiter.refused == 0


def test_calls_that_leave_together_wait_for_a_whole_window() -> None:
    clock = Clock()
    limiter = Limiter(clock, 5, 60)
    pacer = Pacer(now=clock)
    drive(pacer, limiter, 2)

    drive(pacer, limiter, 20, together=5)

    assert limiter.refused == 0


@pytest.mark.parametrize("skew", [-3000.0, 3000.0])
def test_a_server_whose_clock_is_wrong_is_believed_by_its_own_date(skew: float) -> None:
    clock = Clock()
    limiter = Limiter(clock, 5, 60, skew=skew)
    pacer = Pacer(now=clock)

    class Dated(Limiter):
        def answer(self) -> Reply:
            reply = Limiter.answer(self)
            date = ("Date", _http_date(self.clock() + skew))
            return Reply(0, 1, reply.status, (*reply.headers, date), reply.body)

    dated = Dated(limiter.clock, 5, 60, skew=skew)
    took = drive(pacer, dated, 30)

    assert dated.refused == 0
    assert took <= 6 * 63


def _http_date(epoch: float) -> str:
    from email.utils import formatdate  # noqa: PLC0415

    return formatdate(epoch, usegmt=True)


def test_a_wrong_clock_without_a_date_is_not_waited_for() -> None:
    clock = Clock()
    pacer = Pacer(now=clock)
    spent = (("X-RateLimit-Limit", "1"), ("X-RateLimit-Remaining", "0"))
    far = (*spent, ("X-RateLimit-Reset", str(int((clock() + 90_000) * 1000))))
    pacer.reserve(ROOM)

    pacer.learn(ROOM, Reply(0, 1, 200, far))

    assert 0 < pacer.reserve(ROOM) <= 2


REFUSALS = [
    ((), TOO_MANY, 7.0),
    ((("Retry-After", "11"),), TOO_MANY, 11.0),
    ((), b'{"success":false,"error":"Error, too many requests. Please wait 12 seconds."}', 12.0),
]
PAGES = [
    ((("Retry-After", "soon"),), b"<html>", FIRST_PAUSE),
    ((("Retry-After", "99999999"),), b"<html>", FIRST_PAUSE),
    ((("Retry-After", "-7"),), b"<html>", FIRST_PAUSE),
    ((("Retry-After", "NaN"),), b"<html>", FIRST_PAUSE),
    ((), b"<html>slow down</html>", FIRST_PAUSE),
]
"""Refusals that only their status tells from other answers."""


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [*((429, *each) for each in (*REFUSALS, *PAGES)), *((400, *each) for each in REFUSALS)],
)
def test_a_refusal_names_the_wait(status: int, headers: tuple[tuple[str, str], ...], body: bytes, wait: float) -> None:
    clock = Clock()
    pacer = Pacer(now=clock)
    pacer.reserve(ROOM)

    pacer.learn(ROOM, Reply(0, 1, status, headers, body))

    assert wait <= pacer.reserve(ROOM) <= wait + 1.1


@pytest.mark.parametrize(("headers", "body", "_"), PAGES)
def test_a_400_without_a_limiters_words_names_no_wait(
    headers: tuple[tuple[str, str], ...], body: bytes, _: float
) -> None:
    pacer = Pacer(now=Clock())
    pacer.reserve(ROOM)

    pacer.learn(ROOM, Reply(0, 1, 400, headers, body))

    assert pacer.reserve(ROOM) == 0


def test_a_retry_after_may_be_a_date() -> None:
    clock = Clock()
    pacer = Pacer(now=clock)
    pacer.reserve(ROOM)

    pacer.learn(ROOM, Reply(0, 1, 429, (("Retry-After", _http_date(clock() + 20)),)))

    assert 19 <= pacer.reserve(ROOM) <= 21


@pytest.mark.parametrize("skew", [-20.0, 20.0, 3000.0])
def test_a_retry_after_is_a_date_by_the_servers_own_clock(skew: float) -> None:
    clock = Clock()
    pacer = Pacer(now=clock)
    pacer.reserve(ROOM)
    headers = (("Retry-After", _http_date(clock() + skew + 20)), ("Date", _http_date(clock() + skew)))

    pacer.learn(ROOM, Reply(0, 1, 429, headers))

    assert 19 <= pacer.reserve(ROOM) <= 21.1


@pytest.mark.parametrize("skew", [-100.0, 100.0, 400.0])
def test_a_clock_behind_the_gateway_does_not_lengthen_a_window(skew: float) -> None:
    clock = Clock()

    class Behind(Limiter):
        def answer(self) -> Reply:
            reply = Limiter.answer(self)
            return Reply(0, 1, reply.status, (*reply.headers, ("Date", _http_date(self.clock()))), reply.body)

    limiter = Behind(clock, 5, 7, skew=skew)
    pacer = Pacer(now=clock)

    took = drive(pacer, limiter, 40)

    assert limiter.refused <= 2
    assert took <= 8 * 9


def test_a_window_longer_than_a_stock_one_is_believed_once_it_is_named() -> None:
    clock = Clock()
    limiter = Limiter(clock, 5, 300)

    def named() -> Reply:
        reply = Limiter.answer(limiter)
        left = str(round(limiter.since + 300 - clock()))
        return Reply(0, 1, reply.status, (*reply.headers, ("Retry-After", left)), reply.body)

    pacer = Pacer(now=clock)
    for _ in range(21):
        while wait := pacer.reserve(ROOM):
            clock.time += wait
        pacer.learn(ROOM, named())

    assert limiter.refused <= 1


@pytest.mark.parametrize(
    "headers",
    [
        (("RateLimit-Limit", "5"), ("RateLimit-Remaining", "{r}"), ("RateLimit-Reset", "{t}")),
        (("RateLimit-Limit", "5, 5;w=10, 50;w=60"), ("RateLimit-Remaining", "{r}"), ("RateLimit-Reset", "{t}")),
        (("RateLimit", "limit=5, remaining={r}, reset={t}"), ("RateLimit-Policy", "5;w=10")),
        (("RateLimit", '"a";r={r};t={t}'), ("RateLimit-Policy", '"a";q=5;w=10')),
        (
            ("RateLimit", '"day, all";r=900;t=999, "a";r={r};t={t}'),
            ("RateLimit-Policy", '"day, all";q=1000;w=9999,"a";q=5;w=10'),
        ),
    ],
    ids=["draft 06", "draft 06 with policies", "draft 07", "draft 08", "two limits"],
)
def test_the_standards_fields_hold_for_all_routes_together(headers: tuple[tuple[str, str], ...]) -> None:
    clock = Clock()
    limiter, pacer = Limiter(clock, 5, 10), Pacer(now=clock)
    for number in range(30):
        route = (ROOM, "POST /api/v1/livechat/visitor")[number % 2]
        while wait := pacer.reserve(route):
            clock.time += wait
        reply = limiter.answer()
        left, ends = max(0, 5 - limiter.taken), round(limiter.since + 10 - clock() + 0.5)
        told = tuple((name, value.format(r=left, t=ends)) for name, value in headers)
        pacer.learn(route, Reply(0, 1, reply.status, told))

    assert limiter.refused == 0
    assert pacer.rate_everywhere == Rate(5, 10)


@pytest.mark.parametrize(
    "text", ["", ";;;", "a;r=", '"', "=,=,=", "limit=x, remaining=-1", "9" * 9000, "a;r=1;t=" + "9" * 50]
)
def test_standard_fields_that_make_no_sense_are_not_believed(text: str) -> None:
    pacer = Pacer(now=Clock())

    pacer.learn(ROOM, Reply(0, 1, 200, (("RateLimit", text), ("RateLimit-Policy", text))))

    assert pacer.reserve(ROOM) == 0


def test_a_window_seen_from_inside_may_be_a_stock_one() -> None:
    clock = Clock()
    limiter, pacer = Limiter(clock, 5, 7), Pacer(now=clock)
    drive(pacer, limiter, 2)
    first = pacer.rate_of(ROOM)

    drive(pacer, limiter, 8)

    assert (first, pacer.rate_of(ROOM)) == (Rate(5, STOCK_WINDOW), Rate(5, 10))


def test_a_burst_keeps_its_width_unless_a_limiter_tells_a_smaller_one() -> None:
    clock = Clock()
    hidden, told = Limiter(clock, 3, 7, tells=False), Limiter(clock, 3, 7)
    one, other = Pacer(now=clock), Pacer(now=clock)
    drive(one, hidden, 30)
    drive(other, told, 10)

    assert (one.most_together(ROOM, 5), other.most_together(ROOM, 5)) == (5, 3)


def test_a_limiter_that_tells_nothing_is_learned_by_two_refusals() -> None:
    clock = Clock()
    limiter = Limiter(clock, 5, 7, tells=False)

    drive(Pacer(now=clock), limiter, 40)

    assert limiter.refused <= 2


def test_a_configured_rate_needs_no_refusal() -> None:
    clock = Clock()
    limiter = Limiter(clock, 5, 7, tells=False)

    drive(Pacer(Rate(5, 7), now=clock), limiter, 40)

    assert limiter.refused == 0


def test_routes_have_limits_of_their_own() -> None:
    clock = Clock()
    pacer = Pacer(now=clock)
    spent = (("X-RateLimit-Limit", "5"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "30"))
    pacer.reserve(ROOM)
    pacer.learn(ROOM, Reply(0, 1, 200, spent))

    assert pacer.reserve("POST /api/v1/livechat/visitor") == 0
    assert pacer.reserve(ROOM) > 29


def test_more_calls_than_the_limit_leave_at_the_beginning_of_a_window() -> None:
    clock = Clock()
    pacer = Pacer(Rate(5, 10), now=clock)
    pacer.reserve(ROOM)

    wait = pacer.reserve(ROOM, 8)
    clock.time += wait

    assert wait > 0
    assert pacer.reserve(ROOM, 8) == 0


def test_a_server_without_limiter_is_not_waited_for() -> None:
    pacer = Pacer(now=Clock())

    waits = []
    for _ in range(100):
        waits.append(pacer.reserve(ROOM))
        pacer.learn(ROOM, Reply(0, 1, 200))

    assert sum(waits) == 0


@pytest.mark.parametrize("value", ["", "x", "-1", "1e3", "9" * 30, "٣"])
def test_headers_that_are_no_numbers_are_not_believed(value: str) -> None:
    pacer = Pacer(now=Clock())
    headers = tuple((f"X-RateLimit-{name}", value) for name in ("Limit", "Remaining", "Reset"))

    pacer.learn(ROOM, Reply(0, 1, 200, headers))

    assert pacer.reserve(ROOM) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"RateLimit": '"d";r=0;t=99999999'},
        {"RateLimit": "limit=5, remaining=0, reset=1e999"},
        {"RateLimit-Limit": "5", "RateLimit-Remaining": "0", "RateLimit-Reset": "99999999"},
        {"RateLimit": '"d";r=0', "RateLimit-Policy": '"d";q=1;w=99999999'},
        {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999999"},
        {"X-RateLimit-Limit": "NaN", "X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "1e999"},
    ],
)
def test_what_no_limiter_can_mean_keeps_no_call_back(fields: dict[str, str]) -> None:
    pacer = Pacer(now=Clock())
    pacer.reserve(ROOM)

    pacer.learn(ROOM, Reply(0, 1, 200, tuple(fields.items())))

    assert pacer.seconds_until(ROOM) <= 2
