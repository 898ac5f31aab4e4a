from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rocketchat_contract.record.exchange import Exchange, Failure, FailureKind, Response
from support.histories import (
    ANNA,
    HEADERS,
    asked,
    call,
    created,
    failed,
    finding_of,
    outcome,
    refused,
    room_body,
    unanswered,
)

RIGHT = created(ANNA, "R1")
LONG = f"token={'x' * 5000}"


def headed(**headers: str | None) -> Exchange:
    """A right answer with other headers; a value of None takes one out."""
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in {**dict(HEADERS), **changed}.items() if value is not None}
    return call(asked(ANNA), body=room_body(ANNA, "R1"), headers=tuple(kept.items()))


def bodied(text: str, status: int = 200) -> Exchange:
    return call(asked(ANNA), status, text)


def cut(status: int = 200) -> Exchange:
    lost = Failure("closed", sent=True, detail="the body ended early")
    return replace(RIGHT, response=Response(status, HEADERS, '{"room', length=6, complete=False), failure=lost)


@pytest.mark.parametrize(
    ("status", "published", "documented"),
    [
        (200, "kept", "kept"),
        (400, "kept", "kept"),
        (429, "", ""),
        (201, "broken", "broken"),
        (302, "broken", "broken"),
        (403, "broken", "broken"),
        (404, "broken", "broken"),
        (499, "broken", "broken"),
        (500, "broken", ""),
        (501, "broken", ""),
        (502, "", ""),
        (504, "", ""),
    ],
)
def test_statuses_are_those_that_are_listed(status: int, published: str, documented: str) -> None:
    exchange = failed(RIGHT, status)

    assert outcome("a-status-is-published", exchange) == published
    assert outcome("a-status-is-documented", exchange) == documented


def test_a_status_is_told_with_those_that_are_listed() -> None:
    exchange = failed(RIGHT, 404)

    published, full = (finding_of(f"a-status-is-{each}", exchange) for each in ("published", "documented"))
    assert (published.expected, published.actual) == ("status 200 or 400", "status 404")
    assert (full.expected, full.actual) == ("status 200, 400, 429", "status 404")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/json", "kept"),
        ("Application/JSON; Charset=UTF-8", "kept"),
        ('application/json;charset="utf8"', "kept"),
        ("application/json; version=1", "kept"),
        ("application/json; charset=latin1", "broken"),
        ("application/problem+json", "broken"),
        ("text/html", "broken"),
        ("", "broken"),
        (None, "broken"),
    ],
)
def test_an_answer_is_json(value: str | None, expected: str) -> None:
    assert outcome("an-answer-is-json", headed(content_type=value)) == expected


def test_the_media_type_is_told() -> None:
    told = [finding_of("an-answer-is-json", headed(content_type=each)).actual for each in ("text/html", None)]

    assert told == ["Content-Type: text/html", "Content-Type: missing"]


@pytest.mark.parametrize("requirement", ["an-answer-is-json", "an-answer-is-not-stored", "a-body-is-strict-json"])
@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_only_the_answers_of_the_contract_have_its_form(requirement: str, status: int) -> None:
    assert outcome(requirement, call(asked(ANNA), status, "<html>", headers=())) == ""


@pytest.mark.parametrize("requirement", ["an-answer-is-json", "a-body-is-strict-json", "a-body-is-complete"])
def test_an_answer_to_a_request_that_was_too_long_is_not_the_apis(requirement: str) -> None:
    assert outcome(requirement, call(LONG, 400, "", headers=())) == ""
    assert outcome(requirement, refused("x" * 5000)) == "kept"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(room_body(ANNA, "R1")), "kept"),
        (json.dumps(room_body(ANNA, "R1")) + "x", "broken"),
        ('{"room": NaN}', "broken"),
        ("", "broken"),
        ("[]", "kept"),
        ("\ufeff{}", "kept"),
    ],
)
def test_a_body_is_strict_json(text: str, expected: str) -> None:
    assert outcome("a-body-is-strict-json", bodied(text)) == expected


def test_a_broken_body_is_shown_and_signed_without_its_place() -> None:
    found = finding_of("a-body-is-strict-json", bodied('{"a":1'))

    assert found.actual == "Expecting ',' delimiter at character 7: '{\"a\":1'"
    assert found.signature == "Expecting ',' delimiter"


@pytest.mark.parametrize(("text", "expected"), [("{}", "kept"), ("\ufeff{}", "broken"), ("{}\ufeff", "kept")])
def test_a_body_starts_without_a_mark(text: str, expected: str) -> None:
    assert outcome("a-body-has-no-byte-order-mark", bodied(text)) == expected


def test_bytes_are_utf_8() -> None:
    latin = replace(RIGHT, response=Response(200, HEADERS, None, b'{"a":"\xe9"}'))

    assert [outcome("a-body-is-utf-8", each) for each in (RIGHT, latin)] == ["kept", "broken"]
    assert finding_of("a-body-is-utf-8", latin).actual == r"""bytes that are not: b'{"a":"\xe9"}'"""
    assert finding_of("a-body-is-utf-8", latin).signature == "not UTF-8"


@pytest.mark.parametrize(
    ("text", "expected"), [('{"a":1}', "kept"), ('{"a":1,"a":1}', "broken"), ('{"a":1,"a":', ""), ("", "")]
)
def test_names_are_unique(text: str, expected: str) -> None:
    assert outcome("member-names-are-unique", bodied(text)) == expected


@pytest.mark.parametrize(
    "requirement",
    ["a-body-is-utf-8", "a-body-is-strict-json", "member-names-are-unique", "a-body-has-no-byte-order-mark"],
)
def test_a_body_that_was_cut_is_judged_as_that_only(requirement: str) -> None:
    assert outcome(requirement, cut()) == ""


