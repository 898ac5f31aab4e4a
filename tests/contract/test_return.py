"""Driver: visitors of this run come back after a pause, when many others came meanwhile.

They are the run's own, found in its ledger: each has an open room, which has to be the one returned. What the drivers
before did with other visitors counts as their pause.
"""

from __future__ import annotations

from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.config import Profile
from rocketchat_contract.run.session import Run

MOST = 12
PAUSE = 1.0
"""Seconds in which a visitor asked for nothing."""


def visitors_with_a_room(run: Run) -> list[RunVisitor]:
    """The visitors who had a room first, as far as they have it still."""
    resources = run.tracker.resources
    names = dict.fromkeys(resources.owners[room] for room in resources.open_rooms())
    return [RunVisitor(resources.visitor(name).token, name) for name in names if resources.visitor(name).own][:MOST]


def rest_of_the_pause(run: Run, visitors: list[RunVisitor]) -> float:
    """Seconds until all of them have asked for nothing long enough."""
    last = max((run.tracker.times.last.get(visitor.name, 0) for visitor in visitors), default=0)
    return PAUSE - (run.client.transport.options.clock() - last) / 1e9


def test_visitors_come_back(actor: Actor, contract_run: Run, profile: Profile) -> None:
    visitors = visitors_with_a_room(contract_run)
    contract_run.client.waiter.wait(max(0.0, rest_of_the_pause(contract_run, visitors)))
    for turn in range(profile.returns):
        for visitor in visitors:
            actor.get_or_create(visitor, "back again" if turn else "back after a pause")
