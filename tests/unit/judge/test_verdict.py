"""The laws of the verdict: what follows from what became of each requirement."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import EXIT_CODES, Outcome, Row, Verdict, VerdictWord, never_broken_bound
from rocketchat_contract.report.phrases import bound_sentence

WORSE = [VerdictWord.CONFORMANT, VerdictWord.INCOMPLETE, VerdictWord.VIOLATED, VerdictWord.ERROR]
"""From the best to the worst: what is told when several hold."""

MUST = Requirement("a-b-c", "wire", "must", "S.", "server", "q", "https://x", ("published", "full"), "", "w", 1)
SHOULD = replace(MUST, id="d-e-f", level="should")
FOUND = Finding("a-b-c", "this", "that", (1,))

requirements = st.builds(
    Requirement,
    st.just("a-b-c"),
    st.just("wire"),
    st.sampled_from(["must", "should"]),
    *[st.just("x")] * 4,
    st.sampled_from([("published",), ("full",), ("published", "full")]),
    st.just(""),
    st.just("w"),
    st.just(1),
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A row whose numbers agree with its outcome."""
    requirement = draw(requirements)
    broken = Outcome.FAIL if requirement.level == "must" else Outcome.WARN
    outcome = draw(st.sampled_from([Outcome.PASS, broken, Outcome.NOT_APPLICABLE, Outcome.NOT_JUDGED, Outcome.ERROR]))
    judged = draw(st.integers(1, 99)) if outcome in (Outcome.PASS, broken) else 0
    return Row(requirement, outcome, judged, judged if outcome is broken else 0)


sentences = st.lists(st.just("Something happened."), max_size=1).map(tuple)
verdicts = st.builds(Verdict, st.lists(rows(), max_size=6).map(tuple), sentences, sentences, st.booleans())
columns = st.sampled_from(["published", "full"])


def row(requirement: Requirement, outcome: Outcome, judged: int = 1) -> Row:
    return Row(requirement, outcome, judged, judged if outcome in (Outcome.FAIL, Outcome.WARN) else 0)


@given(verdicts, columns)
def test_a_broken_must_never_improves_the_verdict(verdict: Verdict, column: str) -> None:
    worse = replace(verdict, rows=(*verdict.rows, row(MUST, Outcome.FAIL)))

    assert WORSE.index(worse.word_of(column)) >= WORSE.index(verdict.word_of(column))  # type: ignore[arg-type]
    assert WORSE.index(worse.word_of(column)) >= WORSE.index(VerdictWord.VIOLATED)  # type: ignore[arg-type]


@given(verdicts, st.sampled_from([Outcome.FAIL, Outcome.NOT_JUDGED, Outcome.ERROR]), st.integers(0, 5))
def test_turning_a_kept_must_into_anything_else_never_improves_the_verdict(
    verdict: Verdict, outcome: Outcome, place: int
) -> None:
    right = [*verdict.rows[:place], row(MUST, Outcome.PASS), *verdict.rows[place:]]
    wrong = [*verdict.rows[:place], row(MUST, outcome), *verdict.rows[place:]]
    before, after = (replace(verdict, rows=tuple(each)).word for each in (right, wrong))

    assert WORSE.index(after) >= WORSE.index(before)


@given(verdicts, columns)
def test_more_obstacles_and_errors_never_improve_the_verdict(verdict: Verdict, column: str) -> None:
    for worse in (replace(verdict, obstacles=("X.",)), replace(verdict, errors=("X.",)), replace(verdict, strict=True)):
        assert WORSE.index(worse.word_of(column)) >= WORSE.index(verdict.word_of(column))  # type: ignore[arg-type]


@given(verdicts, columns)
def test_what_could_not_be_judged_is_never_conformant(verdict: Verdict, column: str) -> None:
    unjudged = replace(verdict, rows=(*verdict.rows, row(MUST, Outcome.NOT_JUDGED, judged=0)))

    assert unjudged.word_of(column) is not VerdictWord.CONFORMANT  # type: ignore[arg-type]
    assert unjudged.exit_code is not ExitCode.CONFORMANT


@given(st.lists(rows().filter(lambda each: not each.judged)), sentences, st.booleans())
def test_nothing_judged_is_never_conformant(unjudged: list[Row], errors: tuple[str, ...], strict: bool) -> None:
    assert Verdict(tuple(unjudged), (), errors, strict=strict).exit_code is not ExitCode.CONFORMANT


@given(verdicts)
def test_the_worst_that_holds_is_told(verdict: Verdict) -> None:
    mine = [each for each in verdict.rows if "full" in each.requirement.columns]
    outcomes = {each.outcome for each in mine}
    holds = [
        verdict.errors or Outcome.ERROR in outcomes,
        Outcome.FAIL in outcomes or (verdict.strict and Outcome.WARN in outcomes),
        verdict.obstacles
        or any(each.outcome is Outcome.NOT_JUDGED and each.requirement.level == "must" for each in mine)
        or not any(each.judged for each in mine),
        True,
    ]
    codes = [ExitCode.ERROR, ExitCode.VIOLATED, ExitCode.INCOMPLETE, ExitCode.CONFORMANT]

    assert verdict.exit_code is codes[[bool(each) for each in holds].index(True)]


