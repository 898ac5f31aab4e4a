"""Driver: goes on where ``test_core`` ends: each deviation, shape and hostile value in each parameter, alone."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.personas import UNKNOWN_AGENT, Personas, agent_of
from rocketchat_contract.client.values import (
    DEVIATIONS,
    HOSTILE_VALUES,
    LINES,
    OBJECTS,
    UNUSUAL_DEVIATIONS,
    UNUSUAL_END,
    digits,
    value_deviation,
)
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.record.redactor import Token


@pytest.fixture(scope="module")
def cast() -> Personas:
    return Personas()


@pytest.fixture
def bert(actor: Actor, cast: Personas) -> RunVisitor:
    """Who is refused all the time; the token is long."""
    return cast.visitor(actor, "bert", actor.long_stranger)


@pytest.fixture
def signed(actor: Actor, cast: Personas) -> RunVisitor:
    """Whose token is unusual, where it may be."""
    return cast.visitor(actor, "dora", lambda: actor.stranger(UNUSUAL_END))


@pytest.fixture
def nobody(actor: Actor, cast: Personas) -> RunVisitor:
    """Who was never registered; the token is a number."""
    return cast.visitors.get("nobody") or cast.visitors.setdefault("nobody", actor.visitor(digits()))


# tokens and rids that a loose comparison takes for the right ones


@pytest.mark.parametrize("change", DEVIATIONS)
def test_a_token_that_is_nearly_right(actor: Actor, bert: RunVisitor, change: str) -> None:
    actor.get_or_create(RunVisitor(value_deviation(bert.token, change), bert.name), f"token {change}")


@pytest.mark.parametrize("change", UNUSUAL_DEVIATIONS)
def test_an_unusual_token_that_is_nearly_right(actor: Actor, signed: RunVisitor, change: str) -> None:
    token = UNUSUAL_DEVIATIONS[change](signed.token)
    if token == signed.token or not signed.token.endswith(UNUSUAL_END):
        pytest.skip("the server knows no such token")
    actor.get_or_create(RunVisitor(Token(token), signed.name), f"unusual token, {change}")


@pytest.mark.parametrize("name", ["TOKEN", "Token"])
def test_a_token_under_another_name(actor: Actor, bert: RunVisitor, cast: Personas, name: str) -> None:
    pairs = [(name, bert.token), ("rid", cast.home(actor, "bert"))]
    actor.room(pairs, f"{name} for token, the rid of an open room", bert)


@pytest.mark.parametrize("change", DEVIATIONS)
def test_a_rid_that_is_nearly_right(actor: Actor, bert: RunVisitor, cast: Personas, change: str) -> None:
    actor.by_rid(bert, value_deviation(cast.home(actor, "bert"), change), f"rid {change}")


# tokens sent as something else than a text


@pytest.mark.parametrize("turn", [1, -1], ids=["True", "False"])
def test_two_tokens(actor: Actor, bert: RunVisitor, turn: int) -> None:
    actor.room([("token", bert.token), ("token", actor.stranger().token)][::turn], "two tokens", bert)


@pytest.mark.parametrize(("name", "value"), [("$ne", "x"), ("$regex", ".*"), ("$gt", ""), ("$exists", "true")])
def test_an_operator_for_a_token(actor: Actor, bert: RunVisitor, name: str, value: str) -> None:
    actor.room([(f"token[{name}]", value)], f"token[{name}]", bert)


# parameters of wrong shape, and values that break servers


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


def test_an_unknown_token_asked_again(actor: Actor, nobody: RunVisitor, cast: Personas) -> None:
    actor.by_rid(nobody, cast.home(actor, "bert"), "unknown token, a number, with the rid of an open room")
    actor.get_or_create(nobody, "unknown token again, with an agent and a line break", agentId=LINES)


def test_an_empty_rid_after_a_deletion(actor: Actor) -> None:
    visitor = actor.register()
    actor.delete(visitor)
    actor.ask_after_deletion(visitor)
    actor.register(visitor)
    actor.by_rid(visitor, "", "empty rid, no room open")
    actor.by_rid(visitor, "", "empty rid, a room open")
