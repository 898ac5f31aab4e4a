"""Driver: walks every requirement once with the fewest calls.

In which order is data: ``spec/order.json`` holds the order that the kill matrix suggests, so that the first fifteen
room calls are a smoke test of their own, and the first thirty-two put every must at stake that a single visitor can
break; with the volleys they are the gate. So each story brings along what it needs, and works wherever it stands.
What follows the first sixty looks for the same faults in places where they hide: in one parameter, under one spelling;
``test_core_corners`` goes on from there.
"""

from __future__ import annotations

import pytest

from rocketchat_contract.client.personas import UNKNOWN_AGENT, UNKNOWN_RID, Personas, agent_of
from rocketchat_contract.client.values import (
    DEVIATIONS,
    EVERYTHING,
    HOSTILE_VALUES,
    LINES,
    UNUSUAL_DEVIATIONS,
    UNUSUAL_END,
    canary,
    digits,
    value_deviation,
)
from rocketchat_contract.client.visitors import Actor, RunVisitor, encoded_call, widget_call
from rocketchat_contract.record.redactor import Token

NUMERIC_ID = "50717888990199439011e400"
"""An id as MongoDB makes them, and a number beyond all bounds."""
SIGNS = ".a+b@c-d~e"
OBJECTS = ("[x]", "[$eq]", "[$in][]")
MESSAGE = "hello from Zoë of the contract suite 👋\nsecond line"


@pytest.fixture(scope="module")
def cast() -> Personas:
    return Personas()


