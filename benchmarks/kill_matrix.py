"""Which test of the drivers shows which wrong server: measured once, stored, and read by whoever looks for an order.

    python benchmarks/kill_matrix.py [--jobs 2] [--new-faults] [--again]

Each test of the drivers ``core``, ``volley`` and ``malformed`` is run against each wrong server that shows in a short
history, with nobody before it and visitors of its own, as wide as a gate runs it. Only what is not stored is measured:
tests that are new or were changed (a hash of their source tells), and faults that are new; ``--again`` measures all,
``--new-faults`` these alone: new tests then count as not tried on the faults that are stored.
What a test costs in room calls and which tests must come before it are those of one walk over the right server in the
shipped order: there most of its visitors have rooms already.
"""

from __future__ import annotations

import argparse
import inspect
import json
import multiprocessing
import os
import tempfile
from collections.abc import Mapping, Set
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from figures import RESULTS, machine
from kill_walk import Order, walk

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.prove.subjects import Subject, SubjectKind, all_subjects
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine
from rocketchat_contract.run.items import driver_in, is_driver, once

FILE = RESULTS / "kill_matrix.json"
GATE = PROFILES["gate"]
PATIENCE = 2.0
"""Seconds that one call may take; the reference server answers in milliseconds."""


@dataclass(frozen=True)
class Test:
    """One test: what it costs in room calls, what it puts at stake, and what has to come before it.

    ``source`` is a hash of what it does, empty where it was not tried on all faults; ``file`` is where it stands.
    """

    file: str
    source: str
    calls: int
    judged: tuple[str, ...]
    before: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """Tests by name in the order in which they run, the tests that show each fault, and what each fault breaks."""

    tests: Mapping[str, Test]
    shown_by: Mapping[str, Set[str]]
    breaks: Mapping[str, str]

    def of(self, driver: str) -> list[str]:
        """The tests of a driver."""
        return [name for name, test in self.tests.items() if driver_in(Path(test.file)) == driver]

    def shown(self, tests: Set[str], faults: Set[str]) -> set[str]:
        """The faults that at least one of these tests shows."""
        return {fault for fault in faults if not tests.isdisjoint(self.shown_by[fault])}


@dataclass
class Alone:
    """A pytest plugin that runs each wanted test with nobody before it, and sees which show what is awaited."""

    engine: Engine
    awaited: str
    wanted: Set[str] | None = None
    calls: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    judged: dict[str, list[str]] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop, which keeps what one test leaves for the next."""
        run = self.engine.open()
        run._clean_up = run.tracker.ledger  # type: ignore[method-assign]  # what is left goes away with the server
        for item in filter(is_driver, session.items):
            name = once(item.name)
            self.sources[name], self.files[name] = source_of(item), item.path.stem
            if self.wanted is None or name in self.wanted:
                self.run_one(item, name)
        return True

    def run_one(self, item: pytest.Item, name: str) -> None:
        """Run a test and note what it cost and showed."""
        before, spent = self.counts(), self.spent()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        after = self.counts()
        self.calls[name] = self.spent() - spent
        self.judged[name] = [each for each in after if after[each][0] > before[each][0]]
        if self.awaited and after[self.awaited][1] > before[self.awaited][1]:
            self.shown.append(name)

    def counts(self) -> dict[str, tuple[int, int]]:
        """How often each requirement was judged and broken by now."""
        run = self.engine.open()
        run.judge.settle()
        counts = {each.id: run.judge.tally.count_of(each.id) for each in run.promises.requirements}
        return {name: (count.judged, count.broken) for name, count in counts.items()}

    def spent(self) -> int:
        """Room calls so far."""
        return self.engine.open().client.budget.room_calls


def source_of(item: pytest.Item) -> str:
    """A hash of what a test's function says; its helpers count as unchanged."""
    function = getattr(item, "function", None)
    return sha256(inspect.getsource(function).encode()).hexdigest()[:12] if function else ""


