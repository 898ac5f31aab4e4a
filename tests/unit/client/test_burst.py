"""A burst that did not come whole, or did not overlap, is fired again, as far as the reserve allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.client.budget import BudgetSpentError
from rocketchat_contract.client.burst import WIDEST_BURST, fire, next_width
from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.config import Profile
from rocketchat_contract.judge.operation import Operation
from support.clients import RUN, ok, stage
from support.histories import between, call, created, operations, returned

TOGETHER = operations(between(0, 4, created("a", "r")), between(1, 5, returned("a", "r")))
IN_A_ROW = operations(between(0, 1, created("a", "r")), between(2, 3, returned("a", "r")))
TURNED_AWAY = operations(between(0, 4, created("a", "r")), between(1, 5, call("token=a", 429, {})))
RESERVE = Profile("small", ("volley",), room_calls=5, visitors=2, again_calls=8, again_visitors=2)


@pytest.mark.parametrize(
    ("burst", "width", "again"),
    [
        (TOGETHER, 5, None),
        (IN_A_ROW, 5, 10),
        (IN_A_ROW, 12, WIDEST_BURST),
        (IN_A_ROW, WIDEST_BURST, None),
        (TURNED_AWAY, 5, 5),
    ],
)
def test_how_wide_a_burst_is_fired_again(burst: list[Operation], width: int, again: int | None) -> None:
    assert next_width(burst, width) == again


def widths(actor: Actor, *bursts: list[Operation], width: int = 2) -> list[int]:
    """How wide the bursts are that come back so."""
    played: list[int] = []

    def play(wide: int) -> list[Operation]:
        played.append(wide)
        return bursts[min(len(played), len(bursts)) - 1]

    fire(actor, width, play)
    return played


@pytest.fixture
def actor(tmp_path: Path) -> Actor:
    return Actor(stage(lambda _: ok({}), tmp_path, RESERVE).client, RUN, "volley", asks_again=True)


def test_a_burst_that_overlapped_is_fired_once(actor: Actor) -> None:
    assert widths(actor, TOGETHER) == [2]


def test_a_burst_that_a_limiter_thinned_is_fired_again(actor: Actor) -> None:
    assert widths(actor, TURNED_AWAY, TOGETHER) == [2, 2]


def test_a_burst_without_overlap_is_widened(actor: Actor) -> None:
    assert widths(actor, IN_A_ROW, IN_A_ROW, IN_A_ROW, IN_A_ROW) == [2, 4, 8]


def test_no_burst_is_fired_beyond_the_reserve(actor: Actor) -> None:
    actor.client.budget.again_calls = 7

    assert widths(actor, TURNED_AWAY, TURNED_AWAY) == [2]


def test_a_narrower_burst_is_not_the_same_evidence(actor: Actor) -> None:
    with pytest.raises(BudgetSpentError):
        widths(actor, TOGETHER, width=6)
