"""Each seam of the server takes a fault of a few lines."""

from __future__ import annotations

import asyncio
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rocketchat_contract.reference.app import App, Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, Refusal, ServerCall, ServerReply
from rocketchat_contract.reference.editions import REFERENCE_EDITIONS, parts_of
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.server import serving, start_server
from rocketchat_contract.reference.service import window
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.reference.wire import Wire, http_message

from .conftest import Workspace

Make = Callable[..., Workspace]


class ForgetsTheRoom(Behaviour):
    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None


def forgets_the_room(parts: Parts) -> Parts:
    return parts.behaving(ForgetsTheRoom).unguarded()


@pytest.mark.parametrize("edition", REFERENCE_EDITIONS)
def test_a_behaviour_is_laid_over_any_edition(workspace: Make, edition: str) -> None:
    server = workspace(forgets_the_room, edition=edition)
    server.register("t")

    assert [server.room(token="t").json["newRoom"] for _ in range(2)] == [True, True]


class RefusesWhatItCreated(Behaviour):
    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        await super().create_room(query, visitor)
        raise Refusal("error-failed-to-start-conversation")


def test_a_creation_is_refused_though_it_happened(workspace: Make) -> None:
    server = workspace(lambda parts: parts.behaving(RefusesWhatItCreated))
    server.register("t")

    assert (server.room(token="t").status, server.room(token="t").json["newRoom"]) == (400, False)


class SaysCreated(Wire):
    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        created = call.route == "livechat/room" and reply.status == 200 and reply.document["newRoom"]
        return replace(reply, status=201) if created else reply


class WritesNaN(Wire):
    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:
        return super().encode(call, reply).replace(b'"msgs":0', b'"msgs":NaN')


class SaysHtml(Wire):
    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:
        fields = super().headers(call, reply, payload)
        return [(name, b"text/html" if name == b"content-type" else value) for name, value in fields]


@pytest.mark.parametrize(
    ("wire", "seen"),
    [(SaysCreated, "201 application/json"), (WritesNaN, "NaN"), (SaysHtml, "200 text/html")],
)
def test_a_wire_is_laid_over_the_edition(workspace: Make, wire: type[Wire], seen: str) -> None:
    server = workspace(lambda parts: parts.wired(wire))
    server.register("t")

    answer = server.room(token="t")

    assert seen in f"{answer.status} {answer.header('content-type')} {answer.body.decode()}"


class AbortsEveryThird(Wire):
    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.number % 3 == 0:
            return await call.channel.abort()
        return await super().write(call, status, headers, payload)


class PromisesMore(Wire):
    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        await call.channel.raw(http_message("HTTP/1.1 200 OK", [(b"content-length", b"999")], payload))


@contextmanager
def connected(wire: type[Wire]) -> Iterator[http.client.HTTPConnection]:
    with serving(App(parts_of(Settings()).wired(wire))) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        yield connection
        connection.close()


def test_a_connection_is_reset() -> None:
    with connected(AbortsEveryThird) as connection:
        for _ in range(2):
            connection.request("GET", "/api/info")
            connection.getresponse().read()
        connection.request("GET", "/api/info")

        with pytest.raises(ConnectionError):
            connection.getresponse()


def test_a_body_ends_early() -> None:
    with connected(PromisesMore) as connection:
        connection.request("GET", "/api/info")

        with pytest.raises(http.client.IncompleteRead):
            connection.getresponse().read()


def test_a_reset_without_a_socket_is_an_exception(workspace: Make) -> None:
    server = workspace(lambda parts: parts.wired(AbortsEveryThird))

    with pytest.raises(ConnectionResetError):
        [server.room() for _ in range(3)]


class WideWindow(Behaviour):
    async def between_look_up_and_insertion(self) -> None:
        await window(0.0002)


def width_of_a_window() -> float:
    before = time.perf_counter()
    asyncio.run(window(0.0002))
    return time.perf_counter() - before


def test_a_window_is_as_wide_as_asked() -> None:
    widths = [width_of_a_window() for _ in range(5)]

    assert 0.0002 <= min(widths) < 0.1


def test_the_server_counts_what_is_under_way(workspace: Make) -> None:
    seen = []

    class Watches(Behaviour):
        async def get_room(self, call: ServerCall) -> JsonObject:
            seen.append((self.app.in_flight, call.number))
            return {}

    server = workspace(lambda parts: parts.behaving(Watches))
    server.room()

    assert (seen, server.app.in_flight) == ([(1, 1)], 0)


def test_a_wrong_server_runs_in_its_own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "faulty.py").write_text("def slow(parts): return parts.set(prefix='/wrong')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with start_server(Settings(wrong="faulty:slow")) as server:
        assert server.url.endswith("/wrong")
