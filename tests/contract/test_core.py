"""Driver: walks every requirement once with the fewest calls, those that prove most first.

The first fifteen room calls are a smoke test of their own, the first fifty a gate.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest

from rocketchat_contract.target.transport import Call
from rocketchat_contract.target.visitors import Actor, Visitor

ROOM = "/api/v1/livechat/room"
UNKNOWN_RID = "rccNoSuchRoomHere1"
UNKNOWN_AGENT = "rccNoSuchAgentHere"
HOSTILE = {
    "long": "x" * 3000,
    "very long": "x" * 12_000,
    "umlaut": "Zoë–Ünïcode",
    "astral": "😀" * 8,
    "right to left": "\u202eabc\u202c",
    "nul": "a\0b",
    "control": "a\x01\x1b[31m\x7fb\r\nX-Injected: 1",
    "markup": "<script>alert(1)</script>",
    "quotes": "'\"`;-- {}",
    "path": "../../../../etc/passwd",
    "operator": '{"$ne": null}',
    "number": "1e400",
    "percent": "%",
    "surrogate": "%ED%A0%80",
}


@dataclass
class Cast:
    """The visitors of this driver and the rooms they had so far."""

    anna: Visitor | None = None
    bert: Visitor | None = None
    rooms: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def cast() -> Cast:
    return Cast()


def open_room(actor: Actor, visitor: Visitor) -> str:
    """The id of the visitor's room, opened if there is none."""
    room = actor.get_or_create(visitor, "open a room").room
    return room or UNKNOWN_RID


@pytest.fixture
def anna(actor: Actor, cast: Cast) -> Visitor:
    cast.anna = cast.anna or actor.register()
    return cast.anna


def test_no_token_then_an_unknown_one(actor: Actor) -> None:
    actor.room([], "missing token")
    actor.get_or_create(actor.stranger(), "unknown token")


def test_a_room_is_created_and_returned_twice(actor: Actor, anna: Visitor, cast: Cast) -> None:
    cast.rooms["anna"] = open_room(actor, anna)
    actor.get_or_create(anna, "repeat")
    actor.get_or_create(anna, "repeat")
    actor.by_rid(anna, cast.rooms["anna"], "own rid")


def test_another_visitor_gets_another_room(actor: Actor, anna: Visitor, cast: Cast) -> None:
    cast.bert = actor.register()
    cast.rooms["bert"] = open_room(actor, cast.bert)
    actor.by_rid(anna, cast.rooms["bert"], "foreign rid")
    actor.by_rid(anna, UNKNOWN_RID, "unknown rid")


def test_an_operator_for_a_token(actor: Actor, anna: Visitor) -> None:
    actor.room([("token[$ne]", "x")], "operator for a token", anna)


def test_a_closed_room_stays_closed(actor: Actor, anna: Visitor, cast: Cast) -> None:
    room = cast.rooms.get("anna", UNKNOWN_RID)
    actor.close(anna, room)
    actor.by_rid(anna, room, "closed rid")
    cast.rooms["anna"] = open_room(actor, anna)


def test_a_token_in_capitals_is_another(actor: Actor, anna: Visitor) -> None:
    actor.get_or_create(Visitor(anna.token.swapcase(), anna.name), "token in other case")


def test_an_unknown_parameter(actor: Actor, anna: Visitor) -> None:
    actor.get_or_create(anna, "unknown parameter", fname=f"canary{secrets.token_hex(4)}")


def test_an_agent_for_an_open_room(actor: Actor, anna: Visitor) -> None:
    actor.get_or_create(anna, "agentId with an open room", agentId=UNKNOWN_AGENT)


def test_an_empty_token(actor: Actor) -> None:
    actor.room([("token", "")], "empty token")


def test_a_token_sent_twice(actor: Actor, anna: Visitor) -> None:
    other = actor.stranger()
    actor.room([("token", other.token), ("token", anna.token)], "token twice", anna)
    actor.room([("token[]", anna.token)], "token as a list", anna)


def test_a_message_keeps_the_room(actor: Actor, anna: Visitor, cast: Cast) -> None:
    actor.message(anna, cast.rooms.get("anna", UNKNOWN_RID), "hello from the contract suite")
    for _ in range(3):
        actor.get_or_create(anna, "repeat after a message")


def test_an_empty_rid(actor: Actor, anna: Visitor) -> None:
    actor.by_rid(anna, "", "empty rid")


@pytest.mark.parametrize("change", ["other case", "cut", "lengthened", "spaces", "first half"])
def test_a_rid_that_is_nearly_right(actor: Actor, anna: Visitor, cast: Cast, change: str) -> None:
    actor.by_rid(anna, deviation(cast.rooms.get("anna", UNKNOWN_RID), change), f"rid {change}")


