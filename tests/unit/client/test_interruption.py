"""Signals reach a run only where they may: noted, taken at a door, held back at the end."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from rocketchat_contract.client.interruption import Interruption


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    made = Interruption()
    made.install()
    yield made
    made.remove()


def come(times: int = 1) -> None:
    """Signals arrive."""
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def test_a_signal_waits_for_the_next_door(interruption: Interruption) -> None:
    come()

    with pytest.raises(KeyboardInterrupt), interruption.allowed():
        pass
    assert interruption.reason == "The run was interrupted (SIGINT)."


def test_a_signal_ends_a_wait_at_once(interruption: Interruption) -> None:
    with pytest.raises(KeyboardInterrupt), interruption.allowed():
        come()


def test_the_third_one_is_stubborn(interruption: Interruption) -> None:
    come(2)

    with pytest.raises(KeyboardInterrupt):
        come()


def test_a_clean_up_goes_on_after_the_signal_that_began_it(interruption: Interruption) -> None:
    come()
    interruption.forgive()

    interruption.check()


def test_after_the_clean_up_no_number_of_signals_changes_anything(interruption: Interruption) -> None:
    interruption.hold()
    come(5)

    interruption.check()
    assert interruption.reason == ""


def test_a_closed_terminal_is_a_signal_like_others(interruption: Interruption) -> None:
    signal.raise_signal(signal.SIGHUP)

    with pytest.raises(KeyboardInterrupt):
        interruption.check()
    assert interruption.reason == "The run was interrupted (SIGHUP)."


def test_a_run_that_is_to_outlive_its_terminal_does() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    deaf = Interruption()
    try:
        deaf.install()
        signal.raise_signal(signal.SIGHUP)

        deaf.check()
    finally:
        deaf.remove()
        signal.signal(signal.SIGHUP, before)
