from __future__ import annotations

import pytest

from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.report.wording import consequence, listed, spans

from .examples import STATUS_FINDING, STATUS_PUBLISHED, UNKNOWN_TOKEN, account, conformant


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
