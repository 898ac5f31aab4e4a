from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.report.races import DRAWING_WIDTH, drawing_of

from .examples import RACING, REPEATED, call


def test_calls_in_turn_are_no_race() -> None:
    assert drawing_of(list(REPEATED.values()), 13) is None


def test_overlapping_calls_are_bars() -> None:
    race = drawing_of(list(RACING.values()), 41)
    assert race is not None
    assert [bar.number for bar in race.bars] == [40, 41, 42, 43]


def test_the_first_impossible_call_is_marked() -> None:
    race = drawing_of(list(RACING.values()), 41)
    assert race is not None
    assert [bar.number for bar in race.bars if bar.deciding] == [41]
    assert "41 is the first impossible one" in race.sentence


def test_only_the_overlapping_calls_are_drawn() -> None:
    race = drawing_of([call(1, 0, 5, ""), *RACING.values()], 41)
    assert race is not None
    assert 1 not in [bar.number for bar in race.bars]


def test_a_crowd_is_capped_and_keeps_the_deciding_call() -> None:
    crowd = [call(number, number / 100, 50, "") for number in range(1, 61)]
    race = drawing_of(crowd, 60)
    assert race is not None
    assert race.hidden == 44
    assert race.bars[-1].number == 60


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=2, max_size=20))
def test_bars_stay_within_the_drawing(spans: list[tuple[int, int]]) -> None:
    calls = [call(number, at / 7, took / 7, "") for number, (at, took) in enumerate(spans, 1)]
    race = drawing_of(calls, 1)
    for bar in race.bars if race else ():
        assert race.left <= bar.left <= bar.left + bar.width <= DRAWING_WIDTH
        assert bar.top + 20 < race.height


@given(st.integers(0, 10**12))
def test_ticks_are_few_and_in_order(took: int) -> None:
    race = drawing_of([call(1, 0, took / 1e6, ""), call(2, 0, took / 1e6, "")], 1)
    ticks = [tick.left for tick in race.ticks] if race else [0]
    assert 1 <= len(ticks) <= 10
    assert ticks == sorted(ticks)
