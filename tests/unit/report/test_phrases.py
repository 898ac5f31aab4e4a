from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from markupsafe import escape

from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.header import CaptureMark
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.report.accepted import Acceptance
from rocketchat_contract.report.accepting import unaccepted_sentence
from rocketchat_contract.report.html import html
from rocketchat_contract.report.markdown import markdown
from rocketchat_contract.report.phrases import (
    changes_sentence,
    consequence,
    credentials_sentence,
    doubt_about,
    headline,
    left_by_kind,
    left_in_numbers,
    listed,
    proof_sentence,
    spans,
    sweep_command,
)
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.terminal import terminal

from .examples import (
    CLOSED_RID,
    HEADER,
    OPEN_ROOM,
    OPEN_ROOM_FINDING,
    STATUS_FINDING,
    STATUS_PUBLISHED,
    UNKNOWN_TOKEN,
    call,
    conformant,
    incomplete,
    result,
)


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
    assert consequence(result(Verdict(rows))).endswith(told)
    assert told not in consequence(conformant())


def test_without_a_proof_people_read_how_to_make_one() -> None:
    told = "no proof stored (rocketchat-contract prove --json spec/proof.json makes one)"

    assert proof_sentence(conformant()) == told
    assert told in markdown(conformant())


def test_a_capture_sent_nothing() -> None:
    capture = CaptureMark("a.har", "", "Firefox", 3, {}, 0)
    captured = result(Verdict(()), header=replace(HEADER, capture=capture))

    assert changes_sentence(captured) == "sent nothing, as this is a capture"


def test_an_empty_capture_is_called_the_capture() -> None:
    told = headline(replace(incomplete(), header=replace(HEADER, target="the capture")))

    assert told == "The capture could not be judged in full, so this is not a pass."


def test_what_is_left_on_a_deployment_can_be_swept() -> None:
    left = result(Verdict(()), header=replace(HEADER, embedded=""), ledger=Ledger(1, 0, ("R1",)))
    embedded = replace(left, header=replace(HEADER, embedded="newest"))

    assert sweep_command(left) == f"rocketchat-contract sweep {HEADER.run}"
    assert sweep_command(embedded) == sweep_command(replace(left, ledger=Ledger(1, 1))) == ""


def test_the_command_that_sweeps_names_the_folder_of_the_run() -> None:
    folder = f"my reports/{'long/' * 30}{HEADER.run}"
    left = result(Verdict(()), header=replace(HEADER, folder=folder), ledger=Ledger(1, 0, ("R1",)))
    command = f"rocketchat-contract sweep '{folder}'"

    assert sweep_command(left) == command
    assert f"Finish it with:\n    {command}\n" in terminal(left)
    assert f"Finish it with: `{command}`\n" in markdown(left)
    assert f"<code>{escape(command)}</code>" in html(left)


@pytest.mark.parametrize(
    ("fact", "status", "words"),
    [
        ("agents", 401, "The credentials were refused (401)"),
        ("witness", 403, "give those of a livechat manager"),
        ("agents", 200, ""),
        ("version", 401, ""),
    ],
)
def test_credentials_that_do_not_suffice_are_told(fact: str, status: int, words: str) -> None:
    shown = replace(conformant(), facts=(Fact(fact, "any words", 9),), evidence={9: call(9, 0, 1, "", status=status)})

    assert words in credentials_sentence(shown)
    assert bool(credentials_sentence(shown)) == bool(words)


def accepting(*obstacles: str, unjudged: int = 1) -> RunResult:
    """A run whose one broken must is accepted, and that could not judge another."""
    unseen = tuple(Row(CLOSED_RID, Outcome.NOT_JUDGED, reason="no room came back") for _ in range(unjudged))
    rows = (Row(OPEN_ROOM, Outcome.FAIL, 310, 2, findings=(OPEN_ROOM_FINDING,)), *unseen)
    told = result(Verdict(rows, obstacles=obstacles))
    return replace(told, acceptance=Acceptance("b.toml", (), frozenset({OPEN_ROOM.id})))


def test_a_baseline_accepts_no_must_that_was_not_judged() -> None:
    assert int(accepting().exit_code) == 3
    assert unaccepted_sentence(accepting()) == (
        "1 required check was not judged, which no baseline accepts; what is accepted may stand in the way: "
        "an-open-room-is-returned. Fix that, look longer with a larger --profile or --repeat, or pass "
        "--accept-incomplete."
    )


def test_an_obstacle_is_the_reason_before_anything_accepted() -> None:
    said = unaccepted_sentence(accepting("No agent is online."))

    assert said == "1 required check was not judged, which no baseline accepts."


@pytest.mark.parametrize("tells", [terminal, markdown, html])
def test_every_report_says_why_a_run_with_a_baseline_is_no_pass(tells: Callable[[RunResult], str]) -> None:
    assert "1 required check was not judged, which no baseline accepts" in " ".join(tells(accepting()).split())


def test_a_run_whose_musts_were_all_judged_needs_no_such_word() -> None:
    assert not unaccepted_sentence(accepting(unjudged=0))


def test_what_is_left_is_told_by_kind() -> None:
    ledger = Ledger(rooms_left=("R1", "R2", "R3"), visitors_left=("$RC_TOKEN_1",))

    assert left_by_kind(ledger, most=2) == ["rooms R1, R2 and 1 more", "visitor $RC_TOKEN_1"]
    assert left_by_kind(Ledger()) == []


REFUSING = "something in front of the server refuses it: status 403, text/html"


def test_what_is_left_is_told_by_its_reason() -> None:
    ledger = Ledger(visitors_left=("V1", "V2", "V3"), reasons={"V1": REFUSING, "V3": REFUSING})

    assert left_by_kind(ledger) == [f"visitors ({REFUSING}): V1, V3", "visitor V2"]
    assert left_in_numbers(ledger) == f"2 visitors ({REFUSING}), 1 visitor"


def test_what_is_not_confirmed_is_told_as_that() -> None:
    ledger = Ledger(rooms_unconfirmed=("R1",), visitors_unconfirmed=("V1", "V2"))

    assert left_by_kind(ledger) == [
        "room, not confirmed to be closed: R1",
        "visitors, not confirmed to be gone: V1, V2",
    ]


@pytest.mark.parametrize(
    ("ledger", "about"),
    [
        (Ledger(), ""),
        (Ledger(reasons={"V": "no"}), ": no"),
        (Ledger(visitors_unconfirmed=("V",)), ", not confirmed to be gone"),
        (Ledger(visitors_unconfirmed=("V",), reasons={"V": "no"}), ", not confirmed to be gone: no"),
    ],
)
def test_each_name_in_the_page_carries_its_doubt(ledger: Ledger, about: str) -> None:
    assert doubt_about(ledger, "V") == about
