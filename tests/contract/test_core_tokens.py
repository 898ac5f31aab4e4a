"""Driver: goes on where ``test_core`` ends: tokens that a server may take for numbers or ids, and so for others."""

from __future__ import annotations

from uuid import uuid4

import pytest

from rocketchat_contract.client.personas import Personas
from rocketchat_contract.client.values import NUMBER_DEVIATIONS, UUID_DEVIATIONS, round_number
from rocketchat_contract.client.visitors import Actor, RunVisitor


@pytest.fixture(scope="module")
def cast() -> Personas:
    return Personas()


@pytest.fixture
def nina(actor: Actor, cast: Personas) -> RunVisitor:
    """Whose token is a number, where the server takes one."""
    return cast.visitor(actor, "nina", lambda: actor.visitor(round_number()))


@pytest.fixture
def ugo(actor: Actor, cast: Personas) -> RunVisitor:
    """Whose token is a UUID, where the server takes one."""
    return cast.visitor(actor, "ugo", lambda: actor.visitor(str(uuid4())))


@pytest.mark.parametrize("change", NUMBER_DEVIATIONS)
def test_a_number_is_no_token_of_another_spelling(actor: Actor, nina: RunVisitor, change: str) -> None:
    if not nina.token.isdecimal():
        pytest.skip("the server knows no number as a token")
    actor.get_or_create(RunVisitor(NUMBER_DEVIATIONS[change](nina.token), nina.name), f"number for a token, {change}")


@pytest.mark.parametrize("change", UUID_DEVIATIONS)
def test_a_uuid_is_no_token_of_another_spelling(actor: Actor, ugo: RunVisitor, change: str) -> None:
    if UUID_DEVIATIONS["without hyphens"](ugo.token) == ugo.token:
        pytest.skip("the server knows no UUID as a token")
    actor.get_or_create(RunVisitor(UUID_DEVIATIONS[change](ugo.token), ugo.name), f"UUID for a token, {change}")


def test_visitors_with_such_tokens_keep_their_rooms(
    actor: Actor, nina: RunVisitor, ugo: RunVisitor, cast: Personas
) -> None:
    for who, visitor in (("nina", nina), ("ugo", ugo)):
        rid = cast.home(actor, who)
        actor.get_or_create(visitor, "repeat")
        actor.by_rid(visitor, rid, "own rid")


@pytest.mark.parametrize("name", ["[$in][]", "[x]", "[0]"])
def test_an_object_with_the_token(actor: Actor, nina: RunVisitor, name: str) -> None:
    actor.room([(f"token{name}", nina.token)], f"token{name}", nina)
