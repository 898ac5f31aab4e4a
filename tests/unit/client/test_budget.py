"""The budget is a hard limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.client.budget import UNTRIED_DELETION, Budget, BudgetSpentError
from rocketchat_contract.client.transport import Call
from rocketchat_contract.config import PROFILES, UNCLOSED, UNDELETED, UNDELETED_KEPT, Profile

ROOM = Call("GET", "/api/v1/livechat/room?token=a")
VISITOR = Call("POST", "/api/v1/livechat/visitor")
CLOSE = Call("POST", "/api/v1/livechat/room.close")
SMALL = Profile("small", ("core",), room_calls=5, visitors=2, rooms=4, others=3)


@pytest.mark.parametrize(("call", "most"), [(ROOM, 5), (VISITOR, 2), (CLOSE, 3)])
def test_each_kind_of_call_has_its_own_limit(call: Call, most: int) -> None:
    budget = Budget(SMALL)
    for _ in range(most):
        budget.spend("core", call)
        budget.arrived(call)

    with pytest.raises(BudgetSpentError, match="small"):
        budget.spend("core", call)


def test_calls_that_leave_together_are_all_paid_or_none() -> None:
    budget = Budget(SMALL)

    with pytest.raises(BudgetSpentError):
        budget.spend("volley", *[ROOM] * 6)

    assert budget.room_calls == 0


def test_any_room_call_may_make_a_room() -> None:
    budget = Budget(SMALL, rooms_made=lambda: 4)

    with pytest.raises(BudgetSpentError, match="4 rooms"):
        budget.spend("core", ROOM)


def test_the_core_leaves_what_simultaneous_calls_need() -> None:
    budget = Budget(Profile("kept", ("core", "volley"), room_calls=5, visitors=2, kept_calls=3, kept_visitors=1))
    budget.spend("core", ROOM, ROOM, VISITOR)

    with pytest.raises(BudgetSpentError):
        budget.spend("core", ROOM)
    budget.spend("volley", ROOM, ROOM, ROOM, VISITOR)


def test_what_is_kept_for_others_is_told_as_kept() -> None:
    budget = Budget(Profile("kept", ("core", "volley"), room_calls=5, visitors=2, kept_calls=3))
    budget.spend("core", ROOM, ROOM)

    with pytest.raises(BudgetSpentError, match="spent but for 3 kept for simultaneous calls"):
        budget.spend("core", ROOM)
    with pytest.raises(BudgetSpentError, match=r"is spent\.$"):
        budget.spend("volley", *[ROOM] * 4)


def test_what_can_be_afforded_is_counted_without_spending() -> None:
    budget = Budget(SMALL)
    budget.afford("volley", 4, 1)

    assert (budget.room_calls, budget.visitors) == (0, 0)


@pytest.mark.parametrize(("calls", "visitors", "what"), [(6, 0, "room calls"), (2, 3, "visitors"), (5, 1, "rooms")])
def test_too_little_is_told_before_anything_is_spent(calls: int, visitors: int, what: str) -> None:
    with pytest.raises(BudgetSpentError, match=what):
        Budget(SMALL).afford("volley", calls, visitors)


def test_rooms_that_exist_cannot_be_afforded_again() -> None:
    with pytest.raises(BudgetSpentError, match="rooms"):
        Budget(SMALL, rooms_made=lambda: 1).afford("volley", 4, 1)


def test_calls_under_way_count_as_rooms() -> None:
    budget = Budget(replace(SMALL, room_calls=20))
    budget.spend("volley", ROOM, ROOM, ROOM)

    with pytest.raises(BudgetSpentError, match="4 rooms"):
        budget.spend("volley", ROOM, ROOM)
    budget.arrived(ROOM)
    budget.spend("volley", ROOM, ROOM)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_a_call_whose_answer_names_no_room_counts_as_one(method: str) -> None:
    budget = Budget(SMALL, rooms_made=lambda: 3)
    budget.spend("core", replace(ROOM, method=method))

    with pytest.raises(BudgetSpentError, match="4 rooms"):
        budget.spend("core", ROOM)


def test_few_rooms_are_made_where_none_can_be_closed() -> None:
    budget = Budget(PROFILES["nightly"], rooms_made=lambda: UNCLOSED - 1, forbids_closing=lambda: True)
    budget.spend("core", ROOM)

    with pytest.raises(BudgetSpentError, match="12 rooms, as visitors may not close them, "):
        budget.spend("core", ROOM)


def test_few_visitors_are_made_where_none_can_be_deleted() -> None:
    budget = Budget(PROFILES["full"], visitors=UNDELETED - 1, forbids_deleting=lambda: True)
    budget.spend("volley", VISITOR)

    with pytest.raises(BudgetSpentError, match="12 visitors, as none can be deleted, "):
        budget.spend("volley", VISITOR)


def test_the_core_leaves_visitors_who_cannot_be_deleted_to_the_bursts() -> None:
    budget = Budget(PROFILES["full"], visitors=UNDELETED - UNDELETED_KEPT, forbids_deleting=lambda: True)

    with pytest.raises(BudgetSpentError, match="kept for simultaneous calls"):
        budget.spend("core", VISITOR)


@pytest.mark.parametrize(("known", "takes"), [(None, True), (True, False), (False, False)])
def test_a_deletion_is_tried_before_many_visitors_are_made(known: bool | None, takes: bool) -> None:
    budget = Budget(PROFILES["full"], visitors=UNTRIED_DELETION, forbids_deleting=lambda: known)

    assert budget.takes_deletion_to_try() is takes


def test_a_deletion_is_tried_twice_at_most() -> None:
    budget = Budget(PROFILES["full"], visitors=UNTRIED_DELETION, forbids_deleting=lambda: None)

    assert [budget.takes_deletion_to_try() for _ in range(3)] == [True, True, False]


def test_a_registration_that_never_left_costs_nothing() -> None:
    budget = Budget(SMALL)
    budget.spend("core", VISITOR)
    budget.arrived(VISITOR, was_sent=False)

    assert budget.visitors == 0


RESERVE = replace(SMALL, rooms=100, again_calls=2, again_visitors=1)


def test_what_is_asked_again_is_paid_from_the_reserve() -> None:
    budget = Budget(RESERVE)
    budget.spend("core", ROOM, again=True)
    budget.spend("core", *[ROOM] * 5)

    assert (budget.room_calls, budget.again_calls) == (6, 1)


def test_a_spent_reserve_leaves_the_budget() -> None:
    budget = Budget(RESERVE)
    budget.spend("core", *[ROOM] * 3, again=True)

    assert (budget.again_calls, budget.can_ask_again(1)) == (2, False)
    with pytest.raises(BudgetSpentError):
        budget.spend("core", *[ROOM] * 5)


def test_nothing_but_asking_again_touches_the_reserve() -> None:
    budget = Budget(RESERVE)

    with pytest.raises(BudgetSpentError, match="5 room calls"):
        budget.spend("core", *[ROOM] * 6)


def test_asking_again_may_use_what_was_kept() -> None:
    budget = Budget(replace(RESERVE, kept_calls=5), is_asking_again=True)
    budget.spend("core", *[ROOM] * 7)

    with pytest.raises(BudgetSpentError):
        budget.spend("core", ROOM)


def test_no_round_takes_what_is_a_later_ones() -> None:
    budget = Budget(SMALL.times(3), rounds=3)
    budget.spend("volley", *[ROOM] * 4)

    with pytest.raises(BudgetSpentError, match=r"of (4 rooms|5 room calls)"):
        budget.spend("volley", ROOM, ROOM)
    budget.round = 2
    budget.spend("volley", ROOM, ROOM)


def test_all_rounds_together_have_one_limit() -> None:
    budget = Budget(SMALL.times(2), rounds=2, round=2)
    budget.spend("volley", *[ROOM] * 8)

    assert SMALL.times(2).others == 6
    with pytest.raises(BudgetSpentError):
        budget.spend("volley", *[ROOM] * 3)


@given(
    st.lists(st.tuples(st.sampled_from(["core", "volley", "life"]), st.lists(st.sampled_from([ROOM, VISITOR, CLOSE]))))
)
def test_no_order_of_calls_passes_the_limit(wanted: list[tuple[str, list[Call]]]) -> None:
    sent: list[Call] = []
    budget = Budget(SMALL, rooms_made=lambda: sum(call is ROOM for call in sent))

    for driver, calls in wanted:
        try:
            budget.spend(driver, *calls)
        except BudgetSpentError:
            continue
        sent += calls

    assert sent.count(ROOM) <= 4
    assert sent.count(VISITOR) <= 2
    assert sent.count(CLOSE) <= 3
