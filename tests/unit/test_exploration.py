"""Generated traffic goes on after a finding, and what is known fails no further example."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.record.generated import Explored, Generated, by_kind
from rocketchat_contract.run.example_database import Keeping
from rocketchat_contract.run.exploration import ContractBrokenError, CutShortError, Explorer, Shown
from rocketchat_contract.run.hypothesis_settings import Memory

KEY, VALUE, OTHER = b"key", b"value", b"other"


@dataclass
class Traffic:
    """Examples of which each shows the findings that ``shows`` makes of its number."""

    shows: Callable[[int], Iterable[str]]
    memory: Memory = field(default_factory=lambda: Memory(shrink=False))
    stops_at_first: bool = False
    waiting: list[Finding] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        self.shown = Shown(self._take, lambda _: True)
        self.explorer = Explorer(self.memory, self.shown, "queries", self.stops_at_first)

    def _take(self) -> list[Finding]:
        taken, self.waiting = self.waiting, []
        return taken

    def explore(self, planned: int, ahead: Iterable[int] | None = None) -> None:
        def sends(_: int) -> None:
            self.sent += 1
            self.waiting += [finding(what) for what in self.shows(self.sent)]
            self.explorer.check()

        def make(settings: Any) -> Callable[[], None]:
            test: Callable[[], None] = settings(given(st.integers())(sends))
            return test

        plays = ahead and (partial(sends, example) for example in ahead)
        self.explorer.explore(make, "test", "queries", planned, plays)


def finding(signature: str, requirement: str = "a-room-is-returned") -> Finding:
    return Finding(requirement, "a room", signature, (1,), "$RC_TOKEN_1", signature=signature)


def test_a_finding_of_every_answer_ends_no_generation() -> None:
    traffic = Traffic(lambda _: ["null"])

    traffic.explore(40)

    assert traffic.shown.explored == [Explored("queries", "queries", 40, 40)]


def test_examples_from_elsewhere_are_all_there_are() -> None:
    traffic = Traffic(lambda _: [])

    traffic.explore(40, range(40))

    assert (traffic.sent, traffic.shown.explored) == (40, [Explored("queries", "queries", 40, 40)])


def test_what_broke_elsewhere_is_generated_again() -> None:
    traffic = Traffic(lambda _: ["null"])

    traffic.explore(40, range(40))

    assert traffic.sent == 1 + 1 + 40
    assert traffic.shown.explored == [Explored("queries", "queries", 40, 40)]


def test_fail_fast_generates_nothing_again() -> None:
    traffic = Traffic(lambda _: ["null"], stops_at_first=True)

    with pytest.raises(ContractBrokenError):
        traffic.explore(40, range(40))

    assert (traffic.sent, traffic.shown.explored) == (1, [Explored("queries", "queries", 1, 40)])


def test_what_came_in_part_is_generated_again() -> None:
    traffic = Traffic(lambda _: [])

    traffic.explore(40, cut_short(range(7)))

    assert traffic.sent == 7 + 40


def cut_short(examples: Iterable[int]) -> Iterator[int]:
    yield from examples
    raise CutShortError


def test_a_finding_known_before_fails_no_example() -> None:
    traffic = Traffic(lambda _: ["null"])
    traffic.waiting.append(finding("null"))
    traffic.shown.end_of_test()

    traffic.explore(40)

    assert traffic.sent == 40


def test_findings_without_end_end_no_generation() -> None:
    traffic = Traffic(lambda number: [f"room {number}"])

    traffic.explore(40)

    assert traffic.shown.explored == [Explored("queries", "queries", 40, 40)]


def test_the_test_still_fails_by_what_it_showed() -> None:
    traffic = Traffic(lambda _: ["null"])

    traffic.explore(10)

    assert {found.signature for found in traffic.shown.end_of_test()} == {"null"}


def test_fail_fast_ends_at_the_first_finding() -> None:
    traffic = Traffic(lambda _: ["null"], stops_at_first=True)

    with pytest.raises(ContractBrokenError):
        traffic.explore(40)

    assert traffic.shown.explored == [Explored("queries", "queries", 1, 40)]


def test_distinct_findings_are_counted_once_each() -> None:
    traffic = Traffic(lambda number: ["null" if number % 2 else "absent"])

    traffic.explore(20)

    assert traffic.shown.explored_so_far.findings == 2


def test_each_turn_makes_other_examples() -> None:
    seeds = []
    memory = Memory(seed=7)
    for turn in range(2):
        memory.prepared(test := lambda: None, "test", turn)
        seeds.append(test._hypothesis_internal_use_seed)  # type: ignore[attr-defined]

    assert seeds == [7, 8]


def test_an_example_that_is_set_aside_stays_remembered() -> None:
    database = InMemoryExampleDatabase()
    database.save(KEY, VALUE)

    Keeping(database).delete(KEY, VALUE)

    assert set(database.fetch(KEY)) == {VALUE}


def test_an_example_of_this_turn_may_be_forgotten() -> None:
    database = InMemoryExampleDatabase()
    keeping = Keeping(database)
    keeping.save(KEY, OTHER)

    keeping.delete(KEY, OTHER)

    assert set(keeping.fetch(KEY)) == set()


def test_a_remembered_example_is_tried_once_set_aside() -> None:
    database = InMemoryExampleDatabase()
    database.save(KEY, VALUE)

    assert set(Keeping(database).fetch(KEY)) == {VALUE}


def test_the_tests_of_a_kind_are_told_together() -> None:
    positive, negative = Explored("queries", "queries", 300, 300), Explored("queries", "queries", 20, 150)

    assert by_kind([positive, negative]) == (Explored("queries", "queries", 320, 450),)


def test_what_was_explored_is_read_back_as_written() -> None:
    generated = Generated((Explored("life", "visitor simulations", 3, 40),), 2)

    assert Generated.from_json(generated.to_json()) == generated
