"""What the traffic shows about the target beside its answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.client.facts import CLOSING, DELETING, MESSAGING, Facts
from rocketchat_contract.record.exchange import Exchange, Response
from rocketchat_contract.record.ledger import CLOSED_BY_OTHERS, SENT_TWICE
from support.histories import ANNA, BERT, closed, declined, deleted, operations, said, unanswered


def learned(*calls: Exchange) -> Facts:
    facts = Facts()
    for op in operations(*calls):
        facts.learn(op)
    return facts


REFUSED = declined(closed(ANNA, "R1"), "room-closed")


def test_a_room_that_somebody_else_closed_is_told() -> None:
    told = learned(REFUSED, declined(closed(ANNA, "R2"), "room-closed")).known[CLOSED_BY_OTHERS]

    assert (told.value, told.exchange) == ("R1, perhaps more: a lost room may be their doing", 1)


def test_a_room_that_this_run_closed_is_nobody_elses_doing() -> None:
    assert CLOSED_BY_OTHERS not in learned(closed(ANNA, "R1"), REFUSED).known
    assert CLOSED_BY_OTHERS not in learned(unanswered(closed(ANNA, "R1")), REFUSED).known


def told(*calls: Exchange) -> Facts:
    facts = learned(*calls)
    facts.tell_repeats()
    return facts


def test_first_closes_that_come_second_throughout_are_sent_twice() -> None:
    facts = told(REFUSED, declined(closed(ANNA, "R2"), "room-closed"))

    assert facts.known[SENT_TWICE].value.startswith("each first close is answered as a second one, 2 times")
    assert CLOSED_BY_OTHERS not in facts.known


def test_one_close_that_works_shows_that_calls_are_not_sent_twice() -> None:
    facts = told(closed(ANNA, "R3"), REFUSED, declined(closed(ANNA, "R2"), "room-closed"))

    assert (SENT_TWICE in facts.known, CLOSED_BY_OTHERS in facts.known) == (False, True)


def test_first_deletions_that_find_nobody_are_sent_twice() -> None:
    facts = told(declined(deleted(ANNA), "[invalid-token]"), declined(deleted(BERT), "[invalid-token]"))

    assert facts.known[SENT_TWICE].value.startswith("each first deletion is answered as a second one, 2 times")


def test_a_deletion_that_something_in_front_refuses_is_told_as_that() -> None:
    facts = learned(replace(deleted(ANNA), response=Response(403, (("Content-Type", "text/html"),), "<html>")))

    assert facts.forbids_deleting
    assert facts.blocked[DELETING] == (
        "Deleting a visitor does not work: something in front of the server refuses it: status 403, text/html."
    )


@pytest.mark.parametrize("status", [200, 302, 403, 405, 501])
@pytest.mark.parametrize("call", [closed(ANNA, "R1"), deleted(ANNA)])
def test_a_page_in_answer_to_a_close_or_deletion_forbids_it(status: int, call: Exchange) -> None:
    facts = learned(replace(call, response=Response(status, (("Content-Type", "text/html"),), "<html>blocked")))

    assert (facts.forbids_closing or facts.forbids_deleting) is True


def test_a_gateways_page_forbids_no_deletion() -> None:
    facts = learned(replace(deleted(ANNA), response=Response(502, (("Content-Type", "text/html"),), "<html>")))

    assert not facts.forbids_deleting


PAGE = Response(403, (("Content-Type", "text/html"),), "<html>")


@pytest.mark.parametrize("refusal", [declined(said(ANNA, "R1"), ""), replace(said(ANNA, "R1"), response=PAGE)])
def test_a_message_that_is_refused_forbids_messages(refusal: Exchange) -> None:
    assert MESSAGING in learned(refusal).blocked
    assert MESSAGING not in learned(refusal, said(ANNA, "R1")).blocked
    assert MESSAGING not in learned(said(ANNA, "R1"), refusal).blocked


@pytest.mark.parametrize("error", ["room-closed", "invalid-room", "invalid-token"])
def test_a_message_into_no_room_forbids_nothing(error: str) -> None:
    assert learned(declined(said(ANNA, "R1"), error)).blocked == {}


def test_whether_visitors_can_be_deleted_is_not_known_at_first() -> None:
    assert Facts().forbids_deleting is None


def test_a_deletion_that_finds_nobody_came_through() -> None:
    assert told(declined(deleted(ANNA), "[invalid-token]")).forbids_deleting is False


def test_deletions_that_a_gateway_answers_twice_in_a_row_are_forbidden() -> None:
    refused = replace(deleted(ANNA), response=Response(503, (("Content-Type", "text/html"),), "<html>"))

    assert learned(refused, refused).forbids_deleting


def test_a_deletion_that_works_at_last_is_not_forbidden() -> None:
    facts = learned(unanswered(deleted(ANNA)), unanswered(deleted(ANNA)), deleted(BERT))

    assert (facts.forbids_deleting, facts.blocked, facts.known[DELETING].value) == (False, {}, "works")


def test_deletions_that_are_dropped_twice_in_a_row_are_forbidden() -> None:
    assert not learned(unanswered(deleted(ANNA))).forbids_deleting
    assert learned(unanswered(deleted(ANNA)), unanswered(deleted(ANNA))).forbids_deleting


def test_closes_that_nobody_answers_are_counted() -> None:
    lost = unanswered(closed(ANNA, "R1"))

    facts = learned(lost, lost, lost)

    assert facts.forbids_closing
    assert facts.known[CLOSING].value.endswith(", 3 of 3 such calls; others are answered")
