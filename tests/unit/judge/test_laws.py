"""Laws of the judge, whatever happens: nothing that was broken heals, and no count goes down.

What waits for a later answer to explain it is no part of them: it counts as broken at the end alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.verdict import Verdict, VerdictWord
from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, between, in_order, judge_of, new_judge, operations, refused, registered
from support.random_histories import any_calls, served_calls

some = settings(max_examples=150)


@st.composite
def histories(draw: st.DrawFn) -> list[Exchange]:
    """Calls of a registered visitor: answers by chance, or a right server's with one changed."""
    random = Random(draw(st.integers(0, 2**32)))
    calls = any_calls(random, 8) if draw(st.booleans()) else served_calls(random, 8, known=True, room=None)
    return in_order([between(0, 1, registered(ANNA)), *calls])


def verdicts(calls: Sequence[Exchange]) -> Iterator[Verdict]:
    """The verdict each time that no call is under way."""
    for end in range(1, len(calls) + 1):
        if end == len(calls) or max(each.ended for each in calls[:end]) < calls[end].started:
            yield Verdict(tuple(standing(calls[:end]).tally.rows()))


def standing(calls: Sequence[Exchange]) -> Judge:
    """A judge who has seen the calls, and expects more."""
    judge = new_judge()
    for op in operations(*calls):
        judge.feed(op)
    judge.settle()
    return judge


@some
@given(histories())
def test_whatever_comes_after_what_was_broken_stays_broken(calls: list[Exchange]) -> None:
    broken = [{row.requirement.id for row in verdict.rows if row.broken} for verdict in verdicts(calls)]

    assert all(before <= after for before, after in pairwise(broken))


@some
@given(histories())
def test_whatever_comes_after_a_violated_verdict_stays_violated(calls: list[Exchange]) -> None:
    words = [verdict.word for verdict in verdicts(calls)]
    violated = [word is VerdictWord.VIOLATED for word in words]

    assert violated == sorted(violated)


@some
@given(histories())
def test_no_count_goes_down(calls: list[Exchange]) -> None:
    counts = [[(row.judged, row.broken) for row in verdict.rows] for verdict in verdicts(calls)]

    for before, after in pairwise(counts):
        assert all(a >= b for pair in zip(after, before, strict=True) for a, b in zip(*pair, strict=True))


@some
@given(histories())
def test_another_visitors_calls_heal_nothing(calls: list[Exchange]) -> None:
    last = max(each.ended for each in calls)
    after = [*calls, between(last // 10**6 + 10, last // 10**6 + 20, refused("$RC_TOKEN_9"))]
    alone, beside = (judge_of(*each).verdict() for each in (calls, after))

    assert {row.requirement.id for row in alone.rows if row.broken} == {
        row.requirement.id for row in beside.rows if row.broken
    }
