"""One walk of the drivers over a wrong server, watched: which room call showed its fault, and which tests did."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.driving import Driving, driver_of, is_driver, run_drivers
from rocketchat_contract.prove.subjects import Subject

ENOUGH = 2_000
"""Room calls after which a walk ends."""

PEOPLE = frozenset({"anna", "cora", "dora", "nobody", "erased"})
"""Fixtures of the core whose tests are one story, to be told in the order in which it stands."""


class Order(Enum):
    """In which order the tests of the core come, and how far a walk goes."""

    OWN = "as spec/order.json has it, until the fault is seen"
    RANDOM = "by chance, until the fault is seen"
    WHOLE = "as spec/order.json has it, to the end of the core"


@dataclass
class Watch:
    """A pytest plugin that follows one walk.

    ``first`` is the room call that showed the fault, ``costs`` the room calls of each test, ``shown`` the tests that
    showed it, ``judged`` the requirements that each test put at stake, ``before`` the tests that have to come before
    each because their stories are of the same people.
    """

    driving: Driving
    awaited: str
    order: Order
    seed: int
    calls: int = 0
    first: int | None = None
    costs: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    judged: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """See which stories go on, and put the tests of the core into another order."""
        self.before = stories(items)
        yield
        if self.order is Order.RANDOM:
            core = [item for item in items if is_driver(item) and driver_of(item) == "core"]
            rest = [item for item in items if item not in core]
            random.Random(self.seed).shuffle(core)
            items[:] = [*core, *rest]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """See what a test cost and showed."""
        calls, counts = self.calls, self.counts()
        result = yield
        after = self.counts()
        self.costs[item.name] = self.calls - calls
        self.judged[item.name] = [name for name, (judged, _) in after.items() if judged > counts[name][0]]
        if self.awaited and after[self.awaited][1] > counts[self.awaited][1]:
            self.shown.append(item.name)
        if self.first is not None and self.order is not Order.WHOLE:
            item.session.shouldstop = "shown"
        return result

    def counts(self) -> dict[str, tuple[int, int]]:
        """How often each requirement was judged and broken by now."""
        run = self.driving.open()
        counts = {record.id: run.judge.tally.count_of(record.id) for record in run.promises.requirements}
        return {name: (count.judged, count.broken) for name, count in counts.items()}

    def follow(self) -> None:
        """Look after every exchange; findings of calls that overlap others come with the next one."""
        run = self.driving.open()
        recorder, tally = run.client.recorder, run.judge.tally
        record = recorder.record

        def noted(exchange: Any) -> Any:
            op = record(exchange)
            self.calls += op.is_room_call
            if self.first is None and self.awaited and tally.count_of(self.awaited).broken:
                self.first = self.calls
            return op

        recorder.record = noted  # type: ignore[method-assign]


def stories(items: list[pytest.Item]) -> dict[str, list[str]]:
    """For each test those that come before it: the opening, other files, and those that share a visitor with it."""
    people = {item.name: PEOPLE.intersection(getattr(item, "fixturenames", ())) for item in items}
    files = {item.name: item.path for item in items}
    names = list(people)
    return {
        name: [
            other
            for other in names[:place]
            if other == names[0] or files[other] != files[name] or people[other] & people[name]
        ]
        for place, name in enumerate(names)
    }


def walk(subject: Subject, order: Order) -> Watch:
    """Walk the drivers over one server; without a fault to wait for they go to their end."""
    drivers = ("core",) if order is Order.WHOLE else ("core", "volley")
    profile = replace(PROFILES["full"], drivers=drivers, room_calls=ENOUGH)
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(server=subject.settings, profile=profile, report_dir=Path(folder), seconds=2.0, shrink=False)
        driving = Driving(config)
        watch = Watch(driving, subject.breaks[0] if subject.breaks else "", order, len(subject.name))
        watch.follow()
        run_drivers(driving, watch)
    return watch
