"""What becomes of an open room when calls name agents."""

from __future__ import annotations

from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, BERT, asked, broken, call, created, finding_of, registered, room_body

REQUIREMENT = "a-repeat-changes-nothing"
AGENT, OTHER = ({"_id": name, "username": name} for name in ("agent", "other"))


def opened(token: str, room: str) -> tuple[Exchange, ...]:
    return registered(token), served(token, room, AGENT, new=True)


def served(token: str, room: str, agent: object, *, new: bool = False, **parameters: str) -> Exchange:
    return call(asked(token, **parameters), body=room_body(token, room, new, servedBy=agent))


TAKEN = (*opened(ANNA, "room1"), served(ANNA, "room1", None, agentId="other"))


def test_two_rooms_taken_from_their_agent_when_a_call_names_another_are_told() -> None:
    found = finding_of(REQUIREMENT, *TAKEN, *opened(BERT, "room2"), served(BERT, "room2", None, agentId="other"))

    assert found.evidence == (2, 3, 5, 6)
    assert found.actual == "'agent' → None with agentId other, twice"


def test_two_rooms_handed_to_the_named_agent_are_told() -> None:
    calls = [
        exchange
        for token, room in ((ANNA, "room1"), (BERT, "room2"))
        for exchange in (*opened(token, room), served(token, room, OTHER, agentId="other"))
    ]

    assert broken(*calls) == {REQUIREMENT}


def test_one_room_that_loses_its_agent_is_an_agents_act() -> None:
    assert broken(*TAKEN) == set()


def test_agents_who_leave_without_a_call_that_names_one_are_no_finding() -> None:
    left = (*opened(BERT, "room2"), served(BERT, "room2", None))
    again = (registered("$RC_TOKEN_3"), served("$RC_TOKEN_3", "room3", AGENT, new=True))

    assert broken(*left, *TAKEN, *again, served("$RC_TOKEN_3", "room3", None, agentId="other")) == set()


def test_a_room_handed_to_somebody_whom_no_call_named_is_a_bots_act() -> None:
    calls = [
        exchange
        for token, room in ((ANNA, "room1"), (BERT, "room2"))
        for exchange in (*opened(token, room), served(token, room, OTHER, agentId="agent"))
    ]

    assert broken(*calls) == set()


def test_a_room_that_nobody_served_may_find_its_agent_with_any_call() -> None:
    calls = [
        exchange
        for token, room in ((ANNA, "room1"), (BERT, "room2"))
        for exchange in (registered(token), created(token, room), served(token, room, AGENT, agentId="agent"))
    ]

    assert broken(*calls) == set()


def test_departments_that_a_bot_assigns_later_without_a_named_agent_too_are_no_finding() -> None:
    named = [
        exchange
        for token, room in ((ANNA, "room1"), (BERT, "room2"))
        for exchange in (*opened(token, room), in_department(token, room, agentId="other"))
    ]
    plainly = (*opened("$RC_TOKEN_3", "room3"), in_department("$RC_TOKEN_3", "room3"))

    assert (broken(*named), broken(*named, *plainly)) == ({REQUIREMENT}, set())


def in_department(token: str, room: str, **parameters: str) -> Exchange:
    """The room, which has come to a department."""
    return call(asked(token, **parameters), body=room_body(token, room, new=False, servedBy=AGENT, departmentId="d1"))
