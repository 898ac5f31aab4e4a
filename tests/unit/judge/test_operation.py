from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.judge.answered import LONG_TARGET, By
from rocketchat_contract.judge.operation import Answer, Kind, Operation, read
from rocketchat_contract.judge.query import parse_query
from rocketchat_contract.record.exchange import Exchange, Failure, Request, Response
from support.histories import (
    ANNA,
    BERT,
    call,
    closed,
    created,
    declined,
    deleted,
    failed,
    refused,
    registered,
    returned,
    room_body,
    said,
    shown,
    unanswered,
)


def with_body(exchange: Exchange, body: str, status: int = 200) -> Operation:
    return read(replace(exchange, response=Response(status, (), body)))


def with_request(exchange: Exchange, **changes: Any) -> Operation:
    return read(replace(exchange, request=replace(exchange.request, **changes)))


@pytest.mark.parametrize(
    ("exchange", "kind", "token", "rid"),
    [
        (created(ANNA, "R1"), Kind.GET_OR_CREATE, ANNA, None),
        (created(ANNA, "R1", rid=""), Kind.GET_OR_CREATE, ANNA, ""),
        (shown(ANNA, "R1"), Kind.BY_RID, ANNA, "R1"),
        (call(""), Kind.ODD_ROOM, None, None),
        (call("rid=R1"), Kind.ODD_ROOM, None, "R1"),
        (call(f"token={ANNA}&token={BERT}"), Kind.ODD_ROOM, ANNA, None),
        (call(f"token={ANNA}&rid[]=x"), Kind.ODD_ROOM, ANNA, None),
        (call("token="), Kind.GET_OR_CREATE, "", None),
        (registered(ANNA), Kind.REGISTER, ANNA, None),
        (deleted(ANNA), Kind.DELETE, ANNA, None),
        (closed(ANNA, "R1"), Kind.CLOSE, ANNA, "R1"),
        (said(ANNA, "R1"), Kind.MESSAGE, ANNA, "R1"),
    ],
)
def test_a_request_is_read_as_what_it_asks_for(
    exchange: Exchange, kind: Kind, token: str | None, rid: str | None
) -> None:
    op = read(exchange)

    assert (op.kind, op.token, op.rid) == (kind, token, rid)
    assert op.is_room_call == (kind in (Kind.GET_OR_CREATE, Kind.BY_RID, Kind.ODD_ROOM))


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_other_methods_belong_to_the_visitor_and_are_no_room_calls(method: str) -> None:
    op = with_request(registered(ANNA), method=method, target="/api/v1/livechat/room?token=a")

    assert (op.kind, op.token, op.is_room_call) == (Kind(method.lower()), "a", False)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/api/v1/livechat/room"),
        ("PUT", "/api/v1/livechat/room?token=a"),
        ("GET", "/api/v1/livechat/room/"),
        ("GET", "/api/v1/livechat/visitor/a"),
        ("DELETE", "/api/v1/livechat/visitor"),
        ("GET", "/api/v1/livechat/room.close"),
        ("POST", "/api/info"),
    ],
)
def test_other_requests_are_no_steps_of_a_history(method: str, target: str) -> None:
    op = with_request(registered(ANNA), method=method, target=target)

    assert (op.kind, op.token, op.rid, op.is_room_call) == (Kind.OTHER, None, None, False)


def test_a_token_in_a_path_is_decoded() -> None:
    assert with_request(deleted(ANNA), target="/api/v1/livechat/visitor/a%2Fb").token == "a/b"


def test_a_registration_goes_by_the_token_that_was_answered() -> None:
    op = with_body(registered(ANNA), '{"visitor":{"token":"$RC_TOKEN_9","_id":"v"}}')

    assert (op.token, op.answer) == ("$RC_TOKEN_9", Answer.OK)


@pytest.mark.parametrize(("header", "by"), [("cf-mitigated", By.FRONT), ("x-other", By.API)])
def test_a_challenge_to_an_ordinary_call_is_a_fronts(header: str, by: By) -> None:
    page = call(f"token={ANNA}", 403, "<html>", (("Content-Type", "text/html"), (header, "challenge")))

    assert read(page).by is by


@pytest.mark.parametrize("body", ['{"visitor":{}}', '{"visitor":7}', "{}"])
def test_a_registration_without_token_in_its_answer_goes_by_the_one_sent(body: str) -> None:
    assert with_body(registered(ANNA), body).token == ANNA


@pytest.mark.parametrize("sent", [None, "", "x", "[]", '{"visitor":7}', '{"visitor":{"token":7}}', "[" * 100_000])
def test_a_request_that_names_nobody_is_nobodys(sent: str | None) -> None:
    op = with_request(replace(registered(ANNA), response=None), body=sent)

    assert (op.kind, op.token) == (Kind.REGISTER, None)
    assert (with_request(closed(ANNA, "R1"), body=sent).token) is None


