from __future__ import annotations

from dataclasses import replace

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.record.exchange import Request
from rocketchat_contract.report.transcript import MOST_CALLS, events, evidence_of, transcript_text

from .examples import RACING, REPEATED, call, unanswered


def test_lines_stand_in_the_order_of_time() -> None:
    told = [(event.number, event.is_answer) for event in events(RACING.values())]
    assert told[:4] == [(40, False), (41, False), (42, False), (43, False)]
    assert told[4:] == [(42, True), (40, True), (41, True), (43, True)]


def test_offsets_count_from_the_first_request() -> None:
    assert [event.offset for event in events(REPEATED.values())] == [0, 6_200_000, 7_000_000, 11_900_000]


def test_columns_are_aligned() -> None:
    lines = transcript_text(events([call(9, 0, 1, ""), call(10, 2, 1, "")])).splitlines()
    assert len({line.index("visitor 1") for line in lines}) == 1


def test_the_deciding_answer_is_marked() -> None:
    assert [event.number for event in events(REPEATED.values(), 13) if event.deciding] == [13]


def test_a_missing_answer_says_that_it_may_have_taken_effect() -> None:
    assert "it may have taken effect" in events([unanswered(1, 0, 5)])[1].text


def test_a_long_body_is_cut_with_a_note() -> None:
    details = events([call(1, 0, 1, "A" * 100_000)])[1].details
    assert len(details) < 2000
    assert "(100,000 characters)" in details


def test_a_cut_off_answer_says_so() -> None:
    cut = call(1, 0, 1, "{")
    cut = replace(cut, response=replace(cut.response, complete=False))
    assert "before the announced end" in events([cut])[1].details


def test_bytes_that_are_no_text_are_shown_as_hex() -> None:
    bad = call(1, 0, 1, "")
    bad = replace(bad, response=replace(bad.response, body=None, raw=b"\xff\xfe"))
    assert "not UTF-8: ff fe" in events([bad])[1].details


def test_a_registration_is_told_in_words() -> None:
    made = replace(call(1, 0, 1, "{}"), request=Request("POST", "/api/v1/livechat/visitor", (), "{}"))
    assert events([made])[1].text == "200 visitor registered"


def test_too_much_evidence_keeps_the_deciding_exchange() -> None:
    known = {number: call(number, number, 1, "") for number in range(1, 101)}
    shown = evidence_of(Finding("x", "", "", (*range(2, 101), 1)), known)
    assert len(shown) == MOST_CALLS
    assert shown[-1].number == 1


def test_no_exchange_gives_no_lines() -> None:
    assert events([]) == ()