@given(verdicts, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(verdict: Verdict, random: object) -> None:
    mixed = list(verdict.rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert replace(verdict, rows=tuple(mixed)).word is verdict.word


@given(verdicts)
def test_every_row_is_counted_once(verdict: Verdict) -> None:
    assert sum(verdict.counts.values()) == len(verdict.rows)
    assert verdict.judged == len([each for each in verdict.rows if each.judged])


@pytest.mark.parametrize(
    ("word", "code"),
    [(VerdictWord.CONFORMANT, 0), (VerdictWord.VIOLATED, 1), (VerdictWord.INCOMPLETE, 3), (VerdictWord.ERROR, 4)],
)
def test_each_word_has_its_exit_code(word: VerdictWord, code: int) -> None:
    assert EXIT_CODES[word] == code


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ([(MUST, Outcome.PASS)], VerdictWord.CONFORMANT),
        ([(MUST, Outcome.PASS), (SHOULD, Outcome.WARN)], VerdictWord.CONFORMANT),
        ([(MUST, Outcome.PASS), (SHOULD, Outcome.NOT_JUDGED)], VerdictWord.CONFORMANT),
        ([(MUST, Outcome.PASS), (MUST, Outcome.NOT_APPLICABLE)], VerdictWord.CONFORMANT),
        ([(MUST, Outcome.NOT_APPLICABLE)], VerdictWord.INCOMPLETE),
        ([(MUST, Outcome.NOT_JUDGED), (SHOULD, Outcome.PASS)], VerdictWord.INCOMPLETE),
        ([(MUST, Outcome.FAIL), (MUST, Outcome.NOT_JUDGED)], VerdictWord.VIOLATED),
        ([(MUST, Outcome.FAIL), (MUST, Outcome.ERROR)], VerdictWord.ERROR),
        ([], VerdictWord.INCOMPLETE),
    ],
)
def test_outcomes_make_a_word(outcomes: list[tuple[Requirement, Outcome]], word: VerdictWord) -> None:
    judged = {Outcome.PASS: 1, Outcome.FAIL: 1, Outcome.WARN: 1}
    made = tuple(row(each, outcome, judged.get(outcome, 0)) for each, outcome in outcomes)

    assert Verdict(made).word is word


def test_a_broken_should_is_violated_only_when_strict() -> None:
    made = (row(MUST, Outcome.PASS), row(SHOULD, Outcome.WARN))

    assert [Verdict(made, strict=strict).word for strict in (False, True)] == [
        VerdictWord.CONFORMANT,
        VerdictWord.VIOLATED,
    ]


def test_the_exit_code_follows_the_full_contract() -> None:
    published = replace(MUST, columns=("published",))
    verdict = Verdict((row(published, Outcome.FAIL), row(replace(MUST, columns=("full",)), Outcome.PASS)))

    assert (verdict.word_of("published"), verdict.word_of("full")) == (VerdictWord.VIOLATED, VerdictWord.CONFORMANT)
    assert verdict.exit_code is ExitCode.CONFORMANT


def test_findings_come_in_the_order_of_the_requirements() -> None:
    second = replace(FOUND, requirement="d-e-f")
    made = (Row(MUST, Outcome.FAIL, 2, 2, findings=(FOUND, FOUND)), Row(SHOULD, Outcome.WARN, 1, 1, findings=(second,)))

    assert Verdict(made).findings == (FOUND, FOUND, second)


texts = st.text(max_size=9)


@given(
    st.builds(
        Finding,
        texts,
        texts,
        texts,
        st.lists(st.integers(1, 10**9)).map(tuple),
        st.none() | texts,
        st.lists(texts).map(tuple),
        texts,
    )
)
def test_a_finding_comes_back_from_json(finding: Finding) -> None:
    assert Finding.from_json(finding.to_json()) == finding


@pytest.mark.parametrize(
    ("chances", "bound"),
    [(1, 0.95), (2, 0.7764), (10, 0.2589), (59, 0.0495), (100, 0.0295), (1000, 0.002991), (10**6, 2.996e-6)],
)
def test_what_was_never_broken_may_still_break_at_a_rate(chances: int, bound: float) -> None:
    assert never_broken_bound(chances) == pytest.approx(bound, rel=1e-3)


@given(st.integers(1, 10**6), st.floats(0.5, 0.999))
def test_the_bound_makes_the_observation_as_unlikely_as_the_confidence_says(chances: int, confidence: float) -> None:
    rate = never_broken_bound(chances, confidence)

    assert (1 - rate) ** chances == pytest.approx(1 - confidence, rel=1e-4)
    assert rate <= 3.01 / chances or confidence > 0.95


@pytest.mark.parametrize(
    ("judged", "broken", "expected"),
    [(0, 0, None), (3, 1, None), (3, 3, None), (20, 0, pytest.approx(0.1391, rel=1e-3))],
)
def test_a_row_has_a_bound_when_it_was_always_kept(judged: int, broken: int, expected: object) -> None:
    assert Row(MUST, Outcome.PASS, judged, broken).rate_below == expected


def test_a_bound_is_told_to_people() -> None:
    told = [bound_sentence(Row(MUST, Outcome.PASS, judged, broken)) for judged, broken in ((310, 0), (310, 1), (0, 0))]

    assert told == [
        "Kept in all 310: if these chances are independent, the true rate is below 0.96 % (95 %).",
        "",
        "",
    ]
