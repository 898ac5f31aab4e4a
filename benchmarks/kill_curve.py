"""The kill curve: how many wrong servers are caught within so many room calls, and the order that would catch most.

    python benchmarks/kill_curve.py [--every 8] [--st] [--jobs 2]

Each wrong server is walked by the drivers ``core`` and ``volley`` without stopping, in their own order and in a random
one; the room call that first showed the fault is noted, and which tests of the driver showed it. From that kill matrix
comes the greedy order: next is always the test that shows most faults per room call among those not shown yet. It is
written to ``results/order.json``. ``--st`` also tries plain ``st run``: caught means that it says something which it
does not say of the right server. ``--every`` takes every so-manieth wrong server.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from figures import RESULTS, Figure, Row, store

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.driving import Driving, driver_of, is_driver, run_drivers
from rocketchat_contract.prove.subjects import Kind, Subject, all_subjects
from rocketchat_contract.reference import server
from rocketchat_contract.reference.settings import Settings

BUDGETS = (15, 30, 60, 120, 500)
PROFILE = replace(PROFILES["full"], drivers=("core", "volley"), room_calls=2_000)


@dataclass
class Watch:
    """Follows one walk: ``first`` is the room call that showed the fault, ``shown`` how often each test did."""

    driving: Driving
    awaited: str
    shuffle: int | None = None
    calls: int = 0
    first: int | None = None
    costs: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Put the tests of the core into another order."""
        yield
        if self.shuffle is not None:
            core = [item for item in items if is_driver(item) and driver_of(item) == "core"]
            rest = [item for item in items if item not in core]
            random.Random(self.shuffle).shuffle(core)
            items[:] = [*core, *rest]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """See what a test cost and whether it showed the fault."""
        calls, broken = self.calls, self.broken
        result = yield
        self.costs[item.name] = self.calls - calls
        if self.broken > broken:
            self.shown.append(item.name)
        return result

    @property
    def broken(self) -> int:
        run = self.driving.run
        return run.judge.tally.count_of(self.awaited).broken if run else 0

    def follow(self) -> None:
        """Look after every exchange; findings of calls that overlap others come with the next one."""
        recorder = self.driving.open().client.recorder
        record = recorder.record

        def noted(exchange: Any) -> Any:
            op = record(exchange)
            self.calls += op.is_room_call
            if self.first is None and self.broken:
                self.first = self.calls
            return op

        recorder.record = noted  # type: ignore[method-assign]


def walk(subject: Subject, shuffle: int | None) -> tuple[int | None, list[str], dict[str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(server=subject.settings, profile=PROFILE, report_dir=Path(folder), seconds=5.0, shrink=False)
        driving = Driving(config)
        watch = Watch(driving, subject.breaks[0], shuffle)
        watch.follow()
        run_drivers(driving, watch)
    return watch.first, watch.shown, watch.costs


def tried(subject: Subject) -> Row:
    """One wrong server in the drivers' order and in a random one."""
    first, shown, costs = walk(subject, None)
    by_chance, _, _ = walk(subject, len(subject.name))
    row = {"name": subject.name, "family": subject.family, "ours": first, "random": by_chance}
    return {**row, "shown": shown, "costs": costs}


def said_by_st(settings: Settings) -> frozenset[str]:
    """What plain ``st run`` says of a server: the titles of its failures."""
    with server.start(settings) as running, tempfile.TemporaryDirectory() as folder:
        st, document = Path(sys.executable).parent / "st", spec_folder() / "livechat-room.openapi.json"
        command = [str(st), "run", str(document), "--url", running.url, "--continue-on-failure", "--no-color"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, timeout=120)
    return frozenset(re.findall(r"^- (\S.*)$", done.stdout, re.MULTILINE))


def greedy(rows: Sequence[Row]) -> list[str]:
    """Tests of the drivers, the one that shows most faults per room call next; then those that show nothing new."""
    shows: defaultdict[str, set[str]] = defaultdict(set)
    costs: dict[str, int] = {}
    for row in rows:
        costs |= row["costs"]
        for test in row["shown"]:
            shows[test].add(row["name"])
    order: list[str] = []
    left = set().union(*shows.values()) if shows else set()
    while left:
        best = max(shows, key=lambda test: len(shows[test] & left) / max(costs[test], 1))
        order.append(best)
        left -= shows[best]
    return order + [test for test in costs if test not in order]


def along(order: Sequence[str], rows: Sequence[Row]) -> list[int | None]:
    """The room call by which each fault would have been shown if the tests came in this order."""
    costs = {test: cost for row in rows for test, cost in row["costs"].items()}
    ends, total = {}, 0
    for test in order:
        total += costs[test]
        ends[test] = total
    return [min((ends[test] for test in row["shown"]), default=None) for row in rows]


def within(firsts: Sequence[int | None], budget: int) -> int:
    return sum(first is not None and first <= budget for first in firsts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--st", action="store_true")
    options = parser.parse_args()
    wrong = [subject for subject in all_subjects() if subject.kind is Kind.WRONG][:: options.every]
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        tries = list(pool.map(tried, wrong))
    order = greedy(tries)
    firsts = {
        "ours": [row["ours"] for row in tries],
        "ours, greedy order (whole tests)": along(order, tries),
        "ours, random order": [row["random"] for row in tries],
    }
    rows = [
        {"who": who, **{f"≤ {b}": within(each, b) for b in BUDGETS}, "of": len(tries)} for who, each in firsts.items()
    ]
    if options.st:
        right = said_by_st(Settings())
        caught = sum(bool(said_by_st(Settings().with_pairs(subject.settings)) - right) for subject in wrong)
        rows.append({"who": "plain st run, its 117 calls", "≤ 120": caught, "of": len(tries)})
    short = [row for row in tries if row["family"] != "races" and row["ours"] is not None]
    shown = [row["ours"] for row in short]
    figures = [
        Figure("faults that show without a race, within 60 room calls", within(shown, 60) / len(shown), 1, "of them"),
        Figure("the same within 15 room calls", within(shown, 15) / len(shown), 0.5, "of them"),
    ]
    RESULTS.mkdir(exist_ok=True)
    content = {"order": order, "faults": {row["name"]: row["ours"] for row in tries}}
    (RESULTS / "order.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    store("kill_curve", rows, figures)


if __name__ == "__main__":
    main()
