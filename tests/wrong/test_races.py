"""Each race that the driver ``volley`` runs shows the fault that only it can show."""

from __future__ import annotations

import pytest

from rocketchat_contract.prove.subjects import matching
from rocketchat_contract.prove.trial import TrialResult
from support.luck import tried_until_caught

RACES = {
    "the same parameters": "creates_two_rooms_within_200_microseconds",
    "different parameters": "creates_two_rooms_for_different_parameters",
    "a close": "creates_two_rooms_beside_a_close",
    "a deletion of the visitor": "creates_two_rooms_beside_a_deletion",
    "a registration": "creates_two_rooms_beside_a_registration",
    "a message": "creates_two_rooms_beside_a_message",
    "a call by rid": "creates_two_rooms_beside_a_call_by_rid",
}


@pytest.mark.parametrize("beside", RACES)
def test_get_or_create_races(beside: str) -> None:
    (subject,) = matching(RACES[beside])

    assert tried_until_caught(subject).result is TrialResult.CAUGHT