@pytest.fixture
def anna(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is always answered with a room, so that what is wrong with it has one explanation."""
    return cast.visitor(actor, "anna", actor.stranger, with_address=True)


@pytest.fixture
def bert(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is refused all the time; the token is long."""
    return cast.visitor(actor, "bert", actor.long_stranger)


@pytest.fixture
def cora(actor: Actor, cast: Personas) -> RunVisitor:
    """Who changes, and is deleted."""
    return cast.visitor(actor, "cora")


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
    """Who was never registered; the token is a number."""
    return cast.visitors.get("nobody") or cast.visitors.setdefault("nobody", actor.visitor(digits()))


@pytest.fixture
def erased() -> None:
    """Stands at stories of which the later ones show what became of rooms that were erased."""


# stories: those of anna, cora and dora come in the order in which they stand here


def test_a_room_is_created_and_returned(actor: Actor, anna: RunVisitor, cast: Personas) -> None:
    cast.keep("anna", actor.get_or_create(anna, "open a room"))
    actor.reconnect()
    actor.get_or_create(anna, "repeat on a new connection")
    actor.by_rid(anna, cast.home(actor, "anna"), "own rid")


def test_a_visitor_is_refused_before_the_first_room(
    actor: Actor, anna: RunVisitor, dora: RunVisitor, cast: Personas
) -> None:
    actor.by_rid(dora, cast.home(actor, "anna"), f"foreign rid of {anna.name}, no room open")
    actor.by_rid(dora, HOSTILE_VALUES["undefined"], "unknown rid, no room open")
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


def test_a_visitor_with_rooms_is_deleted(actor: Actor, cora: RunVisitor, erased: None, cast: Personas) -> None:
    cast.leave(actor, "cora")
    asks = widget_call(cora.token, ("rid", ""))
    cast.keep("cora", actor.send(asks, "room in a department, from the widget, with an empty rid", cora))
    room = cast.leave(actor, "cora")
    actor.delete(cora)
    actor.ask_after_deletion(cora)
    actor.by_rid(cora, room, "rid of a deleted visitor")


def test_a_query_full_of_odd_parameters(actor: Actor, anna: RunVisitor, bert: RunVisitor, cast: Personas) -> None:
    own, foreign = cast.home(actor, "bert"), cast.home(actor, "anna")
    many = [(f"p{number}", "x") for number in range(150)]
    agent = cast.other_agent("bert") or agent_of(cast.shown["bert"]) or UNKNOWN_AGENT
    odd = [("rid[]", own), ("rid[]", foreign), ("agentId[$eq]", agent), ("unnamed", EVERYTHING)]
    actor.room([("token", bert.token), *odd, *many], "structured rids and agentId, many unknown parameters", bert)
    actor.by_rid(bert, foreign, f"rid of {anna.name}, the own room open")
    why = "repeat with a very long agentId, after refused calls"
    actor.get_or_create(bert, why, agentId=HOSTILE_VALUES["very long"])


def test_an_empty_rid_opens_and_returns_a_room(actor: Actor, anna: RunVisitor, erased: None, cast: Personas) -> None:
    closed = cast.leave(actor, "anna")
    actor.by_rid(anna, closed, "closed rid, no room open")
    cast.keep("anna", actor.by_rid(anna, "", "empty rid and agentId, no room open", agentId=""))
    actor.message(anna, cast.home(actor, "anna"), MESSAGE)
    actor.by_rid(anna, "", "empty rid and agentId, a room open, after a message", agentId="")


def test_rids_of_no_open_room_are_refused(actor: Actor, anna: RunVisitor, dora: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "dora")
    actor.by_rid(dora, NUMERIC_ID, "unknown rid")
    closed = cast.rooms.get("anna", [UNKNOWN_RID])[0]
    actor.by_rid(dora, closed, f"foreign rid, closed by {anna.name}")


def test_who_comes_back_after_deletion_has_no_old_room(
    actor: Actor, cora: RunVisitor, erased: None, cast: Personas
) -> None:
    room = cast.home(actor, "cora")
    cast.forget("cora")
    actor.register(cora)
    actor.by_rid(cora, room, "closed rid of a visitor who was deleted and came back")


# rids of other rooms


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


# tokens that are nobody's


def test_a_call_without_parameters(actor: Actor) -> None:
    actor.room([], "missing token")


def test_an_unknown_token(actor: Actor, nobody: RunVisitor, cast: Personas) -> None:
    actor.by_rid(nobody, cast.home(actor, "bert"), "unknown token, a number, with the rid of an open room")


def test_an_unknown_token_again(actor: Actor, nobody: RunVisitor) -> None:
    actor.get_or_create(nobody, "unknown token again, with an agent and a line break", agentId=LINES)


def test_an_empty_token(actor: Actor) -> None:
    actor.room([("token", "")], "empty token")


def test_the_first_calls_are_refused(actor: Actor, cast: Personas) -> None:
    foreign, visitor = cast.home(actor, "anna"), actor.stranger()
    actor.get_or_create(visitor, "before registration")
    actor.get_or_create(visitor, "before registration, with an agent", agentId=UNKNOWN_AGENT)
    actor.get_or_create(visitor, "before registration, again")
    actor.register(visitor)
    actor.by_rid(visitor, UNKNOWN_RID, "unknown rid, no room open")
    actor.by_rid(visitor, foreign, "foreign rid, no room open")
    actor.get_or_create(visitor, "first room after refused calls")


def test_a_visitor_comes_back_after_deletion(actor: Actor) -> None:
    visitor = actor.register()
    actor.delete(visitor)
    actor.ask_after_deletion(visitor)
    actor.register(visitor)
    actor.by_rid(visitor, "", "empty rid, no room open")
    actor.by_rid(visitor, "", "empty rid, a room open")


# tokens and rids that a loose comparison takes for the right ones


@pytest.mark.parametrize("change", DEVIATIONS)
def test_a_token_that_is_nearly_right(actor: Actor, bert: RunVisitor, change: str) -> None:
    actor.get_or_create(RunVisitor(value_deviation(bert.token, change), bert.name), f"token {change}")


def test_a_token_with_a_dot_is_no_pattern(actor: Actor, signed: RunVisitor) -> None:
    actor.get_or_create(RunVisitor(f"{signed.token.partition('.')[0]}.*", signed.name), "token as a pattern")


@pytest.mark.parametrize("change", UNUSUAL_DEVIATIONS)
def test_an_unusual_token_that_is_nearly_right(actor: Actor, signed: RunVisitor, change: str) -> None:
    token = UNUSUAL_DEVIATIONS[change](signed.token)
    if token == signed.token or not signed.token.endswith(UNUSUAL_END):
        pytest.skip("the server knows no such token")
    actor.get_or_create(RunVisitor(Token(token), signed.name), f"unusual token, {change}")


def test_a_token_that_decodes_twice(actor: Actor, bert: RunVisitor) -> None:
    actor.send(encoded_call(bert.token, "%25"), "token encoded twice", bert)


@pytest.mark.parametrize("member", ["_id", "username", "room"])
def test_something_else_for_the_token(actor: Actor, cast: Personas, member: str) -> None:
    cast.home(actor, "anna")
    room = cast.shown["anna"]
    visitor = room.get("v")
    known_by = room.get("_id") if member == "room" else visitor.get(member) if isinstance(visitor, dict) else None
    if isinstance(known_by, str) and known_by:
        actor.room([("token", known_by), ("rid", cast.home(actor, "anna"))], f"{member} for the token, and the rid")


@pytest.mark.parametrize("name", ["TOKEN", "Token"])
def test_a_token_under_another_name(actor: Actor, bert: RunVisitor, cast: Personas, name: str) -> None:
    pairs = [(name, bert.token), ("rid", cast.home(actor, "bert"))]
    actor.room(pairs, f"{name} for token, the rid of an open room", bert)


@pytest.mark.parametrize("change", DEVIATIONS)
def test_a_rid_that_is_nearly_right(actor: Actor, bert: RunVisitor, cast: Personas, change: str) -> None:
    actor.by_rid(bert, value_deviation(cast.home(actor, "bert"), change), f"rid {change}")


# tokens sent as something else than a text


def test_a_token_sent_twice(actor: Actor, bert: RunVisitor) -> None:
    actor.room([("token", bert.token), ("token", bert.token)], "token twice", bert)


@pytest.mark.parametrize("turn", [1, -1], ids=["True", "False"])
def test_two_tokens(actor: Actor, bert: RunVisitor, turn: int) -> None:
    actor.room([("token", bert.token), ("token", actor.stranger().token)][::turn], "two tokens", bert)


def test_a_token_as_a_list(actor: Actor, bert: RunVisitor) -> None:
    actor.room([("token[]", bert.token)], "token as a list", bert)


def test_operators_for_a_token(actor: Actor, bert: RunVisitor) -> None:
    operators = {"$regex": bert.token, "$ne": "x", "$gt": "", "$exists": "true"}
    actor.room([(f"token[{name}]", value) for name, value in operators.items()], "operators for a token", bert)


@pytest.mark.parametrize(("name", "value"), [("$ne", "x"), ("$regex", ".*"), ("$gt", ""), ("$exists", "true")])
def test_an_operator_for_a_token(actor: Actor, bert: RunVisitor, name: str, value: str) -> None:
    actor.room([(f"token[{name}]", value)], f"token[{name}]", bert)


# parameters of wrong shape, and values that break servers


def test_an_agent_sent_twice(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    cast.home(actor, "bert")
    agents = [("agentId", agent or UNKNOWN_AGENT) for agent in (cast.other_agent("bert"), agent_of(cast.shown["bert"]))]
    actor.room([("token", bert.token), *agents], "agentId twice", bert)


@pytest.mark.parametrize("owners", [("bert", "anna"), ("anna", "bert")], ids=["own first", "own last"])
def test_a_rid_sent_twice(actor: Actor, bert: RunVisitor, cast: Personas, owners: tuple[str, str]) -> None:
    rids = [("rid", cast.home(actor, who)) for who in owners]
    actor.room([("token", bert.token), *rids], "two rids, one of them the own one", bert)


@pytest.mark.parametrize("name", ["rid", "agentId"])
@pytest.mark.parametrize("shape", ["[]", "[$ne]", "[x][y]"])
def test_a_structured_parameter(actor: Actor, bert: RunVisitor, cast: Personas, name: str, shape: str) -> None:
    foreign = cast.home(actor, "anna")
    value = foreign if name == "rid" else agent_of(cast.shown["anna"]) or UNKNOWN_AGENT
    told = "x" if shape == "[$ne]" else value
    actor.room([("token", bert.token), (f"{name}{shape}", told)], f"structured {name}, a real one", bert)


@pytest.mark.parametrize("shape", ["[]", *OBJECTS])
def test_an_own_rid_in_a_structure(actor: Actor, bert: RunVisitor, cast: Personas, shape: str) -> None:
    actor.room([("token", bert.token), (f"rid{shape}", cast.home(actor, "bert"))], f"own rid as rid{shape}", bert)


@pytest.mark.parametrize("text", ["{foreign};x,{own},{foreign}", "{own};x/{foreign}"], ids=["commas", "slash"])
def test_own_and_foreign_rids_in_one_text(actor: Actor, bert: RunVisitor, cast: Personas, text: str) -> None:
    rid = text.format(own=cast.home(actor, "bert"), foreign=cast.home(actor, "anna"))
    actor.by_rid(bert, rid, "own rid and a foreign one in one text")


@pytest.mark.parametrize("change", DEVIATIONS)
def test_a_foreign_rid_that_is_nearly_right(actor: Actor, bert: RunVisitor, cast: Personas, change: str) -> None:
    actor.by_rid(bert, value_deviation(cast.home(actor, "anna"), change), f"foreign rid {change}")


@pytest.mark.parametrize("how", ["none", "empty", "in a list", "operator", "space after", "capitals"])
def test_a_rid_without_its_token(actor: Actor, bert: RunVisitor, cast: Personas, how: str) -> None:
    tokens = {
        "none": [],
        "empty": [("token", "")],
        "in a list": [("token[]", bert.token)],
        "operator": [("token[$ne]", "x")],
    }
    token = tokens[how] if how in tokens else [("token", value_deviation(bert.token, how))]
    actor.room([*token, ("rid", cast.home(actor, "bert"))], f"rid of an open room, token {how}")


@pytest.mark.parametrize("value", HOSTILE_VALUES)
@pytest.mark.parametrize("name", ["token", "rid", "agentId", "unnamed"])
def test_a_hostile_value(actor: Actor, bert: RunVisitor, name: str, value: str) -> None:
    pairs = {"token": bert.token} | {name: HOSTILE_VALUES[value]}
    actor.room(list(pairs.items()), f"{value} for {name}", bert)
