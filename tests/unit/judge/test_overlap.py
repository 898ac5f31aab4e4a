"""Calls of one visitor that overlap: what they keep, what they break, and how that is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    BERT,
    between,
    broken,
    call,
    closed,
    created,
    declined,
    deleted,
    failed,
    finding_of,
    hidden,
    judge_of,
    kept,
    outcome,
    refused,
    registered,
    returned,
    said,
    shown,
    unanswered,
)

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room1"))
RACE = "a-racing-call-is-not-refused"
ONE_ROOM = "overlapping-calls-open-one-room"
ONE_CREATION = "overlapping-calls-report-one-creation"
CLOSE = "calls-beside-a-close-agree"
NEIGHBOUR = "calls-beside-a-neighbour-agree"


def at_once(*calls: Exchange) -> tuple[Exchange, ...]:
    """Calls that start one millisecond after the other and all last a second."""
    return tuple(between(1000 + n, 2000 + n, each) for n, each in enumerate(calls))


def counted(*calls: Exchange) -> dict[str, int]:
    """How often the promises about overlapping calls were kept."""
    return {
        name: number
        for name, number in kept(*calls).items()
        if name in (RACE, ONE_ROOM, ONE_CREATION, CLOSE, NEIGHBOUR)
    }


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([created(ANNA, "R1"), returned(ANNA, "R1")], {ONE_ROOM: 1, ONE_CREATION: 1, RACE: 2}),
        ([created(ANNA, "R1"), returned(ANNA, "R1"), returned(ANNA, "R1")], {ONE_ROOM: 1, ONE_CREATION: 1, RACE: 3}),
        ([created(ANNA, "R1"), unanswered(created(ANNA, "R1"))], {RACE: 1}),
        ([created(ANNA, "R1"), failed(created(ANNA, "R1"))], {RACE: 1}),
        ([unanswered(created(ANNA, "R1"))] * 2, {}),
        ([refused(ANNA, "error-failed-to-start")] * 2, {}),
        ([created(ANNA, "R1"), said(ANNA, "x")], {NEIGHBOUR: 1, RACE: 1}),
        ([created(ANNA, "R1"), hidden(ANNA, "x")], {NEIGHBOUR: 1, RACE: 1}),
        ([created(ANNA, "R1"), shown(ANNA, "R1")], {NEIGHBOUR: 1, RACE: 1}),
        ([created(ANNA, "R1"), KNOWN], {NEIGHBOUR: 1}),
        ([created(ANNA, "R1"), returned(ANNA, "R1"), KNOWN], {NEIGHBOUR: 1, ONE_CREATION: 1}),
        ([created(ANNA, "R1"), deleted(ANNA)], {NEIGHBOUR: 1}),
        ([created(ANNA, "R1"), unanswered(said(ANNA, "x"))], {}),
        ([created(ANNA, "R1"), closed(ANNA, "x")], {CLOSE: 1, RACE: 1}),
        ([created(ANNA, "R1"), closed(ANNA, "x"), said(ANNA, "x")], {CLOSE: 1, RACE: 1}),
        ([said(ANNA, "x"), said(ANNA, "x")], {}),
        ([KNOWN, KNOWN], {}),
        ([KNOWN, hidden(ANNA, "x")], {NEIGHBOUR: 1}),
        ([hidden(ANNA, "x"), hidden(ANNA, "y")], {NEIGHBOUR: 1}),
        ([closed(ANNA, "x"), closed(ANNA, "x")], {}),
        ([refused(ANNA, "error-failed-to-start"), said(ANNA, "x")], {}),
        ([refused(ANNA, "error-failed-to-start"), hidden(ANNA, "x")], {}),
    ],
)
def test_what_overlapping_calls_keep_is_counted(calls: list[Exchange], expected: dict[str, int]) -> None:
    assert counted(KNOWN, *at_once(*calls)) == expected


def test_an_open_room_is_kept_by_all_who_ask_at_once() -> None:
    assert counted(*OPEN, *at_once(returned(ANNA, "room1"), returned(ANNA, "room1"))) == {ONE_ROOM: 1, RACE: 2}


def test_calls_of_different_visitors_do_not_overlap() -> None:
    calls = (KNOWN, registered(BERT), *at_once(created(ANNA, "R1"), created(BERT, "R2")))

    assert counted(*calls) == {}
    assert judge_of(*calls).traffic().overlapping == 0


def test_overlapping_calls_are_counted() -> None:
    assert judge_of(KNOWN, *at_once(*[returned(ANNA, "R1")] * 3)).traffic().overlapping == 3


NO = {"success": False, "error": "x"}


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([created(ANNA, "R1"), created(ANNA, "R2")], ONE_ROOM),
        ([created(ANNA, "R1"), returned(ANNA, "R2")], ONE_ROOM),
        ([created(ANNA, "R1"), created(ANNA, "R1")], ONE_CREATION),
        ([returned(ANNA, "R1"), returned(ANNA, "R1")], ONE_CREATION),
        ([created(ANNA, "R1"), created(ANNA, "R2"), KNOWN], NEIGHBOUR),
        ([created(ANNA, "R1"), created(ANNA, "R2"), said(ANNA, "x")], NEIGHBOUR),
        ([created(ANNA, "R1"), created(ANNA, "R2"), hidden(ANNA, "x")], NEIGHBOUR),
        ([*(created(ANNA, each) for each in ("R1", "R2", "R3")), deleted(ANNA)], NEIGHBOUR),
        ([created(ANNA, "R1"), created(ANNA, "R2"), closed(ANNA, "x")], CLOSE),
        ([created(ANNA, "R1"), created(ANNA, "R2"), declined(closed(ANNA, "x"))], CLOSE),
        ([created(ANNA, "R1"), created(ANNA, "R2"), call(f"token={ANNA}&rid[]=x", 400, NO)], NEIGHBOUR),
    ],
)
def test_what_overlapping_calls_break_has_a_name(calls: list[Exchange], expected: str) -> None:
    assert broken(KNOWN, *at_once(*calls)) & {ONE_ROOM, ONE_CREATION, CLOSE, NEIGHBOUR} == {expected}


@pytest.mark.parametrize(
    ("token", "expected"), [(ANNA, "an-unknown-token-is-refused"), ("${RC_TOKEN_1^^}", "a-token-is-matched-exactly")]
)
def test_rooms_for_a_visitor_whom_nobody_registered_are_another_matter(token: str, expected: str) -> None:
    assert broken(*at_once(created(token, "R1"), returned(token, "R1"))) == {expected}


def test_a_second_open_room_beside_an_open_one_is_found() -> None:
    assert broken(*OPEN, *at_once(returned(ANNA, "room1"), created(ANNA, "R2"))) == {ONE_ROOM}


# Refusals of losers


REFUSED = refused(ANNA, "error-failed-to-start")


@pytest.mark.parametrize(
    ("before", "calls", "expected"),
    [
        ((KNOWN,), [created(ANNA, "R1"), refused(ANNA, "error-failed-to-start")], "broken"),
        ((), [refused(ANNA), refused(ANNA)], ""),
        ((KNOWN,), [created(ANNA, "R1"), REFUSED, KNOWN], ""),
        ((KNOWN,), [created(ANNA, "R1"), refused(ANNA), deleted(ANNA)], ""),
        ((KNOWN,), [created(ANNA, "R1"), refused(ANNA, "Unknown key", more="1")], "kept"),
        ((KNOWN,), [created(ANNA, "R1"), refused(ANNA, "no-agent-online")], "kept"),
        ((KNOWN,), [created(ANNA, "R1"), refused(ANNA, "x", agentId="x")], "kept"),
        ((KNOWN,), [created(ANNA, "R1"), hidden(ANNA, "")], "kept"),
    ],
)
def test_a_loser_is_not_refused(before: tuple[Exchange, ...], calls: list[Exchange], expected: str) -> None:
    assert outcome(RACE, *before, *at_once(*calls)) == expected
    assert broken(*before, *at_once(*calls)) <= {RACE}


NO_RACE = "a-known-visitor-gets-a-room"


@pytest.mark.parametrize(
    ("before", "calls"),
    [
        (OPEN, [REFUSED, REFUSED]),
        (OPEN, [returned(ANNA, "room1"), REFUSED]),
        (OPEN, [REFUSED, said(ANNA, "room1")]),
        (OPEN, [returned(ANNA, "room1"), refused(ANNA, "x", agentId="x")]),
        (OPEN, [returned(ANNA, "room1"), refused(ANNA, "no-agent-online")]),
        ((KNOWN,), [REFUSED, REFUSED]),
        ((KNOWN,), [refused(ANNA), KNOWN]),
        ((KNOWN,), [created(ANNA, "R1"), refused(ANNA), KNOWN]),
        (OPEN, [returned(ANNA, "room1"), refused(ANNA), KNOWN]),
        (OPEN, [refused(ANNA), KNOWN, closed(ANNA, "room1")]),
    ],
)
def test_a_refusal_that_lost_no_race_leaves_a_visitor_without_a_room(
    before: tuple[Exchange, ...], calls: list[Exchange]
) -> None:
    assert broken(*before, *at_once(*calls)) == {NO_RACE}


@pytest.mark.parametrize(
    ("before", "calls"),
    [
        (OPEN, [REFUSED, closed(ANNA, "room1")]),
        (OPEN, [REFUSED, deleted(ANNA)]),
        (OPEN, [REFUSED, KNOWN]),
        ((KNOWN,), [REFUSED, said(ANNA, "x")]),
        ((KNOWN,), [REFUSED, unanswered(created(ANNA, "R1"))]),
        ((KNOWN,), [refused(ANNA, "no-agent-online")] * 2),
        ((KNOWN, unanswered(created(ANNA, "R1"))), [REFUSED, REFUSED]),
        ((), [REFUSED, REFUSED]),
        ((), [refused(ANNA), KNOWN]),
        (OPEN, [refused(ANNA), KNOWN, deleted(ANNA)]),
    ],
)
def test_a_refusal_may_have_lost_a_race(before: tuple[Exchange, ...], calls: list[Exchange]) -> None:
    assert NO_RACE not in broken(*before, *at_once(*calls))


def test_a_refusal_beside_a_registration_shows_both() -> None:
    found = finding_of(NO_RACE, *OPEN, *at_once(KNOWN, refused(ANNA)))

    assert found.actual == "status 400, error invalid-token, beside a registration"
    assert (found.evidence[-2:], found.signature) == ((3, 4), "refused as a stranger beside a registration")


def test_refusals_at_once_are_told() -> None:
    found = finding_of(NO_RACE, *OPEN, *at_once(REFUSED, returned(ANNA, "room1"), REFUSED))

    assert found.actual == "2 of 3 overlapping calls refused, error error-failed-to-start"
    assert (found.evidence, found.signature) == ((2, 5, 3), "refused at once")


def test_a_refused_loser_is_told() -> None:
    found = finding_of(RACE, KNOWN, *at_once(created(ANNA, "R1"), refused(ANNA, "ERR#### " + "x" * 70)))

    assert found.actual == "status 400, error ERR#### " + "x" * 52
    assert (found.evidence, found.visitor, found.signature) == ((3,), ANNA, "refused")


def test_a_refusal_without_error_is_told() -> None:
    assert finding_of(RACE, KNOWN, *at_once(created(ANNA, "R1"), refused(ANNA, ""))).actual.endswith("error missing")


# The argument


def test_one_creation_beside_another_room_has_its_own_signature() -> None:
    found = finding_of(ONE_ROOM, KNOWN, *at_once(created(ANNA, "R1"), returned(ANNA, "R2")))

    assert found.signature == "several rooms, one creation at most"


def test_moments_are_told_in_milliseconds() -> None:
    calls = (between(10, 600_010, created(ANNA, "R1")), between(300_010, 900_010, created(ANNA, "R2")))

    assert (
        "Call 3 (300000.0–900000.0 ms), which left before call 2 had ended, created room R2."
        in finding_of(ONE_ROOM, between(1, 2, KNOWN), *calls).story
    )


def test_a_room_shown_among_overlapping_calls_does_not_open_again() -> None:
    known, long = between(1, 2, KNOWN), between(3, 100, said(ANNA, "x"))
    calls = [between(4, 5, unanswered(created(ANNA, "R1"))), between(10, 11, shown(ANNA, "R1"))]
    calls += [between(20, 21, closed(ANNA, "R1")), between(30, 31, created(ANNA, "R1"))]

    assert CLOSE not in broken(known, long, *calls[:-1])
    assert CLOSE in broken(known, long, *calls)


def test_two_rooms_are_argued_like_a_proof() -> None:
    found = finding_of(ONE_ROOM, KNOWN, *at_once(created(ANNA, "R1"), returned(ANNA, "R1"), created(ANNA, "R2")))

    assert found.story == (
        "Before these calls no room was open.",
        "Call 2 (0.0–1000.0 ms) created room R1.",
        "Call 4 (2.0–1002.0 ms), which left before call 2 had ended, created room R2.",
        "No close stands between them.",
        "So 2 rooms of one visitor are open at once.",
    )
    assert found.expected == "one open room at a time and newRoom true once per new room, in some order of the calls"
    assert found.actual == "2 rooms, newRoom true 2 times, in 3 overlapping calls"
    assert (found.evidence, found.visitor, found.signature) == ((1, 2, 4), ANNA, "several rooms, several creations")


def test_two_of_many_rooms_are_argued_and_the_others_counted() -> None:
    found = finding_of(ONE_ROOM, KNOWN, *at_once(*(created(ANNA, f"R{n}") for n in range(5))))

    assert [fact for fact in found.story if "created" in fact] == [
        "Call 2 (0.0–1000.0 ms) created room R0.",
        "Call 3 (1.0–1001.0 ms), which left before call 2 had ended, created room R1.",
    ]
    assert found.story[-1] == "So 2 rooms of one visitor are open at once; overlapping calls opened 3 more."
    assert found.actual == "5 rooms, newRoom true 5 times, in 5 overlapping calls"


def test_the_evidence_of_many_rooms_is_all_that_raced() -> None:
    found = finding_of(ONE_ROOM, KNOWN, *at_once(*(created(ANNA, f"R{n}") for n in range(5))))

    assert sorted(found.evidence) == [1, 2, 3, 4, 5, 6]


def test_two_creations_of_one_room_are_argued() -> None:
    found = finding_of(ONE_CREATION, KNOWN, *at_once(created(ANNA, "R1"), created(ANNA, "R1")))

    assert found.story[1:] == (
        "Call 2 (0.0–1000.0 ms) created room R1.",
        "Call 3 (1.0–1001.0 ms), which left before call 2 had ended, created room R1.",
        "No close stands between them.",
    )
    assert found.actual == "1 room, newRoom true 2 times, in 2 overlapping calls"
    assert found.signature == "one room at most, several creations"


def test_a_room_that_nobody_created_is_argued() -> None:
    found = finding_of(ONE_CREATION, KNOWN, *at_once(returned(ANNA, "R1"), returned(ANNA, "R1")))

    assert found.story[1:] == ("Call 2 (0.0–1000.0 ms) returned room R1.", "No close stands between them.")
    assert found.actual == "1 room, newRoom true 0 times, in 2 overlapping calls"
    assert found.signature == "one room at most, one creation at most"


def test_rooms_beside_a_close_are_argued() -> None:
    found = finding_of(CLOSE, *OPEN, *at_once(closed(ANNA, "room1"), created(ANNA, "R2"), created(ANNA, "R3")))

    assert found.story == (
        "Before these calls room room1 was open.",
        "Call 3 (0.0–1000.0 ms) close was answered ok.",
        "Call 4 (1.0–1001.0 ms), which left before call 3 had ended, created room R2.",
        "Call 5 (2.0–1002.0 ms), which left before call 4 had ended, created room R3.",
        "No order of these calls and the close gives these answers.",
    )
    assert found.actual == "3 rooms, newRoom true 2 times, in 3 overlapping calls"


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ((KNOWN,), "Before these calls no room was open."),
        ((registered("somebody"),), "Before these calls a room may have been open."),
        ((KNOWN, failed(created(ANNA, "R0"))), "Before these calls a room may have been open."),
    ],
)
def test_what_was_before_is_told(before: tuple[Exchange, ...], told: str) -> None:
    token = ANNA if before[0] is KNOWN else "somebody"
    calls = at_once(created(token, "R1"), created(token, "R2"))

    assert finding_of(ONE_ROOM, *before, *calls).story[0] == told


def test_a_refused_or_lost_call_is_told_as_such() -> None:
    calls = at_once(
        unanswered(closed(ANNA, "R1")), failed(created(ANNA, "R9"), 500), created(ANNA, "R1"), created(ANNA, "R2")
    )
    calls += (between(1004, 1500, created(ANNA, "R3")), between(1005, 1501, created(ANNA, "R4")))

    story = finding_of(CLOSE, KNOWN, *calls).story
    assert "Call 2 (0.0–1000.0 ms) close was answered unknown." in story
    assert "Call 3 (1.0–1001.0 ms), which left before call 2 had ended, was answered unknown." in story
    assert "No close stands between them." in story


def test_the_evidence_of_many_calls_is_small() -> None:
    readers = [returned(ANNA, "R1")] * 30
    calls = at_once(*readers, created(ANNA, "R1"), *readers, created(ANNA, "R2"), *readers)

    assert finding_of(ONE_ROOM, KNOWN, *calls).evidence == (1, 32, 63)


# What follows


@pytest.mark.parametrize(
    ("calls", "after"),
    [
        ([created(ANNA, "R1"), created(ANNA, "R2")], [returned(ANNA, "R1")]),
        ([created(ANNA, "R1"), created(ANNA, "R2")], [returned(ANNA, "R2")]),
        ([*(created(ANNA, each) for each in ("R1", "R2", "R3")), deleted(ANNA)], [refused(ANNA)]),
        ([created(ANNA, "R1"), created(ANNA, "R2"), KNOWN], [created(ANNA, "R3")]),
        ([created(ANNA, "R1"), created(ANNA, "R2"), closed(ANNA, "R2")], [created(ANNA, "R3")]),
        ([created(ANNA, "R1"), created(ANNA, "R2"), unanswered(deleted(ANNA))], [returned(ANNA, "R2"), refused(ANNA)]),
        ([returned(ANNA, "R1"), returned(ANNA, "R1")], [created(ANNA, "R2")]),
    ],
)
def test_one_race_is_told_once(calls: list[Exchange], after: list[Exchange]) -> None:
    told = [found.requirement for found in judge_of(KNOWN, *at_once(*calls), *after).verdict().findings]

    assert len([name for name in told if name not in (RACE, "a-call-is-answered")]) == 1


def test_a_deletion_takes_the_rooms_before_the_visitor() -> None:
    beside = [deleted(ANNA), created(ANNA, "R2")]

    assert broken(*OPEN, *at_once(*beside)) & {ONE_ROOM, NEIGHBOUR} == set()
    assert broken(*OPEN, *at_once(*beside, created(ANNA, "R3"))) & {ONE_ROOM, NEIGHBOUR} == {NEIGHBOUR}


RACE_OF_TWO = [created(ANNA, "R2"), created(ANNA, "R3")]


@pytest.mark.parametrize(
    ("calls", "after", "number"),
    [
        ([returned(ANNA, "room1"), created(ANNA, "R2")], [created(ANNA, "R4")], 2),
        ([closed(ANNA, "room1"), *RACE_OF_TWO], [created(ANNA, "R4")], 1),
        ([closed(ANNA, "room1"), *RACE_OF_TWO], [refused(ANNA)], 2),
        ([closed(ANNA, "room1"), *RACE_OF_TWO, unanswered(deleted(ANNA))], [created(ANNA, "R4"), refused(ANNA)], 1),
        ([deleted(ANNA), *RACE_OF_TWO], [refused(ANNA)], 1),
        ([deleted(ANNA), *RACE_OF_TWO, created(ANNA, "R5"), unanswered(KNOWN)], [created(ANNA, "R4")], 1),
        ([KNOWN, *RACE_OF_TWO], [refused(ANNA)], 2),
    ],
)
def test_after_a_race_what_its_calls_may_have_done_is_possible(
    calls: list[Exchange], after: list[Exchange], number: int
) -> None:
    found = judge_of(*OPEN, *at_once(*calls), *after).verdict().findings

    assert len([each for each in found if each.requirement not in (RACE, "a-call-is-answered")]) == number


@pytest.mark.parametrize(
    ("calls", "after"),
    [
        ([KNOWN, deleted(ANNA)], [created(ANNA, "R1")]),
        ([KNOWN, deleted(ANNA)], [refused(ANNA)]),
        ([failed(created(ANNA, "R1")), closed(ANNA, "R0")], [returned(ANNA, "R1")]),
        ([failed(created(ANNA, "R1")), closed(ANNA, "R0")], [created(ANNA, "R1")]),
        ([refused(ANNA, "x", agentId="x"), closed(ANNA, "R0")], [returned(ANNA, "R1")]),
        ([unanswered(created(ANNA, "R1"))] * 2, [returned(ANNA, "R0")]),
        ([unanswered(created(ANNA, "R1"))] * 2, [closed(ANNA, "R0"), returned(ANNA, "R5")]),
    ],
)
def test_every_outcome_of_a_race_is_allowed_for(calls: list[Exchange], after: list[Exchange]) -> None:
    told = broken(KNOWN, created(ANNA, "R0"), *at_once(*calls), *after) - {RACE, "a-call-is-answered"}

    assert told <= {"ordinary-calls-end-well", "a-status-is-published"}


def test_too_many_possible_orders_are_no_finding_but_an_obstacle() -> None:
    lives = [each for n in range(12) for each in (created(ANNA, f"R{n}"), closed(ANNA, f"R{n}"))]
    judge = judge_of(KNOWN, *at_once(*lives), returned(ANNA, "R3"), created(ANNA, "R20"), refused(ANNA))

    assert judge.verdict().obstacles == (
        "24 overlapping calls of $RC_TOKEN_1 (exchanges 2 to 25) allow too many orders to be judged.",
    )
    assert [row.requirement.id for row in judge.tally.rows() if row.broken] == [
        "a-known-visitor-gets-a-room",
        "an-open-room-is-returned",
    ]


@pytest.mark.parametrize(
    "after",
    [
        [returned(ANNA, "R3"), returned(ANNA, "R3")],
        [returned(ANNA, "R99")],
        [created(ANNA, "R99")],
        [refused(ANNA)],
        [shown(ANNA, "R3")],
        [hidden(ANNA, "R3"), returned(ANNA, "R3")],
        [closed(ANNA, "R3"), created(ANNA, "R98")],
    ],
)
def test_after_too_many_orders_anything_may_be_true(after: list[Exchange]) -> None:
    lives = [each for n in range(12) for each in (created(ANNA, f"R{n}"), closed(ANNA, f"R{n}"))]

    assert broken(KNOWN, *at_once(*lives), *after) == set()


def test_a_call_that_never_left_does_not_overlap() -> None:
    calls = (KNOWN, *at_once(created(ANNA, "R1"), unanswered(created(ANNA, "R1"), sent=False)))

    assert counted(*calls) == {}
    assert judge_of(*calls).traffic().overlapping == 0


def fired(*calls: Exchange, released: tuple[float, ...], ended: tuple[float, ...]) -> tuple[Exchange, ...]:
    """Calls of one burst: all begin at once, each is let go and answered at a moment of its own (ms)."""
    return tuple(
        replace(between(1000, end, each), released=round(let_go * 1e6))
        for each, let_go, end in zip(calls, released, ended, strict=True)
    )


@pytest.mark.parametrize(
    ("released", "ended", "expected"),
    [
        ((1000, 1000), (1002, 1003), {ONE_ROOM: 1, ONE_CREATION: 1, RACE: 2}),
        ((1000, 1001), (1002, 1003), {ONE_ROOM: 1, ONE_CREATION: 1, RACE: 2}),
        ((1000, 1002), (1002, 1003), {}),
        ((1000, 1004), (1002, 1005), {}),
    ],
)
def test_calls_that_were_answered_one_after_the_other_ran_no_race(
    released: tuple[float, ...], ended: tuple[float, ...], expected: dict[str, int]
) -> None:
    race = fired(created(ANNA, "R1"), returned(ANNA, "R1"), released=released, ended=ended)

    assert counted(KNOWN, *race) == expected


@pytest.mark.parametrize(("ended", "expected"), [((1005, 1003, 1003), {CLOSE: 1, RACE: 2}), ((1001, 1003, 1003), {})])
def test_a_close_overlaps_the_calls_beside_it(ended: tuple[float, ...], expected: dict[str, int]) -> None:
    calls = (declined(closed(ANNA, "room1")), returned(ANNA, "room1"), returned(ANNA, "room1"))

    assert counted(*OPEN, *fired(*calls, released=(1000, 1001, 1002), ended=ended)) == expected


def test_two_rooms_are_found_whether_calls_overlapped_or_not() -> None:
    race = fired(created(ANNA, "R1"), created(ANNA, "R2"), released=(1000, 1002), ended=(1001, 1003))

    assert ONE_ROOM in broken(KNOWN, *race)
