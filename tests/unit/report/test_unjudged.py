"""What was not judged has one true reason, and the advice follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rocketchat_contract.client.facts import CLOSING, TOGETHER
from rocketchat_contract.judge.fate import Cause, Fate, Why
from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.ledger import Fact
from rocketchat_contract.report.json_report import report_content
from rocketchat_contract.report.terminal import terminal
from rocketchat_contract.report.unjudged import advice_of, unjudged_reason_of
from rocketchat_contract.results.explained import explained
from rocketchat_contract.results.result import judge_record
from support.real import record_of

from .examples import CLOSED_RID, ONE_ROOM, result

BURSTS = TrafficStats(volleys=5, volley_calls=22, volley_fastest=190_000)
TOLD = RecordFooter(
    notes=("A driver was left out.",),
    spent=("The budget of 12 visitors is spent.", "The budget of 60 room calls is spent."),
)


def lost(fate: Fate, detail: str, number: int = 1) -> Row:
    """A requirement whose calls all had one fate."""
    return Row(CLOSED_RID, Outcome.NOT_JUDGED, why=Why.LOST, causes=((Cause(fate, detail), number),))


def told(row: Row, ended: RecordFooter = TOLD, traffic: TrafficStats = BURSTS, obstacles: tuple[str, ...] = ()) -> Row:
    """The row with the reason that is nearest."""
    (explained_row,) = explained(Verdict((row,), obstacles), ended, traffic).rows
    return explained_row


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (lost(Fate.UNANSWERED, "timeout"), "The call that could show it was not answered (timeout). See"),
        (
            lost(Fate.UNANSWERED, "closed", 2),
            "All 2 such calls were not answered (closed). See in the logs of the server, and of what stands in front",
        ),
        (
            lost(Fate.FIREWALL, "403 text/html", 12),
            "All 12 such calls were answered by a firewall in the server's place (403 text/html). Let this machine's",
        ),
        (lost(Fate.ROUTE, "404 text/html", 3), "All 3 such calls were answered as if there were no such route (404"),
        (lost(Fate.LIMITER, "429"), "The call that could show it was turned away by the limiter (429). Name the limit"),
        (lost(Fate.GATEWAY, "503", 2), "All 2 such calls were answered by a gateway (503). Run again when"),
        (
            lost(Fate.BROKEN, "an-open-room-is-returned"),
            "The call that could show it broke another promise instead, an-open-room-is-returned. Fix that first.",
        ),
    ],
)
def test_the_advice_follows_from_the_fate_of_the_calls(row: Row, words: str) -> None:
    assert unjudged_reason_of(row).startswith(words)


def test_the_most_frequent_cause_of_several_gives_the_advice() -> None:
    causes = ((Cause(Fate.LIMITER, "429"), 2), (Cause(Fate.UNANSWERED, "timeout"), 1))

    assert advice_of(replace(lost(Fate.LIMITER, "429"), causes=causes)) == advice_of(lost(Fate.LIMITER, "429"))


def test_lost_calls_are_the_reason_before_any_budget() -> None:
    assert told(lost(Fate.LIMITER, "429"), RecordFooter(spent=TOLD.spent)).why is Why.LOST


def test_what_the_workspace_forbids_is_the_reason_before_lost_calls() -> None:
    row = replace(lost(Fate.LIMITER, "429"), requirement=replace(CLOSED_RID, needs=("closing",)))

    assert unjudged_reason_of(told(row, RecordFooter(blocked={"closing": "Switch it on."}))) == "Switch it on."


def test_bursts_that_never_overlapped_say_so() -> None:
    row = told(Row(ONE_ROOM, Outcome.NOT_JUDGED, why=Why.NOT_SHOWN))

    assert row.why is Why.NO_OVERLAP
    assert unjudged_reason_of(row).startswith("No calls overlapped (fastest answer 0.2 ms). Run again where")


def burst_row(*details: tuple[Fate, str]) -> Row:
    """A requirement whose bursts came back whole, and fell short."""
    causes = tuple((Cause(fate, detail), 1) for fate, detail in details)
    return Row(ONE_ROOM, Outcome.NOT_JUDGED, why=Why.LOST, causes=causes)


@pytest.mark.parametrize(
    ("row", "why", "reason"),
    [
        (burst_row((Fate.APART, "1 of 5")), Why.NO_OVERLAP, "No calls overlapped (fastest answer 0.2 ms)."),
        (
            burst_row((Fate.APART, "2 of 5"), (Fate.APART, "4 of 5")),
            Why.NO_OVERLAP,
            "Of 5 simultaneous calls at most 4 overlapped (fastest answer 0.2 ms).",
        ),
    ],
    ids=["apart", "partly apart"],
)
def test_bursts_that_fell_short_say_how(row: Row, why: Why, reason: str) -> None:
    found = told(row)

    assert (found.why, found.reason, found.causes) == (why, reason, ())


def test_a_burst_that_the_limiter_thinned_tells_both() -> None:
    row = told(burst_row((Fate.LIMITER, "429"), (Fate.NARROW, "4 of 5")))

    assert "1 turned away by the limiter (429), 1 sent in a burst of 4 of 5" in unjudged_reason_of(row)


def test_bursts_that_overlapped_are_no_reason() -> None:
    assert told(Row(ONE_ROOM, Outcome.NOT_JUDGED), traffic=replace(BURSTS, volley_overlapped=2)).why is Why.ENDED


def test_what_ended_the_run_comes_before_a_budget() -> None:
    assert told(Row(CLOSED_RID, Outcome.NOT_JUDGED), obstacles=("Interrupted.",)).reason.startswith("Interrupted.")


def test_no_larger_profile_is_advised_where_rooms_cannot_be_closed() -> None:
    spent = ["The budget of 12 rooms, as visitors may not close them, (profile gate) is spent."]
    row = told(Row(CLOSED_RID, Outcome.NOT_JUDGED), RecordFooter(spent=spent, blocked={CLOSING: "Switch it on."}))

    assert unjudged_reason_of(row) == f"{spent[0]} Switch it on."


def test_one_budget_is_told() -> None:
    row = told(Row(CLOSED_RID, Outcome.NOT_JUDGED), RecordFooter(spent=TOLD.spent))

    assert unjudged_reason_of(row) == "The budget of 60 room calls is spent. A larger --profile, or --repeat, shows it."


def test_notes_of_an_older_record_are_told_apart() -> None:
    footer = footer_of(notes=["The budget of 60 is spent.", "Left out."])

    assert (footer.remarks, footer.spent) == (("Left out.",), ("The budget of 60 is spent.",))


def test_budgets_of_a_record_are_told_apart_by_their_key() -> None:
    assert footer_of(notes=["Left out.", "All is spent."], spent=["All is spent."]).remarks == ("Left out.",)


def footer_of(**members: list[str]) -> RecordFooter:
    """A footer as it is read from a record."""
    line = {"type": "footer", "exchanges": 0, "sha256": "0" * 64}
    written = {name: value for name, value in RecordFooter().to_json().items() if name not in ("notes", "spent")}
    return RecordFooter.from_json({**line, **written, **members})


def test_the_report_has_the_reason_as_values() -> None:
    row = lost(Fate.FIREWALL, "403 text/html", 12)

    assert report_content(result(Verdict((row,))))["requirements"][0]["why"] == {
        "kind": "lost",
        "causes": [{"fate": "firewall", "detail": "403 text/html", "calls": 12}],
        "advice": advice_of(row),
    }


def test_the_terminal_has_the_whole_sentence() -> None:
    text = " ".join(terminal(result(Verdict((lost(Fate.FIREWALL, "403 text/html", 12),)))).split())

    assert "(403 text/html). Let this machine's calls pass the firewall, or run behind it." in text


@pytest.mark.parametrize(
    ("record", "requirement", "is_why"),
    [
        ("6.5.3-gate", "a-rid-is-matched-exactly", lambda why, causes: causes[0][0].fate is Fate.UNANSWERED),
        ("6.5.3-gate", "overlapping-calls-report-one-creation", lambda why, causes: causes[0][0].fate is Fate.BROKEN),
        ("6.5.3-gate", "an-empty-rid-is-no-rid", lambda why, causes: why is Why.BUDGET),
        ("8.6.1-smoke-closing-forbidden", "a-closed-rid-is-refused", lambda why, causes: why is Why.SETTING),
        (
            "3.4.0-gate-limiter",
            "newroom-is-false-for-a-returned-room",
            lambda why, causes: causes[0][0] == Cause(Fate.BROKEN, "an-open-room-is-returned"),
        ),
    ],
)
def test_real_runs_say_why(
    record: str, requirement: str, is_why: Callable[[Why | None, tuple[tuple[Cause, int], ...]], bool], tmp_path: Path
) -> None:
    rows = {row.requirement.id: row for row in judge_record(record_of(record, tmp_path)).verdict.rows}

    assert is_why(rows[requirement].why, rows[requirement].causes)


def narrowed(*facts: Fact) -> Row:
    """A requirement whose bursts were never as wide as they were to be."""
    row = burst_row((Fate.NARROW, "3 of 5"), (Fate.APART, "4 of 5"))
    return told(row, RecordFooter(facts=facts, spent=TOLD.spent))


def test_a_burst_that_a_limiter_narrowed_says_so() -> None:
    found = narrowed(Fact(TOGETHER, "3 at once", 0))

    assert (found.why, found.reason) == (Why.NARROW, "Of 5 simultaneous calls the limiter let 3 through.")


def test_where_no_limiter_narrowed_a_burst_none_is_blamed() -> None:
    assert (narrowed().why, narrowed().reason) == (Why.BUDGET, TOLD.spent[-1])
