"""Runs that were killed, or are still under way: told as such, and no part of any trend."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rocketchat_contract.archive.history import History, read_history
from rocketchat_contract.archive.history_page import history_page
from rocketchat_contract.archive.prune import plan_pruning, remove
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.journal import Journal
from rocketchat_contract.results.interrupted import InterruptedState, Unfinished, refuse_cut
from support.headers import raw_header

from .reports import CONTRACT, DELETED, RACE, TOKEN, killed_night, night, report, row

KEPT, BROKEN = row(RACE, "pass"), row(RACE, "fail", "x")


def only(history: History) -> Unfinished:
    (track,) = history.tracks
    (run,) = track.unfinished
    return run


def going(folder: Path, keep: int = 1) -> list[str]:
    return [unit.path for unit in plan_pruning(read_history(folder), keep).going]


def test_a_killed_night_changes_no_answer_to_since_when(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    night(tmp_path, 3, BROKEN)
    before = read_history(tmp_path).tracks[0].trends
    killed_night(tmp_path, 2)
    killed_night(tmp_path, 4)

    found = read_history(tmp_path)

    assert found.tracks[0].trends == before
    assert (found.runs, found.unfinished) == (2, 2)


def test_a_killed_run_that_left_nothing_is_told_without_a_next_step(tmp_path: Path) -> None:
    killed_night(tmp_path, 1)

    found = only(read_history(tmp_path))

    assert found.phrase == f"20261101-020000: {InterruptedState.KILLED}; no ledger says that it left anything"
    assert not found.command(tmp_path)


@pytest.mark.parametrize(("events", "leaves"), [([], False), ([TOKEN], True), ([TOKEN, DELETED], False)])
def test_the_ledger_of_a_killed_run_tells_whether_something_may_be_left(
    tmp_path: Path, events: list[dict[str, str]], leaves: bool
) -> None:
    killed_night(tmp_path, 1, {"event": "closed", "room": "R"}, *events)

    found = only(read_history(tmp_path))

    assert found.leaves is leaves
    assert found.command(tmp_path) == (f"rocketchat-contract sweep {tmp_path}/20261101-020000" if leaves else "")


def test_a_ledger_that_cannot_be_read_may_hold_something(tmp_path: Path) -> None:
    (killed_night(tmp_path, 1) / "ledger.jsonl").write_text("{}\n")

    assert only(read_history(tmp_path)).leaves


def test_a_run_whose_record_is_being_written_is_under_way(tmp_path: Path) -> None:
    place = killed_night(tmp_path, 1, TOKEN)
    head = report(run="r", started="2026-11-01T02:00:00.000Z")["header"]
    journal = Journal(place / "record.jsonl", raw_header({**head, "versions": {}}))
    found = only(read_history(tmp_path))
    journal.close(RecordFooter())

    assert found.phrase.endswith(InterruptedState.UNDER_WAY)
    assert not found.command(tmp_path)


def test_a_run_killed_before_its_reports_is_told_how_to_write_them(tmp_path: Path) -> None:
    record = killed_night(tmp_path, 1) / "record.jsonl"
    head = report(run="r", started="2026-11-01T02:00:00.000Z")["header"]
    Journal(record, raw_header({**head, "versions": {}})).close(RecordFooter())
    just_now = only(read_history(tmp_path)).state
    os.utime(record, (1, 1))

    found = only(read_history(tmp_path))

    assert (just_now, found.state) == (InterruptedState.UNDER_WAY, InterruptedState.UNTOLD)
    assert found.command(tmp_path) == f"rocketchat-contract judge {record.parent} --report-dir {record.parent}"


def test_a_target_that_has_killed_runs_only_is_told_and_drawn(tmp_path: Path) -> None:
    killed_night(tmp_path, 1, TOKEN)

    page = history_page(read_history(tmp_path), tmp_path)

    assert "1 run without reports, which tell nothing of the target" in page
    assert f"rocketchat-contract sweep {tmp_path}/20261101-020000" in page


def test_a_killed_run_of_another_operation_has_its_own_track(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    killed_night(tmp_path, 2, contract={**CONTRACT, "operation": "GET /api/v1/livechat/config"})

    assert [len(track.runs) for track in read_history(tmp_path).tracks] == [0, 1]


def test_a_record_without_a_header_is_told_as_unread(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    (killed_night(tmp_path, 2) / "record.jsonl").write_bytes(b"")

    assert read_history(tmp_path).unread == ("20261102-020000/record.jsonl",)


def test_old_killed_runs_go(tmp_path: Path) -> None:
    killed_night(tmp_path, 1)
    killed_night(tmp_path, 2, TOKEN, DELETED)
    night(tmp_path, 3, KEPT)
    night(tmp_path, 4, KEPT)
    pruning = plan_pruning(read_history(tmp_path), 1)
    remove(pruning)

    assert (pruning.runs, pruning.staying) == (3, 1)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["20261104-020000"]


def test_a_killed_run_among_the_newest_stays_and_takes_no_place(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        night(tmp_path, day, KEPT)
    killed_night(tmp_path, 4)

    assert going(tmp_path, 2) == ["20261101-020000"]


def test_a_killed_run_that_may_have_left_something_stays_and_is_told(tmp_path: Path) -> None:
    killed_night(tmp_path, 1, TOKEN)
    night(tmp_path, 2, KEPT)

    (held,) = plan_pruning(read_history(tmp_path), 1).held

    assert held.why == "20261101-020000/ledger.jsonl says that something is left on the target: sweep it first"


def test_an_old_run_that_is_still_under_way_stays(tmp_path: Path) -> None:
    place = killed_night(tmp_path, 1)
    night(tmp_path, 2, KEPT)
    head = report(run="r", started="2026-11-01T02:00:00.000Z")["header"]
    journal = Journal(place / "record.jsonl", raw_header({**head, "versions": {}}))
    (held,) = plan_pruning(read_history(tmp_path), 1).held
    journal.close(RecordFooter())

    assert held.why == "it is still under way"


@pytest.mark.parametrize(
    ("events", "step"),
    [
        ([], "Its run was killed, and no ledger says that it left anything: run again."),
        ([TOKEN], "Its run was killed and may have left something on its target: rocketchat-contract sweep {}"),
    ],
)
def test_whoever_needs_a_cut_record_is_told_what_became_of_it(
    tmp_path: Path, events: list[dict[str, str]], step: str
) -> None:
    place = killed_night(tmp_path, 1, *events)

    with pytest.raises(UsageError, match="so it is truncated") as refused:
        refuse_cut(place / "record.jsonl")

    assert refused.value.next_step == step.format(place)


def test_a_run_with_reports_and_a_cut_record_was_not_killed(tmp_path: Path) -> None:
    place = killed_night(tmp_path, 1)
    (place / "report.json").write_text("{}")

    with pytest.raises(UsageError) as refused:
        refuse_cut(place / "record.jsonl")

    assert refused.value.next_step == "Use the record of a run that ended, or run again."
