"""What refusals that name only a wait show of a limit."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.guess import Guess


def told(*counts: int, wait: float = 1.0, seconds: float = 0.01) -> Guess:
    """What is guessed after so many calls passed, each time until one was turned away."""
    guess, now = Guess(), 100.0
    for number in counts:
        for _ in range(number):
            guess.passed(now)
            now += seconds
        guess.refused(now, now + wait)
        guess.is_in_use = guess.limit is not None
        now += wait
    return guess


@pytest.mark.parametrize(
    ("counts", "limit"), [((20,), None), ((20, 20), 20), ((20, 23), 20), ((20, 5), None), ((20, 5, 5), 5)]
)
def test_about_the_same_number_twice_is_the_limit(counts: tuple[int, ...], limit: int | None) -> None:
    assert told(*counts).limit == limit


def test_calls_of_earlier_windows_do_not_count() -> None:
    assert told(50, 50, seconds=0.1).limit == 10


def test_what_is_refused_again_shows_a_longer_window() -> None:
    guess = told(20)
    guess.refused(101.2, 102.2)
    guess.refused(102.2, 104.2)

    assert (round(guess.window, 1), guess.refusals) == (4.0, 1)


def test_calls_that_leave_together_wait_for_a_whole_window_until_the_limit_is_known() -> None:
    guess = told(20)
    guess.passed(101.5)

    assert (guess.wait(101.6, 1), round(guess.wait(101.6, 5), 1)) == (0.0, 0.9)
    assert told(20, 20).wait(103.0, 5) == 0.0


def test_without_a_refusal_nobody_waits() -> None:
    guess = Guess()
    guess.passed(100.0)

    assert guess.wait(100.0, 5) == 0.0


def test_who_is_turned_away_however_slow_guesses_no_more() -> None:
    guess = told(9, 9, 9, 9, 9, 9)

    assert (guess.is_of_no_use, guess.limit, guess.wait(guess.window + 200.0, 5)) == (True, None, 0.0)


def test_a_refusal_after_many_windows_speaks_against_no_limit() -> None:
    guess = told(20, 20, *[120] * 6, seconds=0.05)

    assert (guess.is_of_no_use, guess.limit) in ((False, 19), (False, 20))


def test_one_call_in_ten_turned_away_is_no_limit_however_slow_calls_leave() -> None:
    assert told(*[9] * 6, seconds=0.9).is_of_no_use


@pytest.mark.parametrize(("guess", "moment"), [(told(20), 105.0), (told(20, wait=600.0), 701.0)])
def test_one_refusal_alone_makes_nobody_wait_for_long(guess: Guess, moment: float) -> None:
    guess.passed(moment)

    assert guess.wait(moment, 5) == 0.0


def test_numbers_that_never_agree_make_nobody_wait_for_ever() -> None:
    guess = told(40, 20, 40, 20, 40)
    guess.passed(200.0)

    assert guess.wait(200.0, 5) == 0.0
