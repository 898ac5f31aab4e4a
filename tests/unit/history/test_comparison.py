"""Two runs compared: the direction of each change, and its cause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.archive.diff import ChangeCause, Direction, Reported, compare_runs, read_run
from rocketchat_contract.errors import UsageError
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS
from rocketchat_contract.report.files import write_reports
from rocketchat_contract.results.har_import import judge_har
from support.hars import entries, write_har
from support.histories import ANNA, call, created, room_body

from .reports import CONTRACT, RACE, REPEAT, SHOULD, SUITE, report, reported, row

KEPT, BROKEN = row(RACE, "pass"), row(RACE, "fail", "two")
NEW_SUITE = {"version": "0.2.0", "sha256": "6" * 64}
NEW_CONTRACT = {**CONTRACT, "sha256": "d" * 64}


def direction(before: dict[str, Any], after: dict[str, Any]) -> Direction | None:
    changes = compare_runs(reported(before), reported(after)).changes
    return changes[0].direction if changes else None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (KEPT, KEPT, None),
        (KEPT, BROKEN, Direction.REGRESSION),
        (KEPT, row(RACE, "warn", "x"), Direction.REGRESSION),
        (KEPT, row(RACE, "error"), Direction.REGRESSION),
        (row(RACE, "warn", "x"), row(RACE, "fail", "x"), Direction.REGRESSION),
        (row(RACE, "not-judged"), BROKEN, Direction.REGRESSION),
        (row(RACE, "not-applicable"), BROKEN, Direction.REGRESSION),
        (BROKEN, row(RACE, "fail", "two", "three"), Direction.REGRESSION),
        (BROKEN, row(RACE, "fail", "three"), Direction.REGRESSION),
        (KEPT, row(RACE, "not-judged"), Direction.UNJUDGED),
        (row(SHOULD, "pass", level="should"), row(SHOULD, "not-judged", level="should"), Direction.OTHER),
        (BROKEN, row(RACE, "not-judged"), Direction.OTHER),
        (BROKEN, KEPT, Direction.IMPROVEMENT),
        (row(RACE, "fail", "x"), row(RACE, "warn", "x"), Direction.IMPROVEMENT),
        (row(RACE, "fail", "two", "three"), BROKEN, None),
        (row(RACE, "not-judged"), KEPT, Direction.OTHER),
    ],
)
def test_the_direction_of_a_change(before: dict[str, Any], after: dict[str, Any], expected: Direction | None) -> None:
    assert direction(before, after) is expected


def test_of_more_kinds_than_are_kept_no_new_one_is_sure() -> None:
    many = row(RACE, "fail", *(f"kind {number}" for number in range(MOST_KEPT_FINDINGS)))

    assert direction(many, row(RACE, "fail", "another")) is None


def test_a_must_that_other_drivers_do_not_reach_is_no_regression() -> None:
    before, after = reported(KEPT), reported(row(RACE, "not-judged"), profile="smoke")

    assert compare_runs(before, after).changes[0].direction is Direction.OTHER


@pytest.mark.parametrize("changed", [{"profile": "smoke"}, {"drivers": ["volley"]}, {"repeat": 3}])
@pytest.mark.parametrize("outcomes", [("pass", "not-judged"), ("not-judged", "pass"), ("pass", "not-applicable")])
def test_what_only_one_of_two_profiles_judges_goes_back_to_the_profile(
    changed: dict[str, Any], outcomes: tuple[str, str]
) -> None:
    before, after = (
        reported(row(RACE, outcome), **more) for outcome, more in zip(outcomes, ({}, changed), strict=True)
    )

    assert compare_runs(before, after).changes[0].cause is ChangeCause.PROFILE


@pytest.mark.parametrize("before", [KEPT, row(RACE, "not-judged")])
def test_a_promise_that_another_profile_finds_broken_is_the_targets(before: dict[str, Any]) -> None:
    assert compare_runs(reported(before), reported(BROKEN, profile="smoke")).changes[0].cause is ChangeCause.TARGET


CAUSES: list[tuple[str, dict[str, Any], ChangeCause]] = [
    ("nothing that is known", {}, ChangeCause.TARGET),
    ("another target", {"target": "https://other.example.com"}, ChangeCause.TARGET),
    ("another version", {"facts": {"version": "8.3"}}, ChangeCause.TARGET),
    ("another setting", {"facts": {"agent online": "no"}}, ChangeCause.FACTS),
    ("another version and setting", {"facts": {"version": "8.3", "agent online": "no"}}, ChangeCause.TARGET),
    ("what the run itself did", {"facts": {"closing read back": "3 of 3"}}, ChangeCause.TARGET),
    ("another suite", {"suite": NEW_SUITE}, ChangeCause.SUITE),
    ("another contract", {"contract": NEW_CONTRACT}, ChangeCause.CONTRACT),
    ("another contract and suite", {"contract": NEW_CONTRACT, "suite": NEW_SUITE}, ChangeCause.CONTRACT),
]


@pytest.mark.parametrize(("changed", "cause"), [line[1:] for line in CAUSES], ids=[line[0] for line in CAUSES])
def test_the_cause_of_a_regression(changed: dict[str, Any], cause: ChangeCause) -> None:
    before = reported(KEPT, facts={"closing read back": "7 of 7"} if "facts" in changed else None)

    change = compare_runs(before, reported(BROKEN, **changed)).changes[0]

    assert (change.direction, change.cause) == (Direction.REGRESSION, cause)


def test_a_requirement_that_says_something_else_changed_with_the_contract() -> None:
    change = compare_runs(reported(KEPT), reported(row(RACE, "fail", "two", sentence="Another promise."))).changes[0]

    assert change.cause is ChangeCause.CONTRACT


def test_a_new_requirement_came_with_the_contract() -> None:
    change = compare_runs(reported(KEPT), reported(KEPT, row(REPEAT, "fail", "x"))).changes[0]

    assert (change.before, change.after, change.cause) == ("absent", "fail", ChangeCause.CONTRACT)
    assert change.direction is Direction.REGRESSION


def test_a_requirement_that_is_gone_is_told() -> None:
    change = compare_runs(reported(KEPT, BROKEN | {"id": REPEAT}), reported(KEPT)).changes[0]

    assert (change.requirement, change.before, change.after) == (REPEAT, "fail", "absent")


def test_regressions_come_first_then_by_cause() -> None:
    before = reported(row("a-one", "fail", "x"), row("b-two", "pass"), row("c-three", "pass"))
    after = reported(
        row("a-one", "pass"), row("b-two", "fail", "x"), row("c-three", "fail", "x", quote="new"), facts={}
    )

    changes = compare_runs(before, after).changes

    assert [(each.requirement, each.cause) for each in changes] == [
        ("c-three", ChangeCause.CONTRACT),
        ("b-two", ChangeCause.TARGET),
        ("a-one", ChangeCause.TARGET),
    ]


def test_what_else_differs_is_told_in_the_order_of_the_causes() -> None:
    after = reported(
        KEPT, contract=NEW_CONTRACT, suite=NEW_SUITE, facts={"agent online": "no", "version": "8.3"}, seed=8
    )

    assert compare_runs(reported(KEPT), after).differences == (
        "contract: cccccccccccc → dddddddddddd",
        "suite: 0.1.0 555555555555 → 0.2.0 666666666666",
        "fact agent online: yes → no",
        "Rocket.Chat: 8.2 → 8.3",
        "seed: 7 → 8",
    )


def test_an_embedded_server_is_the_same_on_another_port() -> None:
    before = reported(KEPT, embedded="newest", target="http://127.0.0.1:1")
    after = reported(KEPT, embedded="newest", target="http://127.0.0.1:2")

    assert compare_runs(before, after).differences == ()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose record and report are both there; its room is no livechat room."""
    wrong = call(f"token={ANNA}", body=room_body(ANNA, "R1", t="c"))
    result = judge_har(write_har(tmp_path / "a.har", entries(wrong)), tmp_path / "run")
    write_reports(result, tmp_path / "run")
    return tmp_path / "run"


