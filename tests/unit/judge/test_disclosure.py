"""What answers disclose: secrets, and something of other visitors wherever it stands."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    BERT,
    HEADERS,
    asked,
    call,
    created,
    outcome,
    refused,
    registered,
    room_body,
    unanswered,
)

KNOWN = registered(ANNA)
NAME = "Berta Example 7"
BERTS_ROOM = "q7Rk2mZt9LwXe4Vb8"
SENT = {"token": BERT, "name": NAME, "email": "berta@example.invalid"}


def berta() -> tuple[Exchange, ...]:
    """Another visitor, with name, address and room."""
    exchange = registered(BERT, "0123456789abcdef01234567")
    assert exchange.response is not None
    visitor = {**json.loads(exchange.response.body or "")["visitor"], "name": NAME}
    body = json.dumps({"visitor": visitor, "success": True})
    request = replace(exchange.request, body=json.dumps({"visitor": SENT}))
    known = replace(exchange, request=request, response=replace(exchange.response, body=body))
    return known, created(BERT, BERTS_ROOM)


def annas(**room: Any) -> Exchange:
    return call(asked(ANNA), body=room_body(ANNA, "room1", **room))


@pytest.mark.parametrize("text", [NAME, f"asked by {NAME}.", BERTS_ROOM, f"see /live/{BERTS_ROOM}", SENT["email"]])
def test_what_is_another_visitors_is_found_in_a_room(text: str) -> None:
    assert outcome("no-other-visitor-shows", *berta(), KNOWN, annas(note=text)) == "broken"


@pytest.mark.parametrize("text", [NAME, BERTS_ROOM, SENT["email"]])
def test_what_is_another_visitors_is_found_in_a_refusal(text: str) -> None:
    assert outcome("no-other-visitor-shows", *berta(), refused("$RC_TOKEN_9", f"not yours: {text}")) == "broken"


@pytest.mark.parametrize("text", [BERTS_ROOM, "Berta%20Example%207"])
def test_what_is_another_visitors_is_found_in_a_header(text: str) -> None:
    answer = call(asked(ANNA), body=room_body(ANNA, "room1"), headers=(*HEADERS, ("X-Before", text)))

    assert outcome("no-other-visitor-shows", *berta(), KNOWN, answer) == "broken"


@pytest.mark.parametrize("text", [f"{NAME}1", f"x{BERTS_ROOM}", "Berta"])
def test_a_longer_or_shorter_text_is_nobody_elses(text: str) -> None:
    assert outcome("no-other-visitor-shows", *berta(), KNOWN, annas(note=text)) == "kept"


def test_what_the_call_names_is_no_news() -> None:
    foreign = refused(ANNA, f"no room {BERTS_ROOM}", rid=BERTS_ROOM)

    assert outcome("no-other-visitor-shows", *berta(), KNOWN, foreign) == "kept"


@pytest.mark.parametrize(
    "more",
    [
        {"services": {"password": {"bcrypt": "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"}}},
        {"services": {"resume": {"loginTokens": [{"hashedToken": "6tTm0vBgq3bSPiHv0bUoV8"}]}}},
        {"callback": {"X-Auth-Token": "aK3v9QmB2xW7pLz8"}},
        {"source2": "mongodb://rocket:s3cr3t@db/rocketchat"},
        {"key": "-----BEGIN RSA PRIVATE KEY-----"},
    ],
)
def test_a_secret_in_a_further_member_is_found(more: dict[str, Any]) -> None:
    assert outcome("no-secret-shows", KNOWN, annas(**more)) == "broken"


@pytest.mark.parametrize(
    "more",
    [
        {"topic": "mongodb://rocket:s3cr3t@db/rocketchat"},
        {"lastMessage": {"rid": "room1", "msg": "my password is $2b$10$N9qo8uLOickgx2ZMRZoMye"}},
        {"crm": {"password": True, "secret": "none"}},
        {"avatar": "https://cdn.example/u/7?size=64"},
        {"v": {"token": ANNA, "authToken": ANNA}},
    ],
)
def test_what_people_write_and_what_is_public_is_no_secret(more: dict[str, Any]) -> None:
    assert outcome("no-secret-shows", KNOWN, annas(**more)) == "kept"


def test_a_message_may_hold_an_address() -> None:
    message = {"rid": "room1", "msg": "write to jane@corp.example"}

    assert outcome("no-address-of-others-shows", KNOWN, annas(lastMessage=message)) == "kept"


def named_as(name: str, exchange: Exchange) -> Exchange:
    """A registration under a name."""
    sent = json.loads(exchange.request.body or "")
    sent["visitor"]["name"] = name
    answer = json.loads((exchange.response.body if exchange.response else None) or "{}")
    answer["visitor"]["name"] = name
    body = json.dumps(answer)
    response = replace(exchange.response, body=body, length=len(body)) if exchange.response else None
    return replace(exchange, request=replace(exchange.request, body=json.dumps(sent)), response=response)


TAKEN = "contract suite 1234567 visitor 2"


@pytest.mark.parametrize(
    ("more", "found"),
    [((), "broken"), ((unanswered(named_as(TAKEN, registered(ANNA))),), "kept")],
    ids=["none", "lost"],
)
def test_a_name_that_a_lost_registration_asked_for_may_be_the_visitors(more: tuple[Exchange, ...], found: str) -> None:
    own, other = named_as("contract suite 1234567 visitor 1", registered(ANNA)), named_as(TAKEN, registered(BERT))
    room = call(asked(ANNA), body=room_body(ANNA, "room1", fname=TAKEN))

    assert outcome("no-other-visitor-shows", own, other, *more, room) == found
