"""Driver: walks every requirement once with the fewest calls.

In which order is data: ``spec/order.json`` holds the order that the kill matrix suggests, so that the first fifteen
room calls are a smoke test of their own, and the first forty-two put every must at stake that a single visitor can
break; with the volleys they are the gate. So each story brings along what it needs, and works wherever it stands.
A call that is made anyway does several jobs: a token that is nearly right comes with the rid of the room that the right
one has, a rid that no room has is another visitor's in another spelling. What shows faults of one kind stands together,
so that the kind is looked for and not only what somebody thought of. ``test_core_spellings`` looks for the same faults
in places where they hide, and ``test_core_corners`` goes on from there.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from rocketchat_contract.client.personas import UNKNOWN_AGENT, UNKNOWN_RID, Personas, agent_of
from rocketchat_contract.client.values import (
    EVERYTHING,
    HOSTILE_VALUES,
    LINES,
    NUMBER_DEVIATIONS,
    OBJECTS,
    PATTERN,
    UNUSUAL_DEVIATIONS,
    UNUSUAL_END,
    canary,
    round_number,
    value_deviation,
)
from rocketchat_contract.client.visitors import Actor, RunVisitor, encoded_call, widget_call
from rocketchat_contract.record.redactor import Token

NUMERIC_ID = "50717888990199439011e400"
"""An id as MongoDB makes them, and a number beyond all bounds."""
SIGNS = ".a+b@c-d~e"
MESSAGE = "hello from Zoë of the contract suite 👋\nsecond line"


@pytest.fixture(scope="module")
def cast() -> Personas:
    return Personas()


@pytest.fixture
def anna(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is always answered with a room, so that what is wrong with it has one explanation."""
    return cast.visitor(actor, "anna", actor.long_stranger, actor.stranger, with_address=True)


