"""One lost call costs no must: what it was to show is asked again, inside the hard limits."""

from __future__ import annotations

import re
import select
import subprocess
import sys
from collections.abc import Callable, Container, Sequence
from itertools import count
from pathlib import Path

import pytest

from rocketchat_contract.client import last_byte
from rocketchat_contract.client.release import Left, Part, release
from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.judge.fate import Why
from rocketchat_contract.reference.call import JsonObject, ServerCall
from rocketchat_contract.reference.editions import parts_of
from rocketchat_contract.reference.server import LOOPBACK, serving
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong import transient
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.explained import OF_OVERLAP
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine
from support.live import Command, rocket
from support.meeting import MeetingApp

GATE = PROFILES["gate"]


def gate_of(
    number: int, wire: type[Wire], base: type[transient.LosesOneCall], folder: Path
) -> tuple[Engine, RunResult]:
    """A gate on a server that loses the room call of that number."""
    losing = type("Losing", (base,), {"lost": number})
    app = MeetingApp(parts_of(Settings()).behaving(losing).wired(wire))
    with serving(app, LOOPBACK) as url:
        driving = Engine(RunConfig(url=url, profile=GATE, report_dir=folder, timeout=1.0, seed=number))
        run_drivers(driving)
        driving.interruption.remove()
    assert driving.result is not None
    return driving, driving.result


@pytest.mark.parametrize(
    ("number", "wire", "base"),
    [
        *((number, transient._Silent, transient.LosesOneCall) for number in (1, 5, 9, 24, 38, 52)),
        *((number, transient._Page, transient.LosesOneCall) for number in (1, 4, 12, 33, 46, 60)),
        *((number, transient._Limited, transient.LosesOneCall) for number in (2, 15, 40, 55)),
        *((number, transient._Blocked, transient.BlocksOneUnusualCall) for number in (1, 2, 3, 5)),
    ],
)
def test_one_lost_call_costs_no_must(
    number: int, wire: type[Wire], base: type[transient.LosesOneCall], tmp_path: Path
) -> None:
    driving, result = gate_of(number, wire, base, tmp_path)

    assert driving.run is not None
    assert (result.verdict.word, result.verdict.errors) == ("conformant", ())
    assert driving.run.client.budget.room_calls <= GATE.most_room_calls
    assert (result.ledger.rooms_left, result.ledger.visitors_left) == ((), ())


@pytest.mark.parametrize(
    "setting",
    [
        "store_last_message=false",
        "show_agent_info=false",
        "manual_selection=true",
        "wrong=serves_nobody",
        "limit=5/0.5",
        "wrong=refuses_the_loser_of_a_race_with_400",
        "wrong=stands_behind_a_firewall",
    ],
)
def test_a_gate_ends_well_whatever_the_workspace_sets(setting: str, suite: Command) -> None:
    with rocket(setting) as server:
        ended = suite.run(server.url)

    assert (ended.code, ended.verdict) == (0, "conformant")


def test_bursts_that_a_limiter_narrows_are_told(suite: Command) -> None:
    with rocket("limit=3/0.5") as server:
        ended = suite.run(server.url)

    assert ended.facts["simultaneous calls"] == "3 at once, not 5: the limiter allows no more"


def one_by_one(parts: Sequence[Part], clock: Callable[[], int]) -> list[Left]:
    """Bytes that leave one after the other, each when the one before was answered."""
    left: list[Left] = []
    for part in parts:
        left += release([part], clock)
        select.select([part[0]], [], [], 5)
    return left


def gate_with(folder: Path, monkeypatch: pytest.MonkeyPatch, slow: Container[int]) -> RunResult:
    """A gate of which some bursts, by their number, do not overlap."""
    numbers = count(1)

    def releasing(parts: Sequence[Part], clock: Callable[[], int]) -> list[Left]:
        return (one_by_one if next(numbers) in slow else release)(parts, clock)

    monkeypatch.setattr(last_byte, "release", releasing)
    engine = Engine(RunConfig(profile=GATE, report_dir=folder))
    run_drivers(engine)
    engine.interruption.remove()
    assert engine.result is not None
    return engine.result


@pytest.mark.parametrize("slow", [(1,), (2,), (2, 3)])
def test_each_burst_that_fell_short_is_fired_again(
    slow: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = gate_with(tmp_path, monkeypatch, slow)

    assert result.verdict.word == "conformant"
    assert 3 + len(slow) <= result.traffic.volleys <= 3 + 2 * len(slow)


def test_bursts_that_never_overlap_are_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = gate_with(tmp_path, monkeypatch, range(1, 99))
    reasons = {row.requirement.id: row.reason for row in result.verdict.rows if row.why is Why.NO_OVERLAP}

    assert result.verdict.word == "incomplete"
    assert reasons.keys() == OF_OVERLAP
    assert all(re.fullmatch(r"No calls overlapped \(fastest answer \d+\.\d ms\)\.", each) for each in reasons.values())


class RefusesEachTenth(transient.LosesOneCall):
    """Something in front turns each tenth room call away."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        self.lost = self.calls + (1 if self.calls % 10 == 9 else -1)
        return await super().get_room(call)


def test_two_rooms_are_found_behind_what_turns_each_tenth_call_away(tmp_path: Path) -> None:
    app = MeetingApp(parts_of(Settings(edition="7.10")).behaving(RefusesEachTenth).wired(transient._Limited))
    with serving(app, LOOPBACK) as url:
        engine = Engine(RunConfig(url=url, profile=GATE, report_dir=tmp_path, timeout=5.0))
        run_drivers(engine)
        engine.interruption.remove()

    assert engine.result is not None
    assert engine.result.verdict.word == "violated"


def test_a_gate_is_judged_whole_beside_busy_processes(tmp_path: Path) -> None:
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        engine = Engine(RunConfig(profile=GATE, report_dir=tmp_path))
        run_drivers(engine)
        engine.interruption.remove()
    finally:
        for process in busy:
            process.kill()
            process.wait()

    assert engine.result is not None
    assert engine.result.verdict.word == "conformant"
