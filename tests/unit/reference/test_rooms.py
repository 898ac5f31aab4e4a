"""The decision table of ``GET livechat/room``, row by row, and the room that comes back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from .conftest import API, Workspace

Make = Callable[..., Workspace]


def test_the_first_call_creates(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    answer = server.room(token="t")

    assert (answer.status, answer.json["newRoom"], answer.json["success"]) == (200, True, True)


def test_members_come_in_rocket_chats_order(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    assert list(server.room(token="t").json) == ["room", "newRoom", "success"]


def test_the_second_call_returns_the_same_room(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    first = server.room(token="t").json["room"]

    second = server.room(token="t").json

    assert (second["room"], second["newRoom"]) == (first, False)


def test_a_room_is_found_by_its_id(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    rid = server.room(token="t").json["room"]["_id"]

    answer = server.room(token="t", rid=rid).json

    assert (answer["room"]["_id"], answer["newRoom"]) == (rid, False)


@pytest.mark.parametrize("query", ["token=t&rid=", "token=t&rid", "token=t&agentId="])
def test_empty_parameters_count_as_absent(workspace: Make, query: str) -> None:
    server = workspace()
    server.register("t")

    assert server.raw_room(query).json["newRoom"] is True


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("", "Match error: Missing key 'token'"),
        ("rid=x", "Match error: Missing key 'token'"),
        ("token=", "invalid-token"),
        ("token", "invalid-token"),
        ("token=nobody", "invalid-token"),
        ("token=+t", "invalid-token"),
        ("token=t&token=t", "Match error: Expected string, got object in field token"),
        ("token[]=t", "Match error: Expected string, got object in field token"),
        ("token[$ne]=x", "Match error: Expected string, got object in field token"),
        ("token=t&foo=bar", "Match error: Unknown key in field foo"),
        ("token=t&a%20b=1", 'Match error: Unknown key in field ["a b"]'),
        ("token=t&0=1", "Match error: Unknown key in field [0]"),
        ("token=t&sla=x", "Match error: Unknown key in field sla"),
        ("token=t&rid=unknown", "invalid-room"),
        ("&".join(["token=t"] * 501), "Invalid query parameters"),
    ],
)
def test_refusals_are_told_literally(workspace: Make, query: str, error: str) -> None:
    server = workspace()
    server.register("t")

    answer = server.raw_room(query)

    assert (answer.status, answer.json) == (400, {"success": False, "error": error})


@pytest.mark.parametrize("name", ["rid", "agentId"])
@pytest.mark.parametrize("form", ["{}[]=x", "{}[$ne]=x", "{}=x&{}=y"])
def test_optional_parameters_are_strings(workspace: Make, name: str, form: str) -> None:
    server = workspace()
    server.register("t")

    error = server.raw_room("token=t&" + form.replace("{}", name)).json["error"]

    assert error == f"Match error: Expected string, got object in field {name}"


def test_foreign_rooms_look_like_unknown_ones(workspace: Make) -> None:
    server = workspace()
    server.register("mine")
    server.register("yours")
    rid = server.room(token="yours").json["room"]["_id"]

    assert server.room(token="mine", rid=rid).json == {"success": False, "error": "invalid-room"}


def test_closed_rooms_look_like_unknown_ones(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    rid = server.room(token="t").json["room"]["_id"]
    server.close_room("t", rid)

    assert server.room(token="t", rid=rid).json == {"success": False, "error": "invalid-room"}


def test_after_a_close_the_next_room_is_new(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    closed = server.room(token="t").json["room"]["_id"]
    server.close_room("t", closed)

    answer = server.room(token="t").json

    assert answer["newRoom"] is True
    assert answer["room"]["_id"] != closed


def test_refused_calls_create_nothing(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    for query in ("token=t&rid=x", "token=t&foo=1", "token=t&token=t", "token[]=t", "token=t&rid[]=x"):
        server.raw_room(query)

    assert server.app.store.rooms() == []


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        (
            {"livechat_enabled": False},
            {"error": "[error-omnichannel-is-disabled]", "errorType": "error-omnichannel-is-disabled"},
        ),
        ({"contact_blocked": True}, {"error": "error-contact-channel-blocked"}),
        (
            {"agent_online": False},
            {"error": "Sorry, no online agents [no-agent-online]", "errorType": "no-agent-online"},
        ),
    ],
)
def test_settings_refuse_creation(workspace: Make, settings: dict[str, bool], body: dict[str, str]) -> None:
    server = workspace(**settings)
    server.register("t")

    answer = server.room(token="t")

    assert (answer.status, answer.json) == (400, {"success": False, **body})


def test_an_unknown_sla_is_refused_by_the_paid_edition(workspace: Make) -> None:
    server = workspace(premium=True)
    server.register("t")

    assert server.room(token="t", sla="gold").json == {
        "success": False,
        "error": "Invalid sla [error-invalid-sla]",
        "errorType": "error-invalid-sla",
        "details": {"function": "livechat.beforeRoom"},
    }
    assert server.room(token="t", priority="high").status == 200


def test_settings_do_not_hide_an_open_room(workspace: Make, tmp_path: object) -> None:
    store = f"{tmp_path}/rooms.db"
    before = workspace(store=store)
    before.register("t")
    rid = before.room(token="t").json["room"]["_id"]

    after = workspace(store=store, livechat_enabled=False)

    assert after.room(token="t").json["room"]["_id"] == rid
    assert after.room(token="t", rid=rid).status == 200


def test_without_agents_an_accepting_workspace_creates_an_unserved_room(workspace: Make) -> None:
    server = workspace(agent_online=False, accept_without_agents=True)
    server.register("t")

    room = server.room(token="t").json["room"]

    assert "servedBy" not in room
    assert room["usersCount"] == 1


def test_a_fresh_room_has_the_fields_of_the_line(workspace: Make) -> None:
    server = workspace()
    visitor = server.register("t", name="Mary")

    room = server.room(token="t").json["room"]

    stamps = {name: room.pop(name) for name in ("ts", "lm", "queuedAt", "_updatedAt")}
    assert len(set(stamps.values())) == 1
    assert len(room.pop("_id")) == 17
    assert len(room.pop("contactId")) == 24
    served_by = room.pop("servedBy")
    assert (served_by["username"], len(served_by["_id"])) == ("agent", 17)
    assert room == {
        "msgs": 0,
        "usersCount": 2,
        "fname": "Mary",
        "t": "l",
        "v": {"_id": visitor["_id"], "username": "guest-1", "token": "t", "status": "online"},
        "cl": False,
        "open": True,
        "waitingResponse": True,
        "source": {"type": "api"},
        "priorityWeight": 99,
        "estimatedWaitingTimeQueue": 9999999,
        "verified": False,
        "_enforceSingleRoom": True,
    }


def test_widget_cookies_make_the_source_a_widget(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    headers = {"Cookie": "rc_room_type=l; rc_is_widget=t", "Host": "chat.example.com"}

    room = server.get(API + "livechat/room", headers, token="t").json["room"]

    assert room["source"] == {"type": "widget", "destination": "chat.example.com"}


@pytest.mark.parametrize("cookie", ["rc_room_type=l", "rc_is_widget=t", "rc_room_type=c; rc_is_widget=t", ""])
def test_one_widget_cookie_is_not_enough(workspace: Make, cookie: str) -> None:
    server = workspace()
    server.register("t")

    room = server.get(API + "livechat/room", {"Cookie": cookie}, token="t").json["room"]

    assert room["source"] == {"type": "api"}


def test_a_department_is_carried_into_the_room(workspace: Make) -> None:
    server = workspace()
    visitor = server.register("t", department="Support")

    assert server.room(token="t").json["room"]["departmentId"] == visitor["department"]


@pytest.mark.parametrize("token", ["ünï", "a b", "a+b", "a%b", "☃" * 50, "\0", "x" * 9000, '"\\', "𝄞"])
def test_any_text_is_a_token(workspace: Make, token: str) -> None:
    server = workspace()
    server.register(token)

    assert server.room(token=token).json["room"]["v"]["token"] == token


def test_half_a_character_does_not_break_the_server(workspace: Make) -> None:
    server = workspace()
    body = json.dumps({"visitor": {"token": "a\ud800b"}}).encode()

    answer = server.request("POST", API + "livechat/visitor", body, {"content-type": "application/json"})

    assert answer.json["visitor"]["token"] == "a�b"


@pytest.mark.parametrize("token", ["T", "t ", " t", "tt", "", "t\0", "%74"])
def test_tokens_are_matched_exactly(workspace: Make, token: str) -> None:
    server = workspace()
    server.register("t")

    assert server.room(token=token).json["error"] == "invalid-token"


def test_rooms_carry_no_last_message_where_none_is_stored(workspace: Make) -> None:
    server = workspace(store_last_message=False)
    server.register("anna")
    rid = server.room(token="anna").json["room"]["_id"]
    server.say("anna", rid, "hello")

    room = server.room(token="anna").json["room"]

    assert "lastMessage" not in room
    assert room["msgs"] == 1


def test_a_hidden_agent_is_refused_after_the_room_was_made(workspace: Make) -> None:
    server = workspace(show_agent_info=False)
    server.register("anna")

    refused = server.room(token="anna", agentId="anybody")
    later = server.room(token="anna")

    assert refused.json == {"success": False, "error": "Match error: Missing key 'username'"}
    assert later.json["newRoom"] is False
    assert "servedBy" not in later.json["room"]


def test_nobody_serves_a_new_room_where_agents_pick(workspace: Make) -> None:
    server = workspace(manual_selection=True)
    server.register("anna")

    room = server.room(token="anna").json["room"]

    assert "servedBy" not in room
    assert room["usersCount"] == 1
