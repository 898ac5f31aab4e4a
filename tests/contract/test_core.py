"""Driver: walks every requirement once with the fewest calls, those that prove most first.

The first fifteen room calls are a smoke test of their own. The first thirty-two put every must at stake that a single
visitor can break; with the volleys they are the gate. What follows looks for the same faults in places where they
hide: after a message, after a close, in one parameter, under one spelling.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest

from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.target.transport import Call
from rocketchat_contract.target.visitors import Actor, Visitor, room_call

ROOM = "/api/v1/livechat/room"
CONFIG = "/api/v1/livechat/config"
UNKNOWN_RID = "rccNoSuchRoomHere1"
UNKNOWN_AGENT = "rccNoSuchAgentHere"
WIDGET = (("Cookie", "rc_room_type=l; rc_is_widget=t"),)
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
    "pattern": "([a-z*+?\\",
    "path": "../../../../etc/passwd",
    "operator": '{"$ne": null}',
    "number": "1e400",
    "digits": "12345678901234567890",
    "object id": "507f1f77bcf86cd799439011",
    "undefined": "undefined",
    "percent": "%",
    "surrogate": "%ED%A0%80",
}
CODED_ALREADY = ("percent", "surrogate")


@dataclass
class Cast:
    """The visitors of this driver and the rooms they had so far, the open one last."""

    anna: Visitor | None = None
    bert: Visitor | None = None
    rooms: dict[str, list[str]] = field(default_factory=dict)

    def room(self, who: str) -> str:
        """The id of the open room."""
        return self.rooms.get(who, [UNKNOWN_RID])[-1]

    def keep(self, who: str, op: Operation) -> None:
        """Remember the room of an answer."""
        self.rooms.setdefault(who, []).append(op.room or UNKNOWN_RID)


@pytest.fixture(scope="module")
def cast() -> Cast:
    return Cast()


@pytest.fixture
def anna(actor: Actor, cast: Cast) -> Visitor:
    cast.anna = cast.anna or actor.register()
    return cast.anna


@pytest.fixture
def bert(actor: Actor, cast: Cast) -> Visitor:
    cast.bert = cast.bert or actor.register()
    return cast.bert


# the smoke test


def test_no_token_then_an_unknown_one(actor: Actor) -> None:
    actor.room([], "missing token")
    actor.get_or_create(actor.stranger(), "unknown token")


def test_a_room_is_created_and_returned_twice(actor: Actor, anna: Visitor, cast: Cast) -> None:
    cast.keep("anna", actor.get_or_create(anna, "open a room"))
    actor.get_or_create(anna, "repeat")
    actor.reconnect()
    actor.get_or_create(anna, "repeat on a new connection")
    actor.by_rid(anna, cast.room("anna"), "own rid")


def test_another_visitor_gets_another_room(actor: Actor, anna: Visitor, bert: Visitor, cast: Cast) -> None:
    cast.keep("bert", actor.get_or_create(bert, "open a room"))
    actor.by_rid(anna, cast.room("bert"), "foreign rid")
    actor.by_rid(anna, UNKNOWN_RID, "unknown rid")


def test_an_operator_for_a_token(actor: Actor, anna: Visitor) -> None:
    actor.room([("token[$ne]", "x")], "operator for a token", anna)


def test_a_closed_room_stays_closed(actor: Actor, anna: Visitor, cast: Cast) -> None:
    closed = cast.room("anna")
    actor.close(anna, closed)
    cast.keep("anna", actor.get_or_create(anna, "open a room after a close"))
    actor.get_or_create(anna, "agentId with an open room", agentId=UNKNOWN_AGENT)
    actor.by_rid(anna, closed, "closed rid")


def test_a_token_in_other_case_is_another(actor: Actor, anna: Visitor) -> None:
    actor.get_or_create(Visitor(anna.token.swapcase(), anna.name), "token in other case")


def test_an_unknown_parameter(actor: Actor, anna: Visitor) -> None:
    actor.get_or_create(anna, "unknown parameter", fname=canary())


# the gate, together with the volleys


def test_a_token_sent_twice(actor: Actor, anna: Visitor) -> None:
    actor.room([("token", anna.token), ("token", anna.token)], "token twice", anna)


def test_a_message_keeps_the_room(actor: Actor, anna: Visitor, cast: Cast) -> None:
    actor.message(anna, cast.room("anna"), "hello from Zoë of the contract suite 👋\nsecond line")
    for _ in range(3):
        actor.get_or_create(anna, "repeat after a message")


def test_an_empty_token(actor: Actor) -> None:
    actor.room([("token", "")], "empty token")


def test_no_token_where_a_visitor_spoke_before(actor: Actor) -> None:
    actor.room([], "missing token after a visitor")


def test_a_token_as_a_list(actor: Actor, anna: Visitor) -> None:
    actor.room([("token[]", anna.token)], "token as a list", anna)


@pytest.mark.parametrize("change", ["space after", "lengthened"])
def test_a_token_that_is_nearly_right(actor: Actor, anna: Visitor, change: str) -> None:
    actor.get_or_create(Visitor(deviation(anna.token, change), anna.name), f"token {change}")


@pytest.mark.parametrize("change", ["other case", "cut"])
def test_a_rid_that_is_nearly_right(actor: Actor, anna: Visitor, cast: Cast, change: str) -> None:
    actor.by_rid(anna, deviation(cast.room("anna"), change), f"rid {change}")


def test_a_rid_that_is_no_text(actor: Actor, anna: Visitor) -> None:
    actor.room([("token", anna.token), ("rid[$ne]", "x")], "structured rid", anna)


def test_an_empty_rid(actor: Actor, anna: Visitor) -> None:
    actor.by_rid(anna, "", "empty rid")


def test_rooms_are_closed_again_and_again(actor: Actor, bert: Visitor, cast: Cast) -> None:
    closed = cast.room("bert")
    actor.close(bert, closed)
    actor.by_rid(bert, closed, "closed rid, no room open")
    cast.keep("bert", actor.get_or_create(bert, "second room"))
    actor.close(bert, cast.room("bert"))
    cast.keep("bert", actor.get_or_create(bert, "third room"))


# the same faults where they hide


def test_the_first_call_has_an_unknown_parameter(actor: Actor) -> None:
    visitor = actor.register()
    actor.get_or_create(visitor, "unknown parameter, no room open", note=canary())
    actor.get_or_create(visitor, "first room after an unknown parameter")


def test_the_first_call_names_an_agent(actor: Actor) -> None:
    visitor = actor.register()
    actor.get_or_create(visitor, "agentId without a room", agentId=UNKNOWN_AGENT)
    actor.get_or_create(visitor, "repeat without agentId")


def test_the_first_call_has_a_wrong_shape(actor: Actor) -> None:
    visitor = actor.register()
    actor.room([("token", visitor.token), ("rid[$ne]", "x")], "structured rid, no room open", visitor)
    actor.get_or_create(visitor, "first room after a wrong shape")
    actor.room([("token", visitor.token), ("agentId[]", "x")], "structured agentId", visitor)
    actor.get_or_create(visitor, "repeat after a wrong shape")


def test_the_first_calls_are_refused(actor: Actor, bert: Visitor, cast: Cast) -> None:
    visitor = actor.stranger()
    actor.get_or_create(visitor, "before registration")
    actor.get_or_create(visitor, "before registration, with an agent", agentId=UNKNOWN_AGENT)
    actor.get_or_create(visitor, "before registration, again")
    actor.register(visitor)
    actor.by_rid(visitor, UNKNOWN_RID, "unknown rid, no room open")
    actor.by_rid(visitor, cast.room("bert"), "foreign rid, no room open")
    actor.get_or_create(visitor, "first room after refused calls")


def test_a_visitor_registers_again(actor: Actor, bert: Visitor) -> None:
    actor.register(bert)
    actor.get_or_create(bert, "repeat after another registration")


def test_a_visitor_comes_through_the_widget(actor: Actor, bert: Visitor) -> None:
    call = room_call([("token", bert.token)])
    actor.send(Call(call.method, call.target, WIDGET), "repeat with the widget's cookies", bert)
    actor.get_or_create(bert, "repeat without cookies")


def test_a_visitor_asks_for_a_foreign_room(actor: Actor, bert: Visitor, cast: Cast) -> None:
    actor.by_rid(bert, cast.room("anna"), "foreign rid with an own room open")
    actor.get_or_create(bert, "repeat after a foreign rid")
    actor.by_rid(bert, cast.rooms.get("anna", [UNKNOWN_RID])[0], "foreign rid of a closed room")


def test_the_agent_who_serves_is_named(actor: Actor, bert: Visitor) -> None:
    agent = actor.get_or_create(bert, "repeat").document.get("servedBy")
    known = agent.get("_id") if isinstance(agent, dict) else None
    if isinstance(known, str):
        actor.get_or_create(bert, "known agentId with an open room", agentId=known)
        actor.get_or_create(bert, "repeat after a known agentId")


def test_other_visitors_come(actor: Actor, bert: Visitor, cast: Cast) -> None:
    for _ in range(2):
        actor.get_or_create(actor.register(), "another visitor's room")
    actor.by_rid(bert, cast.room("bert"), "own rid after others")
    actor.get_or_create(bert, "repeat after others")
    actor.get_or_create(bert, "repeat after a call by rid")


def test_a_visitor_writes_twice(actor: Actor, bert: Visitor, cast: Cast) -> None:
    actor.message(bert, cast.room("bert"), "one")
    actor.get_or_create(bert, "repeat after a message")
    actor.message(bert, cast.room("bert"), "see https://example.org, @agent")
    actor.get_or_create(bert, "repeat after another message")
    actor.by_rid(bert, cast.room("bert"), "own rid after messages")
    actor.close(bert, cast.room("bert"))
    cast.keep("bert", actor.get_or_create(bert, "room after one with messages"))


def test_a_visitor_chooses_a_department(actor: Actor) -> None:
    department = open_department(actor)
    if department is None:
        pytest.skip("no department takes chats")
    visitor = actor.register()
    actor.get_or_create(visitor, "room without a department")
    actor.send(actor.registration(visitor, department=department), "choose a department", visitor)
    room = actor.get_or_create(visitor, "repeat with a department").room
    actor.close(visitor, room or UNKNOWN_RID)
    actor.get_or_create(visitor, "room in a department")
    actor.get_or_create(visitor, "repeat in a department")


def open_department(actor: Actor) -> str | None:
    """The first department of the workspace, provided that somebody is online in it."""
    config = actor.send(Call("GET", CONFIG), "departments").body.get("config")
    listed = config.get("departments") if isinstance(config, dict) else None
    ids = [entry.get("_id") for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    if not ids or not isinstance(ids[0], str):
        return None
    asked = actor.send(Call("GET", f"{CONFIG}?department={quote(ids[0])}"), "is the department online")
    config = asked.body.get("config")
    return ids[0] if isinstance(config, dict) and config.get("online") is True else None


def test_a_deleted_visitor(actor: Actor) -> None:
    visitor = actor.register()
    room = actor.get_or_create(visitor, "open a room").room or UNKNOWN_RID
    actor.close(visitor, room)
    actor.delete(visitor)
    actor.get_or_create(visitor, "token of a deleted visitor")
    actor.by_rid(visitor, room, "rid of a deleted visitor")


def test_a_visitor_comes_back_after_deletion(actor: Actor) -> None:
    visitor = actor.register()
    actor.delete(visitor)
    actor.get_or_create(visitor, "token of a deleted visitor")
    actor.register(visitor)
    actor.by_rid(visitor, "", "empty rid, no room open")
    actor.by_rid(visitor, "", "empty rid, a room open")


# tokens and rids that a loose comparison takes for the right ones


@pytest.mark.parametrize(
    "change",
    ["cut", "spaces", "space before", "first half", "capitals", "small letters", "line break", "quotes", "accent"],
)
def test_a_token_that_is_written_otherwise(actor: Actor, anna: Visitor, change: str) -> None:
    actor.get_or_create(Visitor(deviation(anna.token, change), anna.name), f"token {change}")


@pytest.mark.parametrize(
    "change", ["first letter off", "any letter", "any sign", "anything", "full width", "nul at its end", "zero width"]
)
def test_a_token_that_only_looks_right(actor: Actor, anna: Visitor, change: str) -> None:
    actor.get_or_create(Visitor(deviation(anna.token, change), anna.name), f"token {change}")


def test_a_token_that_decodes_twice(actor: Actor, anna: Visitor) -> None:
    twice = f"%25{ord(anna.token[0]):02x}{anna.token[1:]}"
    actor.send(Call("GET", f"{ROOM}?token={twice}"), "token encoded twice", anna)


@pytest.mark.parametrize("member", ["_id", "username", "room"])
def test_something_else_for_the_token(actor: Actor, bert: Visitor, member: str) -> None:
    room = actor.get_or_create(bert, "what else the visitor is known by").document
    visitor = room.get("v")
    known_by = room.get("_id") if member == "room" else visitor.get(member) if isinstance(visitor, dict) else None
    if isinstance(known_by, str) and known_by:
        actor.room([("token", known_by)], f"{member} for the token")


@pytest.mark.parametrize("name", ["Token", "TOKEN"])
def test_a_token_under_another_name(actor: Actor, anna: Visitor, name: str) -> None:
    actor.room([(name, anna.token)], f"{name} for token", anna)


@pytest.mark.parametrize("first", [True, False])
def test_two_tokens(actor: Actor, anna: Visitor, first: bool) -> None:
    pairs = [("token", anna.token), ("token", actor.stranger().token)]
    actor.room(pairs if first else pairs[::-1], "two tokens", anna)


@pytest.mark.parametrize(
    ("name", "value"),
    [("[$regex]", ".*"), ("[$gt]", ""), ("[$exists]", "true"), ("[$in][]", None), ("[x]", None), ("[0]", None)],
)
def test_an_object_for_a_token(actor: Actor, anna: Visitor, name: str, value: str | None) -> None:
    actor.room([(f"token{name}", anna.token if value is None else value)], f"token{name}", anna)


@pytest.mark.parametrize(
    "change",
    [
        "lengthened",
        "spaces",
        "space after",
        "first half",
        "first letter off",
        "any letter",
        "nul at its end",
        "capitals",
        "small letters",
        "zero width",
    ],
)
def test_a_rid_that_is_written_otherwise(actor: Actor, anna: Visitor, cast: Cast, change: str) -> None:
    actor.by_rid(anna, deviation(cast.room("anna"), change), f"rid {change}")


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
        "space before": f" {text}",
        "space after": f"{text} ",
        "line break": f"{text}\n",
        "quotes": f"'{text}'",
        "accent": f"{text}\u0301",
        "zero width": f"{text}\u200b",
        "any letter": f"{text[:-1]}.",
        "any sign": f"{text[:-1]}_",
        "anything": f"{text[:-1]}*",
        "full width": text[:-1] + chr(ord(text[-1]) + 0xFEE0),
        "nul at its end": f"{text}\0",
    }[change]


def canary() -> str:
    """A value that stands nowhere unless the server keeps it."""
    return f"canary{secrets.token_hex(4)}"


# parameters of wrong shape, and values that break servers


@pytest.mark.parametrize("name", ["rid", "agentId"])
@pytest.mark.parametrize("shape", ["[]", "[$ne]", "[x][y]"])
def test_a_structured_parameter(actor: Actor, anna: Visitor, name: str, shape: str) -> None:
    actor.room([("token", anna.token), (f"{name}{shape}", "x")], f"structured {name}", anna)


@pytest.mark.parametrize("name", ["rid", "agentId"])
def test_a_parameter_sent_twice(actor: Actor, anna: Visitor, name: str) -> None:
    actor.room([("token", anna.token), (name, "a"), (name, "b")], f"{name} twice", anna)


@pytest.mark.parametrize("name", ["token", "rid", "agentId", "unnamed"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value(actor: Actor, anna: Visitor, name: str, value: str) -> None:
    if value in CODED_ALREADY:
        query = "&".join([*([f"token={anna.token}"] if name != "token" else []), f"{name}={HOSTILE[value]}"])
        actor.send(Call("GET", f"{ROOM}?{query}"), f"{value} for {name}", anna)
        return
    pairs = {"token": anna.token} | {name: HOSTILE[value]}
    actor.room(list(pairs.items()), f"{value} for {name}", anna)


def test_an_empty_agent(actor: Actor, anna: Visitor) -> None:
    actor.get_or_create(anna, "empty agentId", agentId="")


def test_parameters_named_like_members(actor: Actor, anna: Visitor) -> None:
    names = ("departmentId", "status", "source", "topic", "msgs", "open", "t", "_id", "livechatData", "sms", "name")
    actor.get_or_create(anna, "unknown parameters named like members", **{name: canary() for name in names})
    for name in ("departmentId", "v[token]", "room[t]"):
        actor.room([("token", anna.token), (name, canary())], f"unknown parameter {name}", anna)


def test_many_parameters_and_deep_ones(actor: Actor, anna: Visitor) -> None:
    actor.room([("token", anna.token), *((f"p{n}", "x") for n in range(300))], "many parameters", anna)
    actor.room([("token", anna.token), (f"rid{'[a]' * 40}", "x")], "deep parameter", anna)
    actor.room([("token", anna.token), ("__proto__[x]", "y")], "prototype parameter", anna)
    actor.send(Call("GET", f"{ROOM}?token={quote(anna.token)}&&=&&"), "empty pairs", anna)
