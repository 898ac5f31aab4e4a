"""A client whose target is a function from calls to replies, and whose clock is a number."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from rocketchat_contract.client.address import Address
from rocketchat_contract.client.budget import Budget
from rocketchat_contract.client.client import Client
from rocketchat_contract.client.ownership import Ownership
from rocketchat_contract.client.pacer import Pacer
from rocketchat_contract.client.recorder import Recorder
from rocketchat_contract.client.resource_tracker import ResourceTracker
from rocketchat_contract.client.transport import Call, Options, Reply
from rocketchat_contract.client.waiter import Waiter
from rocketchat_contract.config import Profile
from rocketchat_contract.record.exchange import Failure
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.journal import Journal
from rocketchat_contract.record.redactor import Mask
from rocketchat_contract.results.judged_by import load_judged_by
from support.headers import header_of

RUN = "0123abcd"
WIDE = Profile("wide", ("core",), room_calls=1000, visitors=1000)
Target = Callable[[Call], Reply]
_OPEN: list[Journal] = []
_promises = cache(load_judged_by)


@dataclass
class Clock:
    """Nanoseconds that pass with every look, and seconds that pass by waiting."""

    ticks: int = 0
    waited: float = 0.0

    def __call__(self) -> int:
        self.ticks += 1_000
        return self.ticks

    def seconds(self) -> float:
        return 1_800_000_000.0 + self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


@dataclass
class Wire:
    """Stands in for the transport: every call is a call of a function."""

    target: Target
    options: Options
    sent: list[Call] = field(default_factory=list)

    def send(self, call: Call, started: int) -> Reply:
        self.sent.append(call)
        reply = self.target(call)
        return Reply(
            started, self.options.clock(), reply.status, reply.headers, reply.body, reply.complete, reply.failure
        )

    def depart(self, call: Call, started: int) -> Callable[[], Reply]:
        """Send it; the reply comes when it is asked for."""
        return partial(self.send, call, started)

    def another(self) -> Wire:
        """The same target over another connection."""
        return Wire(self.target, self.options, self.sent)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Stage:
    """A client and what it works with."""

    client: Client
    wire: Wire
    tracker: ResourceTracker
    clock: Clock
    record: Path

    @property
    def statuses(self) -> list[int | None]:
        """What the record says came back, exchange by exchange."""
        lines = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [line.get("response", {}).get("status") for line in lines if line["type"] == "exchange"]


def stage(target: Target, folder: Path, profile: Profile = WIDE, give_up_after: int = 8) -> Stage:
    """Put a client together."""
    clock = Clock()
    wire = Wire(target, Options(Address("http", "target", 80), clock=clock))
    mask = Mask(RUN)
    tracker = ResourceTracker(mask, owners=Ownership(mask.mark))
    journal = Journal(folder / "record.jsonl", header_of())
    _OPEN.append(journal)
    waiter = Waiter(sleep=clock.sleep, now=clock.seconds)
    recorder = Recorder(journal, _promises().judge(), clock)
    pacer = Pacer(now=clock.seconds)
    budget = Budget(profile, tracker.rooms_made)
    client = Client(wire, recorder, mask, pacer, budget, tracker, waiter, give_up_after)  # type: ignore[arg-type]
    return Stage(client, wire, tracker, clock, journal.path)


def let_go() -> None:
    """Close the records of all stages."""
    while _OPEN:
        _OPEN.pop().close(RecordFooter())


def ok(content: dict[str, Any]) -> Reply:
    """A 200."""
    return Reply(0, 0, 200, (("Content-Type", "application/json"),), json.dumps(content).encode())


def refusal(error: str, status: int = 400) -> Reply:
    """A refusal."""
    return Reply(0, 0, status, (), json.dumps({"success": False, "error": error}).encode())


def lost(kind: str = "closed", *, sent: bool = True) -> Reply:
    """No answer."""
    return Reply(0, 0, failure=Failure(kind, sent, "gone"))  # type: ignore[arg-type]