@pytest.mark.parametrize(
    ("exchange", "answer"),
    [
        (created(ANNA, "R1"), Answer.OK),
        (call("token=a", 201, room_body("a", "R1")), Answer.OK),
        (call("token=a", 299, room_body("a", "R1")), Answer.OK),
        (call("token=a", 300, room_body("a", "R1")), Answer.UNKNOWN),
        (call("token=a", 199, room_body("a", "R1")), Answer.UNKNOWN),
        (call("token=a", 200, {"room": {"_id": 7}}), Answer.UNKNOWN),
        (call("token=a", 200, {"room": "R1"}), Answer.UNKNOWN),
        (call("token=a", 200, "<html>"), Answer.UNKNOWN),
        (call("token=a", 399, {}), Answer.UNKNOWN),
        (refused("a"), Answer.REFUSED),
        (call("token=a", 403, "no"), Answer.REFUSED),
        (call("token=a", 499, {}), Answer.REFUSED),
        (call("token=a", 429, {}), Answer.NOTHING),
        (failed(created("a", "R1"), 500), Answer.UNKNOWN),
        (failed(created("a", "R1"), 502), Answer.UNKNOWN),
        (unanswered(created("a", "R1")), Answer.UNKNOWN),
        (unanswered(created("a", "R1"), sent=False), Answer.NOTHING),
        (replace(created("a", "R1"), response=None), Answer.UNKNOWN),
        (registered("a"), Answer.OK),
        (declined(registered("a")), Answer.REFUSED),
        (replace(registered("a"), response=Response(200, (), "no JSON")), Answer.UNKNOWN),
        (replace(closed("a", "R1"), response=Response(200, (), "{}")), Answer.UNKNOWN),
        (closed("a", "R1"), Answer.OK),
    ],
)
def test_an_answer_is_read_as_what_it_says(exchange: Exchange, answer: Answer) -> None:
    assert read(exchange).answer is answer


def test_a_registration_that_names_no_token_anywhere_says_nothing() -> None:
    op = with_request(replace(registered(ANNA), response=Response(200, (), '{"visitor":{"_id":"v"}}')), body="{}")

    assert (op.answer, op.token) == (Answer.UNKNOWN, None)


LONG = "x" * LONG_TARGET


@pytest.mark.parametrize(
    ("status", "body", "turned_away"),
    [
        (400, "", True),
        (400, "<h1>Bad Request</h1>", True),
        (414, "", True),
        (431, "", True),
        (400, {"success": False, "error": "invalid-token"}, False),
        (404, "", True),
        (200, "", True),
    ],
)
def test_a_long_request_may_be_turned_away(status: int, body: object, turned_away: bool) -> None:
    op = read(call(f"token={LONG}", status, body))

    assert (op.turned_away, op.answer is Answer.NOTHING) == (turned_away, turned_away)


@pytest.mark.parametrize("exchange", [closed(ANNA, "R1"), registered(ANNA), refused(ANNA)])
def test_the_error_of_any_refusal_is_at_hand(exchange: Exchange) -> None:
    assert with_body(exchange, '{"success": false, "error": "no [room-closed]"}', 400).error == "room-closed"


def test_an_ordinary_request_is_not_turned_away_with_431() -> None:
    targets = (f"/api/v1/livechat/room?token={'x' * length}" for length in (128, 129))

    assert [with_request(call("", 431, ""), target=each).turned_away for each in targets] == [False, True]


@pytest.mark.parametrize(
    ("status", "turned_away"),
    [(429, True), (502, True), (503, True), (504, True), (524, True), (500, False), (400, False)],
)
def test_limiter_and_gateways_turn_away(status: int, turned_away: bool) -> None:
    assert read(call("token=a", status, {})).turned_away is turned_away


def test_an_old_limiter_turns_away_with_400() -> None:
    limited = {"success": False, "error": "Error, too many requests. [error-too-many-requests]"}

    assert read(call("token=a", 400, limited)).answer is Answer.NOTHING


