"""The order of the findings, the same in every report."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.report.accepted import Acceptance, EntryStanding, Listed
from rocketchat_contract.report.finding_view import FINDING_ORDER, finding_views
from rocketchat_contract.report.html import html
from rocketchat_contract.report.terminal import terminal
from rocketchat_contract.results.judged_by import load_judged_by

from .examples import requirement, result


def broken(name: str, group: str, outcome: Outcome = Outcome.FAIL, **more: Any) -> Row:
    level = "must" if outcome is Outcome.FAIL else "should"
    promise = requirement(name, group, f"The sentence of {name}.", level=level, **more)
    return Row(promise, outcome, 4, 1, findings=(Finding(name, "this", "that", (1,), signature="x"),))


ROWS = (
    broken("history", "get-or-create"),
    broken("refusal", "refusals"),
    broken("body", "schema"),
    broken("polite", "get-or-create", Outcome.WARN),
    broken("stored", "wire", Outcome.WARN),
    broken("unknown", "of-another-contract", Outcome.WARN),
)


@pytest.mark.parametrize("rows", list(permutations(ROWS))[::97])
def test_what_decides_comes_first_then_what_holds_from_call_to_call(rows: tuple[Row, ...]) -> None:
    told = finding_views(result(Verdict(rows)))

    assert [each.requirement.id for each in told] == [row.requirement.id for row in ROWS]


def test_of_a_group_musts_come_before_shoulds() -> None:
    rows = (broken("polite", "rid", Outcome.WARN), broken("foreign", "rid"), broken("body", "schema"))

    told = finding_views(result(Verdict(rows, strict=True)))

    assert [each.requirement.id for each in told] == ["foreign", "polite", "body"]


def test_a_new_finding_comes_before_an_accepted_one_of_the_same_requirement() -> None:
    findings = tuple(Finding("a", "this", f"the {sign} one", (1,), signature=sign) for sign in ("known", "new"))
    made = result(Verdict((replace(broken("a", "rid"), broken=2, findings=findings),)))
    entry = Listed("a", EntryStanding.ACCEPTED, "mended soon", "chat team", "2027-03-31", signature="known")

    told = finding_views(replace(made, acceptance=Acceptance("b.toml", (entry,))))

    assert [(each.finding.signature, bool(each.accepted), each.deciding) for each in told] == [
        ("new", False, True),
        ("known", True, False),
    ]
    text = terminal(replace(made, acceptance=Acceptance("b.toml", (entry,))))
    assert "✗ a (required, broken 2 of 4; first of 2 findings, 1 accepted)" in text
    assert "the new one" in text


def test_single_findings_that_are_all_listed_are_not_accepted_where_there_may_be_more() -> None:
    made = result(Verdict((broken("a", "rid"),)))
    entry = Listed("a", EntryStanding.ACCEPTED, "mended soon", "chat team", "2027-03-31", signature="x")

    (told,) = finding_views(replace(made, acceptance=Acceptance("b.toml", (entry,))))

    assert (told.accepted, told.deciding) == ("", True)


def test_the_head_of_the_page_has_the_same_order() -> None:
    head = html(result(Verdict(tuple(reversed(ROWS))))).split('class="strip"')[0]

    assert head.index("sentence of history") < head.index("sentence of refusal") < head.index("sentence of body")


def test_every_group_of_the_catalogue_has_its_place() -> None:
    assert set(FINDING_ORDER) == set(load_judged_by().requirements.groups)


def test_an_answer_out_of_a_cache_comes_before_what_it_explains() -> None:
    rows = (broken("an-open-room", "get-or-create"), broken("an-answer-comes-from-no-cache", "wire"))

    assert finding_views(result(Verdict(rows)))[0].requirement.id == "an-answer-comes-from-no-cache"
