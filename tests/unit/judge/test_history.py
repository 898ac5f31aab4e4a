"""Calls whose outcome is not known, and what the judge remembers of a visitor over a long life."""

from __future__ import annotations

import pytest

from rocketchat_contract.judge import history
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    BERT,
    broken,
    call,
    closed,
    created,
    deleted,
    failed,
    findings,
    hidden,
    in_order,
    judge_of,
    new_judge,
    refused,
    registered,
    returned,
    room_body,
    said,
    shown,
    unanswered,
)

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "R1"))
EXPECTED = {"a-call-is-answered", "ordinary-calls-end-well", "a-status-is-published"}


def told(*calls: Exchange) -> set[str]:
    """What is broken beside that an answer is missing or is an error."""
    return broken(*calls) - EXPECTED


@pytest.mark.parametrize(
    "calls",
    [
        (KNOWN, unanswered(created(ANNA, "R1")), created(ANNA, "R2")),
        (KNOWN, unanswered(created(ANNA, "R1")), returned(ANNA, "R1"), returned(ANNA, "R1")),
        (KNOWN, unanswered(created(ANNA, "R1")), created(ANNA, "R2"), closed(ANNA, "R2"), returned(ANNA, "R1")),
        (KNOWN, unanswered(created(ANNA, "R1")), shown(ANNA, "R1")),
        (KNOWN, unanswered(created(ANNA, "R1")), hidden(ANNA, "R1"), returned(ANNA, "R1")),
        (KNOWN, unanswered(created(ANNA, "R1")), closed(ANNA, "R1"), created(ANNA, "R2")),
        (*OPEN, unanswered(closed(ANNA, "R1")), returned(ANNA, "R1"), created(ANNA, "R2")),
        (*OPEN, unanswered(closed(ANNA, "R1")), returned(ANNA, "R1"), hidden(ANNA, "R1")),
        (*OPEN, unanswered(deleted(ANNA)), returned(ANNA, "R1"), refused(ANNA)),
        (*OPEN, unanswered(deleted(ANNA)), returned(ANNA, "R1"), hidden(ANNA, "R1")),
        (unanswered(KNOWN), refused(ANNA), created(ANNA, "R1")),
        (unanswered(KNOWN), unanswered(created(ANNA, "R1")), returned(ANNA, "R1")),
        (*OPEN, unanswered(shown(ANNA, "R1")), returned(ANNA, "R1")),
        (*OPEN, unanswered(said(ANNA, "R1")), returned(ANNA, "R1")),
        (KNOWN, unanswered(call(f"token={ANNA}&rid[]=x")), returned(ANNA, "R1")),
        (KNOWN, failed(created(ANNA, "R1")), returned(ANNA, "R1")),
        (KNOWN, failed(created(ANNA, "R1")), created(ANNA, "R1")),
        (*OPEN, failed(closed(ANNA, "R1")), created(ANNA, "R2")),
        (*OPEN, failed(closed(ANNA, "R1")), returned(ANNA, "R1")),
        (*OPEN, failed(deleted(ANNA)), refused(ANNA)),
        (*OPEN, failed(deleted(ANNA)), returned(ANNA, "R1")),
        (*OPEN, failed(closed(ANNA, "R1"), 504), returned(ANNA, "R1"), created(ANNA, "R2")),
        (*OPEN, failed(closed(ANNA, "R1"), 524), returned(ANNA, "R1"), created(ANNA, "R2")),
        (
            KNOWN,
            unanswered(created(ANNA, "R1")),
            refused(ANNA, "error-failed-to-start-conversation"),
            returned(ANNA, "R1"),
        ),
        (KNOWN, failed(created(ANNA, "R1"), 504), refused(ANNA, "error-failed-to-start-conversation")),
        (failed(KNOWN), refused(ANNA)),
        (failed(KNOWN), created(ANNA, "R1")),
    ],
)
def test_a_call_of_unknown_outcome_may_or_may_not_have_taken_effect(calls: tuple[Exchange, ...]) -> None:
    assert told(*calls) - {"structured-parameters-are-refused", "gateways-pass-calls-on"} == set()


