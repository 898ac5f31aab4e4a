"""Who else acted stands in every report, and next to the finding that it may explain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rocketchat_contract.judge.repeated import REPEATED_FACT as REPEATED
from rocketchat_contract.record.ledger import CLOSED_BY_OTHERS, SENT_TWICE, Fact
from rocketchat_contract.report.circumstances import circumstances, explaining
from rocketchat_contract.report.html import html
from rocketchat_contract.report.junit import junit
from rocketchat_contract.report.markdown import github_annotations, markdown
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.sarif import sarif
from rocketchat_contract.report.terminal import terminal

from .examples import JSON_ANSWER, OPEN_ROOM, conformant, violated

CLOSED = Fact(CLOSED_BY_OTHERS, "room R1, perhaps more", 9)
SENTENCE = "Chats closed by somebody else: room R1, perhaps more."


def with_facts(made: RunResult, *facts: Fact) -> RunResult:
    """The run with what it found out about others."""
    return replace(made, facts=(*made.facts, *facts))


def spaced(text: str) -> str:
    """The text with each space once, as lines are folded."""
    return " ".join(text.split())


@pytest.mark.parametrize("write", [terminal, markdown, html, junit])
def test_chats_closed_by_others_stand_in_reports_of_any_run(write: Callable[[RunResult], str]) -> None:
    assert SENTENCE in spaced(write(with_facts(conformant(), CLOSED)))


@pytest.mark.parametrize("write", [terminal, markdown, html, junit, sarif, github_annotations])
def test_they_stand_next_to_the_finding(write: Callable[[RunResult], str]) -> None:
    assert SENTENCE in spaced(write(with_facts(violated(), CLOSED)))


def test_they_explain_lost_rooms_and_no_media_type() -> None:
    made = with_facts(violated(), CLOSED)

    assert explaining(made, OPEN_ROOM) == (SENTENCE,)
    assert explaining(made, JSON_ANSWER) == ()


def test_calls_that_are_sent_twice_are_told_once() -> None:
    made = with_facts(conformant(), Fact(REPEATED, "signs"), Fact(SENT_TWICE, "each first close"))

    assert circumstances(made) == ("Calls sent twice on their way: each first close.",)


def test_other_facts_are_no_circumstances() -> None:
    assert circumstances(conformant()) == ()
