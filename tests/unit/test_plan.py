"""What a run may cost, in numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rocketchat_contract.client.budget import Budget
from rocketchat_contract.config import PROFILES, Rate, spoken
from rocketchat_contract.run.plan import Plan

ROOT = Path(__file__).parents[2]
STOCK, NEIGHBOURS = Rate(5, 60), Rate(10, 60)


def plan(profile: str, rate: Rate | None = STOCK, usual: Rate | None = NEIGHBOURS) -> Plan:
    return Plan("https://chat.example.com", PROFILES[profile], rate, usual)


def test_smoke_takes_four_minutes_at_the_stock_limit() -> None:
    assert plan("smoke").seconds <= 240


def test_a_pause_counts() -> None:
    full = plan("full", None, None)
    hasty = replace(full, profile=replace(full.profile, pause=0.0))

    assert full.seconds - hasty.seconds == pytest.approx(60.0)


def test_a_smoke_plan_adds_up() -> None:
    """Fifteen room calls in three windows, ten closings and five deletions in two of a neighbour twice as wide."""
    smoke = plan("smoke")

    assert (smoke.requests, smoke.tidying) == (6 + 15 + 5 + 10 + 30 + (4 + 2 + 2 * 2), 30)
    assert smoke.seconds == pytest.approx(2 * 60 + 1 * 60 + 0.1 * smoke.requests)


def test_a_plan_without_visitors_opens_and_tidies_nothing() -> None:
    readonly = plan("readonly")

    assert (readonly.tidying, readonly.requests) == (0, 6 + 20 + 10 + 4)
    assert "at most   20 room calls, 0 visitors, 0 rooms," in readonly.lines()
    assert not re.search("delet|clos", "".join(readonly.lines()))


def test_a_plan_with_a_corpus_says_that_the_replay_comes_on_top() -> None:
    replaying = Plan("https://chat.example.com", PROFILES["gate"].with_replays(9, 2, 0), None, None)

    assert "at most   69 room calls, 14 visitors, 39 rooms," in replaying.lines()
    assert any("more for the replay of the corpus" in line for line in replaying.lines())


def test_a_plan_tells_what_only_asking_again_may_cost() -> None:
    assert "          and only to ask again what was lost: 12 room calls and 4 visitors" in plan("gate").lines()


def test_the_administrators_table_is_the_plans() -> None:
    text = (ROOT / "docs" / "safety.md").read_text("utf-8")
    rows = {row[0]: row[1:] for row in re.findall(r"^\| `(\w+)` \|" + r" ([^|]+) \|" * 5, text, re.MULTILINE)}

    for name, row in rows.items():
        told = PROFILES[name]
        numbers = (told.room_calls, told.visitors, told.opens, told.others)
        assert row == (*(f"{number:,}" for number in numbers), spoken(plan(name).seconds))
    assert list(rows) == ["readonly", "smoke", "gate", "nightly"]


def test_the_page_says_what_comes_on_top() -> None:
    text = " ".join((ROOT / "docs" / "safety.md").read_text("utf-8").split())
    smoke, gate, nightly = (f"{plan(name).tidying:,}" for name in ("smoke", "gate", "nightly"))
    replays = [PROFILES[name].replays for name in ("smoke", "gate", "nightly")]

    assert f"at most {smoke} after a `smoke`, {gate} after a `gate`, {nightly} after a `nightly`" in text
    assert f"`--corpus` at most {replays[0]}, {replays[1]} or {replays[2]} calls more" in text


def test_a_gate_takes_a_quarter_of_an_hour_at_the_stock_limit() -> None:
    assert 660 <= plan("gate").seconds <= 1020


def test_without_a_limiter_only_the_calls_take_time() -> None:
    unlimited = plan("gate", None, None)

    assert unlimited.seconds == pytest.approx(0.1 * unlimited.requests)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_plan_fits_80_columns(profile: str) -> None:
    assert max(map(len, plan(profile).lines())) <= 80


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (89, "89 s"), (91, "2 min"), (5_400, "1 h 30 min"), (24_000, "6 h 40 min")]
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert spoken(seconds) == said


def test_latency_that_was_measured_is_reckoned_with() -> None:
    slow = replace(plan("gate", None, None), per_call=1.0)

    assert slow.seconds == slow.requests


def test_a_limit_on_all_calls_together_is_reckoned_with() -> None:
    limited = replace(plan("gate", None, None), everywhere=Rate(10, 10), per_call=0.0)

    assert limited.seconds >= limited.requests - 10


def test_what_is_left_shrinks_with_what_is_spent() -> None:
    planned = plan("gate", Rate(5, 60), Rate(10, 60))
    budget = Budget(planned.profile)
    first = planned.left(budget, tidies=False)
    budget.room_calls, budget.visitors = planned.profile.room_calls, planned.profile.visitors

    assert planned.left(budget, tidies=False) < first / 2
    assert planned.left(budget, tidies=True) < first / 3


def test_what_is_left_grows_when_the_window_turns_out_longer() -> None:
    short, whole = plan("gate", Rate(5, 5), Rate(10, 5)), plan("gate", Rate(5, 60), Rate(10, 60))
    budget = Budget(short.profile)

    assert whole.left(budget, tidies=False) > 5 * short.left(budget, tidies=False)