def test_bodies_arrive_whole() -> None:
    found = finding_of("a-body-is-complete", *[cut()] * 3)

    assert (found.actual, found.signature) == ("the body ended early after 6 bytes", "cut short")
    assert [outcome("a-body-is-complete", *[each] * 3) for each in (RIGHT, cut(404), unanswered(RIGHT))] == [
        "kept",
        "broken",
        "",
    ]


@pytest.mark.parametrize(
    ("cuts", "whole", "expected"), [(1, 0, ""), (2, 0, ""), (3, 0, "broken"), (3, 12, "broken"), (3, 13, "kept")]
)
def test_a_body_that_is_cut_now_and_then_is_the_networks_doing(cuts: int, whole: int, expected: str) -> None:
    assert outcome("a-body-is-complete", *[RIGHT] * whole, *[cut()] * cuts) == expected


def test_a_cut_body_weighs_as_much_as_a_cut_connection() -> None:
    found = finding_of("a-call-is-answered", cut())

    assert (found.actual, found.signature) == ("the body ended early after 6 bytes", "cut short")


@pytest.mark.parametrize(
    ("kind", "answered"), [("stopped", ""), ("timeout", "broken"), ("too-large", "broken"), ("closed", "broken")]
)
def test_a_body_that_we_did_not_wait_for_is_not_cut_short(kind: FailureKind, answered: str) -> None:
    exchange = replace(cut(), failure=Failure(kind, sent=True, detail=""))

    assert outcome("a-body-is-complete", *[exchange] * 3) == ("broken" if kind == "closed" else "")
    assert outcome("a-call-is-answered", exchange) == answered


def test_a_body_without_a_failure_that_is_not_complete_ended_early() -> None:
    found = finding_of("a-call-is-answered", replace(cut(), failure=None))

    assert found.actual == "the body ended early after 6 bytes"


@pytest.mark.parametrize(
    ("exchange", "expected"),
    [
        (RIGHT, "kept"),
        (failed(RIGHT, 500), "kept"),
        (unanswered(RIGHT), "broken"),
        (unanswered(RIGHT, sent=False), ""),
        (replace(unanswered(RIGHT), failure=Failure("stopped", sent=True, detail="")), ""),
        (replace(RIGHT, response=None), ""),
    ],
)
def test_a_call_is_answered(exchange: Exchange, expected: str) -> None:
    assert outcome("a-call-is-answered", exchange) == expected


def test_a_call_without_answer_is_told() -> None:
    found = finding_of("a-call-is-answered", unanswered(RIGHT))

    assert (found.actual, found.signature) == ("timeout: no answer within 2 s", "timeout")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("no-store", "kept"),
        ("No-Store, max-age=0", "kept"),
        ("private,no-store", "kept"),
        ("no-cache", "broken"),
        ("no-store-ever", "broken"),
        (None, "broken"),
    ],
)
def test_an_answer_is_not_stored(value: str | None, expected: str) -> None:
    assert outcome("an-answer-is-not-stored", headed(cache_control=value)) == expected


def test_a_header_in_two_fields_is_one_list() -> None:
    response = replace(RIGHT.response, headers=(("Cache-Control", "private"), ("cache-control", "no-store")))

    assert outcome("an-answer-is-not-stored", replace(RIGHT, response=response)) == "kept"


def test_bytes_under_a_coding_that_we_cannot_undo_say_nothing() -> None:
    coded = Response(200, (("Content-Encoding", "br"),), None, b"\x8b\xff", 2)

    assert outcome("a-body-is-utf-8", replace(RIGHT, response=coded)) == ""


def test_a_missing_cache_header_is_told() -> None:
    assert finding_of("an-answer-is-not-stored", headed(cache_control=None)).actual == "Cache-Control: missing"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "kept"), ("identity", "kept"), ("Identity", "kept"), ("gzip", "broken"), ("br", "broken")],
)
def test_an_answer_is_not_coded(value: str | None, expected: str) -> None:
    assert outcome("an-answer-is-not-coded-unasked", headed(content_encoding=value)) == expected


@pytest.mark.parametrize(
    "sent", [(), (("Accept-Encoding", "gzip"),), (("accept-encoding", "identity"), ("Accept-Encoding", "gzip"))]
)
def test_who_accepts_codings_gets_them(sent: tuple[tuple[str, str], ...]) -> None:
    coded = headed(content_encoding="gzip")

    assert outcome("an-answer-is-not-coded-unasked", replace(coded, request=replace(coded.request, headers=sent))) == ""


def test_header_names_have_no_case() -> None:
    shouted = headed(content_encoding="gzip")
    asking = replace(shouted.request, headers=(("ACCEPT-ENCODING", "identity"),))

    assert outcome("an-answer-is-not-coded-unasked", replace(shouted, request=asking)) == "broken"
    assert (
        outcome("an-answer-is-json", call(asked(ANNA), body={}, headers=(("CONTENT-TYPE", "application/json"),)))
        == "kept"
    )


@pytest.mark.parametrize(
    ("status", "expected"), [(200, "kept"), (500, "kept"), (502, "broken"), (503, "broken"), (504, "broken")]
)
def test_a_gateway_passes_on(status: int, expected: str) -> None:
    assert outcome("gateways-pass-calls-on", failed(RIGHT, status)) == expected


def test_no_answer_is_no_gateways() -> None:
    assert outcome("gateways-pass-calls-on", unanswered(RIGHT)) == ""
    assert outcome("a-status-is-documented", unanswered(RIGHT)) == ""
    assert outcome("a-status-is-published", unanswered(RIGHT)) == ""
