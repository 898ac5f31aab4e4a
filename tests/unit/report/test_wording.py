from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.report.markdown import markdown
from rocketchat_contract.report.terminal import terminal
from rocketchat_contract.report.wording import (
    changes_sentence,
    consequence,
    credentials_sentence,
    headline,
    listed,
    proof_sentence,
    spans,
    sweep_sentence,
)

from .examples import HEADER, STATUS_FINDING, STATUS_PUBLISHED, UNKNOWN_TOKEN, account, conformant, incomplete


@pytest.mark.parametrize(
    ("parts", "sentence"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_parts_are_one_sentence(parts: list[str], sentence: str) -> None:
    assert listed(parts) == sentence


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([7], "7"),
        ([6, 7], "6, 7"),
        ([2, 7, 8, 9, 12], "2, 7–9, 12"),
        ([235, 236, 237, 238, 239, 240, 241, 242, 243], "235–243"),
        ([1, 3, 5, 7, 9, 11, 13], "1, 3, 5, 7, …, 13"),
    ],
)
def test_numbers_in_a_row_are_drawn_together(numbers: list[int], told: str) -> None:
    assert spans(numbers) == told


def test_a_conformant_run_says_that_the_document_alone_is_broken() -> None:
    rows = (Row(STATUS_PUBLISHED, Outcome.FAIL, 9, 1, findings=(STATUS_FINDING,)), Row(UNKNOWN_TOKEN, Outcome.PASS, 4))

    told = "promised by the published document alone, and does not decide the verdict."
    assert consequence(account(Verdict(rows))).endswith(told)
    assert told not in consequence(conformant())


def test_without_a_proof_people_read_how_to_make_one() -> None:
    told = "no proof stored (rocketchat-contract prove --json spec/proof.json makes one)"

    assert proof_sentence(conformant()) == told
    assert told in terminal(conformant())
    assert told in markdown(conformant())


def test_a_capture_sent_nothing() -> None:
    captured = account(Verdict(()), header={**HEADER, "capture": {}})

    assert changes_sentence(captured) == "sent nothing, as this is a capture"


def test_an_empty_capture_is_called_the_capture() -> None:
    told = headline(replace(incomplete(), header={**HEADER, "target": "the capture"}))

    assert told == "The capture could not be judged in full, so this is no pass."


def test_what_is_left_on_a_deployment_can_be_swept() -> None:
    left = account(Verdict(()), header={**HEADER, "embedded": ""}, ledger=Ledger(1, 0, ("R1",)))
    embedded = replace(left, header={**HEADER, "embedded": "newest"})

    assert sweep_sentence(left) == f"Finish it with: rocketchat-contract sweep {HEADER['run']}"
    assert sweep_sentence(embedded) == sweep_sentence(replace(left, ledger=Ledger(1, 1))) == ""


@pytest.mark.parametrize(("agents", "is_told"), [("not told: status 401, no", True), ("2, of whom 1 online", False)])
def test_refused_credentials_are_told(agents: str, is_told: bool) -> None:
    assert bool(credentials_sentence(replace(conformant(), facts=(Fact("agents", agents),)))) == is_told
