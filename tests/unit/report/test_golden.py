"""Whole outputs, word by word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rocketchat_contract.report.files import WRITERS
from rocketchat_contract.report.markdown import github_annotations
from rocketchat_contract.report.terminal import terminal

from .examples import EXAMPLES, hostile, violated

pytestmark = pytest.mark.generated

Golden = Callable[[str, str], None]


@pytest.mark.parametrize("name", WRITERS)
def test_a_report_of_a_violated_run_is_as_agreed(name: str, golden: Golden) -> None:
    golden(name, WRITERS[name](violated()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_terminal_output_is_as_agreed(name: str, golden: Golden) -> None:
    golden(f"terminal-{name}.txt", terminal(EXAMPLES[name]()))


def test_the_terminal_output_in_cp1252_is_as_agreed(golden: Golden) -> None:
    golden("terminal-cp1252.txt", terminal(violated(), encoding="cp1252"))


def test_the_terminal_output_in_colour_is_as_agreed(golden: Golden) -> None:
    golden("terminal-colour.txt", terminal(violated(), colour=True))


def test_the_terminal_output_of_a_hostile_server_is_as_agreed(golden: Golden) -> None:
    golden("terminal-hostile.txt", terminal(hostile()))


def test_the_annotations_are_as_agreed(golden: Golden) -> None:
    golden("annotations.txt", github_annotations(violated()))
