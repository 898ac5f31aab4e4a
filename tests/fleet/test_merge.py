"""Merging is associative and commutative, keeps everything, and refuses what does not belong together."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet.merge import Fleet, merge
from rocketchat_contract.judge.verdict import VerdictWord

from .fleets import JUDGES, column, fleet, mixed

WORDS = st.sampled_from([word.value for word in VerdictWord])


@st.composite
def parts(draw: st.DrawFn) -> list[Fleet]:
    """Three parts of one fleet; a deployment may be in several of them, as the same run."""
    words = draw(st.lists(WORDS, min_size=1, max_size=6))
    columns = [column(f"d{n}", n, word, "pass pass pass") for n, word in enumerate(words)]
    chosen = [draw(st.sets(st.sampled_from(range(len(columns))))) for _ in range(3)]
    return [fleet(*(columns[n] for n in sorted(each)), run=f"fleet-{i}") for i, each in enumerate(chosen)]


@given(parts())
def test_merging_is_associative(three: list[Fleet]) -> None:
    one, two, last = three

    assert merge(merge(one, two), last) == merge(one, merge(two, last))


@given(parts())
def test_merging_is_commutative(three: list[Fleet]) -> None:
    assert merge(three[0], three[1]) == merge(three[1], three[0])


@given(parts())
def test_merging_with_itself_changes_nothing(three: list[Fleet]) -> None:
    assert merge(three[0], three[0]) == three[0]


@given(parts())
def test_a_merged_fleet_is_as_bad_as_its_worst_part(three: list[Fleet]) -> None:
    order = (4, 1, 3, 0)
    codes = [each.exit_code for each in three[:2] if each.columns]

    assert not codes or merge(three[0], three[1]).exit_code == min(codes, key=order.index)


@pytest.mark.parametrize("what", ["suite", "contract"])
def test_mixed_suites_or_contracts_are_refused(what: str) -> None:
    other = replace(JUDGES, **{f"{what}_sha256": "c" * 64})
    one, two = fleet(column("a", 1, "conformant", "pass")), fleet(column("b", 2, "conformant", "pass"), judges=other)

    with pytest.raises(UsageError, match=f"judged by different {what}s: "):
        merge(one, two)


def test_two_runs_of_one_deployment_are_refused() -> None:
    one, two = (fleet(column("a", 1, "conformant", "pass", seconds=n)) for n in (1.0, 2.0))

    with pytest.raises(UsageError, match="deployment a was judged in both"):
        merge(one, two)


def test_a_fleet_comes_back_from_json() -> None:
    assert Fleet.from_json(json.loads(json.dumps(mixed().to_json()))) == mixed()


def forged(**more: object) -> dict[str, Any]:
    """A fleet of one deployment as JSON, with other members in that."""
    content = json.loads(json.dumps(fleet(column("a", 1, "conformant", "pass")).to_json()))
    content["deployments"][0] |= more
    return content


@pytest.mark.parametrize("member", ["run", "said"])
@pytest.mark.parametrize(
    "place",
    [
        "javascript:alert(1)//",
        "https://evil.example/x",
        "//evil.example",
        "/etc",
        "../../etc",
        "deployments/a/attempt-1/../../../etc",
        "deployments/b/attempt-1/x",
        "deployments/a/attempt-1/x?y",
        "deployments/a/attempt-1/x#y",
        "deployments/a/attempt-1/",
        "deployments/a/attempt-1/x\n",
        "data:text/html,x",
        "\tjavascript:alert(1)",
    ],
)
def test_a_place_outside_of_its_own_is_refused(member: str, place: str) -> None:
    with pytest.raises(ValueError, match="has its files in"):
        Fleet.from_json(forged(**{member: place}))


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\n", "-", "x" * 200, "javascript:alert(1)"])
def test_a_name_that_no_deployment_has_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="has its files in"):
        Fleet.from_json(forged(name=name, run="", said=""))


@pytest.mark.parametrize(
    "more",
    [
        {"position": "first"},
        {"seconds": "long"},
        {"facts": {"version": 8}},
        {"facts": [1]},
        {"cells": {"x": {"outcome": "pass"}}},
        {"cells": {"x": 5}},
        {"problems": [[1]]},
        {"word": "good"},
        {"attempts": None},
    ],
)
def test_members_of_another_type_are_refused(more: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Fleet.from_json(forged(**more))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("conformant", 0),
        ("conformant incomplete", 3),
        ("incomplete violated conformant", 1),
        ("violated incomplete error", 4),
    ],
)
def test_the_worst_deployment_decides_the_exit_code(words: str, code: int) -> None:
    columns = [column(f"d{n}", n, word, "pass") for n, word in enumerate(words.split())]

    assert fleet(*columns).exit_code == code


def test_a_fleet_of_none_is_never_conformant() -> None:
    assert fleet().exit_code == 3
