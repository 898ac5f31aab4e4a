"""Old runs go; since when something is broken, and what is left on a target, stays known."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.archive.history import History, read_history
from rocketchat_contract.archive.prune import plan_pruning, remove

from .reports import RACE, REPEAT, night, row

OUTCOMES = st.sampled_from(["pass", "fail", "warn", "not-judged", "not-applicable", "error"])
KEPT, BROKEN = row(RACE, "pass"), row(RACE, "fail", "x")


def nights(folder: Path, *outcomes: dict[str, Any]) -> History:
    for day, outcome in enumerate(outcomes, 1):
        night(folder, day, outcome)
    return read_history(folder)


def going(history: History, keep: int) -> list[str]:
    return [unit.path for unit in plan_pruning(history, keep).going]


def answers(history: History) -> dict[str, tuple[object, ...]]:
    """Since when each requirement that the last run knows is as it is."""
    told = {}
    for trend in history.tracks[0].trends:
        first, last = trend.first_broken, trend.last_good
        told[trend.requirement] = (trend.is_broken, first and first.run, last and last.run)
    return told


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(OUTCOMES, OUTCOMES), min_size=1, max_size=12), st.integers(1, 5))
def test_since_when_has_the_same_answer_afterwards(outcomes: list[tuple[str, str]], keep: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for day, (race, repeat) in enumerate(outcomes, 1):
            night(folder, day, row(RACE, race), row(REPEAT, repeat))
        before = read_history(folder)
        pruning = plan_pruning(before, keep)
        remove(pruning)
        after = read_history(folder)

    assert answers(after) == answers(before)
    assert after.runs == pruning.staying
    assert after.tracks[0].runs[-1] == before.tracks[0].runs[-1]


def test_the_newest_last_good_and_first_broken_stay(tmp_path: Path) -> None:
    found = nights(tmp_path, KEPT, KEPT, BROKEN, BROKEN, BROKEN)

    assert going(found, 1) == ["20261101-020000", "20261104-020000"]


def test_planning_removes_nothing(tmp_path: Path) -> None:
    plan_pruning(nights(tmp_path, KEPT, KEPT, KEPT), 1)

    assert read_history(tmp_path).runs == 3


def test_each_target_keeps_its_own_newest(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT, target="https://other.example.com")
    night(tmp_path, 2, KEPT)
    night(tmp_path, 3, KEPT)

    assert going(read_history(tmp_path), 1) == ["20261102-020000"]


def fleet(folder: Path, day: int, **outcomes: dict[str, Any]) -> None:
    for name, outcome in outcomes.items():
        place = folder / f"fleet-{day}" / "deployments" / name / "attempt-1"
        night(place, day, outcome, run=f"{name}-{day}")
        (place / "said.txt").write_text("said")
    (folder / f"fleet-{day}" / "fleet.json").write_text("{}")


def test_a_fleet_stays_as_long_as_one_of_its_runs_has_to(tmp_path: Path) -> None:
    fleet(tmp_path, 1, eu=KEPT, us=KEPT)
    fleet(tmp_path, 2, eu=KEPT, us=BROKEN)
    fleet(tmp_path, 3, eu=KEPT, us=BROKEN)
    fleet(tmp_path, 4, eu=KEPT, us=BROKEN)

    assert going(read_history(tmp_path), 1) == ["fleet-3"]


def test_a_fleet_goes_with_all_its_files(tmp_path: Path) -> None:
    fleet(tmp_path, 1, eu=KEPT)
    fleet(tmp_path, 2, eu=KEPT)
    remove(plan_pruning(read_history(tmp_path), 1))

    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["fleet-2"]


def test_a_run_that_left_something_on_its_target_stays(tmp_path: Path) -> None:
    found = nights(tmp_path, KEPT, KEPT)
    (tmp_path / "20261101-020000" / "ledger.jsonl").write_text("{}\n")

    (held,) = plan_pruning(found, 1).held

    assert held.why == "20261101-020000/ledger.jsonl says that something is left on the target: sweep it first"


@pytest.mark.parametrize("name", ["notes.txt", "inner/report.json"])
def test_a_folder_with_files_of_others_stays(name: str, tmp_path: Path) -> None:
    found = nights(tmp_path, KEPT, KEPT)
    mine = tmp_path / "20261101-020000" / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")

    pruning = plan_pruning(found, 1)

    assert pruning.going == ()
    assert pruning.held[0].why.endswith("is not of a run")


def test_the_folder_of_the_history_itself_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text((night(tmp_path / "x", 1, KEPT) / "report.json").read_text())
    night(tmp_path / "x", 2, KEPT)

    assert "." not in going(read_history(tmp_path), 1)
