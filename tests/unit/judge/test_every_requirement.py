"""Each requirement of the catalogue has traffic that keeps it and traffic that breaks it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support.histories import broken, findings, kept, requirements

from .examples import EXAMPLES

WORDS = Path(__file__).parent / "words.json"


def test_every_requirement_has_an_example() -> None:
    assert EXAMPLES.keys() == requirements().ids


@pytest.mark.parametrize("requirement", EXAMPLES)
def test_right_traffic_keeps_it(requirement: str) -> None:
    assert kept(*EXAMPLES[requirement].kept)[requirement]


@pytest.mark.parametrize("requirement", EXAMPLES)
def test_right_traffic_breaks_nothing(requirement: str) -> None:
    assert broken(*EXAMPLES[requirement].kept) == set()


@pytest.mark.parametrize("requirement", EXAMPLES)
def test_wrong_traffic_breaks_it(requirement: str) -> None:
    wrong = EXAMPLES[requirement]

    assert broken(*wrong.broken) == {requirement, *wrong.beside}


@pytest.mark.parametrize("requirement", EXAMPLES)
def test_a_finding_says_what_was_expected_and_what_came(requirement: str) -> None:
    found = [each for each in findings(*EXAMPLES[requirement].broken) if each.requirement == requirement]

    assert [bool(each.expected and each.actual and each.signature) for each in found] == [True]
    assert found[0].expected != found[0].actual
    assert found[0].evidence[-1] == max(found[0].evidence)


@pytest.mark.generated
def test_the_words_of_every_finding_are_those_on_file() -> None:
    told = {
        name: [
            [each.requirement, each.expected, each.actual, each.signature, *each.story]
            for each in findings(*wrong.broken)
        ]
        for name, wrong in EXAMPLES.items()
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        WORDS.write_text(text, encoding="utf-8")

    assert text == WORDS.read_text(encoding="utf-8"), "the words differ; UPDATE_GOLDEN=1 writes them anew"