@pytest.mark.parametrize(
    ("calls", "requirement"),
    [
        (
            (KNOWN, unanswered(created(ANNA, "R1")), created(ANNA, "R2"), created(ANNA, "R3")),
            "an-open-room-is-returned",
        ),
        (
            (
                *(*OPEN, unanswered(created(ANNA, "R1")), closed(ANNA, "R1")),
                *(returned(ANNA, "R2"), closed(ANNA, "R2"), returned(ANNA, "R3")),
            ),
            "newroom-is-true-for-a-created-room",
        ),
        ((*OPEN, unanswered(closed(ANNA, "R9")), created(ANNA, "R2")), "an-open-room-is-returned"),
        ((*OPEN, unanswered(closed(ANNA, "R1"), sent=False), created(ANNA, "R2")), "an-open-room-is-returned"),
        ((*OPEN, unanswered(shown(ANNA, "R1")), created(ANNA, "R2")), "an-open-room-is-returned"),
        ((*OPEN, failed(created(ANNA, "R2")), created(ANNA, "R2")), "an-open-room-is-returned"),
        (
            (KNOWN, failed(created(ANNA, "R1")), returned(ANNA, "R1"), closed(ANNA, "R1"), returned(ANNA, "R2")),
            "newroom-is-true-for-a-created-room",
        ),
        ((KNOWN, unanswered(created(ANNA, "R1")), refused(ANNA)), "a-known-visitor-gets-a-room"),
        (
            (*OPEN, closed(ANNA, "R1"), unanswered(created(ANNA, "R1")), returned(ANNA, "R1")),
            "a-closed-room-is-not-returned",
        ),
        ((*OPEN, closed(ANNA, "R1"), unanswered(created(ANNA, "R1")), shown(ANNA, "R1")), "a-closed-rid-is-refused"),
        ((unanswered(KNOWN, sent=False), created(ANNA, "R1")), "an-unknown-token-is-refused"),
    ],
)
def test_an_unknown_outcome_explains_nothing_else(calls: tuple[Exchange, ...], requirement: str) -> None:
    assert told(*calls) == {requirement}


def test_of_what_is_supposed_the_least_is_told() -> None:
    (found,) = [
        each for each in findings(KNOWN, unanswered(created(ANNA, "R1")), refused(ANNA)) if "known" in each.requirement
    ]

    assert found.expected == "a new room, newRoom true"


def test_a_visitor_with_very_many_unanswered_calls_is_given_up_softly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_STATES", 8)
    lost = [each for n in range(6) for each in (unanswered(closed(ANNA, f"R{n}")), unanswered(created(ANNA, "x")))]
    calls = (*OPEN, *lost, returned(ANNA, "R3"), created(ANNA, "R10"), refused(ANNA))

    assert told(*calls) == {"a-known-visitor-gets-a-room"}
    assert told(*calls[:-1]) == set()


def test_a_stranger_of_whom_too_much_is_possible_is_followed_softly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_STATES", 2)
    calls = (hidden("somebody", "R1"), unanswered(closed("somebody", "R2")), created("somebody", "R3"))

    assert broken(*calls) - {"a-call-is-answered"} == set()


def test_of_two_rooms_that_may_be_open_the_one_seen_last_is_spoken_of() -> None:
    found = {each.requirement: each.expected for each in findings(*OPEN, created(ANNA, "R2"), refused(ANNA))}

    assert found["a-known-visitor-gets-a-room"] == "room R2, newRoom false"


@pytest.mark.parametrize("number", [1, 3, 30])
def test_however_many_calls_stay_unanswered_one_room_explains_them(number: int) -> None:
    calls = (KNOWN, *[unanswered(created(ANNA, "R1"))] * number, returned(ANNA, "R1"), returned(ANNA, "R1"))

    assert told(*calls) == set()


# A stranger: the record does not show how the visitor began


@pytest.mark.parametrize(
    "calls",
    [
        (refused("somebody"), refused("somebody")),
        (created("somebody", "R1"), returned("somebody", "R1")),
        (returned("somebody", "R1"), returned("somebody", "R1")),
        (shown("somebody", "R1"), returned("somebody", "R1")),
        (hidden("somebody", "R1"), created("somebody", "R2")),
        (closed("somebody", "R1"), created("somebody", "R2")),
    ],
)
def test_a_stranger_may_have_had_a_room(calls: tuple[Exchange, ...]) -> None:
    assert broken(*calls) == set()


def test_a_strangers_second_room_is_one_too_many() -> None:
    assert broken(returned("somebody", "R1"), created("somebody", "R2")) == {"an-open-room-is-returned"}


