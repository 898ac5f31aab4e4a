"""How far the order of the core driver's tests is from the best possible, and that order itself.

    python benchmarks/order_search.py [--write]

Which test shows which fault is stored (``kill_matrix.py``), so no server is asked. The best set of tests for so many
room calls is an integer program, solved by HiGHS (``scipy.optimize.milp``): as many faults as possible, each shown by
at least one of its tests, and no test without those that have to come before it. One order has to serve several
budgets: the calls of a ``smoke``, those that a gate has beside its bursts, and all of a gate's. So each of these sets
holds the one before it, and within a set comes first what shows most for each of its calls; a must put at stake counts
like several faults. The bound of each budget is the program's without any of that.

``--write`` writes the order to ``spec/order.json``, provided that it shows more than the one that is there: in the time
that a program has it does not always end.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
from figures import Figure, Row, store
from kill_matrix import Matrix, stored
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

from rocketchat_contract.config import PROFILES
from rocketchat_contract.contract.requirements import load_requirements
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.run.driver_order import core_order

FILE = Path(__file__).parents[1] / "spec" / "order.json"
METHOD = "benchmarks/order_search.py --write: nested integer programs over the kill matrix, then greedy"
GATE, SMOKE = PROFILES["gate"], PROFILES["smoke"]
BESIDE_BURSTS = GATE.room_calls - GATE.kept_calls
"""Room calls that a gate's core has when its simultaneous calls take all that is kept for them."""

BUDGETS = (SMOKE.room_calls, BESIDE_BURSTS, GATE.room_calls)
NEEDED = frozenset({"test_an_agent_sent_twice"})
"""Tests that a gate keeps whatever else they show: the one wrong shape that no firewall takes for an attack."""

MUST = 6.0
"""A must put at stake for the first time counts like so many faults."""

HALF = 0.5
"""Beyond it a choice of the solver's is a yes."""

SECONDS = 60.0
"""The longest that one program may take; HiGHS answers the best that it has by then."""


CALL = 1e-3
"""What a room call costs beside the faults that it shows: of sets that show the same the one with fewer calls."""


@dataclass(frozen=True)
class Chosen:
    """The tests that a program chose, and the bound beyond which no choice comes, proved in the time it had."""

    tests: list[str]
    bound: float


@dataclass(frozen=True)
class Problem:
    """Tests of the core that may be ordered, the faults that count, and what the bursts of a gate show anyway."""

    matrix: Matrix
    faults: frozenset[str]
    anyway: frozenset[str] = frozenset()
    must: float = MUST

    @cached_property
    def covers(self) -> dict[str, frozenset[str]]:
        """The faults that each test shows."""
        return {test: frozenset(self.matrix.shown({test}, self.faults)) for test in self.matrix.tests}

    @cached_property
    def tests(self) -> list[str]:
        """The tests of the first file of the core; those of the second come after all of them."""
        return [name for name, test in self.matrix.tests.items() if test.file == "test_core"]

    @cached_property
    def musts(self) -> frozenset[str]:
        """The musts that at least one of the tests puts at stake."""
        records = load_requirements(spec_folder() / "requirements.toml")
        return self.stakes(self.tests) & {each.id for each in records if each.level == "must"}

    def stakes(self, tests: Sequence[str]) -> frozenset[str]:
        """The requirements that tests put at stake."""
        return frozenset(name for test in tests for name in self.matrix.tests[test].judged)

    def calls(self, tests: Sequence[str]) -> int:
        """The room calls of tests."""
        return sum(self.matrix.tests[test].calls for test in tests)

    def shown(self, tests: Sequence[str]) -> set[str]:
        """The faults that tests, or the bursts, show."""
        return set().union(*(self.covers[test] for test in tests), self.anyway & self.faults)

    def awaited(self, test: str) -> frozenset[str]:
        """A test and those that have to come before it."""
        return frozenset({test, *self.matrix.tests[test].before}) & set(self.tests)

    def best(self, calls: int, fixed: Set[str] = frozenset()) -> Chosen:
        """The tests that show most within so many calls, among them those that are fixed."""
        tests = self.tests
        targets = [*sorted(self.faults - self.anyway), *sorted(self.musts)]
        worth = [1.0] * len(self.faults - self.anyway) + [self.must] * len(self.musts)
        rows, least, most = self._rows(targets, calls)
        lower = np.array([float(test in fixed) for test in tests] + [0.0] * len(targets))
        cost = np.array([self.matrix.tests[test].calls * CALL for test in tests] + [-each for each in worth])
        whole = np.array([1] * len(tests) + [0] * len(targets))
        found = milp(
            cost,
            constraints=LinearConstraint(rows, least, most),
            bounds=Bounds(lower, np.ones(len(cost))),
            integrality=whole,
            options={"time_limit": SECONDS},
        )
        chosen = [] if found.x is None else [test for test, x in zip(tests, found.x, strict=False) if x > HALF]
        return Chosen(chosen, -found.mip_dual_bound + calls * CALL)

    def _rows(self, targets: Sequence[str], calls: int) -> tuple[object, list[float], list[float]]:
        """The program's rows: the calls, each target only with one of its tests, each test only after its own."""
        tests, place = self.tests, {test: number for number, test in enumerate(self.tests)}
        waits = [(place[test], place[other]) for test in tests for other in self.awaited(test) - {test}]
        rows = lil_matrix((1 + len(targets) + len(waits), len(tests) + len(targets)))
        for test in tests:
            rows[0, place[test]] = self.matrix.tests[test].calls
        for number, target in enumerate(targets):
            rows[1 + number, len(tests) + number] = 1
            for test in self._tests_of(target):
                rows[1 + number, place[test]] = -1
        for number, (test, other) in enumerate(waits, 1 + len(targets)):
            rows[number, test], rows[number, other] = 1, -1
        return rows.tocsr(), [-np.inf] * rows.shape[0], [float(calls)] + [0.0] * (rows.shape[0] - 1)

    def _tests_of(self, target: str) -> list[str]:
        if target in self.matrix.shown_by:
            return [test for test in self.tests if test in self.matrix.shown_by[target]]
        return [test for test in self.tests if target in self.matrix.tests[test].judged]

    def order(self) -> list[str]:
        """All tests: the best for a smoke, then for a gate beside its bursts, then for a gate, then the rest."""
        placed = self.placed(BUDGETS)
        return [*placed, *self.greedy([test for test in self.tests if test not in placed], placed)]

    def placed(self, budgets: Sequence[int]) -> list[str]:
        """The best tests for each budget, those for a smaller one first."""
        placed: list[str] = []
        for calls in budgets:
            needed = NEEDED if calls >= BESIDE_BURSTS else frozenset()
            chosen = self.best(calls, needed.union(placed)).tests
            placed += self.greedy([test for test in chosen if test not in placed], placed)
        return placed

    def greedy(self, tests: Sequence[str], placed: Sequence[str]) -> list[str]:
        """These tests, the one first that shows most of what is new for each of its calls."""
        return list(self._choices(list(tests), list(placed)))

    def _choices(self, left: list[str], placed: list[str]) -> Iterator[str]:
        while left:
            bundles = [[other for other in left if other in self.awaited(test)] for test in left]
            shown, stakes = self.shown(placed), self.stakes(placed)
            best = max(bundles, key=lambda bundle: self._gain(bundle, shown, stakes))
            first = next(test for test in best if not self.awaited(test) & set(best) - {test})
            yield first
            left.remove(first)
            placed.append(first)

    def _gain(self, bundle: Sequence[str], shown: Set[str], stakes: Set[str]) -> float:
        new = len(self.shown(bundle) - shown) + self.must * len((self.stakes(bundle) & self.musts) - stakes)
        return new / max(self.calls(bundle), 1)


