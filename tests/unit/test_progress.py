"""What a run shows while it works."""

from __future__ import annotations

import io
import re

import pytest

from rocketchat_contract.cli.progress import Progress
from rocketchat_contract.config import PROFILES, Profile, Rate
from rocketchat_contract.run.items import DOING
from rocketchat_contract.run.plan import Plan


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_each_driver_has_a_line_where_nothing_can_be_overwritten() -> None:
    stream = io.StringIO()

    with Progress(stream) as progress:
        for driver in ("core", "core", "volley", "cleanup"):
            progress.entered(driver)

    assert stream.getvalue().splitlines() == [
        "  core: asking what proves each requirement",
        "  volley: sending bursts of simultaneous calls",
        "  cleanup: closing rooms and deleting visitors",
    ]


def test_a_wait_is_told_once_where_nothing_can_be_overwritten() -> None:
    stream = io.StringIO()

    with Progress(stream) as progress:
        for left in (42.0, 41.0, 40.0):
            progress.waiting(left)

    assert stream.getvalue().count("waiting 42 s for the target") == 1
    assert len(stream.getvalue().splitlines()) == 1


def test_a_terminal_sees_the_seconds_go_and_how_long_it_takes_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown: list[str] = []
    with Progress(Terminal()) as progress:
        assert progress._status is not None
        monkeypatch.setattr(progress._status, "update", shown.append)
        progress.planned(Plan("https://h", PROFILES["gate"], Rate(5, 60), Rate(10, 60)))
        for left in (2.0, 1.0):
            progress.waiting(left)

    assert [re.sub(r"\d+ min", "N min", text) for text in shown] == [
        "waiting 2 s for the target, at most N min left, 0 exchanges",
        "waiting 1 s for the target, at most N min left, 0 exchanges",
    ]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_the_time_that_is_left_fits_80_columns(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown: list[str] = []
    with Progress(Terminal()) as progress:
        assert progress._status is not None
        monkeypatch.setattr(progress._status, "update", shown.append)
        progress.planned(Plan("https://h", profile, Rate(5, 60), Rate(10, 60)))
        for driver in DOING:
            progress.entered(driver)

    assert max(len(text[: text.index(" left") + 5]) for text in shown) <= 78


def test_the_estimate_is_renewed_with_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown: list[str] = []
    estimates = iter([3600.0, 600.0, 120.0])
    with Progress(Terminal()) as progress:
        assert progress._status is not None
        monkeypatch.setattr(progress._status, "update", shown.append)
        progress.planned(Plan("https://h", PROFILES["gate"], Rate(5, 60), Rate(10, 60)), lambda _: next(estimates))
        progress.entered("core")
        progress.entered("volley")
        progress.entered("cleanup")

    assert [re.findall("at most (.*) left", text) for text in shown] == [["60 min"], ["10 min"], ["2 min"]]
