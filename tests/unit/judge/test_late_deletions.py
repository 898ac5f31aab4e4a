"""Deletions that take effect some seconds after their answer."""

from __future__ import annotations

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, between, broken, closed, created, deleted, hidden, kept, refused, registered, shown

REQUIREMENT = "a-deleted-visitor-is-refused"
BEFORE = (registered(ANNA), created(ANNA, "R1"), closed(ANNA, "R1"), deleted(ANNA))
LATE = created(ANNA, "R2")
SECOND = 1000.0


def after(seconds: float, exchange: Exchange) -> Exchange:
    return between(seconds * SECOND, seconds * SECOND + 1, exchange)


def test_a_room_after_a_deletion_breaks_nothing_once_the_visitor_is_refused() -> None:
    assert broken(*BEFORE, LATE, refused(ANNA)) == set()


def test_a_late_deletion_is_judged_as_kept() -> None:
    assert kept(*BEFORE, LATE, refused(ANNA))[REQUIREMENT] == 1


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param((LATE,), id="never refused"),
        pytest.param((LATE, after(11, refused(ANNA)), hidden(ANNA, "R2")), id="refused too late"),
        pytest.param((refused(ANNA), LATE, refused(ANNA)), id="refused before"),
        pytest.param((shown(ANNA, "R1"), refused(ANNA)), id="by rid"),
        pytest.param((LATE, deleted(ANNA), refused(ANNA)), id="deleted twice"),
    ],
)
def test_who_is_not_soon_refused_after_a_deletion_breaks_it(calls: tuple[Exchange, ...]) -> None:
    assert REQUIREMENT in broken(*BEFORE, *calls)


def test_a_room_shown_again_meanwhile_breaks_nothing() -> None:
    again = (created(ANNA, "R2"), shown(ANNA, "R2"))

    assert broken(*BEFORE, *again, refused(ANNA)) == set()


@pytest.mark.parametrize(("seconds", "is_broken"), [(1, False), (9, True)])
def test_who_registers_again_is_still_known_after_eight_seconds(seconds: int, is_broken: bool) -> None:
    calls = (LATE, after(seconds, created(ANNA, "R2")), after(seconds + 1, registered(ANNA)))

    assert (REQUIREMENT in broken(*BEFORE, *calls)) == is_broken


def test_a_setting_that_refuses_everybody_proves_no_deletion() -> None:
    assert REQUIREMENT in broken(*BEFORE, LATE, refused(ANNA, "no-agent-online"))
