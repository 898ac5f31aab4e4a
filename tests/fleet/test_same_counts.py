"""Whatever the fleet, each of its writers tells the same counts."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.fleet.merge import Fleet
from rocketchat_contract.fleet.report import fleet_annotations, fleet_summary, lines, page
from rocketchat_contract.judge.verdict import Outcome, VerdictWord

from .fleets import PROMISES, column, fleet

few = settings(max_examples=40, deadline=None)
OUTCOMES = [outcome.value for outcome in Outcome]


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Deployments with words and outcomes by chance; some have no run."""
    words = draw(st.lists(st.sampled_from(list(VerdictWord)), min_size=1, max_size=6))
    outcomes = st.lists(st.sampled_from(OUTCOMES), min_size=len(PROMISES), max_size=len(PROMISES))
    told = [" ".join(draw(outcomes)) if draw(st.booleans()) else "" for _ in words]
    return fleet(*(column(f"d{n}", n, word, told[n]) for n, word in enumerate(words)))


def expected(one: Fleet) -> Counter[str]:
    return Counter(each.word.value for each in one.columns)


@few
@given(fleets())
def test_json_counts_the_deployments(one: Fleet) -> None:
    assert +Counter(one.to_json()["verdict"]["counts"]) == expected(one)


@few
@given(fleets())
def test_the_terminal_counts_the_same(one: Fleet) -> None:
    *wrong, last = lines(one)

    assert {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last)} == expected(one)
    assert len(wrong) == len(one.columns) - expected(one)["conformant"]


@few
@given(fleets())
def test_the_summary_counts_the_same(one: Fleet) -> None:
    text = fleet_summary(one)
    rows = Counter(word for word in re.findall(r"^\| \S+ ([a-z]+) \| d\d", text, re.MULTILINE))

    assert rows == Counter({word: number for word, number in expected(one).items() if word != "conformant"})
    assert {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", text.splitlines()[-1])} == expected(one)


@few
@given(fleets())
def test_annotations_count_the_same(one: Fleet) -> None:
    told = Counter(re.findall(r"^::error title=d\d ([a-z]+)::", fleet_annotations(one), re.MULTILINE))

    assert told == Counter({word: number for word, number in expected(one).items() if word != "conformant"})


@few
@given(fleets())
def test_the_page_has_every_deployment_and_outcome(one: Fleet) -> None:
    text = page(one)
    outcomes = Counter(cell.outcome.value for each in one.columns for cell in each.cells.values())

    assert Counter(re.findall(r'<td class="([a-z-]+)"><a', text)) == outcomes
    assert Counter(re.findall(r'<li id="deployment-d\d" class="([a-z]+)"', text)) == expected(one)
