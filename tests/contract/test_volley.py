"""Driver: simultaneous calls, for one visitor and for several, alone and beside what neighbours do.

Some faults need a third caller, a room that was closed before, or calls that come after the neighbour and not before
it: so the rounds differ. How many calls leave together is what the profile says; a burst of which calls were turned
away, or none overlapped, is fired again as far as the reserve allows.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Event

import pytest

from rocketchat_contract.client.burst import fire
from rocketchat_contract.client.personas import UNKNOWN_AGENT
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.values import REPEATED_HEADERS, round_number
from rocketchat_contract.client.visitors import (
    Actor,
    RunVisitor,
    close_call,
    delete_call,
    encoded_call,
    message_call,
    room_call,
    widget_call,
)
from rocketchat_contract.config import Profile
from rocketchat_contract.judge.operation import Answer, Kind, Operation

CALLERS = 4
MOST_CALLS = 12
AGENT = ("agentId", UNKNOWN_AGENT)


def asks(visitor: RunVisitor, width: int, *more: tuple[str, str]) -> list[Call]:
    return [room_call([("token", visitor.token), *more])] * width


def calls_of(visitors: list[RunVisitor]) -> list[Call]:
    return [call for visitor in visitors for call in asks(visitor, 1)]


def rounds(profile: Profile, one_in: int = 4) -> range:
    """Rounds of the rarer bursts: a quarter of the others, or so, at least one."""
    return range(max(1, profile.volleys // one_in))


@pytest.fixture
def deletions_may_race(actor: Actor) -> None:
    """Other calls beside a deletion can leave chats on a server that nobody can close."""
    if not actor.races_deletions:
        pytest.skip("calls beside a deletion need --race-deletions on a live server")


def test_a_fresh_visitor_asks_at_once(actor: Actor, profile: Profile) -> None:
    """Every third time with different parameters, and so the first time."""
    for turn in range(profile.volleys + profile.volleys // 2):
        play = fresh if turn % 3 else differently
        fire(actor, profile.width, partial(play, actor), beside=1)


def fresh(actor: Actor, width: int) -> list[Operation]:
    visitor = actor.register()
    burst = actor.volley(visitor, asks(visitor, width), "volley for a fresh visitor")
    actor.get_or_create(visitor, "after the volley")
    return burst


def differently(actor: Actor, width: int) -> list[Operation]:
    visitor = actor.register()
    kinds = (
        *asks(visitor, 1),
        widget_call(visitor.token, ("rid", "")),
        *asks(visitor, 1, AGENT),
        encoded_call(visitor.token),
    )
    calls = [kinds[place % len(kinds)] for place in range(width)]
    burst = actor.volley(visitor, calls, "volley with different parameters: plain, from the widget, an agent, encoded")
    asks_compressed = replace(room_call([("token", visitor.token)]), headers=REPEATED_HEADERS)
    actor.send(asks_compressed, "after the volley, with header fields twice, compressed on request", visitor)
    return burst


@pytest.mark.parametrize("beside", ["close", "registration"])
def test_a_visitor_asks_beside(actor: Actor, profile: Profile, beside: str) -> None:
    asks_beside(actor, profile, beside)


def test_a_visitor_who_closed_a_room_asks_at_once(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        fire(actor, profile.width, lambda width: after_a_close(actor, width), beside=2)


def after_a_close(actor: Actor, width: int) -> list[Operation]:
    visitor = actor.register()
    room = actor.get_or_create(visitor, "open a room").room or ""
    actor.close(visitor, room)
    burst = actor.volley(visitor, asks(visitor, width), "volley after a close")
    actor.get_or_create(visitor, "after the volley")
    return burst


def test_several_visitors_ask_at_once(actor: Actor, profile: Profile) -> None:
    number = max(2, profile.width // 2)
    for _ in rounds(profile):
        actor.afford(2 * number, number)
        visitors = [actor.register() for _ in range(number)]
        actor.volley(None, [*calls_of(visitors), *calls_of(visitors)], "volley of several visitors")


@pytest.mark.parametrize("beside", ["message", "rid"])
def test_a_visitor_asks_beside_a_neighbour(actor: Actor, profile: Profile, beside: str) -> None:
    asks_beside(actor, profile, beside)


@pytest.mark.usefixtures("deletions_may_race")
def test_a_visitor_asks_beside_a_deletion(actor: Actor, profile: Profile) -> None:
    asks_beside(actor, profile, "delete")


def asks_beside(actor: Actor, profile: Profile, beside: str) -> None:
    """Race a neighbour's call, which leaves first, last, or in the middle of the others.

    Every second round with a registration begins without a room, so that it is a race for the first one too. In the
    first round of the others the visitor's token is a number, where the server takes one.
    """
    visitors = 2 if beside == "registration" else 1
    for turn in rounds(profile):
        opens = beside != "registration" or turn % 2 == 1
        more = opens + (beside == "rid")
        play = partial(beside_another, actor, beside, turn, opens)
        fire(actor, profile.width, play, beside=more, visitors=visitors)


def beside_another(actor: Actor, beside: str, turn: int, opens: bool, width: int) -> list[Operation]:
    visitor = actor.registered(actor.visitor(round_number())) if opens and not turn else None
    visitor = visitor or actor.register()
    room = (actor.by_rid(visitor, "", "open a room, with an empty rid").room or "") if opens else ""
    calls = asks(visitor, width - 1)
    calls.insert((0, len(calls) - 1, len(calls) // 2)[turn % 3], neighbour(actor, visitor, room, beside))
    burst = actor.volley(visitor, calls, f"volley beside a {beside}")
    ask_after(actor, visitor, burst)
    return burst


def ask_after(actor: Actor, visitor: RunVisitor, burst: list[Operation]) -> None:
    """Ask for the room of a visitor who may have been deleted in a burst."""
    if any(op.kind is Kind.DELETE and op.answer is Answer.OK for op in burst):
        actor.ask_after_deletion(visitor, "after the volley")
    else:
        actor.by_rid(visitor, "", "after the volley, with an empty rid and agentId", agentId="")


def neighbour(actor: Actor, visitor: RunVisitor, room: str, beside: str) -> Call:
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
        fire(actor, profile.width, lambda width: open_already(actor, width), beside=2)


def open_already(actor: Actor, width: int) -> list[Operation]:
    visitor = actor.register()
    actor.get_or_create(visitor, "open a room")
    burst = actor.volley(visitor, asks(visitor, width - 2) + asks(visitor, 2, AGENT), "volley for an open room")
    actor.get_or_create(visitor, "after the volley")
    return burst


def test_calls_go_on_while_a_room_is_closed(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        actor.afford(CALLERS + 2)
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


def keep_asking(actor: Actor, visitor: RunVisitor, closed: Event) -> None:
    """Ask until the close is answered, over a connection of one's own."""
    for _ in range(MOST_CALLS):
        actor.get_or_create(visitor, "beside a close that takes its time")
        if closed.is_set():
            break
    actor.reconnect()


