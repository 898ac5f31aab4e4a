from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.judge.operation import read
from rocketchat_contract.judge.overlapping import Overlapping, at_once, overlapped, proves_a_race
from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, call, created, returned, unanswered

spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)).map(lambda each: (each[0], sum(each))), max_size=9)


def fired(*calls: tuple[int, int, int], exchange: Exchange | None = None) -> list[Exchange]:
    """Calls of a volley by their moments: when they started, when their last byte had left, when they ended."""
    return [
        replace(exchange or returned(ANNA, "R1"), number=n, started=started, released=released, ended=ended)
        for n, (started, released, ended) in enumerate(calls, 1)
    ]


def counted(exchanges: Sequence[Exchange]) -> tuple[int, ...]:
    volleys = Overlapping()
    for exchange in exchanges:
        volleys.join(read(exchange))
    return tuple(volleys.counts().values())[:4]


def test_calls_that_are_under_way_together_overlap() -> None:
    assert counted(fired((0, 10, 90), (0, 12, 80), (0, 14, 70))) == (1, 3, 3, 3)


def test_a_call_that_is_answered_before_the_next_leaves_whole_does_not_overlap_it() -> None:
    assert counted(fired((0, 10, 19), (0, 20, 90), (0, 30, 95))) == (1, 3, 2, 2)


def test_calls_that_leave_after_all_are_answered_are_another_volley() -> None:
    assert counted(fired((0, 10, 90), (1, 12, 95), (96, 97, 99), (96, 98, 99))) == (2, 4, 4, 2)


def test_calls_that_were_not_fired_in_a_volley_are_none() -> None:
    alone = [replace(created(ANNA, "R1"), number=n, started=0, ended=9) for n in (1, 2)]

    assert counted(alone) == (0, 0, 0, 0)


def test_calls_that_the_limiter_turned_away_overlap_nothing() -> None:
    turned_away = call(f"token={ANNA}", 429, {})

    assert counted(fired((0, 1, 9), (0, 2, 9), exchange=turned_away)) == (1, 2, 0, 0)


def test_a_volley_of_one_call_overlaps_nothing() -> None:
    assert counted(fired((0, 1, 9))) == (1, 1, 0, 0)


def test_a_call_is_under_way_only_while_its_answer_cannot_be_there() -> None:
    read_late = [replace(each, answered=18) for each in fired((0, 10, 90), (0, 20, 90))]

    assert counted(read_late) == (1, 2, 0, 1)


def test_the_fastest_answer_is_told() -> None:
    bursts = Overlapping()
    for exchange in fired((0, 10, 90), (0, 12, 70)):
        bursts.join(read(exchange))

    assert bursts.counts()["volley_fastest"] == 58


@pytest.mark.parametrize(("width", "proves"), [(0, True), (3, True), (4, False)])
def test_a_race_is_as_wide_as_its_calls_were_under_way_at_once(width: int, proves: bool) -> None:
    burst = fired((0, 10, 90), (0, 12, 80), (0, 14, 70))

    assert proves_a_race([read(each) for each in burst], width) is proves


def test_calls_of_no_burst_make_no_race_of_a_width() -> None:
    burst = [replace(each, released=None) for each in fired((0, 10, 90), (0, 12, 80), (0, 14, 70))]
    operations = [read(each) for each in burst]

    assert [proves_a_race(operations, width) for width in (0, 2)] == [True, False]


def test_calls_that_nobody_answered_make_no_race_wider() -> None:
    burst = fired((0, 10, 90), (0, 12, 80), (0, 14, 70))
    burst[2] = unanswered(burst[2])

    assert not proves_a_race([read(each) for each in burst], 3)


def test_counting_twice_counts_the_same() -> None:
    volleys = Overlapping()
    for exchange in fired((0, 1, 9), (0, 2, 9)):
        volleys.join(read(exchange))

    assert volleys.counts() == volleys.counts()


@given(spans)
def test_overlap_is_that_of_all_pairs(given_spans: list[tuple[int, int]]) -> None:
    ordered = sorted(given_spans)
    pairs = [any(a[0] < b[1] and b[0] < a[1] for m, b in enumerate(ordered) if m != n) for n, a in enumerate(ordered)]

    assert overlapped(ordered) == sum(pairs)


@given(spans)
def test_the_most_at_once_is_reached_at_a_beginning(given_spans: list[tuple[int, int]]) -> None:
    real = [(begin, end) for begin, end in given_spans if begin < end]
    most = max((sum(begin <= moment < end for begin, end in real) for moment, _ in real), default=0)

    assert at_once(real) == most


@pytest.mark.parametrize(("width", "lost", "proves"), [(5, 0, True), (5, 1, True), (5, 2, True), (5, 3, False)])
def test_lost_calls_make_a_burst_narrower_down_to_three(width: int, lost: int, *, proves: bool) -> None:
    burst = fired(*((0, 10 + n, 90 - n) for n in range(width)))
    burst[width - lost :] = map(unanswered, burst[width - lost :])

    assert proves_a_race([read(each) for each in burst], width) is proves


def test_a_burst_that_nobody_lost_a_call_of_is_to_be_as_wide_as_asked() -> None:
    burst = fired(*((0, 10 + n, 90 - n) for n in range(4)))

    assert not proves_a_race([read(each) for each in burst], 5)
