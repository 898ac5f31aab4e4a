"""Whether the target is still there is counted route by route, and by what answers."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.absence import MOST_PAGES, Absence, got_no_answer
from rocketchat_contract.client.visitors import may_be_asked_again
from rocketchat_contract.judge.operation import Operation, read
from rocketchat_contract.record.exchange import Exchange, Failure, FailureKind, Request, Response

ROOM = "/api/v1/livechat/room?token=abc"
ROUTE = "GET /api/v1/livechat/room"
HTML = (("Content-Type", "text/html"),)
JSON = (("Content-Type", "application/json"),)


def answered(status: int, body: str = "<h1>No</h1>", target: str = ROOM, method: str = "GET") -> Operation:
    headers = HTML if body.startswith("<") else JSON
    return read(Exchange(1, "core", "", None, 0, 1, Request(method, target), Response(status, headers, body)))


def cut() -> Operation:
    failure = Failure("timeout", sent=True, detail="the body did not end in time")
    response = Response(200, JSON, "{", complete=False)
    return read(Exchange(1, "core", "", None, 0, 1, Request("GET", ROOM), response, failure))


OK = answered(400, '{"success":false,"error":"invalid-token"}')


def told(*ops: Operation) -> Absence:
    absence = Absence()
    for op in ops:
        absence = absence.after(ROUTE, op, ordinary=op.query is None or op.query.is_ordinary)
    return absence


def test_an_endless_body_is_no_answer() -> None:
    assert told(cut(), cut(), cut()).silent == 3


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_an_answer_without_a_body_is_not_lost(method: str) -> None:
    op = answered(200, "", method=method)

    assert (got_no_answer(op), may_be_asked_again(op)) == (False, False)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET"])
def test_a_gateways_answer_is_a_lost_call(method: str) -> None:
    op = answered(502, method=method)

    assert (got_no_answer(op), may_be_asked_again(op)) == (True, True)


def test_answers_on_other_routes_end_no_streak() -> None:
    absence = told(cut(), cut()).after("POST /api/v1/livechat/visitor", OK, ordinary=True)

    assert absence.silent == 2


def test_an_answer_ends_the_streak() -> None:
    assert told(cut(), cut(), OK).silent == 0


@pytest.mark.parametrize("status", [200, 302, 401, 403, 405, 406])
def test_pages_in_answer_to_ordinary_calls_are_a_firewalls(status: int) -> None:
    sentence = told(*[answered(status)] * MOST_PAGES).in_the_servers_place()

    assert sentence.startswith(f"A firewall answers in the server's place: status {status} with text/html")


def test_a_route_that_is_not_found_is_not_passed_on() -> None:
    sentence = told(*[answered(404)] * MOST_PAGES).in_the_servers_place()

    assert sentence.startswith("A proxy answers in the server's place and does not pass the call on: status 404")


@pytest.mark.parametrize(
    "ops",
    [
        [answered(403)] * (MOST_PAGES - 1),
        [answered(403), OK] * MOST_PAGES,
        [answered(403, target="/api/v1/livechat/room?token=%3Cscript%3E")] * MOST_PAGES,
        [answered(403, target="/api/v1/livechat/visitor/abc", method="DELETE")] * MOST_PAGES,
        [answered(400)] * MOST_PAGES,
        [answered(500)] * MOST_PAGES,
        [answered(429)] * MOST_PAGES,
    ],
    ids=["few", "now and then", "hostile values", "deletions", "400", "500", "429"],
)
def test_what_is_no_sign_that_something_else_answers(ops: list[Operation]) -> None:
    assert told(*ops).in_the_servers_place() == ""


CLOSE = "POST /api/v1/livechat/room.close"


def dropped(kind: FailureKind, target: str = "/api/v1/livechat/room.close", method: str = "POST") -> Operation:
    failure = Failure(kind, sent=True, detail="")
    return read(Exchange(1, "core", "", None, 0, 1, Request(method, target), failure=failure))


def test_closings_that_are_dropped_keep_nothing_from_being_judged() -> None:
    absence = Absence()
    for _ in range(9):
        absence = absence.after(CLOSE, dropped("closed"), ordinary=True)

    assert absence.silent == 0


def test_closings_that_are_waited_for_in_vain_count_and_are_named() -> None:
    absence = Absence()
    for _ in range(9):
        absence = absence.after(CLOSE, dropped("timeout"), ordinary=True)

    assert absence.silent == 9
    assert absence.gave_no_answer() == f"{CLOSE} was not answered 9 times in a row (timeout), while other calls were."