def within(problem: Problem, order: Sequence[str], calls: int) -> list[str]:
    """The tests of an order that a budget holds; the first that it does not hold ends the walk."""
    taken: list[str] = []
    for test in order:
        if problem.calls([*taken, test]) > calls:
            break
        taken.append(test)
    return taken


def bursts(matrix: Matrix) -> list[str]:
    """The tests of simultaneous calls that a gate has calls for, and its malformed ones."""
    taken: list[str] = []
    for test in matrix.of("volley"):
        if sum(matrix.tests[each].calls for each in taken) + matrix.tests[test].calls <= GATE.kept_calls:
            taken.append(test)
    return [*taken, *matrix.of("malformed")]


def shown_anyway(matrix: Matrix) -> frozenset[str]:
    """The faults that a gate shows beside its core."""
    return frozenset(matrix.shown(set(bursts(matrix)), set(matrix.shown_by)))


def distances(problem: Problem, orders: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    """For each budget what each order shows within it, and the best possible."""
    for calls in BUDGETS:
        best = replace(problem, must=0.0).best(calls)
        yield {
            "room calls of the core": calls,
            **{name: len(problem.shown(within(problem, order, calls))) for name, order in orders.items()},
            "best possible": int(best.bound + CALL) + len(problem.anyway & problem.faults),
            "of": len(problem.faults),
            **{
                f"musts, {name}": len(problem.stakes(within(problem, order, calls)) & problem.musts)
                for name, order in orders.items()
            },
            "musts": len(problem.musts),
        }


def shown_within(problem: Problem, order: Sequence[str]) -> float:
    """What an order shows within the gate's calls, and within each other budget where that is the same."""
    values = []
    for calls in (BESIDE_BURSTS, *BUDGETS):
        tests = within(problem, order, calls)
        values.append(len(problem.shown(tests)) + problem.must * len(problem.stakes(tests) & problem.musts))
    return values[0] + sum(values[1:]) * CALL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    matrix = stored()
    problem = Problem(matrix, frozenset(matrix.shown_by), shown_anyway(matrix))
    shipped = sorted(problem.tests, key=lambda test: core_order().get(test, len(core_order())))
    order = problem.order() if options.write else []
    if order and shown_within(problem, order) > shown_within(problem, shipped):
        shipped = order
        corners = [name for name in matrix.of("core") if name not in order]
        content = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "method": METHOD, "tests": [*order, *corners]}
        FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    rows = list(distances(problem, {"shipped order": shipped}))
    gate = rows[BUDGETS.index(BESIDE_BURSTS)]
    share = gate["shipped order"] / gate["best possible"]
    figure = Figure("the shipped order beside the best set of tests for a gate", share, 0.97, "of its faults")
    store("order_search", rows, [figure])


if __name__ == "__main__":
    main()
