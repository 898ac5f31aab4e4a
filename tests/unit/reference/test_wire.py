"""Header fields, methods and paths, called in process."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from .conftest import API, Workspace

Make = Callable[..., Workspace]
ROOM = API + "livechat/room"


@pytest.mark.parametrize("query", ["", "token=nobody", "token=t"])
def test_answers_are_json_that_nobody_stores(workspace: Make, query: str) -> None:
    server = workspace()
    server.register("t")

    answer = server.raw_room(query)

    assert answer.header("content-type") == "application/json"
    assert (answer.header("cache-control"), answer.header("pragma")) == ("no-store", "no-cache")


def test_an_unreadable_query_is_answered_before_the_cache_headers(workspace: Make) -> None:
    answer = workspace().raw_room("&".join(["token=t"] * 501))

    assert (answer.header("content-type"), answer.header("cache-control")) == ("application/json", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
def test_other_methods_are_not_found(workspace: Make, method: str) -> None:
    answer = workspace().request(method, ROOM)

    assert (answer.status, answer.body, answer.header("allow")) == (404, b"404 Not Found", "")
    assert answer.header("content-type") == "text/plain; charset=UTF-8"


@pytest.mark.parametrize(
    "path", [f"{ROOM}/", "/api/v1/livechat/Room", "/api/v1/livechat", "/", "/api/v1/livechat/visitor/"]
)
def test_other_paths_are_not_found(workspace: Make, path: str) -> None:
    assert workspace().get(path).status == 404


def test_options_is_ok(workspace: Make) -> None:
    answer = workspace().request("OPTIONS", ROOM)

    assert (answer.status, answer.body) == (200, b"OK")


def test_a_preflight_is_turned_down(workspace: Make) -> None:
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "GET"}

    answer = workspace().request("OPTIONS", ROOM, headers=headers)

    assert (answer.status, b"CORS" in answer.body) == (405, True)


def test_head_creates_a_room_and_keeps_its_body(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    answer = server.request("HEAD", f"{ROOM}?token=t")

    assert (answer.status, answer.body) == (200, b"")
    assert server.room(token="t").json["newRoom"] is False


def test_a_body_on_get_is_ignored(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    headers = {"Content-Type": "application/json", "Content-Length": "0"}

    assert server.request("GET", f"{ROOM}?token=t", b'{"rid":"x"}', headers).status == 200


def test_more_than_16_kib_of_header_are_too_large(workspace: Make) -> None:
    assert workspace().room(token="x" * 16400).status == 431


def test_text_goes_out_unescaped(workspace: Make) -> None:
    server = workspace()
    server.register("é☃")

    assert "é☃".encode() in server.room(token="é☃").body


def test_a_workspace_lives_under_a_sub_path(workspace: Make) -> None:
    server = workspace(prefix="/chat")

    assert server.get("/chat/api/info").status == 200
    assert server.get("/api/info").status == 404


def test_chunked_answers_have_no_length(workspace: Make) -> None:
    answer = workspace(chunked=True).room(token="nobody")

    assert answer.header("content-length") == ""
    assert answer.json["error"] == "invalid-token"


def test_connections_are_closed_on_request(workspace: Make) -> None:
    assert workspace(close_connections=True).room().header("connection") == "close"


def test_answers_are_held_back_on_request(workspace: Make) -> None:
    server = workspace(latency=0.02)

    before = time.perf_counter()
    server.room()

    assert time.perf_counter() - before >= 0.02
