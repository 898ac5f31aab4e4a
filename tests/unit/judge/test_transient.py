"""What a network or something in front does now and then: a warning that --strict lets pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rocketchat_contract.judge.verdict import VerdictWord
from rocketchat_contract.record.exchange import Exchange, Failure
from support.histories import ANNA, asked, call, created, failed, finding_of, judge_of, registered, returned

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room1"))


def dropped(exchange: Exchange, kind: str = "closed") -> Exchange:
    return replace(exchange, response=None, failure=Failure(kind, sent=True, detail="gone"))  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateways_answer_passes(status: int) -> None:
    found = finding_of("gateways-pass-calls-on", *OPEN, failed(returned(ANNA, "room1"), status))

    assert found.transient is True


def test_a_proxys_429_passes() -> None:
    assert finding_of("a-429-fits-the-full-schema", KNOWN, call(asked(ANNA), 429, "<p>slow</p>")).transient is True


def test_a_limiters_429_without_success_stays() -> None:
    assert finding_of("a-429-fits-the-full-schema", KNOWN, call(asked(ANNA), 429, {"error": "no"})).transient is False


def test_a_connection_that_closes_once_passes() -> None:
    calls = (*OPEN, *[returned(ANNA, "room1")] * 5, dropped(returned(ANNA, "room1")))

    assert finding_of("a-call-is-answered", *calls).transient is True


def test_a_timeout_stays() -> None:
    assert finding_of("a-call-is-answered", *OPEN, dropped(returned(ANNA, "room1"), "timeout")).transient is False


def test_strict_lets_pass_what_is_transient() -> None:
    rows = judge_of(*OPEN, failed(returned(ANNA, "room1"), 503)).verdict(strict=True).rows
    (row,) = [row for row in rows if row.requirement.id == "gateways-pass-calls-on"]

    assert (row.broken, row.lasts) == (1, False)
    assert VerdictWord.VIOLATED is not judge_of(*OPEN, failed(returned(ANNA, "room1"), 503)).verdict(strict=True).word