@pytest.mark.parametrize("change", ["cut", "lengthened", "spaces", "first half", "capitals", "small letters"])
def test_a_token_that_is_nearly_right(actor: Actor, anna: Visitor, change: str) -> None:
    actor.get_or_create(Visitor(deviation(anna.token, change), anna.name), f"token {change}")


def test_a_token_that_decodes_twice(actor: Actor, anna: Visitor) -> None:
    twice = f"%25{ord(anna.token[0]):02x}{anna.token[1:]}"
    actor.send(Call("GET", f"{ROOM}?token={twice}"), "token encoded twice", anna)


@pytest.mark.parametrize("change", ["first letter off", "pattern", "full width", "nul at its end"])
def test_a_token_that_only_looks_right(actor: Actor, anna: Visitor, change: str) -> None:
    actor.get_or_create(Visitor(deviation(anna.token, change), anna.name), f"token {change}")


def deviation(text: str, change: str) -> str:
    """A text that a loose comparison would take for ``text``."""
    return {
        "other case": text.swapcase(),
        "capitals": text.upper(),
        "small letters": text.lower(),
        "cut": text[:-1],
        "first letter off": text[1:],
        "first half": text[: len(text) // 2 + 4],
        "lengthened": f"{text}x",
        "spaces": f" {text} ",
        "pattern": f"{text[:-1]}.",
        "full width": text[:-1] + chr(ord(text[-1]) + 0xFEE0),
        "nul at its end": f"{text}\0",
    }[change]


@pytest.mark.parametrize("name", ["rid", "agentId"])
@pytest.mark.parametrize("shape", ["[]", "[$ne]", "[x][y]"])
def test_a_structured_parameter(actor: Actor, anna: Visitor, name: str, shape: str) -> None:
    actor.room([("token", anna.token), (f"{name}{shape}", "x")], f"structured {name}", anna)


@pytest.mark.parametrize("name", ["rid", "agentId"])
def test_a_parameter_sent_twice(actor: Actor, anna: Visitor, name: str) -> None:
    actor.room([("token", anna.token), (name, "a"), (name, "b")], f"{name} twice", anna)


def test_a_refused_call_before_the_first_room(actor: Actor) -> None:
    visitor = actor.stranger()
    actor.get_or_create(visitor, "before registration")
    actor.register(visitor)
    actor.by_rid(visitor, UNKNOWN_RID, "unknown rid, no room open")
    actor.get_or_create(visitor, "first room after refused calls")


def test_an_unknown_agent_for_a_new_room(actor: Actor) -> None:
    visitor = actor.register()
    actor.get_or_create(visitor, "agentId without a room", agentId=UNKNOWN_AGENT)
    actor.get_or_create(visitor, "repeat without agentId")


def test_an_own_rid_after_other_visitors_came(actor: Actor, anna: Visitor, cast: Cast) -> None:
    for _ in range(2):
        open_room(actor, actor.register())
    actor.get_or_create(anna, "repeat after others")
    actor.by_rid(anna, cast.rooms.get("anna", UNKNOWN_RID), "own rid after others")


def test_a_deleted_visitor(actor: Actor) -> None:
    visitor = actor.register()
    room = open_room(actor, visitor)
    actor.close(visitor, room)
    actor.delete(visitor)
    actor.get_or_create(visitor, "token of a deleted visitor")
    actor.by_rid(visitor, room, "rid of a deleted visitor")


@pytest.mark.parametrize("name", ["token", "rid", "agentId", "unnamed"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value(actor: Actor, anna: Visitor, name: str, value: str) -> None:
    if value in ("percent", "surrogate"):
        query = "&".join([*([f"token={anna.token}"] if name != "token" else []), f"{name}={HOSTILE[value]}"])
        actor.send(Call("GET", f"{ROOM}?{query}"), f"{value} for {name}", anna)
        return
    pairs = {"token": anna.token} | {name: HOSTILE[value]}
    actor.room(list(pairs.items()), f"{value} for {name}", anna)


def test_many_parameters_and_deep_ones(actor: Actor, anna: Visitor) -> None:
    actor.room([("token", anna.token), *((f"p{n}", "x") for n in range(300))], "many parameters", anna)
    actor.room([("token", anna.token), (f"rid{'[a]' * 40}", "x")], "deep parameter", anna)
    actor.room([("token", anna.token), ("__proto__[x]", "y")], "prototype parameter", anna)
    actor.send(Call("GET", f"{ROOM}?token={quote(anna.token)}&&=&&"), "empty pairs", anna)