def alone(subject: Subject, wanted: Set[str] | None = None) -> Alone:
    """Run the wanted tests, each alone, against one server."""
    profile = replace(
        PROFILES["full"],
        drivers=GATE.drivers,
        volleys=GATE.volleys,
        width=GATE.width,
        malformed=GATE.malformed,
        again_calls=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        settings = RunConfig(
            server=subject.settings, profile=profile, report_dir=Path(folder), timeout=PATIENCE, shrink=False
        )
        engine = Engine(settings)
        plugin = Alone(engine, subject.breaks[0] if subject.breaks else "", wanted)
        run_drivers(engine, plugin)
    return plugin


def shown_by(subject: Subject, *, wanted: Mapping[str, Set[str]]) -> list[str]:
    """The tests of those that are wanted for a fault that show it."""
    return alone(subject, wanted[subject.name]).shown


def short_faults() -> list[Subject]:
    """The wrong servers that show in every short history that holds the right calls."""
    return [each for each in all_subjects() if each.kind is SubjectKind.WRONG and not each.needs]


def stored() -> Matrix:
    """The matrix as it was measured."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    requirements, names = content["requirements"], list(content["tests"])
    tests = {
        name: Test(file, source, calls, tuple(requirements[i] for i in judged), tuple(names[i] for i in before))
        for name, (file, source, calls, judged, before) in content["tests"].items()
    }
    shown = {fault: frozenset(names[i] for i in places) for fault, (_, places) in content["faults"].items()}
    return Matrix(tests, shown, {fault: requirements[i] for fault, (i, _) in content["faults"].items()})


def keep(matrix: Matrix) -> None:
    """Store the matrix, a line for each test and fault; names of tests and requirements are told by their places."""
    requirements = sorted({*matrix.breaks.values(), *(each for test in matrix.tests.values() for each in test.judged)})
    stakes = {name: place for place, name in enumerate(requirements)}
    places = {name: place for place, name in enumerate(matrix.tests)}
    tests = {
        name: [test.file, test.source, test.calls, [stakes[i] for i in test.judged], [places[i] for i in test.before]]
        for name, test in matrix.tests.items()
    }
    faults = {
        fault: [stakes[matrix.breaks[fault]], sorted(places[test] for test in shown)]
        for fault, shown in sorted(matrix.shown_by.items())
    }
    parts = [f' "machine": {json.dumps(machine())}', f' "requirements": {json.dumps(requirements)}']
    parts += [f' "{name}": {{\n{_lines(values)}\n }}' for name, values in (("tests", tests), ("faults", faults))]
    FILE.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def _lines(values: Mapping[str, Any]) -> str:
    return ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in values.items())


def tests_now(pool: Executor) -> dict[str, Test]:
    """All tests with what they cost, put at stake and wait for: each alone, and the core in one walk too."""
    right = next(iter(all_subjects()))
    by_itself, in_a_walk = pool.submit(every_test, right), pool.submit(walked, right)
    tests, (costs, before) = by_itself.result(), in_a_walk.result()
    return {
        name: replace(test, calls=costs.get(name, test.calls), before=tuple(before.get(name, ())))
        for name, test in tests.items()
    }


def every_test(subject: Subject) -> dict[str, Test]:
    """All tests as they are alone."""
    seen = alone(subject)
    return {
        name: Test(seen.files[name], seen.sources[name], calls, tuple(seen.judged[name]), ())
        for name, calls in seen.calls.items()
    }


def walked(subject: Subject) -> tuple[dict[str, int], dict[str, list[str]]]:
    """What each test of the core costs in the shipped order, and which of its file have to come before it."""
    watch = walk(subject, Order.WHOLE)
    return watch.costs, watch.before


def measured(pool: Executor, old: Matrix, *, new_faults: bool) -> Matrix:
    """The matrix of today's tests and faults; what is known of tests that did not change is taken over."""
    tests, faults = tests_now(pool), short_faults()
    same = {name for name, test in tests.items() if name in old.tests and old.tests[name].source == test.source}
    taken_over = set(tests) if new_faults else same
    wanted = {each.name: set(tests) - (taken_over if each.name in old.shown_by else set()) for each in faults}
    shown = {each.name: (set(old.shown_by.get(each.name, ())) & tests.keys()) - wanted[each.name] for each in faults}
    asked = [each for each in faults if wanted[each.name]]
    for number, (each, new) in enumerate(zip(asked, pool.map(partial(shown_by, wanted=wanted), asked), strict=True), 1):
        shown[each.name] |= set(new)
        print(f"{number} of {len(asked)}", end="\r", flush=True)
    untried = set(tests) - same if new_faults else set()
    tests |= {name: replace(tests[name], source="") for name in untried}
    return Matrix(tests, shown, {each.name: each.breaks[0] for each in faults})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--new-faults", action="store_true")
    options = parser.parse_args()
    known = stored() if FILE.exists() and not options.again else Matrix({}, {}, {})
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        keep(measured(pool, known, new_faults=options.new_faults))


if __name__ == "__main__":
    main()
