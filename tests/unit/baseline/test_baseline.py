"""What a baseline makes of a run: the truth table, and what is never accepted."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.errors import ExitCode, UsageError
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS
from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.report.accepted import EntryStanding
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.baseline import BaselineEntry, held, load_baseline
from support.headers import header_of
from support.histories import requirements

from .accounts import PUBLISHED, RACE, REPEAT, SHOULD, TODAY, baseline, entry, result, row

BROKEN = row(RACE, Outcome.FAIL, "two")
GOOD, VIOLATED, INCOMPLETE = ExitCode.CONFORMANT, ExitCode.VIOLATED, ExitCode.INCOMPLETE
PAST = {"expires": date(2026, 11, 21)}
LAST_DAY = {"expires": TODAY}

TABLE: list[tuple[str, Row, dict[str, Any], EntryStanding, ExitCode, ExitCode]] = [
    # name, row, keys of the entry, standing, exit code, exit code in CI
    ("broken and listed", BROKEN, {}, EntryStanding.ACCEPTED, GOOD, GOOD),
    ("broken, another finding is listed", BROKEN, {"signature": "three"}, EntryStanding.STALE, VIOLATED, VIOLATED),
    ("broken, that finding is listed", BROKEN, {"signature": "two"}, EntryStanding.ACCEPTED, GOOD, GOOD),
    ("kept and listed", row(RACE), {}, EntryStanding.STALE, GOOD, VIOLATED),
    ("kept, a finding is listed", row(RACE), {"signature": "two"}, EntryStanding.STALE, GOOD, VIOLATED),
    ("not judged", row(RACE, Outcome.NOT_JUDGED), {}, EntryStanding.UNOBSERVED, INCOMPLETE, INCOMPLETE),
    ("not applicable", row(RACE, Outcome.NOT_APPLICABLE), {}, EntryStanding.UNOBSERVED, GOOD, GOOD),
    ("broken, expired", BROKEN, PAST, EntryStanding.EXPIRED, VIOLATED, VIOLATED),
    ("kept, expired", row(RACE), PAST, EntryStanding.EXPIRED, VIOLATED, VIOLATED),
    ("not judged, expired", row(RACE, Outcome.NOT_JUDGED), PAST, EntryStanding.EXPIRED, VIOLATED, VIOLATED),
    ("broken, on its last day", BROKEN, LAST_DAY, EntryStanding.ACCEPTED, GOOD, GOOD),
    ("this target", BROKEN, {"target": "https://chat.*"}, EntryStanding.ACCEPTED, GOOD, GOOD),
    ("another target", BROKEN, {"target": "https://chat"}, EntryStanding.ELSEWHERE, VIOLATED, VIOLATED),
    ("another target, kept", row(RACE), {"target": "https://x*"}, EntryStanding.ELSEWHERE, GOOD, GOOD),
    ("another target, expired", row(RACE), {"target": "x", **PAST}, EntryStanding.ELSEWHERE, GOOD, GOOD),
    ("this version", BROKEN, {"versions": ">=7.0,<8.3"}, EntryStanding.ACCEPTED, GOOD, GOOD),
    ("another version", BROKEN, {"versions": "<7.10"}, EntryStanding.ELSEWHERE, VIOLATED, VIOLATED),
    ("this setting", BROKEN, {"facts": {"agent online": "yes"}}, EntryStanding.ACCEPTED, GOOD, GOOD),
    ("another setting", BROKEN, {"facts": {"agent online": "no"}}, EntryStanding.ELSEWHERE, VIOLATED, VIOLATED),
    ("a setting not told", BROKEN, {"facts": {"limiter": "off"}}, EntryStanding.ELSEWHERE, VIOLATED, VIOLATED),
]


@pytest.mark.parametrize(
    ("found", "keys", "standing", "exit_code", "in_ci"), [line[1:] for line in TABLE], ids=[line[0] for line in TABLE]
)
def test_the_truth_table(
    found: Row, keys: dict[str, Any], standing: EntryStanding, exit_code: ExitCode, in_ci: ExitCode, tmp_path: Path
) -> None:
    accepted = baseline(tmp_path, entry(**keys))

    told = [accepted.hold(result(row(REPEAT), found), TODAY, in_ci=flag) for flag in (False, True)]

    assert [each.acceptance.entries[0].standing for each in told] == [standing, standing]
    assert [each.exit_code for each in told] == [exit_code, in_ci]


def test_a_finding_that_is_not_listed_fails(tmp_path: Path) -> None:
    found = row(RACE, Outcome.FAIL, "two", "three")

    told = baseline(tmp_path, entry(signature="two")).hold(result(found), TODAY, in_ci=False)

    assert told.exit_code is ExitCode.VIOLATED
    assert told.acceptance.accepted == frozenset()


def test_every_finding_listed_is_accepted(tmp_path: Path) -> None:
    found = row(RACE, Outcome.FAIL, "two", "three")

    told = baseline(tmp_path, entry(signature="two"), entry(signature="three")).hold(result(found), TODAY, in_ci=True)

    assert told.exit_code is ExitCode.CONFORMANT


def test_of_more_kinds_than_are_kept_single_ones_cannot_be_accepted(tmp_path: Path) -> None:
    signs = [f"kind {number}" for number in range(MOST_KEPT_FINDINGS)]
    found = result(row(RACE, Outcome.FAIL, *signs))

    singly = baseline(tmp_path, *[entry(signature=sign) for sign in signs]).hold(found, TODAY, in_ci=False)
    whole = baseline(tmp_path, entry()).hold(found, TODAY, in_ci=False)

    assert singly.exit_code is ExitCode.VIOLATED
    assert whole.exit_code is ExitCode.CONFORMANT


def test_the_verdict_stays_what_it_is(tmp_path: Path) -> None:
    told = baseline(tmp_path, entry()).hold(result(BROKEN), TODAY, in_ci=False)

    assert (told.verdict.word, told.exit_code) == ("violated", ExitCode.CONFORMANT)


def test_an_error_of_the_suite_is_never_accepted(tmp_path: Path) -> None:
    told = baseline(tmp_path, entry()).hold(result(BROKEN, errors=["a writer failed"]), TODAY, in_ci=True)

    assert told.exit_code is ExitCode.ERROR


def test_an_error_while_judging_is_never_accepted(tmp_path: Path) -> None:
    told = baseline(tmp_path, entry()).hold(result(row(RACE, Outcome.ERROR)), TODAY, in_ci=True)

    assert told.exit_code is ExitCode.ERROR
    assert told.acceptance.entries[0].standing is EntryStanding.UNOBSERVED


@pytest.mark.parametrize("name", ["leftovers", "errors", "not-judged", "latency"])
def test_only_requirements_can_be_listed(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="names no requirement"):
        baseline(tmp_path, entry(name))


def test_what_was_not_judged_stays_incomplete_beside_what_is_accepted(tmp_path: Path) -> None:
    found = result(BROKEN, row(REPEAT, Outcome.NOT_JUDGED))

    assert baseline(tmp_path, entry()).hold(found, TODAY, in_ci=False).exit_code is ExitCode.INCOMPLETE


def test_a_should_is_accepted_where_it_counts(tmp_path: Path) -> None:
    found = result(row(SHOULD, Outcome.WARN, "cached"), strict=True)

    assert found.exit_code is ExitCode.VIOLATED
    assert baseline(tmp_path, entry(SHOULD)).hold(found, TODAY, in_ci=True).exit_code is ExitCode.CONFORMANT


def test_a_break_of_the_published_document_only_is_listed_as_any_other(tmp_path: Path) -> None:
    found = result(row(REPEAT), row(PUBLISHED, Outcome.FAIL, "403"))

    told = baseline(tmp_path, entry(PUBLISHED)).hold(found, TODAY, in_ci=True)

    assert told.acceptance.entries[0].standing is EntryStanding.ACCEPTED


def test_a_version_that_is_not_told_is_in_no_range(tmp_path: Path) -> None:
    told = baseline(tmp_path, entry(versions=">=1")).hold(result(BROKEN, facts=()), TODAY, in_ci=False)

    assert told.acceptance.entries[0].standing is EntryStanding.ELSEWHERE


@pytest.mark.parametrize(
    ("version", "versions", "fits"),
    [
        ("8.3.0-rc.1", ">=8.3", False),
        ("8.3.0-rc.1", "<8.3", False),
        ("8.3.0-rc.1", ">=8.3.0rc0,<8.4", True),
        ("7.10.2", "==7.10.*", True),
        ("develop", ">=1", False),
    ],
)
def test_versions_are_compared_as_versions(version: str, versions: str, fits: bool) -> None:
    from rocketchat_contract.record.ledger import Fact  # noqa: PLC0415 - beside its only use

    listed = BaselineEntry(RACE, "known", "ops", TODAY, versions=versions)

    assert listed.applies(result(facts=(Fact("version", version),))) is fits


@pytest.mark.parametrize(
    ("pattern", "target", "fits"),
    [
        ("https://chat.example.com", "https://chat.example.com", True),
        ("https://*.example.com", "https://chat.example.com", True),
        ("https://chat?.example.com", "https://chat1.example.com", True),
        ("https://chat.example.com", "https://chatXexample.com", False),
        ("http://[::1]:*", "http://[::1]:3000", True),
        ("chat", "https://chat.example.com", False),
    ],
)
def test_targets_are_matched_by_star_and_question_mark_alone(pattern: str, target: str, fits: bool) -> None:
    listed = BaselineEntry(RACE, "known", "ops", TODAY, target=pattern)

    assert listed.applies(result(header=header_of(target=target))) is fits


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[accepted]", "not TOML"),
        ("[ignored]", "unknown key 'ignored'"),
        ("accepted = 1", "not a list of tables"),
        ('accepted = [{requirement = "x"}]', "tables of their own"),
        (entry(reson="x"), "unknown key 'reson'"),
        (entry(reason=""), "names no reason"),
        (entry(owner="  "), "names no owner"),
        ("[[accepted]]\nowner = 1", "owner of the entry at .*:1 is not a text"),
        (entry("overlaping-calls-open-one-room"), "names no requirement"),
        (entry(expires="soon"), "is not a date: 'soon'"),
        (entry(versions="seven"), "is not a range"),
        (entry(facts="agent online"), "are not texts by name"),
    ],
)
def test_a_defect_of_the_file_is_told(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=problem):
        baseline(tmp_path, text)


def test_the_line_of_a_wrong_entry_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"b\.toml:7 "):
        baseline(tmp_path, entry(), entry("nothing"))


def test_a_nearly_right_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        baseline(tmp_path, entry("overlaping-calls-open-one-room"))

    assert refusal.value.next_step == "Did you mean overlapping-calls-open-one-room?"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_baseline(tmp_path / "none.toml", requirements())


@pytest.mark.parametrize(
    ("value", "in_ci"), [("true", True), ("1", True), ("", False), ("false", False), (None, False)]
)
def test_the_environment_says_whether_stale_entries_fail(
    value: str | None, in_ci: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CI", raising=False)
    if value is not None:
        monkeypatch.setenv("CI", value)

    told = held(result(row(RACE)), baseline(tmp_path, entry(expires=date(9999, 1, 1))))

    assert told.acceptance.in_ci is in_ci


def test_without_a_baseline_nothing_changes() -> None:
    run: RunResult = result(BROKEN)

    assert held(run, None) is run
    assert run.exit_code is ExitCode.VIOLATED
