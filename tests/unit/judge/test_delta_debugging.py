from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest

from rocketchat_contract.judge import delta_debugging
from rocketchat_contract.judge.delta_debugging import argued, droppable, forgotten, minimize
from rocketchat_contract.judge.model import State
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.overlap import explain_cluster
from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, between, closed, created, operations, refused, returned, unanswered
from support.orders import World, all_race, final_worlds
from support.random_histories import any_calls, served_calls

KNOWN = frozenset({State(known=True, open=None)})


def unexplained(ops: Sequence[Operation]) -> bool:
    pending = {op.number: op for op in ops}
    return explain_cluster(KNOWN, ops, pending, lambda _: False).impossible is not None


def cut(*calls: Exchange) -> list[int]:
    """The numbers of the calls that are left."""
    ops = operations(*calls)
    impossible = explain_cluster(KNOWN, ops, {op.number: op for op in ops}, lambda _: False).impossible
    assert impossible is not None
    return [op.number for op in minimize(ops, ops[impossible], unexplained)]


def at_once(*calls: Exchange) -> list[Exchange]:
    return [between(n, 1000 + n, each) for n, each in enumerate(calls)]


def test_calls_that_change_nothing_are_dropped() -> None:
    calls = [returned(ANNA, "R1"), created(ANNA, "R1"), refused(ANNA), created(ANNA, "R2"), returned(ANNA, "R2")]

    assert cut(*at_once(*calls)) == [2, 4]


def test_a_reader_that_decides_is_kept() -> None:
    assert cut(*at_once(created(ANNA, "R1"), returned(ANNA, "R2"), returned(ANNA, "R1"))) == [1, 2]


def test_whole_lives_of_other_rooms_are_dropped() -> None:
    life = [
        between(0, 10, created(ANNA, "R1")),
        between(5, 30, returned(ANNA, "R1")),
        between(20, 40, closed(ANNA, "R1")),
    ]
    race = [between(35, 60, created(ANNA, "R2")), between(36, 61, created(ANNA, "R3"))]

    assert cut(*life, *race) == [4, 5]


def test_a_room_that_was_not_closed_is_kept() -> None:
    race = [created(ANNA, "R1"), created(ANNA, "R2"), closed(ANNA, "R3")]

    assert cut(*at_once(*race)) == [1, 2, 3]


def test_a_room_that_was_not_created_here_is_kept() -> None:
    calls = [
        unanswered(created(ANNA, "R9")),
        closed(ANNA, "R0"),
        created(ANNA, "R1"),
        created(ANNA, "R2"),
        created(ANNA, "R3"),
    ]

    assert cut(*at_once(*calls)) == [1, 2, 3, 4, 5]


def test_the_close_of_a_room_that_nobody_created_is_kept() -> None:
    calls = [refused(ANNA), unanswered(created(ANNA, "R9")), returned(ANNA, "R9"), closed(ANNA, "R9")]

    assert cut(*at_once(*calls, created(ANNA, "R1"), created(ANNA, "R2"))) == [2, 4, 5, 6]


def test_several_lives_are_dropped() -> None:
    lives = [
        between(100 * n + step, 100 * n + step + 60, each)
        for n in range(3)
        for step, each in ((0, created(ANNA, f"L{n}")), (30, refused(ANNA)), (61, closed(ANNA, f"L{n}")))
    ]
    race = [between(310, 400, created(ANNA, "R1")), between(311, 401, created(ANNA, "R2"))]

    assert cut(*lives, *race) == [10, 11]


def test_calls_after_the_impossible_one_are_dropped() -> None:
    race = [between(0, 10, created(ANNA, "R1")), between(1, 11, created(ANNA, "R2"))]
    later = [between(10.5, 40, closed(ANNA, "R2")), between(20, 50, created(ANNA, "R3"))]

    assert cut(*race, *later) == [1, 2, 3]


@pytest.mark.parametrize("seed", range(150))
def test_what_is_left_is_unexplained_and_holds_the_impossible_call(seed: int) -> None:
    ops = operations(*any_calls(Random(seed), 12))
    impossible = explain_cluster(KNOWN, ops, {op.number: op for op in ops}, lambda _: False).impossible
    if impossible is None:
        return
    left = minimize(ops, ops[impossible], unexplained)

    assert unexplained(left)
    assert ops[impossible] in left
    assert [op.number for op in left] == sorted({op.number for op in left})


def test_cutting_stops_when_it_costs_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = at_once(*[returned(ANNA, "R1")] * 9, created(ANNA, "R1"), created(ANNA, "R2"))
    monkeypatch.setattr(delta_debugging, "MOST_WORK", 0)

    assert cut(*calls) == list(range(1, 12))


# Held against brute force


def impossible(ops: Sequence[Operation]) -> bool:
    """Whether no order of the calls, on a right server that knows the visitor, gives these answers."""
    return not final_worlds(frozenset({World(True)}), ops, all_race(ops))


def without(ops: Sequence[Operation], unit: frozenset[int]) -> list[Operation]:
    return [op for op in ops if op.number not in unit]


def wrong_cluster(seed: int) -> tuple[list[Operation], Operation] | None:
    """Calls that no order explains, and the one that shows it; None when chance made a right history."""
    random = Random(seed)
    calls = any_calls(random, 8) if random.random() < 0.4 else served_calls(random, 8, known=True, room=None)
    ops = operations(*calls)
    found = explain_cluster(KNOWN, ops, {op.number: op for op in ops}, lambda _: False).impossible
    return None if found is None else (ops, ops[found])


@pytest.mark.parametrize("block", range(2))
def test_nothing_is_dropped_that_makes_a_right_history_wrong(block: int) -> None:
    units: Counter[str] = Counter()
    for seed in range(1_000 * block, 1_000 * (block + 1)):
        random = Random(seed)
        ops = operations(*served_calls(random, 7, known=True, room=None))
        if impossible(ops):
            continue
        culprit = random.choice(ops)
        for kind, found in (("droppable", droppable(ops, culprit)), ("forgotten", forgotten(ops, culprit))):
            units[kind] += len(found)

            assert not any(impossible(without(ops, unit)) for unit in found), f"Random({seed}), {kind}"
    assert min(units["droppable"], units["forgotten"]) > 50


@pytest.mark.parametrize("block", range(4))
def test_what_is_left_is_impossible_and_each_call_of_it_is_needed(block: int) -> None:
    smaller = 0
    for seed in range(700 * block, 700 * (block + 1)):
        cluster = wrong_cluster(seed)
        if cluster is None:
            continue
        left = minimize(*cluster, unexplained)
        smaller += len(left) < len(cluster[0])

        assert impossible(left), f"Random({seed})"
        assert not any(impossible(without(left, unit)) for unit in droppable(left, cluster[1])), f"Random({seed})"
    assert smaller > 100


def test_what_is_argued_is_impossible_and_a_part_of_the_evidence() -> None:
    for seed in range(500):
        cluster = wrong_cluster(seed)
        if cluster is None:
            continue
        left = minimize(*cluster, unexplained)
        told = argued(left, cluster[1], unexplained)

        assert impossible(told), f"Random({seed})"
        assert {op.number for op in told} <= {op.number for op in left}
        assert not any(impossible(without(told, unit)) for unit in forgotten(told, cluster[1])), f"Random({seed})"
