from __future__ import annotations

from typing import Any

import pytest

from support.histories import (
    ANNA,
    BERT,
    TIME,
    deleted,
    finding_of,
    outcome,
    registered,
    room_body,
)

from .answers import KNOWN, answered, changed


@pytest.mark.parametrize(("kind", "expected"), [("l", "kept"), ("d", "broken"), ("L", "broken"), (None, "broken")])
def test_a_room_is_a_livechat_room(kind: object, expected: str) -> None:
    assert outcome("a-room-is-a-livechat-room", changed(t=kind)) == expected


@pytest.mark.parametrize(
    ("room", "told"),
    [
        ({}, ""),
        ({"cl": True}, "cl true"),
        ({"open": False}, "open False"),
        ({"open": None}, "open missing"),
        ({"open": "true"}, 'open "true"'),
        ({"closedAt": TIME}, "closedAt"),
        ({"closer": "visitor"}, "closer"),
        ({"closedBy": {"_id": "x"}}, "closedBy"),
        ({"closer": ""}, ""),
        ({"cl": True, "closer": "user"}, "closer, cl true"),
    ],
)
def test_a_returned_room_is_open(room: dict[str, Any], told: str) -> None:
    exchange = changed(**room)

    assert outcome("a-returned-room-is-open", exchange) == ("broken" if told else "kept")
    if told:
        assert finding_of("a-returned-room-is-open", exchange).actual == told


@pytest.mark.parametrize(("found", "kind"), [("", "str"), (" ", "str"), (7, "int"), (None, "NoneType")])
def test_a_room_has_an_id(found: object, kind: str) -> None:
    told = finding_of("a-room-has-an-id", changed(_id=found))

    assert told.signature == f"_id is {kind}"
    assert told.actual == f"room._id {found!r}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2021-07-09T20:12:19.795Z", "kept"),
        ("2021-07-09T20:12:19Z", "kept"),
        ("2021-12-31T23:59:59.123456789+00:00", "kept"),
        ("2021-07-09T20:12:19.795", "broken"),
        ("2021-07-09T20:12:19.795+02:00", "broken"),
        ("2021-13-09T20:12:19.795Z", "broken"),
        ("2021-00-09T20:12:19.795Z", "broken"),
        ("2021-07-32T20:12:19.795Z", "broken"),
        ("2021-07-00T20:12:19.795Z", "broken"),
        ("2021-07-09T24:12:19.795Z", "broken"),
        ("2021-07-09T20:60:19.795Z", "broken"),
        ("2021-07-09T20:12:60.795Z", "broken"),
        ("2021-07-09T20:12:19.Z", "broken"),
        (" 2021-07-09T20:12:19Z", "broken"),
        (1625861539795, "broken"),
        ("", "broken"),
    ],
)
def test_times_are_iso_8601(value: object, expected: str) -> None:
    assert outcome("room-times-are-iso-8601", changed(lm=value)) == expected


NOON = {"fd": "noon", "lq": "noon", "lr": "noon", "lastMessageTs": "noon", "ts": "noon", "_updatedAt": "noon"}


@pytest.mark.parametrize(
    ("room", "name"),
    [
        ({"ts": "noon"}, "ts"),
        ({"_updatedAt": "noon"}, "_updatedAt"),
        ({"queuedAt": "noon"}, "queuedAt"),
        ({"v": {**NOON, "token": ANNA}}, "v.lastMessageTs"),
        ({"servedBy": NOON}, "servedBy.ts"),
        ({"lastMessage": {"ts": "noon"}}, "lastMessage.ts"),
        ({"lastMessage": {"_updatedAt": "noon"}}, "lastMessage._updatedAt"),
        ({"metrics": {"reaction": NOON}}, "metrics.reaction.fd"),
        ({"metrics": {"response": NOON}}, "metrics.response.fd"),
        ({"metrics": {"v": NOON}}, "metrics.v.lq"),
        ({"metrics": {"servedBy": NOON}}, "metrics.servedBy.lr"),
        ({"responseBy": NOON}, "responseBy.lastMessageTs"),
    ],
)
def test_every_time_of_a_room_is_looked_at(room: dict[str, Any], name: str) -> None:
    found = finding_of("room-times-are-iso-8601", changed(**room))

    assert (found.signature, found.actual) == (name, f"room.{name} 'noon'")


