"""From a record to files: the shortest story of each defect, without a token or a room id."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rocketchat_contract.corpus.entry import CorpusEntry
from rocketchat_contract.corpus.gather import LONGEST_STORY, gather, registered_with
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.results.judged_by import JudgedBy, load_judged_by
from support.histories import (
    ANNA,
    BERT,
    asked,
    between,
    call,
    closed,
    created,
    deleted,
    failed,
    hidden,
    in_order,
    registered,
    returned,
    room_body,
    said,
    shown,
)

ONE, TWO = "roomOne1AbCdEfGh", "roomTwo2AbCdEfGh"
PATH = "/api/v1/livechat/room"

Gathered = Callable[..., dict[str, CorpusEntry]]


@pytest.fixture(scope="module")
def promises() -> JudgedBy:
    return load_judged_by()


@pytest.fixture
def gathered(promises: JudgedBy) -> Gathered:
    """Entries of a history, by requirement."""

    def gather_from(*calls: Exchange, strict: bool = False) -> dict[str, CorpusEntry]:
        entries = gather(in_order(calls), "20261122-153000-ab12cd34", promises, strict=strict)
        return {entry.requirement: entry for entry in entries}

    return gather_from


def test_a_history_is_told_by_parts(gathered: Gathered) -> None:
    found = gathered(registered(ANNA), created(ANNA, ONE), created(ANNA, TWO))

    entry = found["an-open-room-is-returned"]
    assert entry.lines == (
        "register {known visitor}",
        f"GET {PATH}?token={{known visitor}} -> {{room}}",
        f"GET {PATH}?token={{known visitor}} -> {{room 2}}",
    )
    assert (entry.expected, entry.actual) == ("room {room}, newRoom false", "room {room 2}, newRoom true")


def test_a_query_alone_is_enough_for_one_answer(gathered: Gathered) -> None:
    found = gathered(failed(call("token=a%00b")))

    assert found["no-call-ends-in-a-server-error"].lines == (f"GET {PATH}?token=a%00b",)


def test_an_address_of_a_run_is_not_kept() -> None:
    sent = {"token": "$RC_TOKEN_1", "name": "Zoë", "email": "ab12cd34-1@contract-suite.invalid", "department": "d"}

    assert registered_with({**sent, "customFields": {"a": "b"}}) == {"department": "d", "email": "its own"}


def test_other_visitors_are_left_out(gathered: Gathered) -> None:
    found = gathered(
        registered(BERT), created(BERT, TWO), registered(ANNA), created(ANNA, ONE), failed(returned(ANNA, ONE))
    )

    assert not any("visitor 2" in line for line in found["ordinary-calls-end-well"].lines)


def test_a_foreign_room_brings_its_visitor(gathered: Gathered) -> None:
    found = gathered(registered(BERT), created(BERT, TWO), registered(ANNA), shown(ANNA, TWO))

    assert found["a-foreign-rid-is-refused"].lines == (
        "register {known visitor}",
        f"GET {PATH}?token={{known visitor}} -> {{room}}",
        "register {known visitor 2}",
        f"GET {PATH}?token={{known visitor 2}}&rid={{room}}",
    )


def test_a_close_and_a_message_are_steps(gathered: Gathered) -> None:
    found = gathered(registered(ANNA), created(ANNA, ONE), said(ANNA, ONE), closed(ANNA, ONE), returned(ANNA, ONE))

    assert found["a-closed-room-is-not-returned"].lines[2:4] == (
        'message {room} of {known visitor}: "hi"',
        "close {room} of {known visitor}",
    )


def test_a_deletion_is_a_step(gathered: Gathered) -> None:
    found = gathered(registered(ANNA), created(ANNA, ONE), deleted(ANNA), created(ANNA, TWO))

    assert found["a-deleted-visitor-is-refused"].lines[2] == "delete {known visitor}"


def test_calls_that_overlap_stay_together(gathered: Gathered) -> None:
    found = gathered(
        between(0, 1, registered(ANNA)), between(2, 9, created(ANNA, ONE)), between(3, 8, created(ANNA, TWO))
    )

    assert found["overlapping-calls-open-one-room"].lines == (
        "register {known visitor}",
        (
            f"GET {PATH}?token={{known visitor}} -> {{room}}",
            f"GET {PATH}?token={{known visitor}} -> {{room 2}}",
        ),
    )


def test_a_long_life_is_cut_to_what_the_finding_needs(gathered: Gathered) -> None:
    life = [returned(ANNA, ONE) for _ in range(LONGEST_STORY + 3)]

    found = gathered(registered(ANNA), created(ANNA, ONE), *life, failed(returned(ANNA, ONE, rid=ONE)))

    assert found["ordinary-calls-end-well"].lines == (
        "register {known visitor}",
        f"GET {PATH}?token={{known visitor}} -> {{room}}",
        f"GET {PATH}?token={{known visitor}}&rid={{room}}",
    )


def test_the_shortest_of_several_stories_is_kept(gathered: Gathered) -> None:
    long = [registered(ANNA), created(ANNA, ONE), hidden(ANNA, "x"), hidden(ANNA, "y"), created(ANNA, TWO)]

    found = gathered(*long, registered(BERT), created(BERT, "roomThree3AbCdEf"), created(BERT, "roomFour4AbCdEfG"))

    assert len(found["an-open-room-is-returned"].lines) == 3


def test_a_broken_should_is_kept_when_it_counts(gathered: Gathered) -> None:
    body = room_body(ANNA, ONE, fname=None)
    history = (registered(ANNA), call(asked(ANNA), body=body))

    assert "usual-members-are-there" not in gathered(*history)
    assert "usual-members-are-there" in gathered(*history, strict=True)


def test_what_is_kept_holds_no_secret_and_no_id(gathered: Gathered) -> None:
    found = gathered(registered(ANNA), created(ANNA, ONE), created(ANNA, TWO, rid=""))

    told = "".join(str(entry.to_json()) for entry in found.values())
    assert found
    assert not any(part in told for part in ("RC_TOKEN", ONE, TWO))


def test_what_nobody_can_repeat_is_not_kept(gathered: Gathered) -> None:
    assert gathered(failed(call("token=$RC_MASKED_0a1b2c3d"))) == {}
    assert gathered(failed(call("token=$RC_VISITOR_TOKEN"))) == {}


def test_a_record_that_found_nothing_gives_nothing(gathered: Gathered) -> None:
    assert gathered(registered(ANNA), created(ANNA, ONE), returned(ANNA, ONE)) == {}


def test_what_is_judged_at_the_end_is_kept_too(gathered: Gathered) -> None:
    page = call(f"token={ANNA}&rid=%27", 500, "<html>Internal Server Error</html>", (("content-type", "text/html"),))

    assert "no-call-ends-in-a-server-error" in gathered(registered(ANNA), created(ANNA, ONE), page)
