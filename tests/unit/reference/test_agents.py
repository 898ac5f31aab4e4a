from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import API, Workspace

Make = Callable[..., Workspace]


def test_a_login_gives_credentials(workspace: Make) -> None:
    server = workspace(password="secret")

    answer = server.post(API + "login", {"user": "admin", "password": "secret"}).json

    assert (answer["status"], answer["data"]["me"]["username"]) == ("success", "admin")


def test_a_login_form_is_read_like_json(workspace: Make) -> None:
    server = workspace(password="secret")
    form = {"content-type": "application/x-www-form-urlencoded"}

    assert server.request("POST", API + "login", b"user=admin&password=secret", form).status == 200


def test_a_digest_is_as_good_as_the_password(workspace: Make) -> None:
    server = workspace(password="secret")
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

    body = {"username": "admin", "password": {"digest": digest, "algorithm": "sha-256"}}

    assert server.post(API + "login", body).status == 200


@pytest.mark.parametrize(
    "body", [{}, {"user": "admin"}, {"user": "admin", "password": "x"}, {"user": "agent", "password": ""}]
)
def test_a_wrong_login_is_unauthorized(workspace: Make, body: dict[str, str]) -> None:
    answer = workspace().post(API + "login", body)

    told = {"status": "error", "error": "Unauthorized", "message": "Unauthorized"}
    assert (answer.status, answer.json) == (401, {"success": False, **told})


def test_protected_routes_ask_for_a_login(workspace: Make) -> None:
    answer = workspace().get(API + "livechat/users/agent")

    text = "You must be logged in to do this."
    assert answer.status == 401
    assert answer.json == {"success": False, "error": text, "status": "error", "message": text}


def test_wrong_credentials_do_not_matter_on_the_room_route(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    headers = {"X-Auth-Token": "wrong", "X-User-Id": "wrong"}

    assert server.get(API + "livechat/room", headers, token="t").status == 200


def test_an_unknown_agent_id_is_ignored(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    assert server.room(token="t", agentId="nobody").json["room"]["servedBy"]["username"] == "agent"


def test_an_online_agent_asked_for_serves(workspace: Make) -> None:
    server = workspace()
    admin = server.login()
    server.post(API + "users.setStatus", {"status": "online", "message": ""}, admin)
    user = server.post(API + "livechat/users/agent", {"username": "admin"}, admin).json["user"]
    server.register("t")

    assert server.room(token="t", agentId=user["_id"]).json["room"]["servedBy"]["_id"] == user["_id"]


def test_a_user_who_is_no_agent_does_not_serve(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    admin = server.login()["X-User-Id"]

    assert server.room(token="t", agentId=admin).json["room"]["servedBy"]["username"] == "agent"


def test_naming_any_user_skips_the_question_who_is_online(workspace: Make) -> None:
    server = workspace(agent_online=False)
    server.register("t")
    admin = server.login()["X-User-Id"]

    room = server.room(token="t", agentId=admin).json["room"]

    assert "servedBy" not in room


def test_an_agent_id_does_not_change_an_open_room(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    room = server.room(token="t").json["room"]

    assert server.room(token="t", agentId="nobody").json == {"room": room, "newRoom": False, "success": True}


def test_an_agent_comes_and_goes(workspace: Make) -> None:
    server = workspace()
    admin = server.login()

    added = server.post(API + "livechat/users/agent", {"username": "admin"}, admin).json["user"]
    listed = server.get(API + "livechat/users/agent", admin).json["users"]
    gone = server.request("DELETE", f"{API}livechat/users/agent/{added['_id']}", headers=admin)

    assert added["statusLivechat"] == "not-available"
    assert {user["username"] for user in listed} == {"admin", "agent"}
    assert gone.json == {"success": True}


def test_an_agent_status_toggles(workspace: Make) -> None:
    server = workspace()
    admin = server.login()
    agent = server.app.store.user_named("agent")["_id"]

    first = server.post(API + "livechat/agent.status", {"agentId": agent}, admin).json
    second = server.post(API + "livechat/agent.status", {"agentId": agent, "status": "available"}, admin).json

    assert (first["status"], second["status"]) == ("not-available", "available")


def test_an_unavailable_agent_is_not_online(workspace: Make) -> None:
    server = workspace()
    agent = server.app.store.user_named("agent")["_id"]
    server.post(API + "livechat/agent.status", {"agentId": agent, "status": "not-available"}, server.login())
    server.register("t")

    assert server.room(token="t").json["errorType"] == "no-agent-online"


def test_a_stranger_is_no_agent(workspace: Make) -> None:
    answer = workspace()
    reply = answer.post(API + "livechat/agent.status", {"agentId": "nobody"}, answer.login())

    assert (reply.status, reply.json) == (404, {"success": False, "error": "Agent not found"})


def test_chats_go_round(workspace: Make) -> None:
    server = workspace()
    admin = server.login()
    server.post(API + "users.setStatus", {"status": "online"}, admin)
    server.post(API + "livechat/users/agent", {"username": "admin"}, admin)

    for token in ("a", "b"):
        server.register(token)
    served = {server.room(token=token).json["room"]["servedBy"]["username"] for token in ("a", "b")}

    assert served == {"admin", "agent"}
