"""Stories are told two at a time, each in its own order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rocketchat_contract.client.client import Purpose
from rocketchat_contract.client.pipeline import Pipeline, Story, single
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.judge.operation import Operation
from support.clients import Stage, ok, stage

PURPOSE = Purpose("core", "a step", free=True)


def numbered(call: Call) -> Reply:
    return ok({"success": True, "path": call.target})


@pytest.fixture
def scene(tmp_path: Path) -> Stage:
    return stage(numbered, tmp_path)


def story(name: str, length: int = 2, told: list[Operation] | None = None) -> Story:
    for step in range(length):
        operation = yield Call("GET", f"/{name}{step}"), PURPOSE
        if told is not None:
            told.append(operation)


def sent(scene: Stage) -> list[str]:
    return [call.target for call in scene.wire.sent]


def test_two_stories_take_turns(scene: Stage) -> None:
    Pipeline(scene.client, iter([story("a"), story("b")])).run()

    assert sent(scene) == ["/a0", "/b0", "/a1", "/b1"]


def test_the_next_story_begins_where_one_ends(scene: Stage) -> None:
    Pipeline(scene.client, iter([story("a", 1), story("b", 3), story("c", 1), story("d", 1)])).run()

    assert sent(scene) == ["/a0", "/b0", "/c0", "/b1", "/d0", "/b2"]


def test_a_story_hears_of_its_own_answers(scene: Stage) -> None:
    told: list[Operation] = []

    Pipeline(scene.client, iter([story("a", 2, told), story("b", 2)])).run()

    assert [op.exchange.request.target for op in told] == ["/a0", "/a1"]


def test_a_story_without_calls_is_passed_over(scene: Stage) -> None:
    Pipeline(scene.client, iter([story("a", 0), story("b", 1)])).run()

    assert sent(scene) == ["/b0"]


def test_a_limited_call_is_sent_again_before_its_story_goes_on(scene: Stage) -> None:
    answers = iter([Reply(0, 0, 429)])
    scene.wire.target = lambda call: next(answers, numbered(call))

    Pipeline(scene.client, iter([story("a")]), tries=2).run()

    assert sent(scene) == ["/a0", "/a0", "/a1"]


def test_nothing_is_sent_again_unless_asked(scene: Stage) -> None:
    scene.wire.target = lambda _: Reply(0, 0, 429)

    Pipeline(scene.client, iter([single((Call("GET", "/a"), PURPOSE))])).run()

    assert sent(scene) == ["/a"]


def test_what_is_under_way_is_read_before_a_wait_for_the_limiter(scene: Stage) -> None:
    waits: list[int] = []
    scene.client.waiter.sleep = lambda seconds: (
        waits.append(scene.client.recorder.exchanges),
        scene.clock.sleep(seconds),
    )[1]
    left = (("X-RateLimit-Limit", "1"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1800000010000"))
    scene.wire.target = lambda call: Reply(0, 0, 200, left if call.target == "/a" else (), b"{}")

    Pipeline(scene.client, (single((Call("GET", target), PURPOSE)) for target in ("/a", "/b", "/a"))).run()

    assert set(waits) == {2}


def test_what_is_under_way_is_kept_when_the_stories_break_off(scene: Stage) -> None:
    def broken() -> Iterator[Story]:
        yield story("a", 1)
        raise KeyError

    with pytest.raises(KeyError):
        Pipeline(scene.client, broken()).run()

    assert scene.client.recorder.exchanges == 1
