"""Driver: visitors of this run come back after a pause, when many others came meanwhile; closed rids stay refused.

They are the run's own, found in its ledger: each has an open room, which has to be the one returned. What the drivers
before did with other visitors counts as their pause. One of them comes back again and again.
"""

from __future__ import annotations

from itertools import pairwise

from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.config import Profile
from rocketchat_contract.run.session import Run

MOST = 12
PAUSE = 1.0
"""Seconds in which a visitor asked the embedded server for nothing; a live one is given the profile's pause."""
AGAIN_AND_AGAIN = 4
"""How many times as often as the others one visitor comes back."""


def visitors_with_a_room(run: Run) -> list[RunVisitor]:
    """The visitors who had a room first, as far as they have it still."""
    resources = run.tracker.resources
    names = dict.fromkeys(resources.owners[room] for room in resources.open_rooms())
    return [RunVisitor(resources.visitor(name).token, name) for name in names if resources.visitor(name).own][:MOST]


def closed_rooms(run: Run) -> list[tuple[RunVisitor, str]]:
    """Rooms that were closed, the first and the last ones, with their visitors."""
    resources = run.tracker.resources
    is_open = set(resources.open_rooms())
    closed = [room for room, name in resources.owners.items() if room not in is_open and resources.visitor(name).own]
    owners = [resources.owners[room] for room in closed]
    found = [(RunVisitor(resources.visitor(name).token, name), room) for name, room in zip(owners, closed, strict=True)]
    return [*found[: MOST // 2], *found[MOST // 2 :][-MOST // 2 :]]


def rest_of_the_pause(run: Run, visitors: list[RunVisitor], pause: float) -> float:
    """Seconds until all of them have asked for nothing long enough."""
    last = max((run.tracker.times.last.get(visitor.name, 0) for visitor in visitors), default=0)
    return pause - (run.client.transport.options.clock() - last) / 1e9


def test_visitors_come_back(actor: Actor, contract_run: Run, profile: Profile) -> None:
    visitors = visitors_with_a_room(contract_run)
    pause = max(PAUSE, profile.pause)
    contract_run.client.waiter.wait(max(0.0, rest_of_the_pause(contract_run, visitors, pause)))
    for turn in range(profile.returns):
        for visitor in visitors:
            actor.get_or_create(visitor, "back again" if turn else "back after a pause")
    for visitor in visitors[:1]:
        for _ in range((AGAIN_AND_AGAIN - 1) * profile.returns):
            actor.get_or_create(visitor, "back again and again")


def test_closed_rids_stay_refused(actor: Actor, contract_run: Run) -> None:
    closed = closed_rooms(contract_run)
    for visitor, room in closed:
        actor.by_rid(visitor, room, "closed rid at the end")
    for (visitor, _), (_, room) in pairwise(closed):
        actor.by_rid(visitor, room, "rid closed long ago, perhaps a foreign one")
