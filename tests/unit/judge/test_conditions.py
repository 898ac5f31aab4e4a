"""Settings of a workspace under which a right server is not accused, and no must that applies is out of reach."""

from __future__ import annotations

import pytest

from rocketchat_contract.judge.conditions import LAST_MESSAGE
from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    asked,
    broken,
    call,
    closed,
    created,
    declined,
    deleted,
    hidden,
    judge_of,
    refused,
    registered,
    requirements,
    returned,
    room_body,
    said,
    shown,
)

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "R1"))
STARTED = {"_id": "m0", "rid": "R1", "t": "livechat-started", "msg": "", "u": {"_id": "a", "username": "agent"}}


def room(new: bool, **members: object) -> Exchange:
    """An answer with the visitor's room, with other members."""
    return call(asked(ANNA), body=room_body(ANNA, "R1", new=new, **members))


def musts(*calls: Exchange) -> set[str]:
    """The broken musts."""
    return {name for name in broken(*calls) if requirements()[name].level == "must"}


def row_of(requirement: str, *calls: Exchange) -> Row:
    return next(row for row in judge_of(*calls).verdict().rows if row.requirement.id == requirement)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param((KNOWN, refused(ANNA, "error-omnichannel-is-disabled")), id="livechat off"),
        pytest.param(
            (*OPEN, returned(ANNA, "R1"), closed(ANNA, "R1"), refused(ANNA, "error-omnichannel-is-disabled")),
            id="livechat switched off with a room open",
        ),
        pytest.param((KNOWN, refused(ANNA, "no-agent-online")), id="no agent"),
        pytest.param((*OPEN, returned(ANNA, "R1")), id="accepted without agents, or queued"),
        pytest.param((KNOWN, refused(ANNA, "no-agent-online", agentId="x"), *OPEN[1:]), id="the named agent offline"),
        pytest.param(
            (KNOWN, room(True), room(False, servedBy={"_id": "a", "username": "agent", "ts": "2026-11-22T15:30:01Z"})),
            id="assigned later, by hand or from the queue",
        ),
        pytest.param(
            (KNOWN, refused(ANNA, "Match error: Missing key 'username'", agentId="x"), returned(ANNA, "R1")),
            id="agent info hidden",
        ),
        pytest.param(
            (*OPEN, declined(closed(ANNA, "R1"), "error-not-allowed-to-close-conversation"), returned(ANNA, "R1")),
            id="closing forbidden",
        ),
        pytest.param((*OPEN, said(ANNA, "R1"), returned(ANNA, "R1")), id="last message not stored"),
        pytest.param((KNOWN, room(True, lastMessage=STARTED), room(False, lastMessage=STARTED)), id="served at once"),
        pytest.param((KNOWN, refused(ANNA, "error-contact-unverified")), id="contact verification"),
        pytest.param(
            (*OPEN, returned(ANNA, "R1"), closed(ANNA, "R1"), refused(ANNA, "error-contact-channel-blocked")),
            id="contact blocked",
        ),
        pytest.param((KNOWN, refused(ANNA, "error-invalid-contact")), id="no usable contact"),
        pytest.param((KNOWN, refused(ANNA, "error-app-prevented")), id="vetoed by an app"),
        pytest.param(
            (*OPEN, call(asked(ANNA), 429, {"success": False, "error": "x"}), shown(ANNA, "R1")), id="limited"
        ),
        pytest.param((*OPEN, declined(deleted(ANNA), "visitor-has-open-rooms"), returned(ANNA, "R1")), id="kept"),
        pytest.param((*OPEN, declined(said(ANNA, "R1"), "error-action-not-allowed"), shown(ANNA, "R1")), id="@all"),
        pytest.param((KNOWN, created(ANNA, "R1", sla="x"), returned(ANNA, "R1", priority="y")), id="sla and priority"),
        pytest.param(
            (*OPEN, refused(ANNA, "invalid-token", agentId="%"), returned(ANNA, "R1")), id="a percent sign refused"
        ),
    ],
)
def test_a_right_server_is_not_accused(calls: tuple[Exchange, ...]) -> None:
    assert musts(*calls) == set()


@pytest.mark.parametrize(
    "error",
    [
        "error-omnichannel-is-disabled",
        "no-agent-online",
        "error-contact-channel-blocked",
        "error-contact-unverified",
        "error-invalid-contact",
        "error-app-prevented",
    ],
)
def test_a_setting_that_forbids_rooms_is_named(error: str) -> None:
    assert len(judge_of(KNOWN, refused(ANNA, error)).obstacles) == 1


@pytest.mark.parametrize("query", ["agentId=%", "agentId=%ff", "rid=R1&agentId=%ED%A0%80"])
def test_malformed_encoding_may_be_refused_whatever_it_asks_for(query: str) -> None:
    refusal = call(f"token={ANNA}&{query}", 400, {"success": False, "error": "invalid-token"})

    assert musts(*OPEN, refusal, returned(ANNA, "R1")) == set()


def test_last_messages_do_not_apply_where_none_is_ever_shown() -> None:
    row = row_of(LAST_MESSAGE, *OPEN, said(ANNA, "R1"), returned(ANNA, "R1"), shown(ANNA, "R1"))

    assert (row.outcome, row.reason) == (
        Outcome.NOT_APPLICABLE,
        "It speaks only where the workspace stores last messages: none showed in 2 answers with a room that had "
        "messages.",
    )


@pytest.mark.parametrize(
    "calls",
    [
        (*OPEN, returned(ANNA, "R1")),
        (*OPEN, said(ANNA, "R1")),
        (*OPEN, declined(said(ANNA, "R1")), returned(ANNA, "R1")),
        (*OPEN, said(ANNA, "R1"), hidden(ANNA, "R2")),
        (*OPEN, said(ANNA, "R9"), returned(ANNA, "R1")),
        (*OPEN, said(ANNA, "R1"), room(False), room(False, lastMessage="text")),
    ],
)
def test_last_messages_stay_unjudged_without_a_sign(calls: tuple[Exchange, ...]) -> None:
    assert row_of(LAST_MESSAGE, *calls).outcome is Outcome.NOT_JUDGED


def test_a_last_message_that_is_shown_is_judged() -> None:
    assert row_of(LAST_MESSAGE, KNOWN, room(True, lastMessage=STARTED)).outcome is Outcome.PASS