@pytest.mark.parametrize(
    ("query", "status", "body", "turned_away"),
    [
        ("token=a&agentId=%3Cscript%3E", 403, "<html>blocked", True),
        ("token=a&rid[$ne]=x", 406, "", True),
        ("token=a", 403, "<html>blocked", False),
        ("token=a&agentId=%3Cscript%3E", 403, {"success": False, "error": "no"}, False),
        ("token=a&agentId=%3Cscript%3E", 404, "<html>blocked", True),
        ("token=a&agentId=%3Cscript%3E", 405, "<html>blocked", True),
        ("token=a&agentId=%3Cscript%3E", 400, "<html>blocked", True),
        ("token=a&agentId=%3Cscript%3E", 501, "<html>blocked", True),
        ("token=a&agentId=%3Cscript%3E", 302, "", True),
        ("token=a&agentId=%3Cscript%3E", 200, "<html>Request rejected, support ID: 7", True),
        ("token=a&agentId=%3Cscript%3E", 403, {"message": "Forbidden"}, True),
        ("token=a&agentId=%3Cscript%3E", 403, {"error": "Forbidden"}, True),
        ("token=a&agentId=%3Cscript%3E", 500, "<html>Internal Server Error", False),
        ("token=a&agentId=%3Cscript%3E", 400, '{"success":false,"error":"\x01"}', False),
        ("token=a&%1F%0Dj=x", 403, "<html>blocked", True),
        ("token=%", 403, "<html>blocked", True),
        ("token=a&rid=%ff", 400, "<html>blocked", True),
        ("token=a&rid=x", 400, "<html>blocked", False),
        ("token=", 404, "<html>not found", False),
    ],
)
def test_a_firewall_turns_away_what_looks_hostile(query: str, status: int, body: object, turned_away: bool) -> None:
    op = read(call(query, status, body))

    assert (op.turned_away, op.answer is Answer.NOTHING) == (turned_away, turned_away)


def test_json_that_is_no_utf_8_is_the_servers_own() -> None:
    headers = (("Content-Type", "application/json"),)
    body = b'{"success":false,"error":"\xe9"}'
    exchange = Exchange(
        1,
        "core",
        "",
        None,
        0,
        1,
        Request("GET", "/api/v1/livechat/room?token=a%00"),
        Response(400, headers, None, body),
    )

    assert not read(exchange).turned_away


def test_what_came_back_is_at_hand() -> None:
    op = read(replace(returned(ANNA, "R1"), number=7))

    assert (op.number, op.status, op.room, op.new, op.error) == (7, 200, "R1", False, "")
    assert op.body["success"] is True
    assert op.document["_id"] == "R1"


def test_without_an_answer_nothing_is_at_hand() -> None:
    op = read(unanswered(created(ANNA, "R1")))

    assert (op.status, op.room, op.new, op.body, op.document, op.parsed.problem) == (
        None,
        None,
        None,
        {},
        {},
        "no text",
    )


@pytest.mark.parametrize("new", ["true", 1, None, [True]])
def test_newroom_is_a_boolean_or_nothing(new: object) -> None:
    assert read(call("token=a", body=room_body("a", "R1", new=new))).new is None


@pytest.mark.parametrize("body", ['{"room":["R1"]}', "[]", "7", '"x"', "null"])
def test_another_body_has_no_room(body: str) -> None:
    op = with_body(created(ANNA, "R1"), body)

    assert (op.room, op.document, op.answer) == (None, {}, Answer.UNKNOWN)


def test_a_byte_order_mark_is_read_over() -> None:
    op = with_body(created(ANNA, "R1"), '\ufeff{"room":{"_id":"R1"}}')

    assert (op.room, op.parsed.problem) == ("R1", "")


def test_a_body_that_is_no_text_has_a_problem() -> None:
    op = read(replace(created(ANNA, "R1"), response=Response(200, (), None, b"\xff")))

    assert (op.parsed.problem, op.body) == ("no text", {})


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": "invalid-token"}, "invalid-token"),
        ({"error": "Sorry, no online agents [no-agent-online]"}, "no-agent-online"),
        ({"error": "[error-omnichannel-is-disabled]"}, "error-omnichannel-is-disabled"),
        ({"error": "x [y]", "errorType": "z"}, "z"),
        ({"error": "x", "errorType": "Meteor.Error"}, "x"),
        ({"error": "x [Y]"}, "x [Y]"),
        ({"error": "[a] b"}, "[a] b"),
        ({"error": 403}, ""),
        ({"error": "x", "errorType": 7}, "x"),
        ({}, ""),
    ],
)
def test_the_code_of_a_refusal_is_found(body: dict[str, Any], error: str) -> None:
    assert read(call("token=a", 400, body)).error == error


