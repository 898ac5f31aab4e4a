"""The PyPI client ``rocketchat_API`` works with the reference server as published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from rocketchat_contract.reference.server import RunningServer
from support.needs import missing


@pytest.fixture
def client(server: RunningServer) -> Iterator[Any]:
    try:
        from rocketchat_API.rocketchat import RocketChat  # noqa: PLC0415 - an extra of the tests
    except ImportError:
        missing("The package rocketchat_API is not installed.")
    with requests.Session() as session:
        yield RocketChat("admin", server.password, server_url=server.url, session=session)


def test_an_administrator_logs_in(client: Any) -> None:
    assert client.me()["username"] == "admin"
    assert client.info()["info"]["version"] == "8.8.0"


def test_a_room_is_created_and_found_again(client: Any) -> None:
    visitor = client.livechat_register_visitor("t", visitor={"name": "Mary"})["visitor"]

    first, again = (client.livechat_room("t") for _ in range(2))

    assert client.livechat_get_visitor("t")["visitor"] == visitor
    assert (first["newRoom"], again["newRoom"]) == (True, False)
    assert first["room"] == again["room"]


def test_messages_come_back(client: Any) -> None:
    client.livechat_register_visitor("t")
    rid = client.livechat_room("t")["room"]["_id"]

    client.livechat_message("t", rid, "hello")
    messages = client.livechat_messages_history(rid, "t")

    assert [message["msg"] for message in messages] == ["hello"]


def test_an_unknown_token_is_an_exception(client: Any) -> None:
    with pytest.raises(Exception, match="invalid-token"):
        client.livechat_room("nobody")


def test_agents_come_and_go(client: Any) -> None:
    added = client.livechat_create_user("agent", username="admin")["user"]

    names = {user["username"] for user in client.livechat_get_users("agent")}
    found = client.livechat_get_user("agent", added["_id"])["user"]
    client.livechat_delete_user("agent", added["_id"])

    assert names == {"admin", "agent"}
    assert found["username"] == "admin"
