"""Driver: visitors of this run come back after a pause, when many others came meanwhile.

They are the run's own, found in its ledger: each has an open room, which has to be the one returned.
"""

from __future__ import annotations

import time

from rocketchat_contract.run import Run
from rocketchat_contract.target.visitors import Actor, Visitor

MOST = 12
PAUSE = 1.0


def visitors_with_a_room(run: Run) -> list[Visitor]:
    """The visitors who had a room first, as far as they have it still."""
    names = dict.fromkeys(run.keeper.rooms[room] for room in run.keeper.open_rooms())
    return [Visitor(run.keeper.tokens[name], name) for name in names if name not in run.keeper.foreign][:MOST]


def test_visitors_come_back(actor: Actor, contract_run: Run) -> None:
    visitors = visitors_with_a_room(contract_run)
    for visitor in visitors:
        actor.get_or_create(visitor, "back again")
    time.sleep(PAUSE)
    for visitor in visitors:
        actor.get_or_create(visitor, "back after a pause")
