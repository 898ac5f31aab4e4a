"""Traffic that is repeated: one record, one verdict, and a wall for each round."""

from __future__ import annotations

import pytest

from rocketchat_contract.config import PROFILES
from rocketchat_contract.rocketchat.paths import ROOM_PATH
from support.live import Command, Ended, rocket

SMOKE = PROFILES["smoke"]


def room_calls(ended: Ended) -> int:
    lines = (line["request"] for line in ended.lines if line["type"] == "exchange" and line["driver"] == "core")
    return sum(request["target"].partition("?")[0] == ROOM_PATH for request in lines)


@pytest.fixture(scope="module")
def three_rounds(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    with rocket() as server:
        return Command(tmp_path_factory.mktemp("home")).run(server.url, "--profile", "smoke", "--repeat", "3")


def test_three_rounds_make_three_times_the_calls(three_rounds: Ended) -> None:
    """Bursts whose calls did not overlap are fired again out of the reserve that the plan names beside its calls."""
    most = 3 * (SMOKE.room_calls + SMOKE.again_calls)
    assert 2 * SMOKE.room_calls < room_calls(three_rounds) <= most


def test_three_rounds_are_one_record_that_says_so(three_rounds: Ended) -> None:
    assert three_rounds.lines[0]["repeat"] == 3
    assert "The whole traffic was made 3 times." in (three_rounds.run / "report.json").read_text()


def test_the_calls_of_all_rounds_are_told_before_anything_is_sent(three_rounds: Ended) -> None:
    assert "at most 45 room calls, 30 rooms, 15 visitors" in three_rounds.err