@pytest.fixture
def bert(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is refused all the time; the token is long, and anna's but for its case when she is there."""
    return cast.visitor(actor, "bert", lambda: actor.long_stranger(cast.visitors.get("anna")))


@pytest.fixture
def cora(actor: Actor, cast: Personas) -> RunVisitor:
    """Who changes; the token is a UUID where it may be."""
    return cast.visitor(actor, "cora", lambda: actor.visitor(str(uuid4())))


@pytest.fixture
def eric(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is deleted and comes back; the token is a number where it may be, and unknown before if one was asked for."""
    return cast.visitor(
        actor, "eric", lambda: cast.visitors.pop("nobody", None) or actor.visitor(round_number()), in_department=True
    )


@pytest.fixture
def dora(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is refused before she has a room, and at the end; the token has signs, and more where it may."""
    kinds = (lambda: actor.stranger(UNUSUAL_END), lambda: actor.stranger(SIGNS))
    return cast.visitor(actor, "dora", *kinds, in_department=True)


@pytest.fixture
def signed(request: pytest.FixtureRequest) -> RunVisitor:
    """Dora, for calls with tokens that are nearly hers: they are no part of her story."""
    visitor: RunVisitor = request.getfixturevalue("dora")
    return visitor


@pytest.fixture
def nobody(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is not registered; the token is a number, and perhaps eric's later on."""
    return cast.visitors.get("nobody") or cast.visitors.setdefault("nobody", actor.visitor(round_number()))


# stories: those of anna, cora, dora and eric come in the order in which they stand here


def test_a_room_is_created_and_returned(actor: Actor, anna: RunVisitor, cast: Personas) -> None:
    cast.keep("anna", actor.get_or_create(anna, "open a room"))
    actor.reconnect()
    actor.get_or_create(anna, "repeat on a new connection")
    actor.by_rid(anna, cast.home(actor, "anna"), "own rid")


def test_a_visitor_is_refused_before_the_first_room(
    actor: Actor, anna: RunVisitor, dora: RunVisitor, cast: Personas
) -> None:
    actor.by_rid(dora, cast.home(actor, "anna"), f"foreign rid of {anna.name}, no room open")
    unknown = value_deviation(cast.home(actor, "anna"), "in a list")
    actor.by_rid(dora, unknown, "foreign rid in the text of a list, no room open")
    structured = [(f"rid{shape}", cast.home(actor, "anna")) for shape in OBJECTS]
    actor.room([("token", dora.token), *structured, ("rid[$ne]", "x")], "structured foreign rid, no room open", dora)
    actor.get_or_create(dora, "unknown parameter, no room open", departmentId=canary())
    cast.keep("dora", actor.from_the_same_browser(dora, "open a room after refused calls, in the browser of another"))


def test_a_message_keeps_the_room(actor: Actor, anna: RunVisitor, cast: Personas) -> None:
    actor.message(anna, cast.home(actor, "anna"), MESSAGE)
    actor.aside("HEAD", anna, "HEAD, a room open")
    actor.get_or_create(anna, "repeat after a message")


def test_a_closed_room_stays_closed(actor: Actor, anna: RunVisitor, cast: Personas) -> None:
    closed = cast.leave(actor, "anna")
    actor.aside("OPTIONS", anna, "OPTIONS, no room open")
    cast.keep("anna", actor.from_the_same_browser(anna, "open a room after a close, in the same browser"))
    actor.by_rid(anna, closed, "closed rid")


def test_the_first_call_names_a_known_agent(actor: Actor, anna: RunVisitor, bert: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "anna")
    agent = agent_of(cast.shown["anna"])
    named = {} if agent is None else {"agentId": agent}
    why = f"agentId of who serves {anna.name}, if anybody does, no room open, in the same browser"
    opened = actor.from_the_same_browser(bert, why, **named)
    if opened.room is not None:
        cast.keep("bert", opened)


def test_rids_of_no_own_room_are_refused(actor: Actor, anna: RunVisitor, bert: RunVisitor, cast: Personas) -> None:
    own, foreign = cast.home(actor, "bert"), cast.home(actor, "anna")
    actor.by_rid(bert, HOSTILE_VALUES["undefined"], "unknown rid")
    actor.by_rid(bert, NUMERIC_ID, "unknown rid and an agent", agentId=UNKNOWN_AGENT)
    actor.by_rid(bert, own, "own rid after others and refused calls")
    actor.by_rid(bert, foreign, f"rid of {anna.name} and an agent, the own room open", agentId=UNKNOWN_AGENT)
    actor.by_rid(bert, cast.rooms["anna"][0], f"rid of {anna.name}, closed if any was")
    actor.get_or_create(bert, "repeat after refused rids")


def test_the_first_call_names_a_hostile_agent(actor: Actor, cora: RunVisitor, cast: Personas) -> None:
    cast.keep("cora", actor.get_or_create(cora, "hostile agentId without a room", agentId=EVERYTHING))


def test_a_visitor_takes_a_name_and_a_department_and_comes_through_the_widget(
    actor: Actor, cora: RunVisitor, dora: RunVisitor, cast: Personas
) -> None:
    cast.home(actor, "cora")
    cast.home(actor, "dora")
    again = actor.registration(cora, name=actor.name_of(dora), **cast.department(actor), **cast.fields(actor))
    actor.send(again, f"register again, under the name of {dora.name}", cora)
    actor.send(widget_call(cora.token), "repeat with the widget's cookies, without agentId", cora)


def test_others_came_meanwhile(
    actor: Actor, anna: RunVisitor, bert: RunVisitor, cora: RunVisitor, dora: RunVisitor, cast: Personas
) -> None:
    for who in ("anna", "bert", "cora", "dora"):
        cast.home(actor, who)
    own, other = agent_of(cast.shown["dora"]) or UNKNOWN_AGENT, cast.other_agent("dora")
    actor.get_or_create(dora, "agentId, another one if two are known, with an open room", agentId=other or own)
    if other is not None:
        actor.get_or_create(dora, "agentId of who served the room before", agentId=own)
    for number in range(6):
        actor.message(anna, cast.home(actor, "anna"), f"message {number + 1}")
    pairs = [("rid", cast.home(actor, "anna")), ("token", anna.token), ("agentId", other or own)]
    actor.room(pairs, f"own rid before the token, an agent of {dora.name}, after others, a close, six messages", anna)
    for closed in cast.rooms["anna"][:-1][:1]:
        actor.close(anna, closed)
    why = f"repeat after {cora.name} and others, a room closed twice, a letter of the token encoded"
    actor.send(encoded_call(anna.token), why, anna)


def test_a_token_in_capitals(actor: Actor, cora: RunVisitor, cast: Personas) -> None:
    capitals = RunVisitor(value_deviation(cora.token, "capitals"), cora.name)
    actor.by_rid(capitals, cast.home(actor, "cora"), "token in capitals, with the rid of its room")


def test_a_visitor_with_rooms_is_deleted(actor: Actor, eric: RunVisitor, cast: Personas) -> None:
    cast.leave(actor, "eric")
    if fields := cast.fields(actor):
        again = actor.registration(eric, **cast.department(actor), **fields)
        actor.send(again, "register again, with the custom fields of the workspace", eric)
    asks = widget_call(eric.token, ("rid", ""))
    cast.keep("eric", actor.send(asks, "room in a department, from the widget, with an empty rid", eric))
    agent = agent_of(cast.shown["eric"]) or UNKNOWN_AGENT
    room = cast.leave(actor, "eric")
    actor.by_rid(eric, room, "closed rid and an agent, no room open", agentId=agent)
    actor.delete(eric)
    actor.ask_after_deletion(eric)
    actor.by_rid(eric, room, "rid of a deleted visitor")


def test_a_deleted_visitor_comes_back(actor: Actor, eric: RunVisitor, cast: Personas) -> None:
    room = cast.home(actor, "eric")
    cast.forget("eric")
    back = actor.register(eric)
    for why in ("first room", "repeat"):
        actor.get_or_create(back, f"{why} of a visitor who was deleted and came back")
    actor.by_rid(back, room, "rid of a room before the deletion")


def test_a_number_in_another_spelling(actor: Actor, eric: RunVisitor, cast: Personas) -> None:
    rid = cast.home(actor, "eric")
    for change in ("zero before", "exponent") if eric.token.isdecimal() else ():
        nearly = RunVisitor(Token(NUMBER_DEVIATIONS[change](eric.token)), eric.name)
        actor.by_rid(nearly, rid, f"number for a token, {change}, with the rid of its room")


def test_a_query_full_of_odd_parameters(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    own, foreign = cast.home(actor, "bert"), cast.home(actor, "anna")
    many = [(f"p{number}", "x") for number in range(150)]
    agent = cast.other_agent("bert") or agent_of(cast.shown["bert"]) or UNKNOWN_AGENT
    odd = [("rid[]", own), ("rid[]", foreign), ("agentId[$eq]", agent), ("unnamed", EVERYTHING)]
    actor.room([("token", bert.token), *odd, *many], "structured rids and agentId, many unknown parameters", bert)
    why = "repeat with a very long agentId, after refused calls"
    actor.get_or_create(bert, why, agentId=HOSTILE_VALUES["very long"])


def test_an_empty_rid_opens_and_returns_a_room(actor: Actor, anna: RunVisitor, cast: Personas) -> None:
    closed = cast.leave(actor, "anna")
    actor.by_rid(anna, closed, "closed rid, no room open")
    cast.keep("anna", actor.by_rid(anna, "", "empty rid and agentId, no room open", agentId=""))
    actor.message(anna, cast.home(actor, "anna"), MESSAGE)
    actor.by_rid(anna, "", "empty rid and agentId, a room open, after a message", agentId="")


# calls that name nobody, or somebody by something else than a token


def test_a_call_without_parameters(actor: Actor) -> None:
    actor.room([], "missing token")


def test_an_empty_token(actor: Actor) -> None:
    actor.room([("token", "")], "empty token")


def test_a_rid_comes_without_a_token(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    rid = ("rid", cast.home(actor, "bert"))
    actor.room([("Token", bert.token), rid], "Token for token, the rid of an open room", bert)
    actor.room([("token", ""), rid], "empty token, the rid of an open room")


def test_an_unknown_token(actor: Actor, nobody: RunVisitor, cast: Personas) -> None:
    actor.by_rid(nobody, cast.home(actor, "bert"), "unknown token, a number, with the rid of an open room")
    actor.get_or_create(nobody, "unknown token again, with an agent", agentId=UNKNOWN_AGENT)


def test_something_else_for_the_token(actor: Actor, anna: RunVisitor, cast: Personas) -> None:
    rid = cast.home(actor, "anna")
    visitor = cast.shown["anna"].get("v")
    named = visitor if isinstance(visitor, dict) else {}
    for what, known_by in (("_id", named.get("_id")), ("username", named.get("username")), ("room", rid)):
        if isinstance(known_by, str) and known_by:
            actor.room([("token", known_by), ("rid", rid)], f"{what} of {anna.name} for the token, and the rid")


# tokens sent as something else than a text


def test_a_token_sent_twice(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    token = ("token", bert.token)
    actor.room([token, token, ("rid", cast.home(actor, "bert"))], "token twice, with the rid of its room", bert)


def test_a_token_as_a_list(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    pairs = [("token[]", bert.token), ("rid", cast.home(actor, "bert"))]
    actor.room(pairs, "token as a list, with the rid of its room", bert)


def test_operators_for_a_token(actor: Actor, bert: RunVisitor) -> None:
    operators = {"$regex": bert.token, "$ne": "x", "$gt": "", "$exists": "true"}
    actor.room([(f"token[{name}]", value) for name, value in operators.items()], "operators for a token", bert)


# tokens that a loose comparison takes for the right ones, with the rid of the room that the right one has


def ask_nearly(actor: Actor, cast: Personas, who: str, *changes: str) -> None:
    """Ask with tokens that are nearly a visitor's, and the rid of the visitor's room."""
    rid, visitor = cast.home(actor, who), cast.visitors[who]
    for change in changes:
        nearly = RunVisitor(value_deviation(visitor.token, change), visitor.name)
        actor.by_rid(nearly, rid, f"token {change}, with the rid of its room")


def test_a_token_and_more(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly(actor, cast, "bert", "nul and more")


def test_a_part_of_a_token(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly(actor, cast, "bert", "first half")


def test_a_token_with_white_space(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly(actor, cast, "bert", "space after", "space before", "line break")


def test_a_token_in_another_coding(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly(actor, cast, "bert", "quotes", "in an object")
    actor.send(encoded_call(bert.token, "%25"), "token encoded twice", bert)


def test_a_token_at_its_far_end(actor: Actor, signed: RunVisitor) -> None:
    ask_unusually(actor, signed, "another sign beyond 16 bits", "decomposed")
    beginning = signed.token.partition(".")[0]
    actor.get_or_create(RunVisitor(Token(f"{beginning}{PATTERN}"), signed.name), "token as a pattern")


def test_a_token_with_other_signs(actor: Actor, signed: RunVisitor) -> None:
    ask_unusually(actor, signed, "capitals beyond ASCII", "space for plus")


def ask_unusually(actor: Actor, visitor: RunVisitor, *changes: str) -> None:
    """Ask with tokens that are nearly an unusual one, as far as the server knows it."""
    for change in changes if visitor.token.endswith(UNUSUAL_END) else ():
        token = Token(UNUSUAL_DEVIATIONS[change](visitor.token))
        actor.get_or_create(RunVisitor(token, visitor.name), f"unusual token, {change}")


# rids that are nearly the own one, or another visitor's


def ask_nearly_by_rid(actor: Actor, cast: Personas, whose: str, *changes: str) -> None:
    """Ask as bert with rids that are nearly that of somebody's room."""
    cast.home(actor, "bert")
    rid = cast.home(actor, whose)
    for change in changes:
        actor.by_rid(cast.visitors["bert"], value_deviation(rid, change), f"rid of {whose}, {change}")


def test_a_rid_and_more(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly_by_rid(actor, cast, "bert", "nul and more")


def test_parts_of_a_rid(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly_by_rid(actor, cast, "bert", "first half", "first letter off")


def test_a_rid_compared_loosely(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly_by_rid(actor, cast, "bert", "other case", "space after", "any letter")


def test_own_and_foreign_rids_in_one_text(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    own, foreign = cast.home(actor, "bert"), cast.home(actor, "anna")
    for rid in (f"{own};x/{foreign}", f"{foreign};x,{own},{foreign}"):
        actor.by_rid(bert, rid, "own rid and a foreign one in one text")


def test_a_rid_in_another_coding(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly_by_rid(actor, cast, "bert", "in a list", "last letter encoded", "full width", "dot after")


def test_a_foreign_rid_in_another_coding(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    ask_nearly_by_rid(actor, cast, "anna", "last letter encoded", "full width", "dot after")


def test_a_visitor_asks_for_a_foreign_room(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "bert")
    actor.by_rid(bert, cast.home(actor, "anna"), "foreign rid with an own room open")
    actor.get_or_create(bert, "repeat after a foreign rid")
    actor.by_rid(bert, UNKNOWN_RID, "unknown rid")


# agents


def test_an_unknown_agent(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "bert")
    actor.get_or_create(bert, "agentId with an open room", agentId=UNKNOWN_AGENT)


def test_the_first_call_names_an_agent(actor: Actor) -> None:
    visitor = actor.register()
    actor.get_or_create(visitor, "agentId without a room", agentId=UNKNOWN_AGENT)
    actor.get_or_create(visitor, "repeat without agentId")


def test_an_agent_sent_twice(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "bert")
    agents = [("agentId", agent or UNKNOWN_AGENT) for agent in (cast.other_agent("bert"), agent_of(cast.shown["bert"]))]
    actor.room([("token", bert.token), *agents], "agentId twice", bert)


# visitors who are not registered yet


def test_the_first_calls_are_refused(actor: Actor, cast: Personas) -> None:
    foreign, visitor = cast.home(actor, "anna"), actor.stranger()
    actor.get_or_create(visitor, "before registration")
    actor.get_or_create(visitor, "before registration, with an agent and a line break", agentId=LINES)
    actor.get_or_create(visitor, "before registration, again")
    actor.register(visitor)
    actor.by_rid(visitor, UNKNOWN_RID, "unknown rid, no room open")
    actor.by_rid(visitor, foreign, "foreign rid, no room open")
    actor.get_or_create(visitor, "first room after refused calls")
