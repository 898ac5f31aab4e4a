"""A budget by time: as many calls as fit, clean-up included, and never more than the hard limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.client.budget import Budget, BudgetSpentError, Deadline
from rocketchat_contract.client.transport import Call
from rocketchat_contract.config import MOST_TIMES, PROFILES, Rate, parsed_duration
from rocketchat_contract.errors import UsageError
from rocketchat_contract.rocketchat.paths import ROOM_PATH
from rocketchat_contract.run.plan import Plan, fitting

GATE = PROFILES["gate"]
ROOM_CALL = Call("GET", ROOM_PATH)


def plan(profile: str = "gate", rate: Rate | None = None, per_call: float = 0.05) -> Plan:
    usual = None if rate is None else Rate(2 * rate.calls, rate.seconds)
    return Plan("https://chat.example.com", PROFILES[profile], rate, usual, per_call=per_call)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("2m", 120), ("2 min", 120), ("1h30m", 5400), ("1.5m", 90)]
)
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parsed_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "2 weeks", "-1m", "0", "1e9h"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        parsed_duration(text)


@pytest.mark.parametrize("seconds", [10, 30, 60, 120, 600])
def test_the_plan_fits_into_the_time(seconds: float) -> None:
    assert fitting(plan(), seconds).seconds <= seconds


def test_a_lifted_limiter_gives_a_gate_more_calls_in_the_same_time() -> None:
    limited, lifted = (fitting(plan(rate=rate), 120).profile.room_calls for rate in (Rate(5, 60), None))

    assert limited < GATE.room_calls < lifted


def test_more_time_never_gives_fewer_calls() -> None:
    calls = [fitting(plan(), seconds).profile.room_calls for seconds in range(5, 300, 5)]

    assert calls == sorted(calls)


def test_no_time_lifts_the_hard_limit() -> None:
    assert fitting(plan(per_call=0.0), 86_400).profile.room_calls == MOST_TIMES * GATE.room_calls


def test_too_little_time_is_refused_with_how_much_is_needed() -> None:
    with pytest.raises(UsageError) as refused:
        fitting(plan(per_call=2.0), 3)

    assert "Give at least" in refused.value.next_step


def test_a_plan_tells_the_time_of_the_clean_up() -> None:
    lines = list(fitting(plan(), 120).lines())

    assert any(line.startswith("within    2 min, of which the clean-up takes") for line in lines)


@pytest.mark.parametrize("times", [0.1, 0.5, 2, MOST_TIMES])
def test_bursts_keep_their_width(times: float) -> None:
    assert GATE.scaled(times).width == GATE.width


def test_a_budget_too_small_for_bursts_keeps_nothing_for_them() -> None:
    assert GATE.scaled(0.25).kept_calls == 0


def test_a_profile_once_is_itself() -> None:
    assert GATE.scaled(1) == GATE


def budget(left: float, rest: float = 0.0) -> Budget:
    return Budget(GATE, deadline=Deadline(60, left, lambda _: rest, lambda: 0.0))


def test_no_call_leaves_when_the_clean_up_needs_the_rest() -> None:
    with pytest.raises(BudgetSpentError, match="--within"):
        budget(left=10, rest=10).spend("core", ROOM_CALL)


def test_a_call_leaves_while_there_is_time() -> None:
    patient = budget(left=10, rest=5)
    patient.spend("core", ROOM_CALL)

    assert patient.room_calls == 1


def test_a_wait_that_the_time_does_not_hold_is_not_begun() -> None:
    with pytest.raises(BudgetSpentError, match="--within"):
        budget(left=10).afford_wait("core", 30, [ROOM_CALL])


def test_another_operation_has_a_budget_by_time_too() -> None:
    other = replace(plan(), profile=GATE.of_another_operation)

    assert 0 < fitting(other, 2).profile.others < GATE.of_another_operation.others
