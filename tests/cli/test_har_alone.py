"""A capture that another actor may explain names the option that would decide it."""

from __future__ import annotations

from pathlib import Path

from support.command import rocketchat_contract
from support.hars import entries, write_har
from support.histories import ANNA, created, registered

ROOMS = (registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"), created(ANNA, "R3"))


def test_three_rooms_of_one_visitor_name_the_option_that_decides(tmp_path: Path) -> None:
    called = rocketchat_contract("judge", write_har(tmp_path / "a.har", entries(*ROOMS)))

    assert called.code == 3
    assert "an-open-room-is-returned is broken: judge it so with --alone." in " ".join(called.out.split())


def test_with_that_option_it_is_decided(tmp_path: Path) -> None:
    called = rocketchat_contract("judge", write_har(tmp_path / "a.har", entries(*ROOMS)), "--alone")

    assert called.code == 1
    assert "--alone" not in called.out
