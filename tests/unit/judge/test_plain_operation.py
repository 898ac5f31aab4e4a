"""An operation without a history of its own: how its calls are read, and which checks it gets."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rocketchat_contract.judge import schema, wire
from rocketchat_contract.judge.answered import LONG_TARGET
from rocketchat_contract.judge.check import KEPT, Broken, CheckContext
from rocketchat_contract.judge.operation import Answer, Kind, Operation, read_plainly
from rocketchat_contract.record.exchange import Exchange, Request, Response
from support.histories import call, contract, unanswered

PATH = re.compile(r"/api/v1/things/[^/?]*")


def plainly(target: str, response: Response | None = None, method: str = "GET") -> Operation:
    exchange = Exchange(7, "queries", "", None, 1, 2, Request(method, target), response or Response(200, (), '{"a":1}'))
    return read_plainly(exchange, method="GET", path=PATH, named=frozenset({"offset"}))


def test_a_call_of_the_operation_has_a_query() -> None:
    op = plainly("/api/v1/things/7?offset=1&x=2")

    assert op.query is not None
    assert (op.query.plain, op.query.unnamed) == ({"offset": "1", "x": "2"}, {"x"})
    assert (op.number, op.kind, op.answer, op.status, op.body) == (7, Kind.OTHER, Answer.OK, 200, {"a": 1})
    assert (op.token, op.rid, op.room, op.new, op.document, op.turned_away) == (None, None, None, None, {}, False)


def test_the_parameters_of_get_or_create_are_unnamed_here() -> None:
    assert plainly("/api/v1/things/7?token=a&rid=b").unnamed == {"token", "rid"}


@pytest.mark.parametrize(
    ("target", "method"),
    [
        ("/api/v1/things/7", "POST"),
        ("/api/v1/things/7/x", "GET"),
        ("/api/v1/things", "GET"),
        ("/api/v1/livechat/room", "GET"),
    ],
)
def test_another_call_has_no_query(target: str, method: str) -> None:
    op = plainly(target, method=method)

    assert (op.query, op.is_room_call) == (None, False)


@pytest.mark.parametrize(
    ("response", "answer", "turned_away"),
    [
        (Response(200, (), "[]"), Answer.UNKNOWN, False),
        (Response(404, (), '{"error":"gone [not-found]"}'), Answer.REFUSED, False),
        (Response(429, (), "{}"), Answer.NOTHING, True),
        (Response(503, (), "{}"), Answer.UNKNOWN, True),
    ],
)
def test_its_answers_are_read_like_any(response: Response, answer: Answer, turned_away: bool) -> None:
    op = plainly("/api/v1/things/7", response)

    assert (op.answer, op.turned_away, op.status) == (answer, turned_away, response.status)
    assert op.error == ("not-found" if response.status == 404 else "")


def test_a_call_that_is_too_long_is_turned_away() -> None:
    op = plainly("/api/v1/things/7?offset=" + "1" * LONG_TARGET, Response(431, (), ""))

    assert (op.answer, op.turned_away) == (Answer.NOTHING, True)


def test_a_call_without_answer_is_unknown() -> None:
    op = read_plainly(unanswered(call("")), method="GET", path=re.compile(".*"), named=frozenset())

    assert (op.answer, op.status, op.body, op.parsed.problem) == (Answer.UNKNOWN, None, {}, "no text")


def test_each_status_has_a_check_of_its_body_in_both_columns() -> None:
    checks = schema.schema_of_statuses([200, 400])
    known = CheckContext(contract().published_bodies, contract().full_bodies)
    wrong = read_plainly(call("", 400, {}), method="GET", path=re.compile(".*"), named=frozenset())

    assert list(checks) == [
        f"a-{status}-fits-the-{column}-schema" for status in (200, 400) for column in ("published", "full")
    ]
    assert [each.statuses for each in checks.values()] == [{200}, {200}, {400}, {400}]
    assert checks["a-400-fits-the-published-schema"].judge(wrong, known) == KEPT
    assert isinstance(checks["a-400-fits-the-full-schema"].judge(wrong, known), Broken)


def test_the_form_of_answers_is_asked_of_the_documented_statuses() -> None:
    checks = wire.wire_of_statuses(frozenset({200, 404}))

    assert checks.keys() == wire.WIRE_CHECKS.keys()
    assert {name for name, each in checks.items() if each.statuses is None} == {
        name for name, each in wire.WIRE_CHECKS.items() if each.statuses is None
    }
    assert {each.statuses for each in checks.values() if each.statuses} == {frozenset({200, 404})}
    assert checks["an-answer-is-json"] == replace(wire.WIRE_CHECKS["an-answer-is-json"], statuses=frozenset({200, 404}))
