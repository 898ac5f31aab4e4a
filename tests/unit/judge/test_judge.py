from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    between,
    call,
    closed,
    created,
    failed,
    findings,
    in_order,
    judge_of,
    kept,
    new_judge,
    refused,
    registered,
    returned,
    unanswered,
)

KNOWN = registered(ANNA)


def reached(*calls: Exchange) -> TrafficStats:
    return judge_of(*calls).traffic()


def test_traffic_is_counted() -> None:
    calls = (
        KNOWN,
        created(ANNA, "R1"),
        returned(ANNA, "R1"),
        call(f"token={ANNA}", body={"room": {"_id": "R1"}}),
        refused(ANNA),
        failed(created(ANNA, "R1")),
        call(f"token={ANNA}", 429, {}),
        unanswered(created(ANNA, "R1")),
    )
    numbers = {
        "exchanges": 8,
        "room_calls": 7,
        "ok": 3,
        "created": 1,
        "returned": 1,
        "refused": 2,
        "limited": 1,
        "failed": 1,
    }

    assert reached(*calls) == TrafficStats(**numbers, overlapping=0, by_driver={"core": numbers})


def test_no_traffic_is_nothing() -> None:
    assert reached() == TrafficStats()


def test_traffic_is_counted_by_driver() -> None:
    calls = (KNOWN, replace(created(ANNA, "R1"), driver="life"))

    assert reached(*calls).by_driver == {
        "core": {"exchanges": 1},
        "life": {"exchanges": 1, "room_calls": 1, "ok": 1, "created": 1},
    }


def test_a_finding_about_one_answer_names_the_visitor_it_was_sent_for() -> None:
    found = findings(replace(call("", 500, "x"), visitor="$RC_TOKEN_4"))

    assert {each.visitor for each in found} == {"$RC_TOKEN_4"}
    assert {each.evidence for each in found} == {(1,)}


def test_a_signature_is_what_came_when_nothing_better_is_known() -> None:
    found = next(each for each in findings(call("token=a", 404, {})) if each.requirement == "a-status-is-documented")

    assert found.signature == found.actual == "status 404"


def test_obstacles_of_run_and_judge_are_told_together() -> None:
    judge = judge_of(KNOWN, refused(ANNA, "no-agent-online"), refused(ANNA, "no-agent-online"))
    verdict = judge.verdict(["The run was stopped."], ["driver x failed"], strict=True)

    assert verdict.obstacles == (*judge.obstacles, "The run was stopped.")
    assert len(judge.obstacles) == 1
    assert (verdict.errors, verdict.strict) == (("driver x failed",), True)


NOBODY = "no-agent-online"


@pytest.mark.parametrize(
    ("calls", "is_overcome"),
    [
        ((refused(ANNA, NOBODY), created(ANNA, "R1")), True),
        ((refused(ANNA, NOBODY), refused(ANNA, NOBODY)), False),
        ((created(ANNA, "R1"), closed(ANNA, "R1"), refused(ANNA, NOBODY)), False),
        ((created(ANNA, "R1"), closed(ANNA, "R1"), refused(ANNA, NOBODY), created(ANNA, "R2")), True),
    ],
)
def test_an_obstacle_is_overcome_by_a_new_room(calls: tuple[Exchange, ...], *, is_overcome: bool) -> None:
    judge = judge_of(KNOWN, *calls)

    assert judge.is_overcome is is_overcome
    assert len(judge.verdict().obstacles) == 1, "a reason for what was not judged"


def test_obstacles_explain_what_was_not_judged() -> None:
    rows = judge_of().verdict(["The run was stopped."]).rows

    assert {row.reason for row in rows if row.requirement.level == "must" and not row.requirement.only_when} == {
        "The run was stopped."
    }


@pytest.mark.parametrize(
    "query", ["", "rid=R1", f"token={ANNA}&token={ANNA}", f"token[]={ANNA}", f"token={ANNA}&token[]=x"]
)
def test_a_call_without_a_plain_token_is_in_nobodys_history(query: str) -> None:
    calls = (KNOWN, call(query, body={"room": {"_id": "R1"}, "newRoom": True}), created(ANNA, "R1"))

    assert kept(*calls)["newroom-is-true-for-a-created-room"] == 1
    assert "an-open-room-is-returned" not in {each.requirement for each in findings(*calls)}


def test_a_call_with_an_odd_rid_is_in_its_visitors_history() -> None:
    calls = (KNOWN, call(f"token={ANNA}&rid[]=x", body={"room": {"_id": "R1"}}), returned(ANNA, "R1"))

    assert {each.requirement for each in findings(*calls)} & {"newroom-is-true-for-a-created-room"} == set()


@pytest.mark.parametrize(("gap", "overlapping"), [(0, 2), (1, 0)])
def test_a_call_that_starts_at_the_instant_of_anothers_end_overlaps_it(gap: int, overlapping: int) -> None:
    first, second = in_order([between(1, 2, KNOWN), between(2, 3, KNOWN)])
    judge = new_judge()
    for exchange in in_order([first, between(2 + gap / 1e6, 3, second)]):
        judge.feed(judge.read(exchange))
    judge.settle()

    assert judge.traffic().overlapping == overlapping


def test_a_long_call_holds_the_judgement_of_those_beside_it() -> None:
    calls = [between(0, 1, KNOWN), between(2, 90, created(ANNA, "R1")), between(3, 4, returned(ANNA, "R1"))]
    calls += [between(50, 51, returned(ANNA, "R1")), between(91, 92, returned(ANNA, "R1"))]

    assert reached(*calls).overlapping == 3


def test_the_time_of_a_check_is_that_of_the_calls_it_was_judged_on() -> None:
    calls = [KNOWN, created(ANNA, "R1"), returned(ANNA, "R1")]
    judge = judge_of(*(between(*times, each) for times, each in zip([(0, 1), (40, 45), (50, 80)], calls, strict=True)))
    seconds = {row.requirement.id: row.seconds for row in judge.verdict().rows}

    assert seconds["an-answer-is-json"] == pytest.approx(0.035)
    assert seconds["newroom-is-true-for-a-created-room"] == pytest.approx(0.005)


def test_the_time_of_a_burst_is_from_its_first_start_to_its_last_end() -> None:
    calls = [between(0, 1, KNOWN), between(2, 8, created(ANNA, "R1")), between(3, 12, created(ANNA, "R2"))]
    seconds = {row.requirement.id: row.seconds for row in judge_of(*calls).verdict().rows if row.broken}

    assert seconds["overlapping-calls-open-one-room"] == pytest.approx(0.010)
