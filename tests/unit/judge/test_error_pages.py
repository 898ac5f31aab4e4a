"""Error pages in answer to hostile calls: a firewall's, the server's own, or in doubt."""

from __future__ import annotations

import pytest

from rocketchat_contract.judge.fate import Fate
from rocketchat_contract.record.exchange import Exchange, Headers
from support.histories import ANNA, asked, call, created, judge_of, refused, registered, returned

BROKE = "no-call-ends-in-a-server-error"
STRUCTURED = "a-structured-token-is-refused"
HTML = (("content-type", "text/html"),)
EDGE = (*HTML, ("server", "edge"))
OPEN = (registered(ANNA), created(ANNA, "room1"), returned(ANNA, "room1"))

QUOTE, BREAK = asked(ANNA, agentId="'x'"), asked(ANNA, rid="x\n")
LIST = f"token[]={ANNA}"


def page(query: str, headers: Headers = HTML) -> Exchange:
    return call(query, 500, "<html>Internal Server Error</html>", headers)


def outcome(*calls: Exchange) -> tuple[bool, set[Fate]]:
    """Whether the server is accused, and what became of calls with a structured token."""
    rows = {row.requirement.id: row for row in judge_of(*OPEN, *calls).verdict().rows}
    return bool(rows[BROKE].broken), {cause.fate for cause, _ in rows[STRUCTURED].causes}


@pytest.mark.parametrize(
    "calls",
    [
        (page(QUOTE),),
        (page(QUOTE), page(asked(ANNA, rid="'"))),
        (page(QUOTE), page(asked(ANNA, agentId="x\n"))),
        (page(QUOTE), page(BREAK), page(asked(ANNA))),
        (page(QUOTE), page(BREAK), page(LIST), refused(ANNA, agentId="'", rid="\n")),
    ],
    ids=["one call", "one kind of value", "one parameter", "ordinary calls too", "not always"],
)
def test_a_server_that_breaks_is_accused(calls: tuple[Exchange, ...]) -> None:
    assert outcome(*calls)[0]


def test_pages_in_answer_to_whatever_is_hostile_leave_their_author_in_doubt() -> None:
    assert outcome(page(QUOTE), page(BREAK), page(LIST)) == (False, {Fate.EITHER})


def test_an_alias_bears_no_operators_for_hostile_tokens() -> None:
    assert outcome(page(QUOTE), page("token=x$where(1)"), page(LIST)) == (False, {Fate.EITHER})


def test_pages_of_another_server_are_a_firewalls() -> None:
    assert outcome(page(QUOTE, EDGE), page(LIST, EDGE)) == (False, {Fate.FIREWALL})


def test_an_error_of_the_api_is_the_servers() -> None:
    error = (call(query, 500, {"success": False, "error": "Internal server error"}) for query in (QUOTE, BREAK, LIST))

    assert outcome(*error)[0]
