"""Small random histories of one visitor: pure chance, or a right server's answers with one of them changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from rocketchat_contract.record.exchange import Exchange

from .histories import (
    ANNA,
    asked,
    between,
    call,
    closed,
    created,
    declined,
    deleted,
    failed,
    hidden,
    refused,
    registered,
    returned,
    room_body,
    said,
    shown,
    unanswered,
)

ROOMS = ("R0", "R1", "R2")

Maker = Callable[[Random], Exchange]


def _room(random: Random) -> str:
    return random.choice(ROOMS)


MAKERS: tuple[tuple[int, Maker], ...] = (
    (6, lambda random: created(ANNA, _room(random))),
    (6, lambda random: returned(ANNA, _room(random))),
    (1, lambda random: call(asked(ANNA), body=room_body(ANNA, _room(random), new=None))),
    (2, lambda _: refused(ANNA, "E11000")),
    (1, lambda _: refused(ANNA, "Missing key 'username'", agentId="x")),
    (3, lambda random: shown(ANNA, _room(random))),
    (2, lambda random: hidden(ANNA, _room(random))),
    (4, lambda random: closed(ANNA, _room(random))),
    (1, lambda random: declined(closed(ANNA, _room(random)))),
    (2, lambda _: deleted(ANNA)),
    (1, lambda _: declined(deleted(ANNA))),
    (2, lambda _: registered(ANNA)),
    (1, lambda random: said(ANNA, _room(random))),
    (1, lambda random: call(f"token={ANNA}&rid[]=x", body=room_body(ANNA, _room(random)))),
)
WEIGHTS = [weight for weight, _ in MAKERS]


def any_calls(random: Random, most: int) -> list[Exchange]:
    """Calls and answers by chance, at moments that often overlap."""
    makers = random.choices([maker for _, maker in MAKERS], WEIGHTS, k=random.randint(1, most))
    return timed(random, [_uncertain(random, maker(random)) for maker in makers])


def served_calls(random: Random, most: int, *, known: bool, room: str | None) -> list[Exchange]:
    """A right server's answers to calls in some order; sometimes one answer is another call's."""
    calls = [_uncertain(random, each) for each in _served(random, random.randint(2, most), known, room)]
    if random.random() < 0.5:
        calls[random.randrange(len(calls))] = random.choices([maker for _, maker in MAKERS], WEIGHTS)[0](random)
    return timed(random, calls)


def timed(random: Random, calls: Sequence[Exchange]) -> list[Exchange]:
    """The calls, each around a moment of its own that comes after the one before it; moments are all different."""
    traffic = random.choice((1, 3, 8, 20))
    moments = iter(random.sample(range(40 * len(calls)), 2 * len(calls)))
    return [
        between(
            10 * n - random.random() * traffic * 10 - next(moments) / 1e5,
            10 * n + random.random() * traffic * 10 + next(moments) / 1e5,
            each,
        )
        for n, each in enumerate(calls, 50)
    ]


def _uncertain(random: Random, exchange: Exchange) -> Exchange:
    chance = random.random()
    return unanswered(exchange) if chance < 0.1 else failed(exchange) if chance < 0.15 else exchange


def _served(random: Random, number: int, known: bool, room: str | None) -> list[Exchange]:
    fresh = iter(name for name in ROOMS if name != room)
    used, calls = [room] if room else [], []
    for _ in range(number):
        match random.choice("gggrcccdxm"):
            case "g" if not known:
                calls.append(refused(ANNA))
            case "g" if room is None:
                room = next(fresh, None)
                if room is None:
                    return calls or [refused(ANNA)]
                used.append(room)
                calls.append(created(ANNA, room))
            case "g":
                calls.append(returned(ANNA, room or ""))
            case "r":
                rid = random.choice([*used, "R2"])
                calls.append(shown(ANNA, rid) if known and rid == room else hidden(ANNA, rid))
            case "c" if room is not None:
                calls.append(closed(ANNA, room))
                room = None
            case "d":
                calls.append(deleted(ANNA))
                known, room = False, None
            case "x":
                calls.append(registered(ANNA))
                known = True
            case _:
                calls.append(said(ANNA, room or "R0"))
    return calls