# What is remembered


@pytest.mark.parametrize(
    "calls",
    [
        (KNOWN, refused(ANNA), refused(ANNA, rid="")),
        (KNOWN, refused(ANNA), KNOWN, refused(ANNA), registered(ANNA, "new"), created(ANNA, "R2")),
        (KNOWN, created(ANNA, "R2"), returned(ANNA, "R2")),
    ],
)
def test_a_record_being_erased_may_be_registered_once_more(calls: tuple[Exchange, ...]) -> None:
    assert broken(*OPEN, closed(ANNA, "R1"), deleted(ANNA), *calls) == set()


@pytest.mark.parametrize("calls", [(registered(ANNA, "new"),), (KNOWN, created(ANNA, "R2"), closed(ANNA, "R2"))])
def test_whoever_came_back_is_known(calls: tuple[Exchange, ...]) -> None:
    history = (*OPEN, closed(ANNA, "R1"), deleted(ANNA), *calls, refused(ANNA))

    assert broken(*history) == {"a-known-visitor-gets-a-room"}


def remembered(judge: Judge) -> tuple[int, int]:
    """How many visitors are followed, and of how many only the remains are kept."""
    rooms = judge._model  # type: ignore[attr-defined]
    return len(rooms._visitors), len(rooms._gone)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (OPEN, (1, 0)),
        ((*OPEN, deleted(ANNA)), (0, 1)),
        ((*OPEN, deleted(ANNA), refused(ANNA)), (0, 1)),
        ((*OPEN, deleted(ANNA), KNOWN), (1, 0)),
        ((*OPEN, unanswered(created(ANNA, "x")), deleted(ANNA)), (1, 0)),
        ((*OPEN, failed(deleted(ANNA))), (1, 0)),
        ((refused(ANNA), refused(BERT), refused("")), (0, 0)),
        ((refused("nobody"), hidden("nobody", "x")), (0, 0)),
        ((call("", 200, room_body(ANNA, "R1")),), (0, 0)),
        ((created("somebody", "R1"),), (1, 0)),
        ((unanswered(KNOWN),), (1, 0)),
    ],
)
def test_little_is_kept_of_visitors_who_are_gone(calls: tuple[Exchange, ...], expected: tuple[int, int]) -> None:
    assert remembered(judge_of(*calls)) == expected


def test_a_visitor_who_is_gone_comes_back_with_its_past() -> None:
    calls = (*OPEN, closed(ANNA, "R1"), deleted(ANNA), refused(ANNA), KNOWN, hidden(ANNA, "R1"), returned(ANNA, "R1"))
    found = findings(*calls)

    assert [each.requirement for each in found] == ["a-closed-room-is-not-returned"]
    assert found[0].evidence == (2, 3, 8)


def test_the_evidence_of_a_visitor_who_is_gone_is_kept() -> None:
    calls = (*OPEN, deleted(ANNA), refused(ANNA), created(ANNA, "R2"))

    assert [each.evidence for each in findings(*calls)] == [(3, 5)]


def test_an_unanswered_call_is_forgotten_once_its_effect_has_come() -> None:
    judge = judge_of(KNOWN, unanswered(created(ANNA, "R1")), returned(ANNA, "R1"))
    visitor = judge._model._visitors[ANNA]  # type: ignore[attr-defined]

    assert visitor.pending == {}


# When calls are judged


def test_a_lone_call_is_judged_when_the_next_one_leaves() -> None:
    judge, counts = new_judge(), []
    for exchange in in_order([*OPEN, created(ANNA, "R2"), said(ANNA, "R2")]):
        counts.append(len(judge.feed(judge.read(exchange))))

    assert counts == [0, 0, 0, 1]


def test_settling_judges_what_waits() -> None:
    judge = new_judge()
    for exchange in in_order([*OPEN, created(ANNA, "R2")]):
        assert judge.feed(judge.read(exchange)) == []

    assert [found.requirement for found in judge.settle()] == ["an-open-room-is-returned"]
    assert judge.settle() == []


def test_findings_about_one_answer_come_at_once() -> None:
    judge = new_judge()
    (exchange,) = in_order([call("", 200, room_body(ANNA, "R1"))])

    assert "a-missing-token-is-refused" in [found.requirement for found in judge.feed(judge.read(exchange))]