@pytest.mark.parametrize("room", [{"metrics": "x"}, {"metrics": {"v": 7}}, {"servedBy": None}, {"lastMessage": []}])
def test_a_time_that_is_not_there_is_no_fault(room: dict[str, Any]) -> None:
    assert outcome("room-times-are-iso-8601", changed(**room)) == "kept"


@pytest.mark.parametrize(
    ("visitor", "signature"),
    [
        ({"_id": f"v{BERT}", "token": BERT}, "token"),
        ({"_id": f"v{ANNA}"}, "token"),
        ("x", "token"),
        ({"token": ANNA}, "_id"),
    ],
)
def test_a_room_is_the_asking_visitors(visitor: object, signature: str) -> None:
    assert finding_of("a-room-is-the-asking-visitors", KNOWN, changed(v=visitor)).signature == signature


def test_another_id_is_told_with_the_registered_one() -> None:
    found = finding_of("a-room-is-the-asking-visitors", KNOWN, changed(v={"_id": "other", "token": ANNA}))

    assert (found.expected, found.actual) == (f"room.v._id v{ANNA}, as registered", "room.v._id other")


def test_without_registration_any_id_is_right() -> None:
    assert outcome("a-room-is-the-asking-visitors", changed(v={"_id": "other", "token": ANNA})) == "kept"


def test_each_id_that_registration_showed_is_right() -> None:
    twice = (KNOWN, registered(ANNA, "second"))

    for each in (f"v{ANNA}", "second"):
        assert outcome("a-room-is-the-asking-visitors", *twice, changed(v={"_id": each, "token": ANNA})) == "kept"


def test_a_deleted_visitors_id_is_forgotten() -> None:
    came_back = (KNOWN, deleted(ANNA), registered(ANNA, "second"))

    assert outcome("a-room-is-the-asking-visitors", *came_back, changed(v={"_id": "second", "token": ANNA})) == "kept"
    assert (
        outcome("a-room-is-the-asking-visitors", *came_back, changed(v={"_id": f"v{ANNA}", "token": ANNA})) == "broken"
    )


@pytest.mark.parametrize("query", ["", f"token[]={ANNA}", f"token={BERT}&token={ANNA}"])
def test_a_room_for_nobody_is_nobodys(query: str) -> None:
    assert outcome("a-room-is-the-asking-visitors", answered(room_body(ANNA, "R1"), query=query)) == ""


@pytest.mark.parametrize(
    "requirement",
    [
        "a-room-is-a-livechat-room",
        "a-returned-room-is-open",
        "a-room-has-an-id",
        "room-times-are-iso-8601",
        "a-room-is-the-asking-visitors",
        "a-last-message-is-the-rooms-own",
    ],
)
def test_without_a_room_nothing_is_said_of_it(requirement: str) -> None:
    assert outcome(requirement, answered({"room": "R1"})) == ""
    assert outcome(requirement, answered({"room": {"t": "x"}}, 400)) == ""


@pytest.mark.parametrize(
    ("message", "signature"),
    [
        ({"rid": "R1", "token": ANNA}, ""),
        ({"_id": "m"}, ""),
        ({"rid": "R2"}, "rid"),
        ({"rid": None}, "rid"),
        ({"token": BERT}, "token"),
        ({"rid": "R1", "token": None}, "token"),
        ({"token": ANNA, "u": {"_id": f"v{ANNA}"}}, ""),
        ({"token": ANNA, "u": {"_id": None}}, ""),
        ({"token": ANNA, "u": {"_id": "somebody"}}, "author"),
        ({"u": {"_id": "an agent"}}, ""),
        ({"token": ANNA, "u": "somebody"}, ""),
    ],
)
def test_a_last_message_is_the_rooms_own(message: dict[str, Any], signature: str) -> None:
    exchange = changed(lastMessage=message)

    assert outcome("a-last-message-is-the-rooms-own", exchange) == ("broken" if signature else "kept")
    if signature:
        assert finding_of("a-last-message-is-the-rooms-own", exchange).signature == signature


@pytest.mark.parametrize("message", [None, "x", []])
def test_no_last_message_is_nobodys(message: object) -> None:
    assert outcome("a-last-message-is-the-rooms-own", changed(lastMessage=message)) == ""
