"""What something in front wrote is never judged as an answer of the API, whatever was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rocketchat_contract.judge.answered import By
from rocketchat_contract.judge.check import Broken, CheckContext
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.operation_profile import GET_OR_CREATE
from support.histories import ANNA, BERT, asked, call, contract, operations

QUERIES = (
    "",
    "token=",
    asked(ANNA),
    asked(ANNA, rid="x"),
    asked(ANNA, agentId="x"),
    asked(ANNA, more="1"),
    asked(ANNA, rid="'\n"),
    f"token={ANNA}&token={BERT}",
    f"token[]={ANNA}",
    f"token={ANNA}&rid[]=x",
    f"token={ANNA}&rid=%ff",
)
STATUSES = (200, 302, 400, 401, 403, 404, 405, 500, 501)
PAGE = "<html><h1>Request Rejected</h1> by waf.example, contact admin@example.com</html>"
ABOUT_FRONTS = {"gateways-pass-calls-on"}


def pages() -> Iterator[Operation]:
    """Pages for every kind of query, said to be of something in front."""
    for query in QUERIES:
        for status in STATUSES:
            (op,) = operations(call(query, status, PAGE, (("content-type", "text/html"),)))
            yield replace(op, by=By.FRONT)


@pytest.mark.parametrize("requirement", sorted(GET_OR_CREATE.checks.keys() - ABOUT_FRONTS))
def test_a_page_of_something_in_front_breaks_nothing(requirement: str) -> None:
    check, known = GET_OR_CREATE.checks[requirement], CheckContext(contract().published_bodies, contract().full_bodies)

    asked_of = [op for op in pages() if op.query and check.speaks_of(op.status, usual=op.query.is_usual)]

    assert not [op for op in asked_of if isinstance(check.judge(op, known), Broken)]
