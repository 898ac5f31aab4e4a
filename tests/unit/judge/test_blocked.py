"""A firewall shows by what it does to hostile calls alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.judge.blocked import BLOCKED_FACT
from rocketchat_contract.judge.fate import Cause, Fate
from rocketchat_contract.record.exchange import Exchange, Failure, Response
from support.histories import ANNA, asked, call, created, judge_of, registered, returned

PAGE = (("Content-Type", "text/html"),)
HOSTILE = call(f"{asked(ANNA)}&token[$ne]=x")
STRUCTURED = "a-structured-token-is-refused"


def dropped(exchange: Exchange) -> Exchange:
    return replace(exchange, response=None, failure=Failure("closed", sent=True, detail="connection reset"))


def page(exchange: Exchange, status: int) -> Exchange:
    return replace(exchange, response=Response(status, PAGE, "<html>no</html>"))


def causes(*calls: Exchange) -> list[tuple[Cause, int]]:
    verdict = judge_of(registered(ANNA), created(ANNA, "R1"), *calls).verdict()
    return list(next(row.causes for row in verdict.rows if row.requirement.id == STRUCTURED))


@pytest.mark.parametrize(
    ("block", "sign"),
    [
        (dropped(HOSTILE), "connection closed"),
        (page(HOSTILE, 503), "503 text/html"),
        (page(HOSTILE, 429), "429 text/html"),
    ],
)
def test_what_happens_to_hostile_calls_alone_is_a_firewalls_doing(block: Exchange, sign: str) -> None:
    told = f"{sign}, 2 of 2 hostile calls; an ordinary call was answered"

    assert causes(block, returned(ANNA, "R1"), block) == [(Cause(Fate.FIREWALL, told), 2)]


def test_what_happens_to_ordinary_calls_too_is_no_firewalls_doing() -> None:
    block = dropped(HOSTILE)

    assert causes(block, dropped(returned(ANNA, "R1")), block) == [(Cause(Fate.UNANSWERED, "connection closed"), 2)]


def test_one_closed_connection_may_be_an_accident() -> None:
    assert causes(dropped(HOSTILE), returned(ANNA, "R1")) == [(Cause(Fate.UNANSWERED, "connection closed"), 1)]


def test_without_an_ordinary_answer_it_may_be_an_outage() -> None:
    block = dropped(HOSTILE)

    assert causes(block, block) == [(Cause(Fate.UNANSWERED, "connection closed"), 2)]


def test_a_finding_about_closed_connections_says_what_may_have_closed_them() -> None:
    block = dropped(HOSTILE)
    judge = judge_of(registered(ANNA), created(ANNA, "R1"), block, returned(ANNA, "R1"), block)

    found = next(each for each in judge.verdict().findings if each.requirement == "a-call-is-answered")
    assert found.story[-1].startswith("Connection closed, 2 of 2 hostile calls; an ordinary call was answered")
    assert [fact.name for fact in judge.facts] == [BLOCKED_FACT]


def test_a_page_that_was_cut_is_a_firewalls_all_the_same() -> None:
    block = page(HOSTILE, 403)
    assert block.response is not None
    cut = replace(block, response=replace(block.response, complete=False))

    assert causes(cut) == [(Cause(Fate.FIREWALL, "403 text/html"), 1)]
