"""Pages in answer to ordinary calls: a broken server wrote them, or something in front; the rest of the run tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.judge.verdict import VerdictWord
from rocketchat_contract.record.exchange import Exchange, Response
from support.histories import (
    ANNA,
    asked,
    between,
    call,
    closed,
    created,
    deleted,
    judge_of,
    refused,
    registered,
    requirements,
    returned,
)

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room1"), returned(ANNA, "room1"))
HTML = (("content-type", "text/html; charset=utf-8"),)
PLACE = "A firewall or proxy answers in the server's place: "


def page(status: int = 403, query: str = asked(ANNA)) -> Exchange:
    """An ordinary call that is answered with a page."""
    return call(query, status, "<html>Just a moment</html>", HTML)


def head() -> Exchange:
    """An answer to HEAD, which has no body whoever gives it."""
    exchange = returned(ANNA, "room1")
    response = Response(200, (("content-type", "application/json"),), "")
    return replace(exchange, request=replace(exchange.request, method="HEAD"), response=response)


def paged(exchange: Exchange, status: int = 403) -> Exchange:
    """Another call that is answered with a page."""
    return replace(exchange, response=Response(status, HTML, "<html>Just a moment</html>", length=26))


def musts(*calls: Exchange) -> set[str]:
    """The broken musts."""
    rows = judge_of(*calls).verdict().rows
    return {row.requirement.id for row in rows if row.broken and requirements()[row.requirement.id].level == "must"}


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param((*OPEN, page(), paged(closed(ANNA, "room1")), paged(deleted(ANNA))), id="from some moment on"),
        pytest.param((KNOWN, page(), page(), page()), id="before the first room"),
        pytest.param((KNOWN, page(404), KNOWN, page(404), closed(ANNA, "x")), id="a route that is not passed on"),
        pytest.param((page(302), page(302), paged(KNOWN, 302)), id="a login before everything"),
        pytest.param((*OPEN, page(200), page(200), paged(closed(ANNA, "room1"), 200)), id="a page that says 200"),
        pytest.param(
            (*OPEN, page(), page(), KNOWN, page(), page(), closed(ANNA, "room1")), id="before one route alone"
        ),
    ],
)
def test_a_block_is_no_broken_must_whenever_it_starts(calls: tuple[Exchange, ...]) -> None:
    verdict = judge_of(*calls).verdict()

    assert musts(*calls) == set()
    assert verdict.word is VerdictWord.INCOMPLETE
    assert [obstacle.startswith(PLACE) for obstacle in verdict.obstacles] == [True]
    assert next(row.broken for row in verdict.rows if row.requirement.id == "gateways-pass-calls-on")


def test_the_sentence_counts_and_names_the_page() -> None:
    told = judge_of(*OPEN, page(), page(), paged(closed(ANNA, "room1"))).verdict().obstacles

    assert told == (f"{PLACE}2 of 4 room calls got status 403 with text/html.",)


@pytest.mark.parametrize(
    ("calls", "broken"),
    [
        ((*OPEN, page(404), returned(ANNA, "room1")), "a-status-is-documented"),
        ((*OPEN, page(400, "token="), refused(ANNA, rid="x")), "an-answer-is-json"),
        ((*OPEN, page(404, "token="), page(404, "token="), closed(ANNA, "room1")), "a-status-is-documented"),
        ((*OPEN, page(404)), "a-status-is-documented"),
        ((*OPEN, page(404), head(), head()), "a-status-is-documented"),
        ((*OPEN, page(400), page(400), page(400), page(400), page(400)), "an-answer-is-json"),
        ((*OPEN, *[page(404)] * 4, returned(ANNA, "room1")), "a-status-is-documented"),
        ((*OPEN, page(403, "token="), returned(ANNA, "room1")), "a-status-is-documented"),
        ((*OPEN, page(200), page(200, "token=x"), returned(ANNA, "room1")), "an-answer-is-json"),
        ((*OPEN, page(500)), "ordinary-calls-end-well"),
    ],
)
def test_a_server_that_answers_pages_now_and_then_is_found(calls: tuple[Exchange, ...], broken: str) -> None:
    assert broken in musts(*calls)
    assert judge_of(*calls).verdict().obstacles == ()


@pytest.mark.parametrize("status", [200, 302, 401, 403, 405, 406, 501])
def test_a_block_of_a_call_that_is_answered_when_asked_again(status: int) -> None:
    assert musts(*OPEN, page(status), returned(ANNA, "room1")) == set()


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 501])
def test_pages_on_several_answered_routes_are_no_fault_of_one(status: int) -> None:
    calls = (*OPEN, page(status), returned(ANNA, "room1"), paged(closed(ANNA, "room1"), status), closed(ANNA, "room1"))

    assert musts(*calls) == set()
    assert judge_of(*calls).verdict().obstacles == ()


def test_a_route_that_is_never_answered_says_nothing_of_another() -> None:
    calls = (*OPEN, page(404), returned(ANNA, "room1"), *[paged(deleted(ANNA), 404)] * 2)

    assert "a-status-is-documented" in musts(*calls)


def test_a_page_for_an_unusual_token_is_no_fault_though_masked() -> None:
    blocked = page()
    blocked = replace(blocked, request=replace(blocked.request, unusual=True))

    assert musts(*OPEN, blocked, returned(ANNA, "room1")) == set()


def test_a_block_that_was_lifted_ends_no_run() -> None:
    block = (page(), paged(closed(ANNA, "room1")), page())
    verdict = judge_of(*OPEN, *block, returned(ANNA, "room1")).verdict()

    assert (musts(*OPEN, *block, returned(ANNA, "room1")), verdict.obstacles) == (set(), ())


def test_a_verdict_asked_for_twice_is_the_same() -> None:
    judge = judge_of(*OPEN, page(), paged(closed(ANNA, "room1")), page())

    assert judge.verdict() == judge.verdict()


def test_an_answer_that_overlaps_a_page_says_nothing_of_it() -> None:
    """A burst in which a bot check begins: the page is numbered before the last answer of the API."""
    burst = (
        between(100, 103, page()),
        between(101, 102, returned(ANNA, "room1")),
        between(104, 105, page()),
        between(106, 107, paged(closed(ANNA, "room1"))),
    )
    opened = [between(10 * place, 10 * place + 1, each) for place, each in enumerate(OPEN, 1)]

    assert musts(*opened, *burst) == set()


def foreign(status: int = 403) -> Exchange:
    """An ordinary call that is answered with JSON of somebody else."""
    return call(asked(ANNA), status, {"error": "captcha required"})


def refused_elsewhere(exchange: Exchange) -> Exchange:
    body = '{"message":"no Route matched with those values"}'
    return replace(exchange, response=Response(403, foreign().response.headers, body))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param((KNOWN, *[foreign(404)] * 4), id="a route that is not passed on"),
        pytest.param(
            (*OPEN, foreign(), refused_elsewhere(closed(ANNA, "room1")), refused_elsewhere(deleted(ANNA))), id="a check"
        ),
    ],
)
def test_json_of_somebody_else_accuses_nobody(calls: tuple[Exchange, ...]) -> None:
    assert musts(*calls) == set()


def test_json_of_somebody_else_between_answers_is_the_servers() -> None:
    assert musts(*OPEN, foreign(), returned(ANNA, "room1"))