@pytest.mark.parametrize(
    ("text", "plain", "twice", "structured"),
    [
        ("", {}, set(), set()),
        ("token=a&rid=b", {"token": "a", "rid": "b"}, set(), set()),
        ("token", {"token": ""}, set(), set()),
        ("token=a=b", {"token": "a=b"}, set(), set()),
        ("&&token=a&", {"token": "a"}, set(), set()),
        ("=x", {"": "x"}, set(), set()),
        ("a=1&a=2&a=3", {"a": "1"}, {"a"}, set()),
        ("token[]=a", {}, set(), {"token"}),
        ("token[$ne]=a&token=b", {"token": "b"}, set(), {"token"}),
        ("rid[x][y]=1", {}, set(), {"rid"}),
        ("[]=1", {"[]": "1"}, set(), set()),
        ("a%5B%5D=1", {}, set(), {"a"}),
        ("a+b=c+d%2B", {"a b": "c d+"}, set(), set()),
        ("a=%E4%BD%A0&b=%ff&c=%", {"a": "你", "b": "\ufffd", "c": "%"}, set(), set()),
    ],
)
def test_a_query_is_grouped(text: str, plain: dict[str, str], twice: set[str], structured: set[str]) -> None:
    query = parse_query(text)

    assert (query.plain, query.twice, query.structured, query.odd) == (plain, twice, structured, twice | structured)


@given(st.dictionaries(st.text(alphabet="abc é&=+%/", min_size=1), st.text(), min_size=1))
def test_encoded_parameters_come_back(pairs: dict[str, str]) -> None:
    encoded = "&".join(f"{quote_plus(name)}={quote_plus(value, errors='replace')}" for name, value in pairs.items())

    assert {name: value.encode("utf-8", "replace").decode() for name, value in pairs.items()} == parse_query(
        encoded
    ).plain


@pytest.mark.parametrize(
    ("text", "unnamed", "usual", "ordinary"),
    [
        ("token=a&rid=b&agentId=c", set(), True, True),
        ("token=", set(), True, True),
        ("", set(), False, True),
        ("token=a&x=1", {"x"}, False, False),
        ("token=a&token=b", set(), False, False),
        ("token=a&rid[]=b", set(), False, False),
        ("token=a%20b", set(), True, False),
        (f"token={'a' * 128}", set(), True, True),
        (f"token={'a' * 129}", set(), True, False),
        ("token=%C3%BC", set(), True, False),
        ("token=a&rid=%00", set(), True, False),
        ("token=${RC_TOKEN_1^^}", set(), True, True),
        ("token=${RC_TOKEN_1%?}", set(), True, True),
        ("token=%25", set(), True, False),
        ("token=a&rid=%24T%3Fs", set(), True, False),
        ("token=a&rid=%24%7Bjndi:ldap%7D", set(), True, False),
        ("token=a&rid=$RC_TOKEN_1x", set(), True, True),
        ("token=%", set(), True, False),
    ],
)
def test_a_query_is_usual_or_not(text: str, unnamed: set[str], usual: bool, ordinary: bool) -> None:
    query = parse_query(text)

    assert (query.unnamed, query.is_usual, query.is_ordinary) == (unnamed, usual, ordinary)


def test_parameters_are_at_hand() -> None:
    op = read(call("token=a&agentId=x&rid=&more=1"))

    assert (op.named_agent, op.unnamed, op.has_empty_rid) == ("x", {"more"}, True)


def test_a_neighbour_has_no_parameters() -> None:
    op = read(closed(ANNA, ""))

    assert (op.named_agent, op.unnamed, op.has_empty_rid, op.query) == ("", set(), False, None)


def test_a_failure_beside_an_answer_leaves_the_answer() -> None:
    broken_off = replace(created(ANNA, "R1"), failure=Failure("closed", sent=False, detail=""))

    assert read(broken_off).answer is Answer.OK
    assert read(replace(broken_off, request=Request("GET", "/api/v1/livechat/room"))).kind is Kind.ODD_ROOM


@pytest.mark.parametrize(
    ("text", "malformed"),
    [
        ("token=%", {"token"}),
        ("token=a&rid=%zz", {"rid"}),
        ("token=a&agentId=%ff", {"agentId"}),
        ("token=a&agentId=%ED%A0%80", {"agentId"}),
        ("token=a&agentId=%C0%AF", {"agentId"}),
        ("token=a&%E9=1", {"\ufffd"}),
        ("token=a&rid[%]=1", {"rid"}),
        ("token=a&rid=%2", {"rid"}),
        ("token=a&rid=%u0041", {"rid"}),
        ("token=%25%32&rid=%C3%BC&agentId=%F0%9F%98%80", set()),
        ("token=${RC_TOKEN_1%?}&rid=a%20b", set()),
    ],
)
def test_malformed_percent_encoding_is_seen(text: str, malformed: set[str]) -> None:
    assert parse_query(text).malformed == malformed


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("token=%", Kind.ODD_ROOM),
        ("token=a&rid=%", Kind.ODD_ROOM),
        ("token=a&rid=b&agentId=%", Kind.BY_RID),
        ("token=a&agentId=%", Kind.GET_OR_CREATE),
    ],
)
def test_a_malformed_token_or_rid_asks_for_nothing_that_is_known(query: str, kind: Kind) -> None:
    assert read(call(query, 400, {"success": False, "error": "x"})).kind is kind
