"""Driver: simultaneous calls for one visitor, alone and beside a close, a registration or a deletion."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rocketchat_contract.config import Profile
from rocketchat_contract.target.transport import Call
from rocketchat_contract.target.visitors import Actor, Visitor, close_call, delete_call, room_call


def asks(visitor: Visitor, width: int) -> list[Call]:
    return [room_call([("token", visitor.token)])] * width


def test_a_fresh_visitor_asks_at_once(actor: Actor, profile: Profile, check: Callable[[], None]) -> None:
    for _ in range(profile.volleys):
        visitor = actor.register()
        actor.volley(visitor, asks(visitor, profile.width), "volley for a fresh visitor")
        actor.get_or_create(visitor, "after the volley")
        check()


def test_a_fresh_visitor_asks_with_different_parameters(actor: Actor, profile: Profile) -> None:
    for _ in range(profile.volleys // 4):
        visitor = actor.register()
        plain = asks(visitor, profile.width // 2)
        with_agent = [room_call([("token", visitor.token), ("rid", "")])] * (profile.width // 2)
        actor.volley(visitor, plain + with_agent, "volley with different parameters")
        actor.get_or_create(visitor, "after the volley")


@pytest.mark.parametrize("beside", ["close", "delete"])
def test_a_visitor_asks_beside(actor: Actor, profile: Profile, beside: str) -> None:
    for _ in range(profile.volleys // 4):
        visitor = actor.register()
        room = actor.get_or_create(visitor, "open a room").room or ""
        other = close_call(visitor.token, room) if beside == "close" else delete_call(visitor.token)
        calls = asks(visitor, profile.width - 1)
        actor.volley(visitor, [*calls[1:], other, *calls[:1]], f"volley beside a {beside}")
        actor.get_or_create(visitor, "after the volley")


def test_a_visitor_asks_beside_its_registration(actor: Actor, profile: Profile) -> None:
    for _ in range(profile.volleys // 4):
        visitor = actor.register()
        again = actor.registration(visitor)
        actor.volley(visitor, [again, *asks(visitor, profile.width - 1)], "volley beside a registration")
        actor.get_or_create(visitor, "after the volley")