@pytest.mark.usefixtures("deletions_may_race")
def test_a_visitor_without_a_room_is_deleted_meanwhile(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        fire(actor, profile.width, lambda width: deleted_meanwhile(actor, width), beside=0)


def deleted_meanwhile(actor: Actor, width: int) -> list[Operation]:
    visitor = actor.register()
    calls = asks(visitor, width - 1)
    calls.insert(len(calls) // 2, delete_call(visitor.token))
    burst = actor.volley(visitor, calls, "volley beside a deletion")
    ask_after(actor, visitor, burst)
    return burst


def test_visitors_ask_while_others_close(actor: Actor, profile: Profile) -> None:
    number = max(2, profile.width // 2)
    for _ in rounds(profile):
        actor.afford(3 * number, number)
        visitors = [actor.register() for _ in range(number)]
        rooms = [actor.get_or_create(visitor, "open a room").room or "" for visitor in visitors]
        leaving, staying = visitors[: number // 2], visitors[number // 2 :]
        closing = [close_call(visitor.token, room) for visitor, room in zip(leaving, rooms, strict=False)]
        actor.volley(None, [*closing, *calls_of(staying), *calls_of(staying)], "volley beside closes of others")
        for visitor in visitors:
            actor.get_or_create(visitor, "after the volley")


def test_two_visitors_ask_for_one_rid_at_once(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        actor.afford(profile.width + 2, 2)
        owner, other = actor.register(), actor.register()
        room = ("rid", actor.get_or_create(owner, "open a room").room or "")
        pair = [*asks(owner, 1, room), *asks(other, 1, room)]
        actor.volley(None, [pair[place % 2] for place in range(profile.width)], "volley for one rid, own and foreign")
        actor.get_or_create(owner, "after the volley")


def test_a_room_with_messages_under_way_is_closed(actor: Actor, profile: Profile) -> None:
    for _ in rounds(profile):
        actor.afford(4)
        visitor = actor.register()
        room = actor.get_or_create(visitor, "open a room").room or ""
        hello, close = message_call(visitor.token, room, "hello"), close_call(visitor.token, room)
        asking = asks(visitor, 1, ("rid", room))
        actor.volley(visitor, [hello, hello, close, *asking, hello], "volley of messages beside a close")
        actor.by_rid(visitor, room, "closed rid after the volley")
        actor.get_or_create(visitor, "after the volley")


def test_a_fresh_visitor_asks_at_once_in_other_numbers(actor: Actor, profile: Profile) -> None:
    for width in (2, 16)[: profile.volleys]:
        fire(actor, width, lambda width: fresh(actor, width), beside=1)
