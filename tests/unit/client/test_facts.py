"""What the traffic shows about the target beside its answers."""

from __future__ import annotations

from rocketchat_contract.client.facts import CLOSED_BY_OTHERS, Facts
from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, closed, declined, operations, unanswered


def learned(*calls: Exchange) -> Facts:
    facts = Facts()
    for op in operations(*calls):
        facts.learn(op)
    return facts


REFUSED = declined(closed(ANNA, "R1"), "room-closed")


def test_a_room_that_somebody_else_closed_is_told() -> None:
    told = learned(REFUSED, declined(closed(ANNA, "R2"), "room-closed")).known[CLOSED_BY_OTHERS]

    assert (told.value, told.exchange) == ("R1, perhaps more: a lost room may be their doing", 1)


def test_a_room_that_this_run_closed_is_nobody_elses_doing() -> None:
    assert CLOSED_BY_OTHERS not in learned(closed(ANNA, "R1"), REFUSED).known
    assert CLOSED_BY_OTHERS not in learned(unanswered(closed(ANNA, "R1")), REFUSED).known
