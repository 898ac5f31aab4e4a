from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from rocketchat_contract.reference.limiter import Window
from rocketchat_contract.reference.settings import LimitSetting

from .conftest import API, Workspace

Make = Callable[..., Workspace]
FIVE = LimitSetting(5, 60)
ROOM = API + "livechat/room"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_calls_are_counted_down_per_address() -> None:
    window = Window(LimitSetting(2, 60), Clock())

    assert [window.take(address)[0] for address in ("a", "a", "a", "b")] == [1, 0, -1, 1]


def test_the_window_ends_at_a_fixed_time() -> None:
    clock = Clock()
    window = Window(LimitSetting(1, 60), clock)
    clock.now += 50

    assert window.take("a") == (0, 10.0)
    clock.now += 10
    assert window.take("a") == (0, 60.0)


def test_the_sixth_call_is_too_many(workspace: Make) -> None:
    server = workspace(limit=FIVE)

    statuses = [server.room().status for _ in range(6)]

    assert statuses == [400] * 5 + [429]


def test_too_many_calls_are_told_how_long_to_wait(workspace: Make) -> None:
    server = workspace(limit=LimitSetting(1, 60))
    server.room()

    answer = server.room()

    text = "Error, too many requests. Please slow down. You must wait 60 seconds before trying this endpoint again."
    assert answer.json == {"success": False, "error": f"{text} [error-too-many-requests]"}
    assert answer.header("cache-control") == "no-store"
    assert answer.header("retry-after") == ""


def test_three_headers_tell_the_limit(workspace: Make) -> None:
    answer = workspace(limit=FIVE).room()

    told = [answer.header(f"x-ratelimit-{name}") for name in ("limit", "remaining")]
    reset = int(answer.header("x-ratelimit-reset")) / 1000
    assert told == ["5", "4"]
    assert 50 < reset - time.time() < 61


def test_nothing_is_told_when_the_limiter_is_off(workspace: Make) -> None:
    assert workspace().room().header("x-ratelimit-limit") == ""


def test_unlisted_routes_take_twice_as_many(workspace: Make) -> None:
    answer = workspace(limit=FIVE).get(API + "livechat/config")

    assert answer.header("x-ratelimit-limit") == "10"


def test_registration_has_the_rooms_limit(workspace: Make) -> None:
    answer = workspace(limit=FIVE).post(API + "livechat/visitor", {})

    assert answer.header("x-ratelimit-limit") == "5"


@pytest.mark.parametrize("call", [("HEAD", ROOM), ("GET", "/api/info"), ("DELETE", ROOM), ("OPTIONS", ROOM)])
def test_some_calls_are_not_limited(workspace: Make, call: tuple[str, str]) -> None:
    server = workspace(limit=LimitSetting(1, 60))

    answers = [server.request(*call) for _ in range(3)]

    assert len({answer.status for answer in answers}) == 1
    assert answers[0].header("x-ratelimit-limit") == ""


def test_unreadable_queries_are_not_counted(workspace: Make) -> None:
    server = workspace(limit=LimitSetting(1, 60))

    for _ in range(3):
        server.raw_room("&".join(["token=t"] * 501))

    assert server.room().status == 400


def test_a_proxy_names_the_address(workspace: Make) -> None:
    server = workspace(limit=LimitSetting(1, 60))

    statuses = [server.get(ROOM, {"X-Real-IP": address}).status for address in ("10.0.0.1", "10.0.0.2", "10.0.0.1")]

    assert statuses == [400, 400, 429]


def test_administrators_are_exempt(workspace: Make) -> None:
    server = workspace(limit=LimitSetting(1, 60))
    admin = server.login()

    assert [server.get(ROOM, admin).status for _ in range(3)] == [400, 400, 400]


def test_the_line_of_7_10_has_no_limit_at_all(workspace: Make) -> None:
    server = workspace(edition="7.10", limit=LimitSetting(1, 60))

    assert [server.room().status for _ in range(3)] == [400, 400, 400]
