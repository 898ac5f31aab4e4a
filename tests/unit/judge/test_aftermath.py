"""What a refusal left behind shows in the next room: races whose losers are refused, and agents who are."""

from __future__ import annotations

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    between,
    broken,
    closed,
    created,
    deleted,
    failed,
    finding_of,
    findings,
    judge_of,
    kept,
    outcome,
    refused,
    registered,
    returned,
    shown,
    unanswered,
)

KNOWN = registered(ANNA)
ONE_ROOM = "overlapping-calls-open-one-room"
ONE_CREATION = "overlapping-calls-report-one-creation"
AGENT = "a-refused-agent-opens-no-room"
LOST = refused(ANNA, "E11000 duplicate key error")


def at_once(*calls: Exchange) -> tuple[Exchange, ...]:
    """Calls that start one millisecond after the other and all last a second."""
    return tuple(between(1000 + n, 2000 + n, each) for n, each in enumerate(calls))


RACE = (KNOWN, *at_once(created(ANNA, "R1"), LOST, LOST))


def races(*calls: Exchange) -> tuple[str, str]:
    """What became of the two promises about simultaneous calls."""
    return outcome(ONE_ROOM, *calls), outcome(ONE_CREATION, *calls)


def test_losers_refused_and_the_winners_room_shown_later_are_one_room() -> None:
    assert races(*RACE, returned(ANNA, "R1")) == ("kept", "kept")


@pytest.mark.parametrize(
    "after",
    [(), (closed(ANNA, "R1"),), (closed(ANNA, "R1"), created(ANNA, "R2")), (shown(ANNA, "R1"),), (deleted(ANNA),)],
)
def test_without_the_winners_room_a_race_is_not_decided(after: tuple[Exchange, ...]) -> None:
    assert races(*RACE, *after) == ("", "")


def test_a_call_by_rid_does_not_end_the_wait_for_the_winners_room() -> None:
    assert races(*RACE, shown(ANNA, "R1"), returned(ANNA, "R1")) == ("kept", "kept")


def test_a_winner_who_was_not_heard_is_seen_later() -> None:
    calls = (KNOWN, *at_once(unanswered(created(ANNA, "R1")), LOST), returned(ANNA, "R1"))

    assert races(*calls) == ("kept", "")


def test_a_winner_whose_answer_said_nothing_is_seen_later() -> None:
    assert races(KNOWN, *at_once(failed(created(ANNA, "R1")), LOST), returned(ANNA, "R1")) == ("kept", "")


def test_a_loser_who_made_a_room_all_the_same_is_found() -> None:
    found = finding_of(ONE_ROOM, *RACE, returned(ANNA, "R2"))

    assert (found.evidence, found.signature) == ((2, 3, 5), "a loser's room")


def test_two_winners_among_refused_calls_are_two_rooms() -> None:
    assert ONE_ROOM in broken(KNOWN, *at_once(created(ANNA, "R1"), created(ANNA, "R2"), LOST))


def test_a_race_that_everybody_lost_breaks_the_promise_of_a_room() -> None:
    assert "a-known-visitor-gets-a-room" in broken(KNOWN, *at_once(LOST, LOST), created(ANNA, "R1"))
    assert races(KNOWN, *at_once(LOST, LOST), created(ANNA, "R1")) == ("", "")


def test_a_refusal_that_settings_explain_lost_no_race() -> None:
    calls = (KNOWN, *at_once(created(ANNA, "R1"), refused(ANNA, "no-agent-online")), returned(ANNA, "R1"))

    assert races(*calls) == ("", "")


def test_a_refused_agent_who_opened_a_room_is_told_once() -> None:
    calls = (KNOWN, refused(ANNA, "x", agentId="a"), returned(ANNA, "R1"), returned(ANNA, "R1"))

    assert [each.requirement for each in findings(*calls)] == [AGENT]


@pytest.mark.parametrize(
    "calls",
    [
        (KNOWN, created(ANNA, "R1"), refused(ANNA, "x", agentId="a"), returned(ANNA, "R1")),
        (KNOWN, unanswered(created(ANNA, "R1")), refused(ANNA, "x", agentId="a"), returned(ANNA, "R1")),
        (KNOWN, refused(ANNA, "x", agentId="a"), deleted(ANNA), KNOWN, created(ANNA, "R2")),
        (KNOWN, refused(ANNA, "x", agentId="a", more="1"), created(ANNA, "R2")),
    ],
)
def test_a_refused_agent_is_not_judged_where_the_room_may_come_from_elsewhere(calls: tuple[Exchange, ...]) -> None:
    assert outcome(AGENT, *calls) == ""


def test_a_refused_agent_is_kept_when_the_next_call_opens_the_room() -> None:
    assert kept(KNOWN, refused(ANNA, "x", agentId="a"), created(ANNA, "R1"))[AGENT] == 1


def test_a_named_agent_who_is_offline_is_no_obstacle() -> None:
    named = (KNOWN, refused(ANNA, "no-agent-online", agentId="a"))

    assert judge_of(*named).obstacles == ()
    assert judge_of(KNOWN, refused(ANNA, "no-agent-online")).obstacles != ()
    assert judge_of(KNOWN, refused(ANNA, "error-omnichannel-is-disabled", agentId="a")).obstacles != ()
