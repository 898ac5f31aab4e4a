from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    BERT,
    CARL,
    declined,
    deleted,
    finding_of,
    outcome,
    registered,
    room_body,
)

from .answers import KNOWN, REFUSAL, answered, changed


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (json.dumps(room_body(ANNA, "R1")), "kept"),
        (json.dumps(room_body(ANNA, "R1", topic=BERT)), "broken"),
        (json.dumps({**REFUSAL, "error": f"not {BERT}"}), "broken"),
        (json.dumps({**REFUSAL, "error": f"not {ANNA}"}), "kept"),
        (json.dumps({**REFUSAL, "error": "not ${RC_TOKEN_2^^}"}), "broken"),
        (json.dumps({**REFUSAL, "error": "not $RC_TOKEN_12"}), "broken"),
    ],
)
def test_no_token_of_another_shows(body: str, expected: str) -> None:
    assert outcome("no-other-visitor-shows", answered(body, 400 if "error" in body else 200)) == expected


def test_the_asked_for_tokens_may_show() -> None:
    both = answered({**REFUSAL, "error": f"{BERT} {ANNA}"}, 400, f"token={BERT}&token={ANNA}")

    assert outcome("no-other-visitor-shows", both) == "kept"


def test_the_first_foreign_token_is_told() -> None:
    found = finding_of("no-other-visitor-shows", changed(topic=f"{CARL} {BERT}"))

    assert (found.actual, found.signature) == ("$RC_TOKEN_2 in the body", "token")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("X-Last", BERT), "broken"),
        (("X-Asked", ANNA), "kept"),
        (("X-Price", "$5"), "kept"),
        ((f"X-{BERT}", "1"), "broken"),
    ],
)
def test_no_token_of_another_shows_in_a_header(header: tuple[str, str], expected: str) -> None:
    exchange = answered(room_body(ANNA, "R1"))
    assert exchange.response is not None
    told = replace(exchange, response=replace(exchange.response, headers=(*exchange.response.headers, header)))

    assert outcome("no-other-visitor-shows", told) == expected


@pytest.mark.parametrize("room", [{"lastMessage": {"u": {"_id": f"v{BERT}"}}}, {"tags": ["x", f"v{BERT}"]}])
def test_no_id_of_another_shows(room: dict[str, Any]) -> None:
    found = finding_of("no-other-visitor-shows", KNOWN, registered(BERT, "v-of-bert"), changed(topic="v-of-bert"))

    assert (found.actual, found.signature) == ("room.topic v-of-bert", "_id")
    nested = json.loads(json.dumps(room).replace(f"v{BERT}", "v-of-bert"))
    path = "room.lastMessage.u._id" if "lastMessage" in room else "room.tags.1"
    told = finding_of("no-other-visitor-shows", KNOWN, registered(BERT, "v-of-bert"), changed(**nested))
    assert told.actual == f"{path} v-of-bert"


def test_an_id_is_found_however_deep_and_whatever_stands_beside_it() -> None:
    room = {"a": [["x", {"b": ["v-of-bert", "y"]}], "z"], "c": {"d": ["e"]}, "f": {"g": {}}}
    found = finding_of("no-other-visitor-shows", KNOWN, registered(BERT, "v-of-bert"), changed(topic=room))

    assert found.actual == "room.topic.a.0.1.b.0 v-of-bert"


def test_an_id_of_a_visitor_who_is_gone_is_nobodys() -> None:
    gone = (registered(BERT, "v-of-bert"), deleted(BERT))

    assert outcome("no-other-visitor-shows", KNOWN, *gone, changed(topic="v-of-bert")) == "kept"


def test_an_id_of_a_visitor_whose_deletion_was_refused_stays_theirs() -> None:
    stays = (registered(BERT, "v-of-bert"), declined(deleted(BERT)))

    assert outcome("no-other-visitor-shows", KNOWN, *stays, changed(topic="v-of-bert")) == "broken"


def named(token: str, username: str) -> Exchange:
    exchange = registered(token)
    assert exchange.response is not None
    body = json.loads(exchange.response.body or "")
    body["visitor"]["username"] = username
    return replace(exchange, response=replace(exchange.response, body=json.dumps(body)))


@pytest.mark.parametrize(
    ("place", "room"), [("fname", {"fname": "bert-7"}), ("v.username", {"v": {"username": "bert-7"}})]
)
def test_no_name_of_another_shows(place: str, room: dict[str, Any]) -> None:
    found = finding_of("no-other-visitor-shows", named(ANNA, "anna-1"), named(BERT, "bert-7"), changed(**room))

    assert (found.actual, found.signature) == (f"room.{place} bert-7", "name")


@pytest.mark.parametrize(
    "others", [(named(ANNA, "x"), named(BERT, "x")), (named(ANNA, "bert-7"),), (named(BERT, "y"),)]
)
def test_a_name_that_is_not_only_anothers_tells_nothing(others: tuple[Exchange, ...]) -> None:
    assert outcome("no-other-visitor-shows", *others, changed(fname="x"), changed(fname="bert-7")) == "kept"


def test_no_name_that_a_visitor_who_is_gone_went_by_is_anybodys() -> None:
    gone = (named(BERT, "bert-7"), named(BERT, "bert-8"), named(BERT, "bert-9"), deleted(BERT))

    assert outcome("no-other-visitor-shows", *gone, *(changed(fname=f"bert-{n}") for n in (7, 8, 9))) == "kept"


@pytest.mark.parametrize("name", [["bert-7"], {"first": "bert-7"}, 7, None])
def test_what_is_no_text_is_no_name(name: object) -> None:
    assert outcome("no-other-visitor-shows", named(BERT, "bert-7"), changed(v={"name": name})) == "kept"


def test_a_name_of_a_visitor_who_is_gone_is_nobodys() -> None:
    gone = (named(BERT, "bert-7"), deleted(BERT))

    assert outcome("no-other-visitor-shows", *gone, changed(fname="bert-7")) == "kept"
    assert outcome("no-other-visitor-shows", *gone, named(CARL, "bert-7"), changed(fname="bert-7")) == "broken"
