"""What Rocket.Chat's own end-to-end tests ask of these endpoints, asked of the reference server on a socket.

The cases are those of ``apps/meteor/tests/end-to-end/api/livechat/00-rooms.ts`` and ``contacts.ts``, retold.
"""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from rocketchat_contract.reference.server import RunningServer, start_server
from rocketchat_contract.reference.settings import Settings

Body = dict[str, Any]


class Upstream:
    """The helpers that those tests use."""

    def __init__(self, server: RunningServer) -> None:
        self.base = f"{server.url}/api/v1/"
        login = self.send("login", {"user": "admin", "password": server.password})[1]["data"]
        self.admin = {"X-Auth-Token": login["authToken"], "X-User-Id": login["userId"]}

    def send(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> tuple[int, Body, str]:
        data = None if body is None else json.dumps(body).encode()
        fields = {**({"Content-Type": "application/json"} if data else {}), **(headers or {})}
        request = urllib.request.Request(self.base + path, data, fields)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer), answer.headers["Content-Type"]
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, json.load(answer), answer.headers["Content-Type"]

    def room(self, headers: dict[str, str] | None = None, **query: str) -> tuple[int, Body, str]:
        return self.send(f"livechat/room?{urlencode(query)}", headers=self.admin | (headers or {}))

    def create_visitor(self) -> str:
        token = secrets.token_hex(8)
        assert self.send(f"livechat/visitor/{token}")[0] == 400
        contact = {"name": f"Visitor {token}", "email": f"{token}@rocket.chat", "phone": token}
        field = {"key": "address", "value": "Rocket.Chat street", "overwrite": True}
        visitor = {**contact, "token": token, "customFields": [field]}
        return str(self.send("livechat/visitor", {"visitor": visitor})[1]["visitor"]["token"])


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with start_server() as server:
        yield Upstream(server)


def test_no_token_fails(upstream: Upstream) -> None:
    assert upstream.room()[0] == 400


def test_an_unknown_token_fails(upstream: Upstream) -> None:
    assert upstream.room(token="invalid-token")[0] == 400


def test_an_unknown_room_fails(upstream: Upstream) -> None:
    token = upstream.create_visitor()

    assert upstream.room(token=token, rid="invalid-rid")[0] == 400


def test_a_room_is_created(upstream: Upstream) -> None:
    token = upstream.create_visitor()

    status, body, media_type = upstream.room(token=token)

    assert (status, media_type, body["success"]) == (200, "application/json", True)
    assert (body["room"]["v"]["token"], body["room"]["source"]["type"]) == (token, "api")


def test_an_existing_room_is_returned(upstream: Upstream) -> None:
    token = upstream.create_visitor()

    first, second = (upstream.room(token=token)[1] for _ in range(2))

    assert (second["room"]["_id"], second["newRoom"]) == (first["room"]["_id"], False)


def test_a_room_is_returned_by_its_id(upstream: Upstream) -> None:
    token = upstream.create_visitor()
    rid = upstream.room(token=token)[1]["room"]["_id"]

    body = upstream.room(token=token, rid=rid)[1]

    assert (body["success"], body["room"]["v"]["token"], body["newRoom"]) == (True, token, False)


def test_a_widget_is_known_by_its_cookies(upstream: Upstream) -> None:
    token = upstream.create_visitor()

    body = upstream.room({"Cookie": "rc_room_type=l; rc_is_widget=t"}, token=token)[1]

    assert body["room"]["source"]["type"] == "widget"


def test_a_blocked_contact_gets_no_room() -> None:
    with start_server(Settings(contact_blocked=True)) as server:
        upstream = Upstream(server)
        status, body, _ = upstream.room(token=upstream.create_visitor())

    assert (status, body) == (400, {"success": False, "error": "error-contact-channel-blocked"})


def test_a_room_is_closed_once(upstream: Upstream) -> None:
    token = upstream.create_visitor()
    rid = upstream.room(token=token)[1]["room"]["_id"]

    first, second = (upstream.send("livechat/room.close", {"rid": rid, "token": token}) for _ in range(2))

    assert (first[0], first[1]["rid"], "comment" in first[1]) == (200, rid, True)
    assert (second[0], second[1]["error"], second[2]) == (400, "room-closed", "application/json")


@pytest.mark.parametrize(("known", "error"), [(False, "invalid-token"), (True, "invalid-room")])
def test_what_is_not_ones_own_is_not_closed(upstream: Upstream, known: bool, error: str) -> None:
    token = upstream.create_visitor() if known else "invalid-token"

    status, body, _ = upstream.send("livechat/room.close", {"rid": "invalid-rid", "token": token})

    assert (status, body["error"]) == (400, error)
