"""Driver: goes on where ``test_core`` ends: visitors whose tokens are nearly the same, each with a room of their own.

A server may know visitors by their very tokens, and still look for rooms, or keep answers, by less than that.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from rocketchat_contract.client.personas import Personas
from rocketchat_contract.client.values import (
    DEVIATIONS,
    NUMBER_DEVIATIONS,
    UNUSUAL_DEVIATIONS,
    UNUSUAL_END,
    UUID_DEVIATIONS,
    round_number,
)
from rocketchat_contract.client.visitors import Actor, RunVisitor

KEPT = ("first half", "cut", "lengthened", "space after", "accent", "zero width", "full width", "any sign")
"""Deviations that leave the beginning of a token as it is, by which a run knows its own."""


@pytest.fixture(scope="module")
def cast() -> Personas:
    return Personas()


@pytest.fixture
def bert(actor: Actor, cast: Personas) -> RunVisitor:
    """Whose token is long, where it may be."""
    return cast.visitor(actor, "bert", actor.long_stranger)


@pytest.fixture
def dora(actor: Actor, cast: Personas) -> RunVisitor:
    """Whose token is unusual, where it may be."""
    return cast.visitor(actor, "dora", lambda: actor.stranger(UNUSUAL_END))


@pytest.fixture
def nina(actor: Actor, cast: Personas) -> RunVisitor:
    """Whose token is a number, where it may be."""
    return cast.visitor(actor, "nina", lambda: actor.visitor(round_number()))


@pytest.fixture
def ugo(actor: Actor, cast: Personas) -> RunVisitor:
    """Whose token is a UUID, where it may be."""
    return cast.visitor(actor, "ugo", lambda: actor.visitor(str(uuid4())))


def open_beside(actor: Actor, cast: Personas, who: str, change: str, asked: RunVisitor) -> None:
    """Register a visitor whose token is nearly that of somebody with an open room, and ask for the room."""
    cast.home(actor, who)
    known = cast.visitors[who]
    twin = actor.registered(asked) if asked.token != known.token else None
    if twin is None or twin.token == known.token:
        pytest.skip("the server knows no such visitor")
    actor.get_or_create(twin, f"first room of a visitor with the token of {known.name}, {change}")


def test_a_visitor_comes_whose_token_differs_in_case(actor: Actor, bert: RunVisitor, cast: Personas) -> None:
    open_beside(actor, cast, "bert", "other case", actor.long_stranger(bert))


@pytest.mark.parametrize("change", KEPT)
def test_a_visitor_comes_with_nearly_a_token(actor: Actor, bert: RunVisitor, cast: Personas, change: str) -> None:
    open_beside(actor, cast, "bert", change, actor.visitor(DEVIATIONS[change](bert.token)))


@pytest.mark.parametrize("change", UNUSUAL_DEVIATIONS)
def test_a_visitor_comes_with_nearly_an_unusual_token(
    actor: Actor, dora: RunVisitor, cast: Personas, change: str
) -> None:
    open_beside(actor, cast, "dora", change, actor.visitor(UNUSUAL_DEVIATIONS[change](dora.token)))


@pytest.mark.parametrize("change", NUMBER_DEVIATIONS)
def test_a_visitor_comes_with_nearly_a_number(actor: Actor, nina: RunVisitor, cast: Personas, change: str) -> None:
    if not nina.token.isdecimal():
        pytest.skip("the server knows no number as a token")
    open_beside(actor, cast, "nina", change, actor.visitor(NUMBER_DEVIATIONS[change](nina.token)))


@pytest.mark.parametrize("change", ["capitals", "without hyphens"])
def test_a_visitor_comes_with_nearly_a_uuid(actor: Actor, ugo: RunVisitor, cast: Personas, change: str) -> None:
    open_beside(actor, cast, "ugo", change, actor.visitor(UUID_DEVIATIONS[change](ugo.token)))
