"""What was not judged because its calls were lost says what became of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.judge.fate import Cause, Fate
from rocketchat_contract.judge.verdict import Outcome
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.report.unjudged import advice_of, causes_sentence
from rocketchat_contract.report.unjudged import unjudged_reason_of as told_of
from support.histories import (
    ANNA,
    BERT,
    asked,
    between,
    call,
    created,
    failed,
    hidden,
    judge_of,
    refused,
    registered,
    returned,
    unanswered,
)

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room1"))
HTML = (("content-type", "text/html; charset=utf-8"),)
BLOCKED = Cause(Fate.FIREWALL, "403 text/html")
FIREWALL = "answered by a firewall in the server's place (403 text/html)"


def blocked(query: str) -> Exchange:
    """A call that a firewall answers."""
    return call(query, 403, "<html>Forbidden</html>", HTML)


def reason_of(requirement: str, *calls: Exchange) -> str:
    """Why a requirement was not judged."""
    row = next(row for row in judge_of(*calls).verdict().rows if row.requirement.id == requirement)
    assert (row.why is not None) == (row.outcome is Outcome.NOT_JUDGED)
    return told_of(row).removesuffix(advice_of(row)).strip()


@pytest.mark.parametrize(
    ("requirement", "calls", "cause"),
    [
        ("a-rid-is-matched-exactly", (*OPEN, unanswered(hidden(ANNA, "room1x"))), "not answered (timeout)"),
        ("a-rid-is-matched-exactly", (*OPEN, failed(hidden(ANNA, "room1x"))), "answered with status 500"),
        ("a-rid-is-matched-exactly", (*OPEN, failed(hidden(ANNA, "room1x"), 504)), "answered by a gateway (504)"),
        ("an-own-open-rid-is-returned", (*OPEN, unanswered(hidden(ANNA, "room1"))), "not answered (timeout)"),
        ("a-known-visitor-gets-a-room", (KNOWN, unanswered(created(ANNA, "room1"))), "not answered (timeout)"),
        ("a-known-visitor-gets-a-room", (KNOWN, unanswered(created(ANNA, "r"), sent=False)), "not sent (timeout)"),
        ("an-open-room-is-returned", (*OPEN, unanswered(returned(ANNA, "room1"))), "not answered (timeout)"),
        ("an-unknown-token-is-refused", (unanswered(refused(ANNA)),), "not answered (timeout)"),
        ("an-empty-token-is-refused", (call("token=", 429, {}),), "turned away by the limiter (429)"),
        ("a-structured-token-is-refused", (blocked(f"token[$ne]={ANNA}"),), FIREWALL),
        ("structured-parameters-are-refused", (KNOWN, blocked(f"token={ANNA}&rid[]=x")), FIREWALL),
        ("no-call-ends-in-a-server-error", (blocked(f"token={ANNA}&rid=%00"),), FIREWALL),
        ("a-missing-token-is-refused", (unanswered(call("")),), "not answered (timeout)"),
    ],
)
def test_the_reason_is_what_became_of_the_call(requirement: str, calls: tuple[Exchange, ...], cause: str) -> None:
    assert reason_of(requirement, *calls) == f"The call that could show it was {cause}."


def test_simultaneous_calls_that_were_lost_say_so() -> None:
    race = [between(1000 + n, 2000 + n, unanswered(created(ANNA, "room1"))) for n in range(3)]

    assert reason_of("overlapping-calls-open-one-room", KNOWN, *race) == "All 3 such calls were not answered (timeout)."


def test_what_was_judged_all_the_same_has_no_reason() -> None:
    assert reason_of("an-open-room-is-returned", *OPEN, unanswered(returned(ANNA, "room1")), created(ANNA, "x")) == ""


def test_a_lost_call_shows_nothing_of_a_visitor_in_doubt() -> None:
    calls = (KNOWN, unanswered(created(ANNA, "room1")), unanswered(returned(ANNA, "room1")), refused(BERT))

    assert reason_of("an-open-room-is-returned", *calls) == "No call of this run showed it."


def test_a_malformed_call_was_lost_for_its_rid_too() -> None:
    lost = replace(unanswered(call(asked(ANNA, rid="room1x") + "&agentId=%")))

    assert reason_of("a-rid-is-matched-exactly", *OPEN, lost).endswith("not answered (timeout).")


def test_several_causes_are_counted() -> None:
    assert causes_sentence([(BLOCKED, 3), (Cause(Fate.UNANSWERED, "timeout"), 1)]) == (
        f"All 4 calls that could show it were lost: 3 {FIREWALL}, 1 not answered (timeout)."
    )


def test_where_no_call_was_answered_that_is_the_reason_for_all() -> None:
    assert reason_of("a-room-has-an-id", KNOWN, *[blocked(f"token={ANNA}")] * 2) == f"All 2 such calls were {FIREWALL}."


def test_a_promise_hidden_by_a_broken_one_names_it() -> None:
    calls = (*OPEN, created(ANNA, "room2"))

    assert reason_of("newroom-is-false-for-a-returned-room", *calls) == (
        "The call that could show it broke another promise instead, an-open-room-is-returned."
    )


def test_a_race_that_is_broken_hides_what_only_a_race_shows() -> None:
    race = [between(1000 + n, 2000 + n, created(ANNA, f"room{n}")) for n in range(2)]

    assert "overlapping-calls-open-one-room" in reason_of("overlapping-calls-report-one-creation", KNOWN, *race)
