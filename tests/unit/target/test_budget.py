"""The budget is a wall."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.config import Profile
from rocketchat_contract.target.budget import Budget, BudgetSpentError
from rocketchat_contract.target.transport import Call

ROOM = Call("GET", "/api/v1/livechat/room?token=a")
VISITOR = Call("POST", "/api/v1/livechat/visitor")
CLOSE = Call("POST", "/api/v1/livechat/room.close")
SMALL = Profile("small", ("core",), room_calls=5, visitors=2, rooms=4, others=3)


@pytest.mark.parametrize(("call", "most"), [(ROOM, 5), (VISITOR, 2), (CLOSE, 3)])
def test_each_kind_of_call_has_its_own_wall(call: Call, most: int) -> None:
    budget = Budget(SMALL)
    for _ in range(most):
        budget.spend("core", call)

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


@given(
    st.lists(st.tuples(st.sampled_from(["core", "volley", "life"]), st.lists(st.sampled_from([ROOM, VISITOR, CLOSE]))))
)
def test_no_order_of_calls_passes_the_wall(wanted: list[tuple[str, list[Call]]]) -> None:
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
