"""Captures, judged: what a bystander can prove, and what is listed as not judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.errors import ExitCode, UsageError
from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.har_import import judge_har
from rocketchat_contract.results.result import judge_record
from support.hars import BASE, Entry, entries, entry, other, write_har
from support.histories import (
    ANNA,
    BERT,
    between,
    call,
    closed,
    created,
    deleted,
    hidden,
    refused,
    registered,
    returned,
    room_body,
    shown,
    unanswered,
)

Judging = Callable[..., RunResult]


@pytest.fixture
def judged(tmp_path: Path) -> Judging:
    """Judges a capture of calls or entries."""

    def judge(*found: Exchange | Entry, alone: bool = False) -> RunResult:
        calls = [each for each in found if isinstance(each, Exchange)]
        ready = entries(*calls) if calls else [each for each in found if isinstance(each, dict)]
        return judge_har(write_har(tmp_path / "a.har", ready), alone=alone)

    return judge


def rows(result: RunResult) -> Mapping[str, Row]:
    return {row.requirement.id: row for row in result.verdict.rows}


def broken(result: RunResult) -> set[str]:
    return {row.requirement.id for row in result.verdict.rows if row.outcome in (Outcome.FAIL, Outcome.WARN)}


def test_a_capture_without_fault_is_incomplete(judged: Judging) -> None:
    result = judged(registered(ANNA), created(ANNA, "R1"), returned(ANNA, "R1"))

    assert broken(result) == set()
    assert result.exit_code is ExitCode.INCOMPLETE


def test_what_a_file_does_not_keep_is_not_judged_however_alone(judged: Judging) -> None:
    row = rows(judged(registered(ANNA), created(ANNA, "R1"), alone=True))["a-call-is-answered"]

    assert (row.outcome, row.reason[:28]) == (Outcome.NOT_JUDGED, "A capture does not tell whet")


def test_what_no_call_showed_is_told(judged: Judging) -> None:
    row = rows(judged(created(ANNA, "R1")))["a-last-message-is-the-rooms-own"]

    assert (row.outcome, row.reason) == (Outcome.NOT_JUDGED, "No call of this capture showed it.")


def test_what_one_answer_shows_is_judged(judged: Judging) -> None:
    result = judged(call(f"token={ANNA}", body=room_body(ANNA, "R1", t="c")))

    assert "a-room-is-a-livechat-room" in broken(result)
    assert result.exit_code is ExitCode.VIOLATED


@pytest.mark.parametrize(
    "requirement",
    ["an-unknown-token-is-refused", "an-unknown-rid-is-refused", "overlapping-calls-open-one-room"],
)
def test_what_a_capture_cannot_prove_is_listed_with_the_reason(requirement: str, judged: Judging) -> None:
    row = rows(judged(refused(ANNA), hidden(BERT, "R9"), created(ANNA, "R1")))[requirement]

    assert row.outcome is Outcome.NOT_JUDGED
    assert row.reason.startswith("In a capture nobody knows what happened outside it:")


def test_a_second_room_is_no_fault_since_an_agent_may_close_the_first(judged: Judging) -> None:
    result = judged(registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"))

    assert broken(result) == set()
    assert "an agent may have closed the room" in rows(result)["an-open-room-is-returned"].reason


def test_what_only_an_unseen_deed_explains_is_told_as_a_suspicion(judged: Judging) -> None:
    result = judged(registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"))

    reason = rows(result)["an-open-room-is-returned"].reason
    assert "exchange 2 and 3 shows room R2, newRoom true where room R1, newRoom false was due" in reason
    assert "--alone" in reason


def test_a_second_room_is_a_fault_when_nobody_else_acted(judged: Judging) -> None:
    result = judged(registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"), alone=True)

    assert broken(result) == {"an-open-room-is-returned"}


def test_a_race_is_a_fault_when_nobody_else_acted(judged: Judging) -> None:
    race = [between(10, 30, created(ANNA, "R1")), between(12, 28, created(ANNA, "R2"))]

    assert broken(judged(registered(ANNA), *race)) == set()
    assert broken(judged(registered(ANNA), *race, alone=True)) == {"overlapping-calls-open-one-room"}


def test_a_room_that_comes_back_after_another_is_proof(judged: Judging) -> None:
    result = judged(created(ANNA, "R1"), created(ANNA, "R2"), returned(ANNA, "R1"))

    assert broken(result) == {"an-open-room-is-returned"}
    finding = rows(result)["an-open-room-is-returned"].findings[0]
    assert (finding.actual, finding.evidence) == ("room R1 again, newRoom false", (1, 2, 3))


def test_a_room_that_is_still_there_by_its_rid_is_proof(judged: Judging) -> None:
    result = judged(created(ANNA, "R1"), created(ANNA, "R2"), shown(ANNA, "R1"))

    assert broken(result) == {"an-open-room-is-returned"}


def test_a_room_that_another_rid_brings_is_proof(judged: Judging) -> None:
    result = judged(created(ANNA, "R1abcdefgh"), shown(ANNA, "r1abcdefgh", "R1abcdefgh"))

    assert broken(result) == {"a-rid-is-matched-exactly"}


def test_a_room_that_was_seen_closed_and_comes_back_is_proof(judged: Judging) -> None:
    result = judged(created(ANNA, "R1"), closed(ANNA, "R1"), returned(ANNA, "R1"))

    assert broken(result) == {"a-closed-room-is-not-returned"}


def test_a_created_room_that_was_there_already_is_proof(judged: Judging) -> None:
    result = judged(created(ANNA, "R1"), created(ANNA, "R1"))

    assert broken(result) == {"newroom-is-false-for-a-returned-room"}


def test_a_room_of_two_visitors_is_proof(judged: Judging) -> None:
    result = judged(created(ANNA, "R1"), call(f"token={BERT}", body=room_body(BERT, "R1", new=False)))

    assert "rooms-are-not-shared" in broken(result)


def test_another_visitors_token_is_proof(judged: Judging) -> None:
    leak = call(f"token={ANNA}", body=room_body(ANNA, "R1", lastMessage={"rid": "R1", "token": BERT}))

    assert "no-other-visitor-shows" in broken(judged(registered(BERT), leak))


def test_a_visitor_deleted_unseen_is_refused_without_fault(judged: Judging) -> None:
    assert broken(judged(registered(ANNA), created(ANNA, "R1"), refused(ANNA))) == set()


def test_a_visitor_registered_again_unseen_may_have_another_id(judged: Judging) -> None:
    again = call(f"token={ANNA}", body=room_body(ANNA, "R2", v={"_id": "w", "username": "g", "token": ANNA}))

    result = judged(registered(ANNA), again)

    assert "a-room-is-the-asking-visitors" not in broken(result)


def test_an_agent_who_writes_unseen_changes_counters_without_fault(judged: Judging) -> None:
    growing = [call(f"token={ANNA}", body=room_body(ANNA, "R1", new=False, msgs=count)) for count in (1, 2, 3, 4)]

    assert broken(judged(*growing)) == set()


def test_a_captured_deletion_may_be_followed_by_an_unseen_registration(judged: Judging) -> None:
    assert broken(judged(registered(ANNA), deleted(ANNA), created(ANNA, "R1"))) == set()


def test_an_aborted_call_is_no_fault_of_the_server(judged: Judging) -> None:
    result = judged(registered(ANNA), unanswered(created(ANNA, "R1")), returned(ANNA, "R1"))

    assert broken(result) == set()
    assert rows(result)["a-call-is-answered"].outcome is Outcome.NOT_JUDGED


@pytest.mark.parametrize("requirement", ["a-body-is-utf-8", "a-body-has-no-byte-order-mark", "a-body-is-complete"])
def test_what_the_file_does_not_keep_is_not_judged(requirement: str, judged: Judging) -> None:
    row = rows(judged(created(ANNA, "R1")))[requirement]

    assert (row.outcome, row.judged) == (Outcome.NOT_JUDGED, 0)
    assert row.reason.startswith("A capture ")


def test_hidden_tokens_keep_visitors_from_being_told_apart(judged: Judging) -> None:
    found = entries(created(ANNA, "R1"), created(BERT, "R2"))
    for each in found:
        each["request"]["url"] = f"{BASE}/api/v1/livechat/room?token=[Filtered]"

    result = judged(*found)

    assert broken(result) == set()
    assert "hid tokens" in rows(result)["a-room-is-the-asking-visitors"].reason


def test_a_capture_without_a_call_is_incomplete_and_says_so(judged: Judging) -> None:
    result = judged(other(), other())

    assert result.exit_code is ExitCode.INCOMPLETE
    assert result.verdict.obstacles == ("The capture holds no call of GET /api/v1/livechat/room among its 2 entries.",)


def test_facts_are_read_from_the_answers(judged: Judging) -> None:
    info = other(f"{BASE}/api/info")
    info["response"]["content"] = {"text": json.dumps({"version": "8.2.1", "success": True})}

    result = judged(info, *entries(created(ANNA, "R1")))

    assert [(fact.name, fact.value, fact.exchange) for fact in result.facts] == [("version", "8.2.1", 1)]


def test_the_record_of_a_capture_gives_the_same_verdict(tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", entries(created(ANNA, "R1"), created(ANNA, "R2"), returned(ANNA, "R1")))

    result = judge_har(har, tmp_path / "out")

    assert json_report(judge_record(tmp_path / "out" / "record.jsonl")) == json_report(result)


def test_the_same_capture_gives_the_same_record(tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", entries(created(ANNA, "R1")))

    judge_har(har, tmp_path / "one")
    judge_har(har, tmp_path / "one")
    judge_har(har, tmp_path / "two")

    records = [(tmp_path / name / "record.jsonl").read_bytes() for name in ("one", "two")]
    assert records[0] == records[1]


def test_a_runs_record_is_not_overwritten(tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", entries(created(ANNA, "R1")))
    judge_har(har, tmp_path)
    record = tmp_path / "record.jsonl"
    record.write_text(record.read_text().replace('"capture":', '"other":'))

    with pytest.raises(UsageError, match="is the record of a run"):
        judge_har(har, tmp_path)


class Deployment:
    """One visitor on a right server, as the visitor's client and unseen others act on it."""

    def __init__(self) -> None:
        self.known, self.room, self.made = True, "", 0
        self.ended: list[str] = []
        self.seen: list[Exchange] = []

    def act(self, deed: str) -> None:
        getattr(self, deed)()

    def register(self) -> None:
        self.known = True
        self.seen.append(registered(ANNA, "vA"))

    def ask(self) -> None:
        if not self.known:
            self.seen.append(refused(ANNA))
            return
        is_new = not self.room
        self.open_unseen()
        self.seen.append(call(f"token={ANNA}", body=self.answer(new=is_new)))

    def ask_for_the_open(self) -> None:
        if self.known and self.room:
            self.seen.append(call(f"token={ANNA}&rid={self.room}", body=self.answer(new=False)))

    def answer(self, *, new: bool) -> dict[str, Any]:
        visitor = {"_id": "vA", "username": "g", "token": ANNA, "status": "online"}
        return room_body(ANNA, self.room, new=new, v=visitor)

    def ask_for_an_ended(self) -> None:
        if self.ended:
            self.seen.append(hidden(ANNA, self.ended[-1]))

    def close(self) -> None:
        if self.known and self.room:
            self.seen.append(closed(ANNA, self.room))
            self.close_unseen()

    def open_unseen(self) -> None:
        if self.known and not self.room:
            self.made += 1
            self.room = f"R{self.made}"

    def close_unseen(self) -> None:
        if self.room:
            self.ended.append(self.room)
            self.room = ""

    def delete_unseen(self) -> None:
        self.close_unseen()
        self.known = False

    def register_unseen(self) -> None:
        self.known = True


DEEDS = ("register", "ask", "ask", "ask_for_the_open", "ask_for_an_ended", "close", "open_unseen", "close_unseen")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from((*DEEDS, "delete_unseen", "register_unseen")), max_size=25))
def test_a_right_server_is_never_accused_whatever_others_do(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[str]
) -> None:
    deployment = Deployment()
    for deed in deeds:
        deployment.act(deed)
    har = tmp_path_factory.getbasetemp() / "deeds.har"

    result = judge_har(write_har(har, entries(*deployment.seen)))

    assert broken(result) == set()


def test_entries_in_any_order_give_the_same_verdict(judged: Judging) -> None:
    calls = [created(ANNA, "R1"), created(ANNA, "R2"), returned(ANNA, "R1")]
    timed = [between(place * 10, place * 10 + 5, each) for place, each in enumerate(calls)]

    result = judged(*[entry(each) for each in reversed(timed)])

    assert broken(result) == {"an-open-room-is-returned"}
