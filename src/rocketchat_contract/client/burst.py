"""Bursts of simultaneous calls: fired again where some were turned away, and wider where none overlapped another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.judge.operation import Answer, Operation
from rocketchat_contract.judge.overlapping import ran_together

WIDEST_BURST = 16
"""How many calls leave together at most, when fewer did not overlap."""

MOST_BURSTS = 3
"""How often a burst is fired that does not show what it is for."""

Round = Callable[[int], Sequence[Operation]]
"""A whole round, from registration to the call after it, whose burst has a width; answers the burst's operations."""


def fire(actor: Actor, width: int, play: Round, *, beside: int = 0, visitors: int = 1) -> None:
    """Play a round, and again as far as the reserve allows, until its calls came whole and overlapped.

    ``beside`` are the further room calls of a round, ``visitors`` those whom it registers. A round that the budget
    does not hold at its full width is not played: a narrower burst is not the same evidence.
    """
    actor.afford(width + beside, visitors, rooms=width)
    again = next_width(play(width), width)
    for _ in range(MOST_BURSTS - 1):
        if again is None or not actor.can_ask_again(again + beside, visitors):
            return
        with actor.asking_again():
            width, again = again, next_width(play(again), again)


def next_width(burst: Sequence[Operation], width: int) -> int | None:
    """How wide a burst is to be fired again; None when it came whole and overlapped, or is as wide as can be."""
    if any(op.turned_away or op.answer is Answer.NOTHING for op in burst):
        return width
    return None if ran_together(burst) or width >= WIDEST_BURST else min(2 * width, WIDEST_BURST)
