"""Records of runs against Rocket.Chat's own code get the verdict that the server deserves, finding by finding."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.unjudged import unjudged_reason_of
from rocketchat_contract.results.result import judge_record

Judged = Callable[[str], RunResult]
DATA = Path(__file__).parents[2] / "data" / "real" / "records"
RACE = "overlapping-calls-open-one-room"
MATCHED = "a-rid-is-matched-exactly"
NULL = "/room/lastMessage/u/name"
BUDGET_OF_SMOKE = "The budget of 15 room calls (profile smoke) is spent."
NO_CLOSING = "Visitors may not close their rooms: switch on Omnichannel_allow_visitors_to_close_conversation."
UNHEARD = "The call that could show it was not answered (timeout)."

BROKEN = {
    "3.4.0-gate-limiter": {
        "an-open-room-is-returned",
        RACE,
        "calls-beside-a-close-agree",
        "a-closed-rid-is-refused",
        "an-unknown-rid-is-refused",
        "an-agent-id-changes-no-open-room",
        "a-refusal-names-its-error",
        "a-400-fits-the-full-schema",
        "the-missing-token-is-named",
        "a-call-is-answered",
    },
    "6.5.3-gate": {RACE, "a-call-is-answered"},
    "6.5.3-gate-agent-info-hidden": {"a-refused-agent-opens-no-room", "a-call-is-answered"},
    "6.5.3-gate-last-message-not-stored": {RACE, "a-call-is-answered"},
    "7.2.0-gate": {RACE, "no-call-ends-in-a-server-error", "a-status-is-published"},
    "8.6.1-gate": {
        "a-200-fits-the-published-schema",
        "a-200-fits-the-full-schema",
        "a-racing-call-is-not-refused",
        "nothing-internal-leaks",
    },
    "8.6.1-gate-ignore-undefined": {"a-racing-call-is-not-refused", "nothing-internal-leaks"},
    "8.6.1-smoke-closing-forbidden": {"a-200-fits-the-published-schema", "a-200-fits-the-full-schema"},
}
EXITS = {
    "6.5.3-gate-agent-info-hidden": 3,
    "8.6.1-gate-ignore-undefined": 0,
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    for packed in DATA.glob("*.jsonl.gz"):
        (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return folder


@pytest.fixture(scope="module")
def judged(records: Path) -> Judged:
    return cache(lambda name: judge_record(records / f"{name}.jsonl"))


def row_of(result: RunResult, requirement: str) -> Row:
    return next(row for row in result.verdict.rows if row.requirement.id == requirement)


def unjudged(result: RunResult, reason: str) -> set[str]:
    """The musts that were not judged for a reason."""
    rows = [
        row for row in result.verdict.rows if row.outcome is Outcome.NOT_JUDGED and reason in unjudged_reason_of(row)
    ]
    return {row.requirement.id for row in rows if row.requirement.level == "must"}


def test_every_record_is_judged_here() -> None:
    assert {path.name.removesuffix(".jsonl.gz") for path in DATA.glob("*.gz")} == set(BROKEN)


@pytest.mark.parametrize("name", BROKEN)
def test_a_real_server_is_accused_of_what_it_does(judged: Judged, name: str) -> None:
    result = judged(name)

    assert {found.requirement for found in result.verdict.findings} == BROKEN[name]
    assert int(result.verdict.exit_code) == EXITS.get(name, 1)


@pytest.mark.parametrize("name", [name for name in BROKEN if name.startswith("6.5.3")])
def test_a_must_whose_call_was_not_answered_says_so(judged: Judged, name: str) -> None:
    assert unjudged(judged(name), UNHEARD) == {MATCHED}


def test_no_agent_online_is_not_concluded_from_a_named_agent(judged: Judged) -> None:
    result = judged("6.5.3-gate-agent-info-hidden")

    assert result.verdict.obstacles == ()
    assert not any("agent is online" in unjudged_reason_of(row) for row in result.verdict.rows)


def test_last_messages_that_are_not_stored_cannot_be_judged(judged: Judged) -> None:
    row = row_of(judged("6.5.3-gate-last-message-not-stored"), "a-last-message-is-the-rooms-own")

    assert row.outcome is Outcome.NOT_APPLICABLE
    assert row.reason.startswith("It speaks only where the workspace stores last messages: none showed in ")


@pytest.mark.parametrize(
    ("name", "requirement", "actual"),
    [
        ("7.2.0-gate", "no-call-ends-in-a-server-error", "status 500 to malformed percent-encoding"),
        ("6.5.3-gate", "a-call-is-answered", "timeout: no answer in time to malformed percent-encoding"),
    ],
)
def test_malformed_encoding_is_named(judged: Judged, name: str, requirement: str, actual: str) -> None:
    assert [found.actual for found in row_of(judged(name), requirement).findings] == [actual]


@pytest.mark.parametrize("name", ["8.6.1-gate", "8.6.1-gate-ignore-undefined"])
def test_races_whose_losers_are_refused_are_judged_and_kept(judged: Judged, name: str) -> None:
    races = (RACE, "overlapping-calls-report-one-creation")

    assert [row_of(judged(name), race).outcome for race in races] == [Outcome.PASS, Outcome.PASS]


@pytest.mark.parametrize("name", ["8.6.1-gate", "8.6.1-smoke-closing-forbidden"])
def test_only_the_name_that_is_null_breaks_the_full_schema(judged: Judged, name: str) -> None:
    found = row_of(judged(name), "a-200-fits-the-full-schema").findings

    assert [(each.expected, each.actual) for each in found] == [(f"string at {NULL}", "null")]


def test_closing_and_budget_are_reasons_of_their_own(judged: Judged) -> None:
    result = judged("8.6.1-smoke-closing-forbidden")

    assert (len(unjudged(result, NO_CLOSING)), len(unjudged(result, BUDGET_OF_SMOKE))) == (3, 9)
