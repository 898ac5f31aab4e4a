"""Driver: goes on where ``test_core`` ends: whoever has a long token, another name or another way of asking."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.client.address import query_value
from rocketchat_contract.client.personas import UNKNOWN_AGENT, UNKNOWN_RID, Personas, agent_of, open_department
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.values import LINES, REPEATED_HEADERS, RICH_MESSAGE, canary
from rocketchat_contract.client.visitors import Actor, RunVisitor, encoded_call, room_call, widget_call
from rocketchat_contract.rocketchat.paths import ROOM_PATH

LONG = "x" * 59


@pytest.fixture(scope="module")
def cast() -> Personas:
    return Personas()


@pytest.fixture
def emma(actor: Actor, cast: Personas) -> RunVisitor:
    """Who has a room, and after whom others come."""
    return cast.visitor(actor, "emma")


# the same faults where they hide


def test_repeats_come_in_a_row(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "emma")
    for _ in range(3):
        actor.get_or_create(emma, "repeat")


def test_the_first_call_has_a_wrong_shape(actor: Actor) -> None:
    visitor = actor.register()
    actor.room([("token", visitor.token), ("rid[$ne]", "x")], "structured rid, no room open", visitor)
    actor.get_or_create(visitor, "first room after a wrong shape")
    actor.room([("token", visitor.token), ("agentId[]", "x")], "structured agentId", visitor)
    actor.get_or_create(visitor, "repeat after a wrong shape")


def test_the_first_call_is_a_head(actor: Actor) -> None:
    visitor = actor.register()
    actor.aside("HEAD", visitor, "HEAD, no room open")
    actor.get_or_create(visitor, "first room after HEAD")


def test_header_fields_are_repeated(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "emma")
    call = replace(room_call([("token", emma.token)]), headers=REPEATED_HEADERS)
    actor.send(call, "repeat with header fields twice, compressed on request", emma)


@pytest.mark.parametrize("name", ["token", "rid", "agentId"])
def test_a_value_holds_lines(actor: Actor, emma: RunVisitor, name: str) -> None:
    actor.room([*({"token": emma.token} | {name: LINES}).items()], f"line breaks in {name}", emma)


def test_the_first_call_has_an_unknown_parameter(actor: Actor) -> None:
    visitor = actor.register()
    actor.get_or_create(visitor, "unknown parameter, no room open", note=canary())
    actor.get_or_create(visitor, "first room after an unknown parameter")


def test_rooms_are_closed_again_and_again(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    closed = cast.leave(actor, "emma")
    actor.by_rid(emma, closed, "closed rid, no room open")
    for which in ("second", "third"):
        cast.keep("emma", actor.get_or_create(emma, f"{which} room"))
        actor.get_or_create(emma, f"repeat in the {which} room")
        actor.close(emma, cast.home(actor, "emma"))
    cast.keep("emma", actor.get_or_create(emma, "last room"))


def test_a_visitor_registers_again(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "emma")
    actor.register(emma)
    actor.get_or_create(emma, "repeat after another registration")


def test_a_visitor_comes_through_the_widget(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "emma")
    actor.send(widget_call(emma.token), "repeat with the widget's cookies", emma)
    actor.get_or_create(emma, "repeat without cookies")


def test_other_visitors_come(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    rid = cast.home(actor, "emma")
    for _ in range(3):
        actor.get_or_create(actor.register(), "another visitor's room")
    actor.by_rid(emma, rid, "own rid after others")
    actor.get_or_create(emma, "repeat after others")
    actor.get_or_create(emma, "repeat after a call by rid")


def test_a_visitor_writes_twice(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    rid = cast.home(actor, "emma")
    for text in ("one", RICH_MESSAGE):
        actor.message(emma, rid, text)
        actor.get_or_create(emma, "repeat after a message")
    actor.by_rid(emma, rid, "own rid after messages")
    cast.leave(actor, "emma")
    cast.keep("emma", actor.get_or_create(emma, "room after one with messages"))


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


# agents


def test_agents_are_named_in_several_rooms(actor: Actor, cast: Personas) -> None:
    """At another place of each room's life, so that nothing that an agent or a bot does there looks like an answer."""
    actor.afford(21, 3)
    names = ("fred", "gina", "hugo")
    for who in names:
        cast.home(actor, who)
    for repeats, who in enumerate(names):
        visitor, own = cast.visitors[who], agent_of(cast.shown[who]) or UNKNOWN_AGENT
        other = cast.other_agent(who) or own
        for _ in range(repeats):
            actor.get_or_create(visitor, "repeat before an agent is named")
        actor.get_or_create(visitor, "agentId, another one if two are known", agentId=other)
        actor.get_or_create(visitor, "repeat after an agent was named")
        actor.get_or_create(visitor, "agentId of who served the room first", agentId=own)
        actor.by_rid(visitor, cast.home(actor, who), "own rid and an agent", agentId=other)
        actor.get_or_create(visitor, "repeat after the own rid and an agent")


# the first call


def test_the_first_call_comes_through_the_widget(actor: Actor) -> None:
    visitor = actor.register()
    actor.send(widget_call(visitor.token), "open a room with the widget's cookies", visitor)
    actor.send(encoded_call(visitor.token), "repeat with a letter of the token encoded", visitor)


def test_the_first_call_comes_from_a_namesake(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "emma")
    namesake = actor.registered(actor.stranger(), name=actor.name_of(emma))
    if namesake is not None:
        actor.get_or_create(namesake, f"first room of one with the name of {emma.name}")


# tokens that a server may read as something else


def test_a_token_differs_at_its_far_end(actor: Actor) -> None:
    asked = actor.stranger(LONG)
    visitor = actor.registered(asked)
    if visitor is None:
        pytest.skip("the server knows no long token")
    actor.get_or_create(visitor, "long token")
    actor.get_or_create(RunVisitor(f"{asked.token[:-1]}y", asked.name), "long token, with another last letter")


# what happens to a room


def test_a_visitor_takes_another_name(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "emma")
    actor.send(actor.registration(emma, name=f"{actor.name_of(emma)} renamed"), "register under another name", emma)
    actor.get_or_create(emma, "repeat under another name")


def test_a_closed_room_is_closed_again(actor: Actor, emma: RunVisitor, cast: Personas) -> None:
    closed = cast.leave(actor, "emma")
    cast.keep("emma", actor.get_or_create(emma, "open a room after a close"))
    actor.close(emma, closed)
    actor.get_or_create(emma, "repeat after the old room was closed again")


# queries of odd shapes


def test_parameters_named_like_members(actor: Actor, emma: RunVisitor) -> None:
    names = ("departmentId", "status", "source", "topic", "msgs", "open", "t", "_id", "livechatData", "sms", "name")
    actor.get_or_create(emma, "unknown parameters named like members", **{name: canary() for name in names})
    for name in ("fname", "departmentId", "v[token]", "room[t]"):
        actor.room([("token", emma.token), (name, canary())], f"unknown parameter {name}", emma)


def test_deep_parameters_and_odd_queries(actor: Actor, emma: RunVisitor) -> None:
    many = [(f"p{number}", "x") for number in range(300)]
    actor.room([("token", emma.token), *many], "many parameters", emma)
    actor.room([("token", emma.token), (f"rid{'[a]' * 40}", "x")], "deep parameter", emma)
    actor.room([("token", emma.token), ("__proto__[x]", "y")], "prototype parameter", emma)
    actor.send(Call("GET", f"{ROOM_PATH}?token={query_value(emma.token)}&&=&&"), "empty pairs", emma)
