from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.contract.requirements import Requirement, Requirements
from rocketchat_contract.judge.fate import Why
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS, Tally
from rocketchat_contract.judge.verdict import Outcome, Row

MUST = Requirement("a-must-here", "wire", "must", "S.", "server", "q", "https://x", ("full",), "", "w", 1)
SHOULD = replace(MUST, id="a-should-here", level="should")
SOMETIMES = replace(MUST, id="a-sometimes-here", only_when="a visitor was deleted")
CATALOGUE = Requirements((MUST, SHOULD, SOMETIMES), {"wire": "W."})


def tally(*kept: str, broken: tuple[Finding, ...] = ()) -> Tally:
    made = Tally(CATALOGUE)
    for name in kept:
        made.kept(name)
    for finding in broken:
        made.broken(finding)
    return made


def finding(requirement: str = MUST.id, sign: str = "x", number: int = 1) -> Finding:
    return Finding(requirement, "this", "that", (number,), signature=sign)


def row_of(made: Tally, requirement: Requirement) -> Row:
    return next(row for row in made.rows() if row.requirement is requirement)


def test_rows_come_in_the_order_of_the_catalogue() -> None:
    assert [row.requirement for row in tally().rows()] == [MUST, SHOULD, SOMETIMES]


def test_what_was_kept_passes() -> None:
    row = row_of(tally(MUST.id, MUST.id), MUST)

    assert (row.outcome, row.judged, row.broken, row.reason) == (Outcome.PASS, 2, 0, "")


def test_a_broken_must_fails_however_often_it_was_kept() -> None:
    row = row_of(tally(MUST.id, MUST.id, broken=(finding(),)), MUST)

    assert (row.outcome, row.judged, row.broken, row.findings) == (Outcome.FAIL, 3, 1, (finding(),))


def test_a_broken_should_warns() -> None:
    assert row_of(tally(broken=(finding(SHOULD.id),)), SHOULD).outcome is Outcome.WARN


def test_what_nothing_showed_is_not_judged() -> None:
    row = row_of(tally(), MUST)

    assert (row.outcome, row.why) == (Outcome.NOT_JUDGED, Why.NOT_SHOWN)


def test_reasons_explain_what_was_not_judged() -> None:
    rows = tally(SHOULD.id).rows(["One.", "Two."])

    assert [row.reason for row in rows] == ["One. Two.", "", "It speaks only when a visitor was deleted."]


def test_what_speaks_only_sometimes_is_not_applicable_until_judged() -> None:
    assert row_of(tally(), SOMETIMES).outcome is Outcome.NOT_APPLICABLE
    assert row_of(tally(SOMETIMES.id), SOMETIMES).outcome is Outcome.PASS


def test_findings_with_one_signature_are_kept_once() -> None:
    row = row_of(tally(broken=(finding(number=1), finding(number=2), finding(sign="y", number=3))), MUST)

    assert [each.evidence for each in row.findings] == [(1,), (3,)]
    assert row.broken == 3


def test_only_the_first_few_findings_are_kept() -> None:
    row = row_of(tally(broken=tuple(finding(sign=str(n)) for n in range(9))), MUST)

    assert [each.signature for each in row.findings] == [str(n) for n in range(MOST_KEPT_FINDINGS)]
    assert row.broken == 9


def test_a_count_goes_on_in_the_tally() -> None:
    made = tally(MUST.id)
    made.count_of(MUST.id).judged += 1

    assert made.judged(MUST.id) == 2


@given(st.lists(st.sampled_from([MUST.id, SHOULD.id, SOMETIMES.id])), st.lists(st.sampled_from([MUST.id, SHOULD.id])))
def test_counts_are_what_went_in(kept: list[str], broken: list[str]) -> None:
    rows = tally(*kept, broken=tuple(map(finding, broken))).rows()

    assert {row.requirement.id: (row.judged, row.broken) for row in rows} == {
        each.id: (kept.count(each.id) + broken.count(each.id), broken.count(each.id)) for each in CATALOGUE
    }


@given(st.lists(st.sampled_from([MUST.id, SHOULD.id])), st.lists(st.sampled_from([MUST.id, SHOULD.id])))
def test_the_order_of_judgements_changes_no_outcome(kept: list[str], broken: list[str]) -> None:
    findings = tuple(map(finding, broken))
    backwards = Tally(CATALOGUE)
    for each in reversed(findings):
        backwards.broken(each)
    for name in reversed(kept):
        backwards.kept(name)

    outcomes = [
        [(row.outcome, row.judged) for row in each.rows()] for each in (tally(*kept, broken=findings), backwards)
    ]

    assert outcomes[0] == outcomes[1]


def test_a_much_shorter_example_takes_the_place_of_the_first() -> None:
    made = tally()
    for number, length in ((1, 90), (2, 60), (3, 45), (4, 40)):
        made.broken(finding(number=number), length)

    assert row_of(made, MUST).findings == (finding(number=3),)


def test_a_finding_of_several_calls_keeps_its_first_example() -> None:
    made = tally(broken=(finding(number=1), finding(number=2)))

    assert row_of(made, MUST).findings == (finding(number=1),)
