"""One lost call costs no must: what it was to show is asked again, inside the hard limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.reference.app import App
from rocketchat_contract.reference.editions import parts_of
from rocketchat_contract.reference.server import LOOPBACK, serving
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong import transient
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.run.engine import Engine, run_drivers
from support.live import Command, rocket

GATE = PROFILES["gate"]


def gate_of(
    number: int, wire: type[Wire], base: type[transient.LosesOneCall], folder: Path
) -> tuple[Engine, RunResult]:
    """A gate on a server that loses the room call of that number."""
    losing = type("Losing", (base,), {"lost": number})
    app = App(parts_of(Settings()).behaving(losing).wired(wire))
    with serving(app, LOOPBACK) as url:
        driving = Engine(RunConfig(url=url, profile=GATE, report_dir=folder, seconds=1.0, seed=number))
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
