"""The search for an order finds one exactly where brute force does, and leaves the same states."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.judge.linearizability import MAX_CONFIGURATIONS, Explained, Interval, explain
from rocketchat_contract.judge.model import NEW, STRANGER, UNSEEN, State, becomes_pending, effects
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.overlap import explain_cluster
from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, between, closed, created, operations, registered, returned, unanswered
from support.orders import SOME, World, all_race, final_worlds, overlapping
from support.random_histories import any_calls, served_calls

from .promises import OF_A_HISTORY, broken_in_order

STARTS: tuple[tuple[State, ...], ...] = (
    (NEW,),
    (State(known=True, open=None),),
    (State(known=True, open="R0"),),
    STRANGER,
    (State(known=True, open=None), State(known=True, open="R0")),
)


def used_before(room: str) -> bool:
    return room == "R0"


def by_search(starts: tuple[State, ...], ops: list[Operation]) -> set[tuple[bool, str | None]]:
    """What may be true after the operations, as known and open room; empty when no order explains them."""
    pending = {op.number: op for op in ops if becomes_pending(op)}
    reached = fresh = set(explain_cluster(frozenset(starts), ops, pending, used_before).states)
    while fresh:
        fresh = {after for state in fresh for after in effects(state, pending)} - reached
        reached = reached | fresh
    return {(state.known, SOME if state.open == UNSEEN else state.open) for state in reached}


def by_force(starts: tuple[State, ...], ops: list[Operation]) -> set[tuple[bool, str | None]]:
    """The same by trying every order."""
    worlds = {World(each.known, SOME if each.open == UNSEEN else each.open, frozenset({"R0"})) for each in starts}
    ends = final_worlds(frozenset(worlds), ops, all_race(ops))
    return {(world.known, world.room) for world in ends}


def some_cluster(random: Random, most: int = 6) -> tuple[tuple[State, ...], list[Operation]]:
    starts = random.choice(STARTS)
    if random.random() < 0.4:
        return starts, operations(*any_calls(random, most))
    return starts, operations(*served_calls(random, most, known=starts[0].known, room=starts[0].open))


@settings(deadline=None, max_examples=300)
@given(st.randoms(use_true_random=False))
def test_search_and_brute_force_agree(random: Random) -> None:
    starts, ops = some_cluster(random)

    assert by_search(starts, ops) == by_force(starts, ops)


@pytest.mark.parametrize("block", range(5))
def test_search_and_brute_force_agree_on_thousands_of_histories(block: int) -> None:
    explained = 0
    for number in range(2_000):
        seed = block * 10_000 + number
        starts, ops = some_cluster(Random(seed))
        forced = by_force(starts, ops)
        explained += bool(forced)

        assert by_search(starts, ops) == forced, f"Random({seed})"
    assert 500 < explained < 1_500


@pytest.mark.parametrize("block", range(4))
def test_the_judge_and_brute_force_agree_on_whole_histories(block: int) -> None:
    for number in range(300):
        random = Random(block * 10_000 + number)
        calls = any_calls(random, 6) if random.random() < 0.3 else served_calls(random, 7, known=True, room=None)
        history = [between(0, 1, registered(ANNA)), *calls]
        ops = operations(*history)
        ends = final_worlds(frozenset({World(False)}), ops, overlapping(ops))

        assert bool(broken_in_order(*history)) == (not ends), f"Random({block * 10_000 + number})"


def counter(started: int, ended: int, before: int, **more: bool) -> Interval[int]:
    """Counts from ``before`` to the next number."""
    return Interval(started, ended, lambda state: [state + 1] if state == before else [], before, **more)


def test_operations_take_effect_in_the_order_that_explains_them() -> None:
    assert explain([0], [counter(0, 9, 2), counter(1, 8, 0), counter(2, 7, 1)]) == Explained(frozenset({3}))


def test_an_operation_takes_effect_before_one_that_starts_after_its_end() -> None:
    assert explain([0], [counter(0, 1, 1), counter(2, 3, 0)]) == Explained(frozenset(), 0)


def test_a_start_at_the_instant_of_an_end_overlaps_it() -> None:
    assert explain([0], [counter(0, 1, 1), counter(1, 3, 0)]) == Explained(frozenset({2}))


def test_the_first_operation_that_cannot_be_explained_is_named() -> None:
    assert explain([0], [counter(0, 9, 0), counter(1, 2, 5), counter(3, 4, 7)]).impossible == 1


def test_no_operations_change_nothing() -> None:
    assert explain([0, 7], []) == Explained(frozenset({0, 7}))


def test_drift_explains_what_no_operation_does() -> None:
    assert explain([0], [counter(0, 1, 3)], lambda state: [state + 1] if state < 3 else []).states == {4}


def test_a_pending_operation_has_no_end() -> None:
    later = Interval(0, 1, lambda state: [state | 8], "pending", pending=True)

    assert explain([0], [later, counter(2, 3, 8)]).states == {9}


def test_too_many_possibilities_are_given_up() -> None:
    flips = [Interval(0, 100 + n, lambda state, n=n: [state ^ (1 << n), state], n) for n in range(20)]  # type: ignore[misc]

    assert explain([0], flips) == Explained(frozenset(), None, given_up=True)


def test_possibilities_up_to_the_limit_are_followed() -> None:
    bits = MAX_CONFIGURATIONS.bit_length() // 2
    flips = [Interval(0, 100 + n, lambda state, n=n: [state ^ (1 << n), state], n) for n in range(bits)]  # type: ignore[misc]

    assert len(explain([0], flips).states) == 2**bits


def volley(*calls: Exchange) -> list[Exchange]:
    return [between(10 + n / 100, 90 + n / 100, call) for n, call in enumerate(calls)]


def test_sixty_four_racers_with_one_winner_are_explained() -> None:
    calls = volley(*[returned(ANNA, "R1")] * 40, created(ANNA, "R1"), *[returned(ANNA, "R1")] * 23)

    assert broken_in_order(between(0, 1, registered(ANNA)), *calls) == set()


def test_sixty_four_racers_with_two_winners_are_not() -> None:
    calls = volley(*[returned(ANNA, "R1")] * 40, created(ANNA, "R1"), *[returned(ANNA, "R1")] * 22, created(ANNA, "R2"))

    assert broken_in_order(between(0, 1, registered(ANNA)), *calls) == {"overlapping-calls-open-one-room"}


def test_sixty_four_unanswered_racers_open_one_room_at_most() -> None:
    calls = volley(*[unanswered(created(ANNA, "R1"))] * 64)
    after = [returned(ANNA, "R5"), returned(ANNA, "R5"), closed(ANNA, "R5"), created(ANNA, "R6"), returned(ANNA, "R7")]

    assert broken_in_order(between(0, 1, registered(ANNA)), *calls, *after[:-1]) == set()
    assert broken_in_order(between(0, 1, registered(ANNA)), *calls, *after) == {"an-open-room-is-returned"}


def test_the_promises_of_a_history_are_in_the_catalogue() -> None:
    from support.histories import requirements  # noqa: PLC0415 - only this test needs it

    assert requirements().ids >= OF_A_HISTORY
