"""The server on a socket: start, stop, crash, and what only a socket shows."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rocketchat_contract.errors import SuiteError, UsageError
from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.server import Joined, bind, serving, start_server
from rocketchat_contract.reference.settings import Settings

PATIENCE = 60
"""Seconds; so long only on a machine with much else to do."""


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)


def once(url: str, path: str, body: object = None) -> tuple[int, bytes]:
    with closing(connect(url)) as connection:
        return ask(connection, path, body)


def ask(connection: http.client.HTTPConnection, path: str, body: object = None) -> tuple[int, bytes]:
    method, payload = ("POST", json.dumps(body)) if body is not None else ("GET", None)
    connection.request(method, path, payload, {"Content-Type": "application/json"} if payload else {})
    response = connection.getresponse()
    return response.status, response.read()


def ends(alive: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while alive() and time.monotonic() < end:
        time.sleep(0.01)
    return not alive()


def test_a_started_server_answers_until_it_is_stopped() -> None:
    with start_server() as server:
        connection = connect(server.url)
        assert ask(connection, "/api/info")[0] == 200
        connection.close()

    with pytest.raises(ConnectionRefusedError):
        connect(server.url).connect()


def start_and_stop() -> tuple[float, float]:
    """How long both take, in seconds."""
    before = time.perf_counter()
    server = start_server()
    started = time.perf_counter()
    connection = connect(server.url)
    ask(connection, "/api/info")
    stopping = time.perf_counter()
    server.stop()
    connection.close()
    return started - before, time.perf_counter() - stopping


def test_starting_and_stopping_are_quick() -> None:
    taken = (start_and_stop() for _ in range(10))  # more than once only on a machine with much else to do

    assert any(starting < 5 and stopping < 0.8 for starting, stopping in taken)


def test_a_server_dies_with_its_parent() -> None:
    code = (
        "from rocketchat_contract.reference.server import start_server; print(start_server().url, flush=True); input()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    url = parent.stdout.readline().decode().strip()
    assert once(url, "/api/info")[0] == 200

    parent.kill()
    parent.communicate()

    def alive() -> bool:
        try:
            once(url, "/api/info")
        except OSError:
            return False
        return True

    assert ends(alive)


def test_a_server_whose_parent_is_gone_before_it_listens_ends() -> None:
    command = [sys.executable, "-m", "rocketchat_contract.reference"]

    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)

    assert ended.returncode == 0


def test_rooms_in_a_file_survive_a_crash(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path / "rooms.db"))
    path = "/api/v1/livechat/room?token=t"
    with start_server(settings) as server:
        once(server.url, "/api/v1/livechat/visitor", {"visitor": {"token": "t"}})
        rid = json.loads(once(server.url, path)[1])["room"]["_id"]
        server.crash()

    with start_server(settings) as server:
        again = json.loads(once(server.url, path)[1])

    assert (again["room"]["_id"], again["newRoom"]) == (rid, False)


def test_replicas_that_share_a_file_share_the_room(tmp_path: Path) -> None:
    settings = Settings(store=str(tmp_path / "rooms.db"))
    with start_server(settings) as one, start_server(settings) as other, ThreadPoolExecutor(8) as pool:
        for number in range(10):
            once(one.url, "/api/v1/livechat/visitor", {"visitor": {"token": f"t{number}"}})
            calls = [
                pool.submit(once, url, f"/api/v1/livechat/room?token=t{number}") for url in (one.url, other.url) * 4
            ]
            answers = [json.loads(call.result()[1]) for call in calls]

            assert len({answer["room"]["_id"] for answer in answers}) == 1
            assert [answer["newRoom"] for answer in answers].count(True) == 1


def test_settings_reach_the_process() -> None:
    with start_server(Settings(edition="3.7", prefix="/chat", password="secret")) as server:
        status, body = once(server.url, "/chat/api/info")

    assert (server.url[-5:], server.password, status) == ("/chat", "secret", 200)
    assert json.loads(body)["version"] == "3.7"


def test_a_server_that_does_not_start_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SuiteError, match="ended with 2"):
        start_server(Settings(edition="9.9"))

    assert "no edition '9.9'" in capfd.readouterr().err


def test_a_taken_port_is_a_usage_error() -> None:
    taken = bind("127.0.0.1", 0)
    taken.listen()

    with pytest.raises(UsageError, match="Choose another --port"):
        bind("127.0.0.1", taken.getsockname()[1])
    taken.close()


def test_nothing_is_added_to_the_headers_on_the_way_out() -> None:
    with serving(make_app()) as url:
        connection = connect(url)
        connection.request("GET", "/api/v1/livechat/room")
        response = connection.getresponse()
        response.read()
        connection.close()

    names = [name for name, _ in response.getheaders()]
    assert names == ["content-type", "cache-control", "pragma", "content-length"]


@pytest.mark.parametrize(
    ("setting", "header", "value"),
    [("chunked", "transfer-encoding", "chunked"), ("close_connections", "connection", "close")],
)
def test_transfer_varies_by_setting(setting: str, header: str, value: str) -> None:
    with serving(make_app(Settings().with_pairs([setting]))) as url:
        connection = connect(url)
        connection.request("GET", "/api/v1/livechat/room")
        response = connection.getresponse()
        body = response.read()
        connection.close()

    assert response.getheader(header) == value
    assert json.loads(body)["success"] is False


def test_a_head_answer_keeps_the_connection_usable() -> None:
    with serving(make_app()) as url:
        connection = connect(url)
        connection.request("HEAD", "/api/v1/livechat/room")
        head = connection.getresponse()
        head.read()
        status, _ = ask(connection, "/api/v1/livechat/room")
        connection.close()

    assert (head.status, status) == (400, 400)


def seconds_of(connection: http.client.HTTPConnection) -> float:
    before = time.perf_counter()
    ask(connection, "/api/info")
    return time.perf_counter() - before


def test_answers_do_not_wait_for_delayed_acknowledgements() -> None:
    with start_server() as server:
        connection = connect(server.url)
        took = [seconds_of(connection) for _ in range(20)]
        connection.close()

    assert sorted(took)[5] < 0.02, "Nagle's algorithm is on: each answer takes 40 ms"


def test_a_started_server_imports_no_test_tools() -> None:
    code = (
        "import rocketchat_contract.reference.server, rocketchat_contract.reference.editions, sys; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )

    assert not {"pytest", "hypothesis", "schemathesis", "jsonschema", "starlette"} & set(done.stdout.split())


def test_the_serve_command_says_where_it_listens_and_stops_on_an_interrupt() -> None:
    code = "from rocketchat_contract.cli.serve import serve; serve()"
    run = [sys.executable, "-c", code, "--port", "0", "--edition", "3.7", "--set", "password=secret"]
    command = subprocess.Popen(run, stdout=subprocess.PIPE, text=True)
    url, login = (command.stdout.readline().strip() for _ in range(2))
    status, body = once(url, "/api/info")

    command.send_signal(signal.SIGINT)
    last, _ = command.communicate(timeout=PATIENCE)

    assert (status, json.loads(body)["version"]) == (200, "3.7")
    assert login == "Login: user admin, password secret. Stop with Ctrl-C."
    assert (last, command.returncode) == ("Stopped.\n", 0)


class Pieces(asyncio.Transport):
    """A connection that keeps the pieces in which bytes come, and the end."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes] = []

    def write(self, data: bytes) -> None:  # type: ignore[override]
        self.seen.append(data)

    def close(self) -> None:
        self.seen.append(b"closed")


def test_head_and_body_leave_at_once() -> None:
    pieces = Pieces()

    async def answer() -> None:
        connection = Joined(pieces)
        connection.write(b"head ")
        connection.write(b"body")
        await asyncio.sleep(0)
        connection.write(b"later")
        await asyncio.sleep(0)

    asyncio.run(answer())
    assert pieces.seen == [b"head body", b"later"]


def test_what_was_written_leaves_before_the_end() -> None:
    pieces = Pieces()

    async def answer() -> None:
        connection = Joined(pieces)
        connection.write(b"last words")
        connection.close()
        await asyncio.sleep(0)

    asyncio.run(answer())
    assert pieces.seen == [b"last words", b"closed"]
