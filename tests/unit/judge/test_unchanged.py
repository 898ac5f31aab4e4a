"""One change of a room that no agent makes, between two answers with nothing between them."""

from __future__ import annotations

from typing import Any

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, BERT, asked, call, finding_of, outcome, registered, room_body

KNOWN = registered(ANNA)
BEFORE = {"source": {"type": "api"}, "contactId": "c1", "msgs": 4, "lm": "2026-11-22T15:30:00.000Z", "servedBy": {}}


def answers(**later: Any) -> tuple[Exchange, ...]:
    """A room, and the same room with changes; None takes a member out."""
    after = {name: value for name, value in {**BEFORE, **later}.items() if value is not None}
    rooms = (BEFORE, after)
    return (KNOWN, *(call(asked(ANNA), body=room_body(ANNA, "room1", new=n == 0, **r)) for n, r in enumerate(rooms)))


@pytest.mark.parametrize(
    ("later", "actual"),
    [
        ({"source": None}, "room.source with no value"),
        ({"source": "api"}, 'room.source with text "api"'),
        ({"contactId": 7}, "room.contactId with number 7"),
        ({"msgs": 2}, "room.msgs 2"),
        ({"lm": "2026-11-21T15:30:00.000Z"}, "room.lm 2026-11-21T15:30:00.000Z"),
    ],
)
def test_a_member_that_is_gone_retyped_or_went_back_is_a_change(later: dict[str, Any], actual: str) -> None:
    found = finding_of("a-repeat-changes-nothing", *answers(**later))

    assert (found.actual, found.evidence) == (actual, (2, 3))


@pytest.mark.parametrize(
    "later",
    [{"servedBy": None}, {"msgs": 5}, {"lm": "2026-11-22T15:31:00.000Z"}, {"source": {"type": "widget"}}, {"x": 1}],
)
def test_what_an_agent_a_bot_or_a_queue_does_once_is_none(later: dict[str, Any]) -> None:
    assert outcome("a-repeat-changes-nothing", *answers(**later)) != "broken"


def counting(*msgs: int) -> list[Exchange]:
    """A room that is asked for again and again, with so many messages."""
    return [call(asked(ANNA), body=room_body(ANNA, "room1", new=n == 0, msgs=m)) for n, m in enumerate(msgs)]


@pytest.mark.parametrize(
    ("msgs", "expected"), [((1, 2, 3), "broken"), ((1, 2, 3, 4), "broken"), ((1, 2, 3, 3), "kept"), ((1, 2, 2), "kept")]
)
def test_what_moves_twice_and_then_rests_is_a_bots_doing(msgs: tuple[int, ...], expected: str) -> None:
    assert outcome("a-repeat-changes-nothing", KNOWN, *counting(*msgs)) == expected


def test_rest_by_rid_excuses_no_move_of_plain_repeats() -> None:
    by_rid = call(f"{asked(ANNA)}&rid=room1", body=room_body(ANNA, "room1", new=False, msgs=3))
    others = [call(asked(BERT), body=room_body(BERT, "room2", new=n == 0, msgs=n)) for n in range(6)]

    assert outcome("a-repeat-changes-nothing", KNOWN, *counting(1, 3), by_rid, registered(BERT), *others) == "broken"
