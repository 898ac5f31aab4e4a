"""What releases are known for stands beside findings, and lets a gate pass that asks for it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rocketchat_contract.contract.known import known_deviations
from rocketchat_contract.judge.fate import Cause, Fate, Why
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.report.accepted import Acceptance, EntryStanding, Listed
from rocketchat_contract.report.accepting import known_sentence
from rocketchat_contract.report.ctrf import ctrf
from rocketchat_contract.report.finding_view import finding_views
from rocketchat_contract.report.html import html
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.report.junit import junit
from rocketchat_contract.report.known import Knowledge
from rocketchat_contract.report.markdown import github_annotations, markdown
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.sarif import sarif
from rocketchat_contract.report.terminal import terminal
from rocketchat_contract.results.baseline import held
from rocketchat_contract.results.result import judge_record
from support.real import record_of

from .examples import CLOSED_RID, ONE_ROOM, OPEN_ROOM, result

RACE = Finding(ONE_ROOM.id, "one room", "2 rooms", (1,), signature="several rooms, several creations")
NEW = Finding(OPEN_ROOM.id, "that room", "another", (1,), signature="another, newRoom False")


def ran(version: str, *findings: Finding, accepting: bool = True) -> RunResult:
    """A run that found these on a release."""
    beside = replace(ONE_ROOM, id="calls-beside-a-close-agree")
    of = {requirement.id: requirement for requirement in (ONE_ROOM, OPEN_ROOM, beside)}
    rows = {}
    for finding in findings:
        before = rows.get(finding.requirement, Row(of[finding.requirement], Outcome.FAIL, 4))
        rows[finding.requirement] = replace(before, broken=before.broken + 1, findings=(*before.findings, finding))
    made = result(Verdict(tuple(rows.values())))
    return replace(made, known=Knowledge(known_deviations(), version, accepting))


def code(version: str, *findings: Finding) -> int:
    """What a gate ends with that accepts what is known."""
    return int(ran(version, *findings).exit_code)


def test_what_is_known_of_the_release_passes() -> None:
    assert code("7.10", RACE) == 0


def test_what_is_known_fails_a_gate_that_does_not_ask() -> None:
    assert int(ran("7.10", RACE, accepting=False).exit_code) == 1


@pytest.mark.parametrize("version", ["8.3", "9.1.0", ""])
def test_what_is_not_known_of_the_release_fails(version: str) -> None:
    assert code(version, RACE) == 1


def test_what_is_not_known_at_all_fails_beside_it() -> None:
    assert code("7.10", RACE, NEW) == 1


def test_another_finding_of_the_same_requirement_fails() -> None:
    assert code("7.10", RACE, replace(RACE, signature="one room at most, several creations")) == 1


def test_five_kinds_of_findings_may_hide_a_sixth() -> None:
    assert code("7.10", *[replace(RACE, evidence=(number,)) for number in range(5)]) == 1


def hidden_by(*causes: Cause) -> Row:
    """A must that was not judged for these causes."""
    counted = tuple((cause, 1) for cause in causes)
    return Row(CLOSED_RID, Outcome.NOT_JUDGED, why=Why.LOST, causes=counted)


BROKE_IT = Cause(Fate.BROKEN, ONE_ROOM.id)


@pytest.mark.parametrize(
    ("version", "causes", "ends"),
    [
        ("7.10", [BROKE_IT], 0),
        ("7.10", [BROKE_IT, Cause(Fate.LIMITER, "429")], 3),
        ("7.10", [Cause(Fate.BROKEN, "another")], 3),
        ("8.6", [BROKE_IT], 1),
    ],
)
def test_what_only_known_calls_could_show_is_let_pass_with_them(version: str, causes: list[Cause], ends: int) -> None:
    made = ran(version, RACE)
    with_hidden = replace(made, verdict=Verdict((*made.verdict.rows, hidden_by(*causes))))

    assert int(with_hidden.exit_code) == ends
    assert (CLOSED_RID.id in known_sentence(with_hidden)) == (ends == 0)


def test_a_baseline_may_list_the_rest() -> None:
    other = replace(RACE, signature="one room at most, several creations")
    listed = Listed(ONE_ROOM.id, EntryStanding.ACCEPTED, "soon", "ops", "2027-03-31", signature=other.signature)

    assert int(replace(ran("7.10", RACE, other), acceptance=Acceptance("b.toml", (listed,))).exit_code) == 0


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("7.10", "known in 7.10, gone in 8.3"),
        ("8.6", "known before 8.3 only, so not expected in 8.6"),
        ("", "known before 8.3, and the target reports no version"),
    ],
)
def test_the_versions_stand_beside_a_finding(version: str, words: str) -> None:
    (told,) = finding_views(ran(version, RACE, accepting=False))

    assert [each.versions for each in told.known] == [words]


@pytest.mark.parametrize("write", [terminal, html, markdown, junit, sarif, json_report, ctrf, github_annotations])
def test_every_report_says_it(write: object) -> None:
    assert callable(write)
    assert "known in 7.10, gone in 8.3" in write(ran("7.10", RACE, accepting=False))


def test_the_terminal_says_what_it_means_and_what_to_do() -> None:
    text = " ".join(terminal(ran("7.10", RACE, accepting=False), cuts=False).split())

    assert "means A customer who opens the chat in two tabs" in text
    assert "advice Upgrade to 8.3 or later." in text


@pytest.mark.parametrize("write", [terminal, html])
def test_what_no_release_is_known_for_says_what_it_means(write: object) -> None:
    assert callable(write)
    text = " ".join(write(ran("7.10", replace(RACE, signature="unheard of"), accepting=False)).split())

    assert "The customer gets two chats with two agents" in text


def test_what_a_deviation_means_stands_below_its_first_finding() -> None:
    text = terminal(ran("7.10", RACE, replace(RACE, requirement="calls-beside-a-close-agree"), accepting=False))

    assert (text.count("upstream"), text.count("    means ")) == (2, 1)


@pytest.mark.parametrize("write", [terminal, html, markdown])
def test_what_is_let_pass_is_listed(write: object) -> None:
    assert callable(write)
    text = write(ran("7.10", RACE))

    assert "Accepted as known" in text
    assert known_sentence(ran("7.10", RACE)).count(ONE_ROOM.id) == 1


def test_the_verdict_stays_what_it_is() -> None:
    assert ran("7.10", RACE).verdict.word == "violated"


REAL = {
    "3.4.0-gate-limiter": {
        "a-race-opens-several-rooms",
        "every-call-opens-a-room",
        "a-rid-of-no-open-room-opens-one",
        "a-refusal-without-error",
    },
    "6.5.3-gate": {"a-race-opens-several-rooms", "malformed-encoding-is-not-answered"},
    "6.5.3-gate-agent-info-hidden": {"a-refused-agent-opens-a-room"},
    "7.2.0-gate": {"a-race-opens-several-rooms", "malformed-encoding-is-not-answered"},
    "8.6.1-gate": {"the-loser-of-a-race-is-refused", "what-is-undefined-is-null"},
}


@pytest.mark.parametrize("name", REAL)
def test_records_of_real_releases_show_what_they_are_known_for(name: str, tmp_path: Path) -> None:
    judged = judge_record(record_of(name, tmp_path))

    assert REAL[name] <= {known.deviation.id for told in finding_views(judged) for known in told.known}


@pytest.mark.parametrize("name", ["7.2.0-gate", "8.6.1-gate"])
def test_a_real_release_passes_a_gate_that_guards_a_deployment(name: str, tmp_path: Path) -> None:
    judged = held(judge_record(record_of(name, tmp_path)), None, accept_known=True)

    assert not [told for told in finding_views(judged) if told.deciding]


@pytest.mark.parametrize("requirement", ["a-racing-call-is-not-refused", "nothing-internal-leaks"])
def test_a_real_lost_race_is_repeated_as_a_race(requirement: str, tmp_path: Path) -> None:
    judged = judge_record(record_of("8.6.1-gate", tmp_path))

    (told,) = [each for each in finding_views(judged) if each.requirement.id == requirement]

    assert told.repeat.command.startswith("(for i in $(seq 5); do curl")
