from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.editions import REFERENCE_EDITIONS, make_app
from rocketchat_contract.reference.settings import Settings

from .conftest import API, Workspace

Make = Callable[..., Workspace]


def raced(server: Workspace, calls: int) -> list[dict[str, Any]]:
    """Answer so many simultaneous calls for one fresh visitor."""
    server.register("t")

    async def race() -> list[Any]:
        return await asyncio.gather(*(server.send("GET", f"{API}livechat/room?token=t") for _ in range(calls)))

    return [answer.json for answer in asyncio.run(race())]


def test_racing_calls_share_one_room_in_the_newest_line(workspace: Make) -> None:
    answers = raced(workspace(), 8)

    assert len({answer["room"]["_id"] for answer in answers}) == 1
    assert Counter(answer["newRoom"] for answer in answers) == {True: 1, False: 7}


def test_the_store_decides_the_race(workspace: Make) -> None:
    server = workspace()
    lost = []
    look_again = server.app.behaviour.lose_race
    server.app.behaviour.lose_race = lambda *args: lost.append(args) or look_again(*args)

    raced(server, 8)

    assert len(lost) == 7


def test_racing_calls_make_several_rooms_in_the_line_of_7_10(workspace: Make) -> None:
    answers = raced(workspace(edition="7.10"), 2)

    assert len({answer["room"]["_id"] for answer in answers}) == 2
    assert [answer["newRoom"] for answer in answers] == [True, True]


def test_after_a_race_the_line_of_7_10_returns_one_of_the_rooms(workspace: Make) -> None:
    server = workspace(edition="7.10")
    made = {answer["room"]["_id"] for answer in raced(server, 3)}

    repeats = [server.room(token="t").json for _ in range(3)]

    assert {answer["newRoom"] for answer in repeats} == {False}
    assert {answer["room"]["_id"] for answer in repeats} < made


def test_one_call_after_another_is_right_in_the_line_of_7_10(workspace: Make) -> None:
    server = workspace(edition="7.10")
    server.register("t")

    first, second = (server.room(token="t").json for _ in range(2))

    assert first["room"]["_id"] == second["room"]["_id"]
    assert "_enforceSingleRoom" not in first["room"]


def test_each_call_makes_a_room_in_the_line_of_3_7(workspace: Make) -> None:
    server = workspace(edition="3.7")
    server.register("t")

    answers = [server.room(token="t").json for _ in range(3)]

    assert len({answer["room"]["_id"] for answer in answers}) == 3
    assert {answer["newRoom"] for answer in answers} == {True}


def test_an_unknown_id_becomes_the_rooms_id_in_the_line_of_3_7(workspace: Make) -> None:
    server = workspace(edition="3.7")
    server.register("t")

    answer = server.room(token="t", rid="mine").json

    assert (answer["room"]["_id"], answer["newRoom"]) == ("mine", True)
    assert server.room(token="t", rid="mine").json["newRoom"] is False


def test_a_closed_id_makes_another_room_in_the_line_of_3_7(workspace: Make) -> None:
    server = workspace(edition="3.7")
    server.register("t")
    server.room(token="t", rid="mine")
    server.close_room("t", "mine")

    answer = server.room(token="t", rid="mine").json

    assert answer["newRoom"] is True
    assert answer["room"]["_id"] != "mine"


def test_refusals_of_the_line_of_3_7_are_exceptions(workspace: Make) -> None:
    server = workspace(edition="3.7")
    server.register("mine")
    server.register("theirs")
    server.room(token="theirs", rid="r")

    assert server.room(token="mine", rid="r").json == {
        "isClientSafe": True,
        "error": "cannot-access-room",
        "message": "[cannot-access-room]",
        "errorType": "Meteor.Error",
        "success": False,
    }


def test_a_mismatch_of_the_line_of_3_7_has_no_error_member(workspace: Make) -> None:
    body = workspace(edition="3.7").room().json

    assert (body["message"], body["errorType"]) == ("Match error: Missing key 'token'", "Match.Error")
    assert "error" not in body


def test_rooms_of_the_line_of_3_7_lack_what_came_later(workspace: Make) -> None:
    server = workspace(edition="3.7")
    server.register("t")

    room = server.room(token="t").json["room"]

    assert not {"source", "queuedAt", "contactId", "verified", "_enforceSingleRoom"} & set(room)
    assert len(room["v"]["_id"]) == 17


@pytest.mark.parametrize("edition", REFERENCE_EDITIONS)
def test_each_edition_tells_its_version(workspace: Make, edition: str) -> None:
    version = {"newest": "8.8", "7.2-rest": "7.2", "3.4": "3.4.0"}.get(edition, edition)

    assert workspace(edition=edition).get("/api/info").json["version"] == version


def test_an_unknown_edition_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"newest, 7\.10, 3\.7"):
        make_app(Settings(edition="9.9"))


def test_an_unknown_deviation_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no wrong server 'nowhere:at_all'"):
        make_app(Settings(wrong="nowhere:at_all"))


def test_a_visitor_erased_during_the_race_gets_no_room(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    async def race() -> list[Any]:
        erase = server.send("DELETE", f"{API}livechat/visitor/t")
        return list(await asyncio.gather(server.send("GET", f"{API}livechat/room?token=t"), erase))

    created, erased = asyncio.run(race())

    assert erased.status == 200
    assert created.json == {"success": False, "error": "invalid-token"}
    assert server.app.store.rooms() == []
