"""The order of the core driver's tests that the kill matrix suggests, written to ``spec/order.json``.

The kill matrix says which test shows which wrong server: the core driver walks each of them to its end. Next is always
the test that puts most requirements at stake that none did before, for each room call that it costs, together with the
tests that have to come before it; a wrong server that is shown for the first time counts like a part of a requirement.
Both are credited to the test that did so first in the walk: what shows only after a message is the merit of the test
that writes it, not of all that follow. When all requirements are at stake only the wrong servers count, and last come
the tests that the others make superfluous. Stories of one visitor stay in their order. Wrong servers that need luck,
haste, a pause or simultaneous calls are left out: when they show says little of a test.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kill_walk import Order, walk

from rocketchat_contract.prove.subjects import Subject, SubjectKind, all_subjects

FILE = Path(__file__).parents[1] / "spec" / "order.json"
METHOD = "benchmarks/kill_curve.py --write: requirements put at stake per room call, then wrong servers shown per call"
REQUIREMENT = 4
"""A requirement put at stake for the first time counts like so many wrong servers."""


@dataclass(frozen=True)
class Matrix:
    """What each test costs in room calls, which requirements it puts at stake, which wrong servers it shows.

    ``before`` are the tests that have to come before it.
    """

    costs: Mapping[str, int]
    before: Mapping[str, Sequence[str]]
    judged: Mapping[str, Set[str]]
    shows: Mapping[str, Set[str]]

    def order(self) -> list[str]:
        """All tests: those that show something new, without those that the others make superfluous, then the rest."""
        needed = self.needed()
        return [*self.greedy(needed), *self.greedy([test for test in self.costs if test not in needed])]

    def needed(self) -> list[str]:
        """The tests whose greedy choice showed something new, less the dearest that the others cover together."""
        kept = [test for test, gain in self.choices(list(self.costs)) if gain]
        for test in sorted(kept, key=lambda test: -self.costs[test]):
            others = set().union(*(self.covers(other) for other in kept if other != test))
            if self.covers(test) <= others:
                kept.remove(test)
        return [test for test in self.costs if test in kept]

    def covers(self, test: str) -> set[str]:
        """What a test puts at stake and shows."""
        return {*self.judged[test], *self.shows.get(test, ())}

    def greedy(self, tests: Sequence[str]) -> list[str]:
        """These tests, the one first that shows most of what is new for each of its calls."""
        return [test for test, _ in self.choices(tests)]

    def choices(self, tests: Sequence[str]) -> Iterator[tuple[str, float]]:
        """The greedy choices with what each shows anew per call; who waits for others counts together with them."""
        left, stakes, shown = list(tests), set[str](), set[str]()
        awaited = {test: self.awaited(test) for test in tests}

        def gain(bundle: Sequence[str]) -> float:
            stake = len(set().union(*(self.judged[test] for test in bundle)) - stakes)
            new = len(set().union(*(self.shows.get(test, frozenset()) for test in bundle)) - shown)
            return (REQUIREMENT * stake + new) / max(sum(self.costs[test] for test in bundle), 1)

        while left:
            bundles = ([other for other in left if other in awaited[test]] for test in left)
            best = max(bundles, key=gain)
            first = next(test for test in best if not awaited[test].intersection(best) - {test})
            yield first, gain([first])
            left.remove(first)
            stakes |= self.judged[first]
            shown |= self.shows.get(first, frozenset())

    def awaited(self, test: str) -> Set[str]:
        """A test, those that have to come before it, and those before them."""
        found, waiting = {test}, [test]
        while waiting:
            more = set(self.before[waiting.pop()]) - found
            found |= more
            waiting += more
        return found


def write_order(pool: Executor) -> None:
    """Measure the kill matrix and write the order."""
    matrix, missed = measured(pool)
    print("shown by no test of the core:", ", ".join(missed) or "none")
    content = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "method": METHOD, "tests": matrix.order()}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def measured(pool: Executor) -> tuple[Matrix, list[str]]:
    """The kill matrix, and the wrong servers that no test of the core shows."""
    subjects = list(all_subjects())
    wrong = [subject for subject in subjects if subject.kind is SubjectKind.WRONG and not subject.needs]
    right = pool.submit(whole, subjects[0])
    shows: defaultdict[str, set[str]] = defaultdict(set)
    for subject, test in zip(wrong, pool.map(test_that_shows, wrong, chunksize=4), strict=True):
        if test is not None:
            shows[test].add(subject.name)
    costs, before, judged = right.result()
    matrix = Matrix(costs, before, dict(firsts(judged)), shows)
    caught = set().union(*shows.values())
    return matrix, [subject.name for subject in wrong if subject.name not in caught]


def whole(subject: Subject) -> tuple[dict[str, int], dict[str, list[str]], dict[str, list[str]]]:
    """What the tests cost, which have to come before each, and what they put at stake on one server."""
    watch = walk(subject, Order.WHOLE)
    return watch.costs, watch.before, watch.judged


def firsts(judged: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Set[str]]]:
    """For each test, in the walk's order, what it put at stake and none before it."""
    stakes = set[str]()
    for test, names in judged.items():
        yield test, set(names) - stakes
        stakes.update(names)


def test_that_shows(subject: Subject) -> str | None:
    """The first test of the core that shows one fault."""
    return next(iter(walk(subject, Order.WHOLE).shown), None)
