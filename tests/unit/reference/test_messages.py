from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import API, Workspace

Make = Callable[..., Workspace]


def opened(server: Workspace, token: str = "t") -> str:
    server.register(token)
    rid: str = server.room(token=token).json["room"]["_id"]
    return rid


def test_a_message_shows_in_its_room(workspace: Make) -> None:
    server = workspace()
    rid = opened(server)

    message = server.say("t", rid, "hello").json["message"]
    room = server.room(token="t").json["room"]

    assert (room["lastMessage"], room["msgs"], room["lm"]) == (message, 1, message["ts"])
    assert room["v"]["lastMessageTs"] == message["ts"]
    assert room["v"]["activity"] == [message["ts"][:7]]
    assert room["metrics"] == {"v": {"lq": message["ts"]}}


def test_an_agents_answer_shows_response_times(workspace: Make) -> None:
    server = workspace(agent_answers=True)
    rid = opened(server)
    server.say("t", rid, "hello")
    server.say("t", rid, "anyone?")

    room = server.room(token="t").json["room"]

    response, reaction = room["metrics"]["response"], room["metrics"]["reaction"]
    assert response["total"] == 2
    assert {type(response[name]) for name in ("avg", "ft", "tt")} == {float}
    assert set(reaction) == {"fd", "ft", "tt"}
    assert room["responseBy"]["username"] == "agent"
    assert "waitingResponse" not in room


def test_links_and_mentions_are_objects_in_the_markup(workspace: Make) -> None:
    server = workspace()
    rid = opened(server)

    message = server.say("t", rid, "see https://example.com @agent\nbye").json["message"]

    first, second = message["md"]
    assert [part["type"] for part in first["value"]] == ["PLAIN_TEXT", "LINK", "PLAIN_TEXT", "MENTION_USER"]
    assert second["value"] == [{"type": "PLAIN_TEXT", "value": "bye"}]
    assert message["urls"] == [{"url": "https://example.com"}]
    assert [user["username"] for user in message["mentions"]] == ["agent"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"token": "nobody"}, "invalid-token"),
        ({"rid": "unknown"}, "invalid-room"),
        ({"msg": 1}, "must be string [invalid-params]"),
        ({"x": 1}, "must NOT have additional properties [invalid-params]"),
    ],
)
def test_wrong_messages_are_refused(workspace: Make, change: dict[str, object], error: str) -> None:
    server = workspace()
    body = {"token": "t", "rid": opened(server), "msg": "hello", **change}

    assert server.post(API + "livechat/message", body).json["error"] == error


def test_another_visitors_room_takes_no_message(workspace: Make) -> None:
    server = workspace()
    rid = opened(server, "theirs")
    server.register("mine")

    assert server.say("mine", rid, "hello").json["error"] == "invalid-room"


def test_a_closed_room_takes_no_message(workspace: Make) -> None:
    server = workspace()
    rid = opened(server)
    server.close_room("t", rid)

    assert server.say("t", rid, "hello").json["error"] == "room-closed"


def test_a_message_id_is_taken_once(workspace: Make) -> None:
    server = workspace()
    body = {"token": "t", "rid": opened(server), "msg": "hello", "_id": "m1"}

    answers = [server.post(API + "livechat/message", body) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 400]
    assert answers[1].json == {"success": False}
    assert server.room(token="t").json["room"]["msgs"] == 1


def test_a_message_beyond_the_limit_is_refused(workspace: Make) -> None:
    server = workspace(message_limit=3)
    rid = opened(server)

    assert server.say("t", rid, "1234").json["error"] == "message-length-exceeds-character-limit"


def test_history_is_newest_first(workspace: Make) -> None:
    server = workspace()
    rid = opened(server)
    for text in ("one", "two", "three"):
        server.say("t", rid, text)

    messages = server.get(f"{API}livechat/messages.history/{rid}", token="t", limit="2").json["messages"]

    assert [message["msg"] for message in messages] == ["three", "two"]


def test_history_is_the_visitors_own(workspace: Make) -> None:
    server = workspace()
    rid = opened(server, "theirs")
    server.register("mine")

    answer = server.get(f"{API}livechat/messages.history/{rid}", token="mine")

    assert answer.json == {"success": False, "error": "invalid-room"}


def test_a_close_says_who_closed(workspace: Make) -> None:
    server = workspace()
    rid = opened(server)

    answer = server.close_room("t", rid)

    assert answer.json == {"rid": rid, "comment": "Closed by visitor", "success": True}
    room = server.app.store.room(rid)
    assert (room["closer"], room["closedBy"]["username"], "open" in room) == ("visitor", "guest-1", False)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"rid": "x"}, "must have required property 'token' [invalid-params]"),
        ({"token": "t", "rid": "x", "y": 1}, "must NOT have additional properties [invalid-params]"),
        ({"token": "nobody", "rid": "x"}, "invalid-token"),
        ({"token": "t", "rid": "x"}, "invalid-room"),
    ],
)
def test_wrong_closes_are_refused(workspace: Make, body: dict[str, object], error: str) -> None:
    server = workspace()
    server.register("t")

    answer = server.post(API + "livechat/room.close", body)

    assert (answer.status, answer.json["error"]) == (400, error)


def test_a_second_close_is_refused(workspace: Make) -> None:
    server = workspace()
    rid = opened(server)
    server.close_room("t", rid)

    assert server.close_room("t", rid).json == {"success": False, "error": "room-closed"}


def test_closing_is_forbidden_by_a_setting(workspace: Make) -> None:
    server = workspace(visitors_may_close=False)
    rid = opened(server)

    assert server.close_room("t", rid).json["error"] == "error-not-allowed-to-close-conversation"