def older(run: Path, **header: Any) -> Reported:
    """The same run as an older suite saw it, which did not mind."""
    found = read_run(run)
    content = json.loads(json.dumps(found.content))
    for each in content["requirements"]:
        if each["outcome"] == "fail":
            each.update(outcome="pass", findings=[])
    content["header"] |= header
    return Reported(content, found.record)


def test_what_the_old_traffic_shows_as_well_came_with_the_suite(run: Path) -> None:
    changes = compare_runs(older(run, suite=SUITE), read_run(run)).changes

    assert {change.cause for change in changes} == {ChangeCause.SUITE}


def test_what_the_old_traffic_does_not_show_is_the_targets(run: Path, tmp_path: Path) -> None:
    result = judge_har(write_har(tmp_path / "b.har", entries(created(ANNA, "R1"))), tmp_path / "good")
    write_reports(result, tmp_path / "good")

    changes = compare_runs(older(tmp_path / "good", suite=SUITE), read_run(run)).changes

    assert {change.cause for change in changes if change.direction is Direction.REGRESSION} == {ChangeCause.TARGET}


def test_a_record_alone_is_judged(run: Path) -> None:
    whole = read_run(run)
    (run / "report.json").unlink()

    assert compare_runs(whole, read_run(run)).changes == ()
    assert read_run(run / "record.jsonl").content == read_run(run).content


def test_a_report_alone_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text(json.dumps(report(KEPT)))

    assert compare_runs(read_run(path), reported(BROKEN)).changes[0].cause is ChangeCause.TARGET


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1, "requirements": [], "header": {}}'])
def test_what_is_no_report_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(content)

    with pytest.raises(UsageError, match=r"report\.json is not (the report of a run|JSON)"):
        read_run(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"requirements": 5},
        {"requirements": [5]},
        {"requirements": [{"id": 1, "outcome": "pass"}]},
        {"requirements": [{"id": "x", "outcome": "good"}]},
        {"facts": [[1]]},
        {"facts": [{"name": "version", "value": 8}]},
        {"facts": {}},
        {"verdict": 5},
        {"verdict": {"word": "good"}},
        {"header": {"suite": {"sha256": 5}}},
        {"ledger": []},
        {"seconds": "long"},
        {"baseline": {"accepted": 5}},
        {"more": "[" * 90 + "]" * 90},
    ],
)
def test_a_report_with_members_of_another_type_is_refused_by_name(changes: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({**report(KEPT), **changes}).replace('"[[', "[[").replace(']]"', "]]"))

    with pytest.raises(UsageError, match=r"report\.json"):
        read_run(path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_run(tmp_path)
