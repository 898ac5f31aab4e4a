"""Bursts of simultaneous calls: fired again where some were turned away, and wider where too few overlapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.judge.answered import SERVER_ERROR
from rocketchat_contract.judge.operation import Answer, Operation
from rocketchat_contract.judge.overlapping import at_once, ran_together, span_of

WIDEST_BURST = 16
"""How many calls leave together at most, when fewer did not overlap."""

MOST_BURSTS = 3
"""How often a burst is fired that does not show what it is for."""

SHARES = 8
"""Among how many bursts the reserve is shared: while drivers run, none takes what the later ones may need."""

Round = Callable[[int], Sequence[Operation]]
"""A whole round, from registration to the call after it, whose burst has a width; answers the burst's operations."""


def fire(actor: Actor, width: int, play: Round, *, beside: int = 0, visitors: int = 1) -> None:
    """Play a round, and again as far as its share of the reserve goes, until its calls came whole and overlapped.

    ``beside`` are the further room calls of a round, ``visitors`` those whom it registers. A round that the budget
    does not hold at its full width is not played: a narrower burst is not the same evidence. After the drivers it
    has as many calls to spare as were turned away of a burst before: what did so may do it again.
    """
    spare = actor.client.turned_away if actor.client.budget.is_asking_again else 0
    first = min(width + spare, WIDEST_BURST)
    actor.afford(first + beside, visitors, rooms=first)
    again = _played(actor, play, first, width)
    for _ in range(MOST_BURSTS - 1):
        if again is None:
            return
        if not actor.may_refire(SHARES * (again + beside), visitors):
            break
        with actor.asking_again():
            again = _played(actor, play, again, width)
    actor.client.short_bursts += again is not None


def _played(actor: Actor, play: Round, width: int, wanted: int) -> int | None:
    """Play a round so wide, and note how many calls were turned away; answers how wide it is to be played again."""
    burst = play(width)
    actor.client.turned_away = max(actor.client.turned_away, len(burst) - len(_let_through(burst)))
    return next_width(burst, width, wanted)


def _let_through(burst: Sequence[Operation]) -> list[Operation]:
    return [op for op in burst if not (op.turned_away or _is_blocked(op) or op.answer is Answer.NOTHING)]


def _is_blocked(op: Operation) -> bool:
    """Whether a page came that speaks of no error of the server: as likely as not something in front wrote it."""
    return op.is_page and op.status != SERVER_ERROR


def next_width(burst: Sequence[Operation], width: int, wanted: int) -> int | None:
    """How wide a burst is to be fired again that was fired so wide; None when it need not, or cannot be better.

    As many calls as are ``wanted`` were to be under way at once. What a limiter left out does not come back.
    """
    came = _let_through(burst)
    if ran_together(came) and at_once(list(map(span_of, came))) >= wanted:
        return None
    if len(came) < len(burst):
        return width
    if len(burst) < width:
        return None
    return None if width >= WIDEST_BURST else min(2 * width, WIDEST_BURST)
