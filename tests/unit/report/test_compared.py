"""Two answers about one room, side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from rocketchat_contract.record.exchange import Exchange, Response
from rocketchat_contract.report.compared import (
    MOST_COMPARED,
    NO_VALUE,
    ComparedAnswers,
    DifferentMember,
    side_by_side,
)
from support.histories import ANNA, asked, call, registered

SERVED = {"servedBy": {"username": "agent.one"}}


def answer(number: int, room: str = "room1", **members: Any) -> Exchange:
    """An answer with a room of these members."""
    body = {"room": {"_id": room, **members}, "newRoom": False, "success": True}
    return replace(call(asked(ANNA), 200, body), number=number)


def compared(*exchanges: Exchange) -> ComparedAnswers | None:
    return side_by_side(exchanges, exchanges[-1].number)


def members(*exchanges: Exchange) -> tuple[DifferentMember, ...]:
    answers = compared(*exchanges)
    assert answers is not None
    return answers.members


def test_a_changed_member_stands_with_both_values() -> None:
    assert members(answer(5, msgs=1), answer(7, msgs=2)) == (DifferentMember("room.msgs", "1", "2"),)


def test_a_wiped_member_has_no_value_after() -> None:
    gone = DifferentMember("room.servedBy.username", '"agent.one"', NO_VALUE)

    assert members(answer(5, **SERVED), answer(7)) == (gone,)


def test_a_retyped_member_shows_its_types() -> None:
    assert members(answer(5, msgs=1), answer(7, msgs="1")) == (DifferentMember("room.msgs", "1", '"1"'),)


def test_the_answers_are_the_last_two_about_the_room() -> None:
    answers = compared(answer(3, msgs=1), answer(5, msgs=2), answer(6, "room2"), answer(7, msgs=3))

    assert answers is not None
    assert (answers.before, answers.after, answers.lines) == (5, 7, ("room.msgs: 2 → 3",))


def test_members_that_are_alike_are_counted() -> None:
    answers = compared(answer(5, msgs=1, t="l"), answer(7, msgs=2, t="l"))

    assert answers is not None
    assert answers.same == len(["room._id", "room.t", "newRoom", "success"])


def test_long_values_that_differ_at_their_ends_are_shown() -> None:
    (member,) = members(answer(5, topic="x" * 500), answer(7, topic="x" * 499 + "y"))

    assert (member.before[:1], member.before[-2:], member.after[-2:]) == ("…", 'x"', 'y"')


def test_a_dot_in_a_name_is_no_way() -> None:
    assert len(members(answer(5, a={"b": 1}, **{"a.b": 1}), answer(7, a={"b": 2}, **{"a.b": 1}))) == 1


def test_of_many_members_the_first_are_shown() -> None:
    before, after = ({f"m{number}": (number, turn) for number in range(MOST_COMPARED + 4)} for turn in (1, 2))
    answers = compared(answer(5, **before), answer(7, **after))

    assert answers is not None
    assert (len(answers.members), answers.more, answers.lines[-1]) == (MOST_COMPARED, 4, "and 4 more")


def test_nothing_is_compared_where_answers_are_alike() -> None:
    assert compared(answer(5), answer(7)) is None


def test_rooms_of_two_ids_are_not_compared() -> None:
    assert compared(answer(5), answer(7, "room2")) is None


def test_an_answer_without_a_room_is_not_compared() -> None:
    broken = replace(answer(7), response=Response(200, (), json.dumps({"success": True})))

    assert compared(answer(5), broken) is None
    assert compared(replace(registered(ANNA), number=4)) is None


def test_what_cannot_be_seen_is_escaped() -> None:
    assert members(answer(5, fname="a"), answer(7, fname="a\u202eb"))[0].after == '"a\\u202eb"'
