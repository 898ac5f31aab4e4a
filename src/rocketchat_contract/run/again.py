"""Asking again: when calls were lost, what they were to show is shown another way, as far as the reserve goes.

Which tests show which must is data in ``spec/ways.json``. What comes next is computed from the musts that are still
open: the test that shows most of them for each of its calls, and rather one that was not tried yet, as what stood in
the way of the first may not let it pass the second time either.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache

import pytest

from rocketchat_contract.config import RunConfig
from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.contract.selection import Selection
from rocketchat_contract.contract.vendored import load_contract, spec_folder
from rocketchat_contract.errors import SuiteError
from rocketchat_contract.run.effective_profile import selection_of
from rocketchat_contract.run.items import driver_of, is_driver, once
from rocketchat_contract.run.session import Run

WAYS_FILE = "ways.json"
MOST_PLAYS = 3
"""How often a test is run in all: what fails three times fails for a reason."""

DRIVERS = ("core", "volley")
"""Drivers whose tests stand alone, so that they can be run at any time."""


@dataclass(frozen=True)
class Ways:
    """``calls`` is what each test costs in room calls, ``tests`` which of them show a requirement."""

    calls: Mapping[str, int]
    tests: Mapping[str, Sequence[str]]

    def shown_by(self, names: Set[str]) -> set[str]:
        """The requirements that at least one of these tests shows."""
        return {requirement for requirement, tests in self.tests.items() if any(test in names for test in tests)}

    def has_unplayed(self, requirement: str, played: Set[str]) -> bool:
        """Whether a test that shows a requirement was never run."""
        return any(test not in played for test in self.tests.get(requirement, ()))

    def best(self, still_open: Set[str], plays: Mapping[str, int], names: Set[str], calls: int) -> str | None:
        """The test to run next, of these names and for so many calls at most; None when none is left that helps."""
        gains = Counter(test for requirement in still_open for test in self.tests.get(requirement, ()))
        fitting = [
            test for test in gains if test in names and plays.get(test, 0) < MOST_PLAYS and self.calls[test] <= calls
        ]
        return min(fitting, key=lambda test: self._dearness(test, gains[test], plays.get(test, 0)), default=None)

    def next_of(self, names: Set[str], plays: Mapping[str, int], calls: int) -> str | None:
        """Of these tests the one that was run least often, for so many calls at most, and not too often."""
        fitting = [
            name for name in names if plays.get(name, 0) < MOST_PLAYS and self.calls.get(name, calls + 1) <= calls
        ]
        return min(fitting, key=lambda name: (plays.get(name, 0), self.calls[name], name), default=None)

    def _dearness(self, test: str, gain: int, plays: int) -> tuple[float, int, str]:
        return self.calls[test] * (1 + 2 * plays) / gain, plays, test


@cache
def ways() -> Ways:
    """The data; raises ``SuiteError`` when the file is damaged."""
    path = spec_folder() / WAYS_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Ways(dict(content["calls"]), {name: tuple(tests) for name, tests in content["ways"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SuiteError(f"The ways to show requirements cannot be read: {error}", f"Restore {path}.") from error


def asked_tests(selection: Selection, requirements: Requirements) -> Set[str] | None:
    """The tests that show the musts that are asked for; None where all are needed, as any test may show one of them."""
    asked = [each for each in requirements if each.level == "must" and selection.asks(each)]
    tests = [ways().tests.get(each.id, ()) for each in asked]
    return {test for some in tests for test in some} if selection.is_given and tests and all(tests) else None


def asked_items(items: list[pytest.Item], config: RunConfig) -> list[pytest.Item]:
    """The tests of drivers that may show what is asked for; where tests do not stand alone, all of a driver's."""
    selection = selection_of(config)
    if not selection.is_given:
        return items
    tests = asked_tests(selection, load_catalogue(load_contract(None, config.contract)))
    return [item for item in items if tests is None or driver_of(item) not in DRIVERS or once(item.name) in tests]


@dataclass
class Plays:
    """How often each test of a run sent something, and which of them had a burst last that fell short."""

    counts: Counter[str] = field(default_factory=Counter)
    short: set[str] = field(default_factory=set)

    def note(self, item: pytest.Item, calls: int, short_bursts: int) -> None:
        """A test ended that made so many room calls, with so many bursts that are to be fired again."""
        if calls and driver_of(item) in DRIVERS:
            name = once(item.name)
            self.counts[name] += 1
            (self.short.add if short_bursts else self.short.discard)(name)


def still_open(run: Run) -> set[str]:
    """The musts that decide the verdict and were not judged by now."""
    run.judge.settle()
    deciding = (each for each in run.promises.requirements if each.is_deciding)
    asked = filter(selection_of(run.config).asks, deciding)
    return {each.id for each in asked if not each.only_when and not run.judge.tally.judged(each.id)}


def lost_musts(run: Run, plays: Plays) -> set[str]:
    """The open musts that what was sent would have shown, had nothing been lost, forbidden or fallen short."""
    if not (run.client.lost or plays.short or run.judge.is_overcome):
        return set()
    return still_open(run) & ways().shown_by(plays.counts.keys())


def items_again(items: Sequence[pytest.Item], run: Run, plays: Plays) -> Iterator[pytest.Item]:
    """The tests to run once more, each chosen when the one before it has ended."""
    by_name = {once(item.name): item for item in items if is_driver(item) and driver_of(item) in DRIVERS}
    tried, turns = Counter(plays.counts), Counter[str]()
    while name := _next(run, plays, tried, turns, by_name.keys()):
        tried[name] += 1
        turns.update(ways().shown_by({name}))
        yield by_name[name]


def _next(run: Run, plays: Plays, tried: Counter[str], turns: Counter[str], names: Set[str]) -> str | None:
    """The test to run next: for the open musts that had the fewest turns, else one whose burst fell short."""
    if run.obstacles or run.forbids_rooms:
        return None
    lost, calls = lost_musts(run, plays), run.client.budget.reserve_left
    for turn in sorted({turns[must] for must in lost}):
        name = ways().best({must for must in lost if turns[must] == turn}, tried, names, calls)
        if name is not None:
            return name
    return ways().next_of(plays.short, tried, calls)


def keep_true_reasons(run: Run, plays: Plays) -> None:
    """A spent budget is no reason for what stays open where every test that shows it was run."""
    left = still_open(run)
    if left and not any(ways().has_unplayed(requirement, plays.counts.keys()) for requirement in left):
        run.spent.clear()
