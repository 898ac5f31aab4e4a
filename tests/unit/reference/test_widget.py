from __future__ import annotations

from collections.abc import Callable

from .conftest import API, Workspace

Make = Callable[..., Workspace]
CONFIG = API + "livechat/config"


def test_the_config_describes_the_workspace(workspace: Make) -> None:
    config = workspace().get(CONFIG).json["config"]

    assert (config["enabled"], config["online"]) == (True, True)
    assert {"settings", "theme", "messages", "survey", "triggers", "departments", "resources"} <= set(config)
    assert [department["name"] for department in config["departments"]] == ["Support"]


def test_a_disabled_livechat_says_only_that(workspace: Make) -> None:
    answer = workspace(livechat_enabled=False).get(CONFIG)

    assert answer.json == {"config": {"enabled": False}, "success": True}


def test_without_agents_the_widget_is_offline(workspace: Make) -> None:
    assert workspace(agent_online=False).get(CONFIG).json["config"]["online"] is False


def test_a_known_visitor_finds_room_and_agent_in_the_config(workspace: Make) -> None:
    server = workspace()
    visitor = server.register("t")
    room = server.room(token="t").json["room"]

    config = server.get(CONFIG, token="t").json["config"]

    assert config["guest"] == visitor
    assert config["room"] == {name: room[name] for name in ("_id", "servedBy", "open")}
    assert config["agent"]["username"] == "agent"


def test_an_unknown_token_is_no_error_for_the_config(workspace: Make) -> None:
    config = workspace().get(CONFIG, token="nobody").json["config"]

    assert "guest" not in config


def test_a_visitor_learns_who_serves(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    rid = server.room(token="t").json["room"]["_id"]

    agent = server.get(f"{API}livechat/agent.info/{rid}/t").json["agent"]

    assert (agent["username"], agent["status"]) == ("agent", "online")


def test_only_the_visitor_learns_who_serves(workspace: Make) -> None:
    server = workspace()
    server.register("mine")
    server.register("theirs")
    rid = server.room(token="theirs").json["room"]["_id"]

    assert server.get(f"{API}livechat/agent.info/{rid}/mine").json["error"] == "invalid-room"


def test_the_next_agent_is_told_before_a_room_is_open(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    assert server.get(f"{API}livechat/agent.next/t").json["agent"]["username"] == "agent"
    server.room(token="t")
    assert server.get(f"{API}livechat/agent.next/t").json["error"] == "room-already-opened"


def test_info_tells_strangers_major_and_minor(workspace: Make) -> None:
    server = workspace()

    assert server.get("/api/info").json["version"] == "8.8"
    assert server.get("/api/info", server.login()).json["info"] == {"version": "8.8.0"}
