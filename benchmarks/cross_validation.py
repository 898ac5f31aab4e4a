"""How much a gate names of faults on which its order was not trained.

    python benchmarks/cross_validation.py [--splits 5] [--seed 1]

The faults that show in a short history are split at random into halves. The order of the core driver is found on one
half (``order_search.py``), and what a gate shows with it is counted on the other; then the halves change places. Which
test shows which fault is stored (``kill_matrix.py``): no server is asked, and all splits take minutes. A gate is
reckoned as the core's tests that fit beside its bursts, and the bursts themselves. This is what to expect of faults
that nobody foresaw, as far as these are like those of the catalogue; the figure of the faults trained on stands beside.

A gate that is given time instead (``--within 2m`` where no limiter is) has up to ten times its room calls, and its
core runs on into the tests that look into the corners. It is reckoned in the same way, its order found on the same
half.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from statistics import mean

from figures import Figure, Row, store
from kill_matrix import Matrix, stored
from order_search import BESIDE_BURSTS, GATE, SMOKE, Problem, shown_anyway, within

from rocketchat_contract.config import MOST_TIMES

GOAL = 0.9
TIMED = GATE.scaled(MOST_TIMES)
"""The gate that two minutes hold on a server without a limiter: the plan's hard limit comes before the time's end."""


def halves(faults: Sequence[str], seed: int) -> tuple[frozenset[str], frozenset[str]]:
    """The faults in two halves, by chance."""
    mixed = sorted(faults)
    random.Random(seed).shuffle(mixed)
    return frozenset(mixed[::2]), frozenset(mixed[1::2])


def score(matrix: Matrix, tests: Sequence[str], faults: frozenset[str]) -> float:
    """The share of faults that a gate with these tests of the core shows."""
    return len(Problem(matrix, faults, shown_anyway(matrix)).shown(tests)) / len(faults)


def trained(matrix: Matrix, faults: frozenset[str]) -> tuple[list[str], list[str]]:
    """The tests of the core that a gate runs when its order is found on these faults, and those of one given time."""
    problem = Problem(matrix, faults, shown_anyway(matrix) & faults)
    placed = problem.placed([SMOKE.room_calls, BESIDE_BURSTS])
    left = [test for test in problem.tests if test not in placed]
    corners = [test for test in matrix.of("core") if test not in problem.tests]
    calls = TIMED.room_calls - TIMED.kept_calls
    return within(problem, placed, BESIDE_BURSTS), within(
        problem, [*placed, *problem.greedy(left, placed), *corners], calls
    )


def validated(matrix: Matrix, splits: int, seed: int) -> Iterator[Row]:
    """Each split, trained on either half."""
    for split in range(seed, seed + splits):
        first, second = halves(list(matrix.shown_by), split)
        for train, other in ((first, second), (second, first)):
            tests, timed = trained(matrix, train)
            yield {
                "split": split,
                "trained on": len(train),
                "shown of these": score(matrix, tests, train),
                "other faults": len(other),
                "shown of the others": score(matrix, tests, other),
                "shown of the others, given time": score(matrix, timed, other),
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = list(validated(stored(), options.splits, options.seed))
    others, own, timed = (
        mean(row[name] for row in rows)
        for name in ("shown of the others", "shown of these", "shown of the others, given time")
    )
    figures = [
        Figure("a gate, of faults that its order was not trained on", others, GOAL, "of them"),
        Figure("the same, of the faults that it was trained on", own, None, "of them"),
        Figure(
            "a gate given time (--within 2m, no limiter), of faults that its order was not trained on",
            timed,
            None,
            "of them",
        ),
    ]
    store("cross_validation", rows, figures)


if __name__ == "__main__":
    main()
