"""A burst that did not come whole, or did not overlap, is fired again, as far as the reserve allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.client.budget import BudgetSpentError
from rocketchat_contract.client.burst import SHARES, WIDEST_BURST, fire, next_width
from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.config import Profile
from rocketchat_contract.judge.operation import Operation
from support.clients import RUN, ok, stage
from support.histories import between, call, created, operations, returned

TOGETHER = operations(between(0, 4, created("a", "r")), between(1, 5, returned("a", "r")))
IN_A_ROW = operations(between(0, 1, created("a", "r")), between(2, 3, returned("a", "r")))


def in_a_row(number: int) -> list[Operation]:
    return operations(*(between(2 * n, 2 * n + 1, returned("a", "r")) for n in range(number)))


THREE = operations(*(between(n, 9 + n, returned("a", "r")) for n in range(3)))
TURNED_AWAY = operations(between(0, 4, created("a", "r")), between(1, 5, call("token=a", 429, {})))
RESERVE = Profile("small", ("volley",), room_calls=5, visitors=2, again_calls=64, again_visitors=2)


@pytest.mark.parametrize(
    ("burst", "width", "wanted", "again"),
    [
        (TOGETHER, 2, 2, None),
        (IN_A_ROW, 2, 2, 4),
        (TURNED_AWAY, 2, 2, 2),
        (THREE, 3, 3, None),
        (THREE, 3, 4, 6),
        (THREE, 5, 5, None),
        (in_a_row(12), 12, 5, WIDEST_BURST),
        (in_a_row(WIDEST_BURST), WIDEST_BURST, 5, None),
    ],
    ids=["together", "apart", "turned away", "wide", "too few at once", "thinned by a limiter", "wide apart", "widest"],
)
def test_how_wide_a_burst_is_fired_again(burst: list[Operation], width: int, wanted: int, again: int | None) -> None:
    assert next_width(burst, width, wanted) == again


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
    assert widths(actor, in_a_row(2), in_a_row(4), in_a_row(8)) == [2, 4, 8]


def test_no_burst_takes_more_than_its_share_of_the_reserve(actor: Actor) -> None:
    actor.client.budget.again_calls = 64 - 2 * SHARES + 1

    assert widths(actor, TURNED_AWAY, TURNED_AWAY) == [2]


def test_a_burst_that_fell_short_is_remembered(actor: Actor) -> None:
    widths(actor, TURNED_AWAY, TURNED_AWAY, TURNED_AWAY)

    assert actor.client.short_bursts == 1


def test_a_burst_that_came_whole_at_last_did_not_fall_short(actor: Actor) -> None:
    widths(actor, TURNED_AWAY, TOGETHER)

    assert actor.client.short_bursts == 0


def test_a_burst_that_is_asked_for_again_is_fired_once(actor: Actor) -> None:
    actor.client.budget.is_asking_again = True

    assert (widths(actor, TURNED_AWAY), actor.client.short_bursts) == ([2], 1)


def test_what_was_turned_away_before_is_made_up_for_after_the_drivers(actor: Actor) -> None:
    widths(actor, TURNED_AWAY, TOGETHER)
    actor.client.budget.is_asking_again = True

    assert widths(actor, TOGETHER) == [3]


def test_a_narrower_burst_is_not_the_same_evidence(actor: Actor) -> None:
    with pytest.raises(BudgetSpentError):
        widths(actor, TOGETHER, width=6)
