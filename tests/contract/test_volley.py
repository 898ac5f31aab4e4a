"""Driver: simultaneous calls, for one visitor and for several, alone and beside what neighbours do.

Some faults need a third caller, a room that was closed before, or calls that come after the neighbour and not before
it: so the rounds differ. How many calls leave together is what the profile says, and fewer when the budget runs out.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from rocketchat_contract.client.cast import UNKNOWN_AGENT
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import (
    Actor,
    Visitor,
    close_call,
    delete_call,
    message_call,
    room_call,
    widget_call,
)
from rocketchat_contract.config import Profile

CALLERS = 4
MOST_CALLS = 12
AGENT = ("agentId", UNKNOWN_AGENT)


def asks(visitor: Visitor, width: int, *more: tuple[str, str]) -> list[Call]:
    return [room_call([("token", visitor.token), *more])] * width


def calls_of(visitors: list[Visitor]) -> list[Call]:
    return [call for visitor in visitors for call in asks(visitor, 1)]


def rounds(profile: Profile, one_in: int = 4) -> range:
    """Rounds of the rarer volleys: a quarter of the others, or so, at least one."""
    return range(max(1, profile.volleys // one_in))


def test_a_fresh_visitor_asks_at_once(actor: Actor, profile: Profile, check: Callable[[], None]) -> None:
    for _ in range(profile.volleys):
        width = actor.width(profile.width, beside=1)
        visitor = actor.register()
        actor.volley(visitor, asks(visitor, width), "volley for a fresh visitor")
        actor.get_or_create(visitor, "after the volley")
        check()


def test_a_fresh_visitor_asks_with_different_parameters(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile, one_in=2):
        half = actor.width(profile.width, beside=1) // 2
        visitor = actor.register()
        others = [widget_call(visitor.token, ("rid", ""))] * half
        calls = [call for pair in zip(asks(visitor, half), others, strict=True) for call in pair]
        actor.volley(visitor, calls, "volley with different parameters, every second one from the widget")
        actor.get_or_create(visitor, "after the volley")


@pytest.mark.parametrize("beside", ["close", "registration"])
def test_a_visitor_asks_beside(actor: Actor, profile: Profile, beside: str) -> None:
    asks_beside(actor, profile, beside)


def test_a_visitor_who_closed_a_room_asks_at_once(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        width = actor.width(profile.width, beside=2)
        visitor = actor.register()
        room = actor.get_or_create(visitor, "open a room").room or ""
        actor.close(visitor, room)
        actor.volley(visitor, asks(visitor, width), "volley after a close")
        actor.get_or_create(visitor, "after the volley")


def test_several_visitors_ask_at_once(actor: Actor, profile: Profile) -> None:
    number = max(2, profile.width // 2)
    for _ in rounds(profile):
        actor.width(2, beside=2 * number - 2, visitors=number)
        visitors = [actor.register() for _ in range(number)]
        actor.volley(None, [*calls_of(visitors), *calls_of(visitors)], "volley of several visitors")


@pytest.mark.parametrize("beside", ["delete", "message", "rid"])
def test_a_visitor_asks_beside_a_neighbour(actor: Actor, profile: Profile, beside: str) -> None:
    asks_beside(actor, profile, beside)


def asks_beside(actor: Actor, profile: Profile, beside: str) -> None:
    """Race a neighbour's call, which leaves first, last, or in the middle of the others."""
    for turn in rounds(profile):
        width = actor.width(profile.width, beside=2, visitors=2 if beside == "registration" else 1)
        visitor = actor.register()
        room = actor.get_or_create(visitor, "open a room").room or ""
        calls = asks(visitor, width - 1)
        calls.insert((0, len(calls) - 1, len(calls) // 2)[turn % 3], neighbour(actor, visitor, room, beside))
        actor.volley(visitor, calls, f"volley beside a {beside}")
        actor.get_or_create(visitor, "after the volley")


def neighbour(actor: Actor, visitor: Visitor, room: str, beside: str) -> Call:
    """The call beside which the others race."""
    return {
        "close": close_call(visitor.token, room),
        "delete": delete_call(visitor.token),
        "registration": actor.registration(visitor),
        "message": message_call(visitor.token, room, "hello"),
        "rid": room_call([("token", visitor.token), ("rid", room)]),
    }[beside]


def test_an_open_room_is_asked_for_at_once(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        width = actor.width(profile.width, beside=2)
        visitor = actor.register()
        actor.get_or_create(visitor, "open a room")
        calls = asks(visitor, width - 2) + asks(visitor, 2, AGENT)
        actor.volley(visitor, calls, "volley for an open room")
        actor.get_or_create(visitor, "after the volley")


def test_calls_go_on_while_a_room_is_closed(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        visitor = actor.register()
        room = actor.get_or_create(visitor, "open a room").room or ""
        closed = Event()
        with ThreadPoolExecutor(CALLERS) as callers:
            asking = [callers.submit(keep_asking, actor, visitor, closed) for _ in range(CALLERS)]
            try:
                actor.close(visitor, room)
            finally:
                closed.set()
            for caller in asking:
                caller.result()
        actor.get_or_create(visitor, "after the close")


def keep_asking(actor: Actor, visitor: Visitor, closed: Event) -> None:
    """Ask until the close is answered, over a connection of one's own."""
    for _ in range(MOST_CALLS):
        actor.get_or_create(visitor, "beside a close that takes its time")
        if closed.is_set():
            break
    actor.reconnect()


def test_a_visitor_without_a_room_is_deleted_meanwhile(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        width = actor.width(profile.width, beside=1)
        visitor = actor.register()
        calls = asks(visitor, width - 1)
        calls.insert(len(calls) // 2, delete_call(visitor.token))
        actor.volley(visitor, calls, "volley beside a deletion")
        actor.get_or_create(visitor, "after the volley")


def test_visitors_ask_while_others_close(actor: Actor, profile: Profile) -> None:
    number = max(2, profile.width // 2)
    for _ in rounds(profile):
        actor.width(2, beside=3 * number - 2, visitors=number)
        visitors = [actor.register() for _ in range(number)]
        rooms = [actor.get_or_create(visitor, "open a room").room or "" for visitor in visitors]
        leaving, staying = visitors[: number // 2], visitors[number // 2 :]
        closing = [close_call(visitor.token, room) for visitor, room in zip(leaving, rooms, strict=False)]
        actor.volley(None, [*closing, *calls_of(staying), *calls_of(staying)], "volley beside closes of others")
        for visitor in visitors:
            actor.get_or_create(visitor, "after the volley")
