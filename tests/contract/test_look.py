"""Driver: calls that create nothing; with a known visitor who has an open room, repeats of that visitor's call."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.address import query_value
from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.client import Purpose
from rocketchat_contract.client.personas import UNKNOWN_AGENT, UNKNOWN_RID
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.judge import strictjson
from rocketchat_contract.rocketchat.paths import CONFIG_PATH


@pytest.fixture
def stranger(actor: Actor) -> RunVisitor:
    """A visitor whom the server does not know, so that no call can open a room."""
    return actor.stranger()


def test_no_token(actor: Actor) -> None:
    actor.room([], "missing token")


def test_an_unknown_token(actor: Actor, stranger: RunVisitor) -> None:
    actor.get_or_create(stranger, "unknown token")
    actor.by_rid(stranger, UNKNOWN_RID, "unknown token and rid")


def test_tokens_that_are_none(actor: Actor) -> None:
    actor.room([("token", "")], "empty token")
    actor.room([("token[$ne]", "x")], "operator for a token")
    actor.room([("rid", UNKNOWN_RID)], "rid without token")


def test_a_token_sent_twice(actor: Actor, stranger: RunVisitor) -> None:
    actor.room([("token", stranger.token), ("token", "x")], "token twice", stranger)


@pytest.mark.parametrize(
    "value", ["x" * 3000, "Zoë 😀", "a\0b\x1b", "'\"`{}<b>"], ids=["long", "text", "control", "quotes"]
)
def test_a_hostile_token(actor: Actor, value: str) -> None:
    actor.room([("token", value)], "hostile token")


def test_repeats_of_a_known_visitor(actor: Actor, known_visitor: RunVisitor | None) -> None:
    if known_visitor is None:
        pytest.skip("no --token")
    room = open_room(actor, known_visitor)
    for _ in range(3):
        actor.get_or_create(known_visitor, "repeat")
    actor.by_rid(known_visitor, room, "own rid")
    actor.by_rid(known_visitor, UNKNOWN_RID, "unknown rid")
    actor.get_or_create(known_visitor, "agentId with an open room", agentId=UNKNOWN_AGENT)
    actor.get_or_create(known_visitor, "repeat after a refused call")


def open_room(actor: Actor, visitor: RunVisitor) -> str:
    """The visitor's open room, as the widget is told; without one a call would open one, so none is made.

    The record keeps nothing of that answer: it shows who the visitor is.
    """
    look = Call("GET", f"{CONFIG_PATH}?token={query_value(visitor.token)}")
    _, reply = actor.client.ask(look, Purpose(actor.driver, "look for an open room", visitor.name, private=True))
    answer = strictjson.parse_strict(reply.body.decode(errors="replace")).value
    config = answer.get("config") if isinstance(answer, dict) else None
    room = config.get("room") if isinstance(config, dict) else None
    if not isinstance(room, dict) or not isinstance(room.get("_id"), str) or room.get("open") is False:
        raise RunStoppedError("The visitor of --token has no open room: open one in the widget, then run again.")
    return str(room["_id"])
