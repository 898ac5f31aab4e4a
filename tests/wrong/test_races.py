"""Each race that the driver ``volley`` runs shows the fault that only it can show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.config import PROFILES
from rocketchat_contract.prove.subjects import matching
from rocketchat_contract.prove.trial import Result, examine

VOLLEYS = replace(PROFILES["full"], drivers=("volley",))

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

    trial = examine(subject, seed=1, profile=VOLLEYS)

    assert trial.result is Result.CAUGHT
