"""Waiting is told, bounded and ended by a signal."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.interruption import GRACE, Interruption
from rocketchat_contract.client.waiter import CLEAN_UP_SECONDS, SECONDS_PER_CALL, Waiter


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def waiter(time: Time, told: list[float], limit: float | None = None) -> Waiter:
    made = Waiter(on_wait=told.append, limit=limit, sleep=time.sleep, now=lambda: time.now)
    made.start()
    return made


def test_the_seconds_left_are_told_every_second() -> None:
    told: list[float] = []

    waiter(Time(), told).wait(3.5)

    assert told == [3.5, 2.5, 1.5, 0.5]


def test_a_wait_beyond_the_runs_time_is_not_begun() -> None:
    time = Time()

    with pytest.raises(RunStoppedError, match="10 s"):
        waiter(time, [], limit=10).wait(11)

    assert time.now == 0


def test_the_clean_up_may_wait_beyond_the_runs_time() -> None:
    time = Time()
    patient = waiter(time, [], limit=10)

    patient.lift()
    patient.wait(60)

    assert time.now == pytest.approx(60)


def test_the_clean_up_has_a_time_of_its_own() -> None:
    patient = waiter(Time(), [], limit=10)

    patient.lift()

    with pytest.raises(RunStoppedError, match="100 s"):
        patient.wait(CLEAN_UP_SECONDS)


def test_answers_give_the_clean_up_more_time() -> None:
    patient = waiter(Time(), [])
    patient.lift()

    patient.earn()

    assert patient.allows(CLEAN_UP_SECONDS)
    assert not patient.allows(CLEAN_UP_SECONDS + SECONDS_PER_CALL)


def test_answers_give_no_more_time_to_a_run_whose_time_is_over() -> None:
    time = Time()
    patient = waiter(time, [], limit=10)
    time.now = 10
    with pytest.raises(RunStoppedError):
        patient.check()
    patient.lift()

    patient.earn()

    assert not patient.allows(CLEAN_UP_SECONDS)


def test_the_runs_time_ends_between_calls_too() -> None:
    time = Time()
    patient = waiter(time, [], limit=10)
    patient.check()

    time.now = 10

    with pytest.raises(RunStoppedError):
        patient.check()


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    made = Interruption()
    made.install()
    yield made
    made.remove()


def test_a_signal_waits_for_a_safe_place(interruption: Interruption) -> None:
    os.kill(os.getpid(), signal.SIGTERM)

    assert interruption.reason == "The run was interrupted (SIGTERM)."
    with pytest.raises(KeyboardInterrupt), interruption.allowed():
        pytest.fail("the door was open")


def test_a_signal_ends_a_wait(interruption: Interruption) -> None:
    patient = Waiter(interruption, sleep=lambda _: os.kill(os.getpid(), signal.SIGINT))

    with pytest.raises(KeyboardInterrupt):
        patient.wait(5)


def test_the_clean_up_takes_one_more_signal(interruption: Interruption) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    interruption.forgive()
    interruption.check()

    os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interruption.check()


def test_the_first_signal_of_a_clean_up_is_forgiven(interruption: Interruption) -> None:
    interruption.forgive()

    os.kill(os.getpid(), signal.SIGINT)

    interruption.check()
    assert interruption.reason


def test_a_third_signal_is_obeyed_anywhere(interruption: Interruption) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    made = Interruption()

    made.install()
    made.remove()

    assert signal.getsignal(signal.SIGTERM) == before


def test_a_call_under_way_ends_soon_after_the_runs_time() -> None:
    time = Time()
    patient = waiter(time, [], limit=10)
    time.now = 4

    assert patient.hurry(30 * 10**9, 0) == int((6 + GRACE) * 10**9)
    assert patient.hurry(5 * 10**9, 0) == 5 * 10**9


def test_a_call_of_the_clean_up_is_not_hurried() -> None:
    patient = waiter(Time(), [], limit=10)

    patient.lift()

    assert patient.hurry(30 * 10**9, 0) == 30 * 10**9
