"""A close or deletion that something in front sent twice: done before its answer came, and nobody's fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    between,
    broken,
    closed,
    created,
    declined,
    deleted,
    findings,
    hidden,
    judge_of,
    kept,
    refused,
    registered,
    returned,
    shown,
    unanswered,
)

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "R1"))
TWICE = declined(closed(ANNA, "R1"), "room-closed")
GONE = declined(deleted(ANNA), "[invalid-token]")


def at_once(*calls: Exchange) -> tuple[Exchange, ...]:
    """Calls that start one millisecond after the other and all last a second."""
    return tuple(between(1000 + n, 2000 + n, each) for n, each in enumerate(calls))


@pytest.mark.parametrize(
    "calls",
    [
        (*OPEN, TWICE, created(ANNA, "R2")),
        (*OPEN, TWICE, returned(ANNA, "R1")),
        (*OPEN, TWICE, hidden(ANNA, "R1"), created(ANNA, "R2")),
        (*OPEN, TWICE, shown(ANNA, "R1"), returned(ANNA, "R1")),
        (*OPEN, declined(closed(ANNA, "R1"), "Error removing inquiry"), created(ANNA, "R2")),
        (*OPEN, declined(closed(ANNA, "R1"), "error-room-cannot-be-closed-try-again"), created(ANNA, "R2")),
        (*OPEN, declined(closed(ANNA, "R1"), "Error closing room"), created(ANNA, "R2")),
        (*OPEN, declined(closed(ANNA, "R1"), "Error closing room"), returned(ANNA, "R1")),
        (*OPEN, *at_once(TWICE, returned(ANNA, "R1"), created(ANNA, "R2"))),
        (*OPEN, *at_once(TWICE, returned(ANNA, "R1")), created(ANNA, "R2")),
        (*OPEN, TWICE, created(ANNA, "R2"), hidden(ANNA, "R1"), GONE, refused(ANNA)),
        (*OPEN, closed(ANNA, "R1"), GONE, refused(ANNA), hidden(ANNA, "R1", "invalid-token")),
        (*OPEN, GONE, returned(ANNA, "R1")),
        (*OPEN, *at_once(GONE, returned(ANNA, "R1")), refused(ANNA)),
    ],
)
def test_a_server_that_was_asked_twice_is_not_accused(calls: tuple[Exchange, ...]) -> None:
    assert broken(*calls) == set()


@pytest.mark.parametrize(
    ("calls", "requirement"),
    [
        ((*OPEN, TWICE, returned(ANNA, "R2")), "newroom-is-true-for-a-created-room"),
        ((*OPEN, TWICE, created(ANNA, "R2"), returned(ANNA, "R1")), "a-closed-room-is-not-returned"),
        ((*OPEN, TWICE, created(ANNA, "R2"), shown(ANNA, "R1")), "a-closed-rid-is-refused"),
        ((*OPEN, TWICE, returned(ANNA, "R1"), created(ANNA, "R2")), "an-open-room-is-returned"),
        ((*OPEN, TWICE, refused(ANNA)), "a-known-visitor-gets-a-room"),
        ((*OPEN, declined(closed(ANNA, "R1"), "invalid-room"), created(ANNA, "R2")), "an-open-room-is-returned"),
        ((*OPEN, declined(closed(ANNA, "R9"), "room-closed"), created(ANNA, "R2")), "an-open-room-is-returned"),
        ((*OPEN, GONE, refused(ANNA), created(ANNA, "R2")), "a-deleted-visitor-is-refused"),
        ((*OPEN, GONE, returned(ANNA, "R1"), refused(ANNA)), "a-known-visitor-gets-a-room"),
        ((*OPEN, declined(deleted(ANNA), "visitor-has-open-rooms"), refused(ANNA)), "a-known-visitor-gets-a-room"),
        ((*OPEN, *at_once(TWICE, created(ANNA, "R2"), created(ANNA, "R3"))), "calls-beside-a-close-agree"),
    ],
)
def test_what_a_repeated_call_does_not_explain_is_still_found(calls: tuple[Exchange, ...], requirement: str) -> None:
    assert requirement in broken(*calls)


@pytest.mark.parametrize(
    ("requirement", "calls"),
    [
        ("a-closed-room-is-not-returned", (*OPEN, TWICE, hidden(ANNA, "R1"), created(ANNA, "R2"))),
        ("a-closed-room-is-not-returned", (*OPEN, TWICE, created(ANNA, "R2"))),
        ("a-closed-rid-is-refused", (*OPEN, TWICE, created(ANNA, "R2"), hidden(ANNA, "R1"))),
        ("a-deleted-visitor-is-refused", (*OPEN, GONE, refused(ANNA), refused(ANNA))),
    ],
)
def test_a_close_that_was_repeated_counts_once_it_shows(requirement: str, calls: tuple[Exchange, ...]) -> None:
    assert kept(*calls)[requirement] == 1


def test_the_second_close_of_our_own_closes_nothing_more() -> None:
    calls = (*OPEN, closed(ANNA, "R1"), replace(TWICE), created(ANNA, "R2"), replace(TWICE), returned(ANNA, "R2"))

    assert broken(*calls) == set()


@pytest.mark.parametrize(
    ("calls", "sentence"),
    [
        ((*OPEN, closed(ANNA, "R1"), TWICE, deleted(ANNA), GONE), ""),
        ((*OPEN, declined(closed(ANNA, "R9"), "room-closed")), ""),
        ((*OPEN, declined(closed(ANNA, "R1"), "error-not-allowed-to-close-conversation")), ""),
        ((declined(deleted(ANNA), "[invalid-token]"),), ""),
        ((*OPEN, unanswered(TWICE), TWICE), ""),
        ((*OPEN, closed(ANNA, "R1"), GONE), ""),
        ((*OPEN, refused(ANNA), TWICE, GONE), ""),
        ((KNOWN, GONE, registered(ANNA), GONE), "2 of 2 first closes and deletions"),
        ((*OPEN, TWICE, created(ANNA, "R2"), closed(ANNA, "R2")), "1 of 2 first closes and deletions"),
        ((*OPEN, TWICE, GONE), "2 of 2 first closes and deletions"),
    ],
)
def test_repeated_calls_are_a_fact(calls: tuple[Exchange, ...], sentence: str) -> None:
    facts = judge_of(*calls).facts

    assert [fact.value[: len(sentence)] for fact in facts] == ([sentence] if sentence else [])


def test_a_finding_of_a_run_with_repeated_calls_says_so() -> None:
    found = findings(*OPEN, TWICE, returned(ANNA, "R2"))

    assert [each.story[-1] for each in found] == [judge_of(*OPEN, TWICE).facts[0].value]


def test_a_created_room_called_old_may_be_a_repeated_call() -> None:
    found = findings(KNOWN, returned(ANNA, "R1"))

    assert [each.story for each in found] == [("A call that something in front sent twice would look the same.",)]
