"""How long a fleet run takes at most: with the rate limit of a stock Rocket.Chat, and without one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rocketchat_contract.config import Rate, spoken
from rocketchat_contract.fleet.plan import Deployment
from rocketchat_contract.run.plan import Plan

STOCK, STOCK_ELSEWHERE = Rate(5, 60), Rate(10, 60)
"""What a Rocket.Chat allows of room calls, and of the calls that tidy up, unless its administrator says otherwise."""

_NEAR = 0.055
"""Seconds that a call takes on this machine, with the suite's own part."""


def duration(queue: Iterable[Deployment]) -> str:
    """How long deployments take one after another, in words."""
    several = list(queue)
    without = sum(_seconds(each, is_limited=False) for each in several)
    limited = sum(_seconds(each, is_limited=each.url is not None) for each in several)
    if limited == without:
        return f"about {spoken(without)}"
    return f"about {spoken(limited)} at the stock rate limit, {spoken(without)} without one"


def longest(queues: Iterable[Iterable[Deployment]]) -> str:
    """How long queues take side by side, in words."""
    several = [list(queue) for queue in queues]
    return duration(max(several, key=lambda queue: sum(_seconds(each, is_limited=True) for each in queue), default=[]))


def _seconds(deployment: Deployment, *, is_limited: bool) -> float:
    rates = (STOCK, STOCK_ELSEWHERE) if is_limited and deployment.url is not None else (None, None)
    planned = Plan(deployment.target, deployment.profile, *rates)
    planned = planned if deployment.url else replace(planned, per_call=_NEAR)
    return planned.seconds if planned.usual_seconds is None else planned.usual_seconds
