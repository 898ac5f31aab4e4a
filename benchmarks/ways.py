"""Which tests of the drivers put each must at stake, each told alone, with visitors of its own.

    python benchmarks/ways.py --write

A run that lost what a test was to show looks here for another one. Each test of the drivers ``core`` and ``volley`` is
run by itself against the reference server; what it costs and which musts it puts at stake is written to
``spec/ways.json``, for each must the cheapest tests first.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine
from rocketchat_contract.run.items import is_driver, once

FILE = Path(__file__).parents[1] / "spec" / "ways.json"
METHOD = "benchmarks/ways.py --write: each test alone against the reference server, the cheapest first"
MOST = 8
"""Ways that are kept of each must: more would never be tried."""

AT_EVERY_CALL = 60
"""A must that so many tests show needs no way: any call will do."""


NARROW = ("test_several_visitors_ask_at_once", "test_visitors_ask_while_others_close")
"""Tests whose visitors make two calls at once each: less evidence than a burst of the profile's width."""


@dataclass
class Alone:
    """A pytest plugin that runs each test with nobody before it, and sees its room calls and what it showed."""

    driving: Engine
    calls: dict[str, int] = field(default_factory=dict)
    shown: dict[str, set[str]] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop, which keeps what one test leaves for the next."""
        for item in filter(is_driver, session.items):
            before, spent = self.counts(), self.spent()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            after = self.counts()
            self.calls[once(item.name)] = self.spent() - spent
            self.shown[once(item.name)] = {name for name in after if after[name] > before[name]}
        return True

    def counts(self) -> dict[str, int]:
        """How often each must was judged by now."""
        run = self.driving.open()
        run.judge.settle()
        musts = (each for each in run.promises.requirements if each.is_deciding)
        return {must.id: run.judge.tally.judged(must.id) for must in musts}

    def spent(self) -> int:
        """Room calls so far."""
        return self.driving.open().client.budget.room_calls


def measured() -> Alone:
    """All tests, each alone."""
    profile = replace(PROFILES["full"], drivers=("core", "volley"), volleys=1, width=PROFILES["gate"].width)
    with tempfile.TemporaryDirectory() as folder:
        driving = Engine(RunConfig(profile=profile, report_dir=Path(folder), race_deletions=False))
        alone = Alone(driving)
        run_drivers(driving, alone)
    return alone


def ways(alone: Alone) -> Iterator[tuple[str, list[str]]]:
    """For each must the tests that put it at stake, the cheapest first."""
    for must in sorted(set().union(*alone.shown.values())):
        tests = [test for test, shown in alone.shown.items() if must in shown and test not in NARROW]
        if len(tests) <= AT_EVERY_CALL:
            yield must, sorted(tests, key=lambda test: alone.calls[test])[:MOST]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    alone = measured()
    found = dict(ways(alone))
    calls = {test: alone.calls[test] for test in alone.calls if any(test in tests for tests in found.values())}
    content = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "method": METHOD, "calls": calls, "ways": found}
    text = json.dumps(content, indent=1) + "\n"
    if options.write:
        FILE.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
