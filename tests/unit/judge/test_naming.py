"""The promise that explains all answers stands beside one about a circumstance, or is left out."""

from __future__ import annotations

from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, BERT, CARL, created, findings, refused, registered, returned

PLAIN, REFUSED = "an-open-room-is-returned", "a-refused-call-changes-nothing"


def harmless(token: str) -> tuple[Exchange, ...]:
    return registered(token), created(token, f"{token}-1"), refused(token, rid="x"), returned(token, f"{token}-1")


def lost(token: str) -> tuple[Exchange, ...]:
    return registered(token), created(token, f"{token}-1"), refused(token, rid="x"), created(token, f"{token}-2")


def named(*calls: Exchange) -> set[str]:
    return {each.requirement for each in findings(*calls)}


def test_a_room_lost_once_after_a_refused_call_may_be_lost_without() -> None:
    assert named(*harmless(ANNA), *lost(BERT)) == {PLAIN, REFUSED}


def test_rooms_lost_after_refused_calls_alone_are_lost_by_them() -> None:
    assert named(*harmless(ANNA), *lost(BERT), *lost(CARL)) == {REFUSED}
