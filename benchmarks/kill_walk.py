"""One walk of the drivers over a wrong server, watched: which room call showed its fault, and which tests did."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

import pytest

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Operation, read
from rocketchat_contract.prove.subjects import Subject
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine
from rocketchat_contract.run.items import driver_of, is_driver

ENOUGH = 2_000
"""Room calls after which a walk ends."""

PEOPLE = frozenset({"anna", "cora", "dora", "eric", "nobody"})
"""Fixtures of the core whose tests are one story, to be told in the order in which it stands."""

ALONE = frozenset({"bert"})
"""Fixtures of the core whose tests stand alone, but for the first of them, which comes before."""


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
    each because their stories are of the same people, ``reached`` the room calls up to each exchange, by its number.
    """

    driving: Engine
    awaited: str
    order: Order
    seed: int
    calls: int = 0
    first: int | None = None
    costs: dict[str, int] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    judged: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    reached: dict[int, int] = field(default_factory=dict)

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
        """Look after every exchange, and whenever the requirement is found broken.

        A finding of what holds from call to call comes with the next call; what showed it is its last evidence.
        """
        run = self.driving.open()
        recorder, tally = run.client.recorder, run.judge.tally
        record, broken = recorder.record, tally.broken

        def noted(exchange: Exchange) -> Operation:
            self.calls += read(exchange).is_room_call
            self.reached[exchange.number] = self.calls
            return record(exchange)

        def found(finding: Finding, length: int = 0) -> None:
            broken(finding, length)
            if self.first is None and finding.requirement == self.awaited:
                self.first = self.reached.get(finding.evidence[-1], self.calls)

        recorder.record = noted  # type: ignore[method-assign]
        tally.broken = found  # type: ignore[method-assign]


def stories(items: list[pytest.Item]) -> dict[str, list[str]]:
    """For each test those of its file that come before it: the opening, and those that share a visitor with it."""
    fixtures = {item.name: frozenset(getattr(item, "fixturenames", ())) for item in items}
    files = {item.name: item.path for item in items}
    names = list(fixtures)
    openings = {names[0], *(next((name for name in names if who in fixtures[name]), "") for who in ALONE)}

    def comes_before(other: str, name: str) -> bool:
        shared = fixtures[other] & fixtures[name]
        return bool(shared & PEOPLE) or (other in openings and bool(shared & ALONE))

    return {
        name: [
            other
            for other in names[:place]
            if files[other] == files[name] and (other == names[0] or comes_before(other, name))
        ]
        for place, name in enumerate(names)
    }


def walk(subject: Subject, order: Order) -> Watch:
    """Walk the drivers over one server; without a fault to wait for they go to their end."""
    drivers = ("core",) if order is Order.WHOLE else ("core", "volley")
    profile = replace(PROFILES["full"], drivers=drivers, room_calls=ENOUGH)
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(server=subject.settings, profile=profile, report_dir=Path(folder), timeout=2.0, shrink=False)
        driving = Engine(config)
        watch = Watch(driving, subject.breaks[0] if subject.breaks else "", order, len(subject.name))
        watch.follow()
        run_drivers(driving, watch)
    return watch
