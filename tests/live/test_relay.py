"""Calls that follow each other closely are all recorded, in the order in which they left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import pytest

from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import RunVisitor, room_call
from rocketchat_contract.config import RunConfig
from rocketchat_contract.run import session as runs

Parts = Iterator[tuple[Call, str, RunVisitor]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[runs.Run]:
    run = runs.start(RunConfig(report_dir=tmp_path))
    yield run
    run.abandon()


def parts(visitors: list[RunVisitor], count: int) -> Parts:
    return ((room_call([("token", each.token)]), "relay", each) for each in islice(cycle(visitors), count))


def test_every_call_is_judged_once(run: runs.Run) -> None:
    actor = run.actor("queries")
    visitors = [actor.register() for _ in range(3)]

    actor.pipeline(parts(visitors, 30))

    assert run.client.recorder.exchanges == 33
    assert run.take_findings() == []


def test_a_call_under_way_is_kept_when_the_next_does_not_come(run: runs.Run) -> None:
    actor = run.actor("queries")
    visitors = [actor.register() for _ in range(2)]

    def broken() -> Parts:
        yield from parts(visitors, 3)
        raise KeyError

    with pytest.raises(KeyError):
        actor.pipeline(broken())

    assert run.client.recorder.exchanges == 5
