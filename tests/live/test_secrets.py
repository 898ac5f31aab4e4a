"""Credentials, other secrets and the ways to the target: used where they are meant to be, seen nowhere."""

from __future__ import annotations

import json
import re
import shlex
import socket
import subprocess
from dataclasses import replace
from urllib.request import Request, urlopen

import pytest

from support.certificates import authority
from support.fronts import Asked, Forward, front, passed_on
from support.live import CANARY, Command, Rocket, rocket
from support.sockets import read_request, response, serve


def login(server: Rocket) -> tuple[str, str]:
    """An administrator's user id and token."""
    body = json.dumps({"user": "admin", "password": server.app.password}).encode()
    asked = Request(f"{server.url}/api/v1/login", body, {"Content-Type": "application/json"})
    with urlopen(asked) as answer:
        data = json.load(answer)["data"]
    return data["userId"], data["authToken"]


def with_credentials(suite: Command, server: Rocket) -> Command:
    """The suite with an administrator's credentials in its environment."""
    user_id, token = login(server)
    more = {"ROCKETCHAT_CONTRACT_USER_ID": user_id, "ROCKETCHAT_CONTRACT_AUTH_TOKEN": token}
    return replace(suite, environment={**suite.environment, **more}, secrets=(*suite.secrets, user_id, token))


def test_credentials_bring_an_independent_witness(suite: Command) -> None:
    with rocket() as server:
        ended = with_credentials(suite, server).run(server.url)

        assert (ended.code, ended.verdict) == (0, "conformant")
        assert ended.facts["agents"] == "1, of whom 1 online and available"
        assert ended.facts["witness"] == "an agent sees 0 open rooms of this run"


def test_credentials_lift_the_limiter(suite: Command) -> None:
    with rocket("limit=5/60") as server:
        ended = with_credentials(suite, server).run(server.url)

        assert (ended.code, ended.verdict) == (0, "conformant")
        assert ended.facts["credentials"] == "lift the limiter"
        assert ended.statuses.count(429) == 0
        assert ended.seconds < 110


def test_wrong_credentials_are_told_and_harm_nothing(suite: Command) -> None:
    wrong = {"ROCKETCHAT_CONTRACT_USER_ID": f"{CANARY}-id", "ROCKETCHAT_CONTRACT_AUTH_TOKEN": f"{CANARY}-token"}
    command = replace(suite, environment={**suite.environment, **wrong})
    with rocket("limit=200/1") as server:
        ended = command.run(server.url)

        assert ended.code == 0
        assert ended.facts["agents"].startswith("not shown: status 401")
        for told in (ended.out, (ended.run / "summary.md").read_text("utf-8")):
            sentence = "The credentials were refused (401), so nothing was seen through an agent's eyes."
            assert sentence in " ".join(told.split())
        assert ended.facts["credentials"] == "do not lift the limiter"


def test_the_witness_finds_rooms_that_nobody_told_of(suite: Command) -> None:
    def closes_nothing(asked: Asked, forward: Forward) -> bytes:
        if asked.is_close:
            return response(b'{"rid":"x","comment":"Closed by visitor","success":true}')
        if asked.path.endswith("/livechat/config"):
            return forward().replace(b'"room":{', b'"moor":{')
        return forward()

    with rocket() as server, front(server.port, closes_nothing) as served:
        ended = with_credentials(suite, server).run(served.url)

        assert set(ended.ledger.rooms_left) == set(server.open_rooms) != set()
        assert int(re.findall(r"\d+", ended.facts["witness"])[0]) == len(server.open_rooms)


def test_other_peoples_data_stays_out_of_the_record(suite: Command) -> None:
    with rocket() as server:
        user = {"_id": "u1", "username": "canary4711", "name": "N", "roles": ["user", "livechat-agent"]}
        server.app.store.save_user({**user, "status": "online", "statusLivechat": "available"}, "")
        ended = with_credentials(suite, server).run(server.url, "--profile", "readonly")

        assert ended.facts["agents"] == "2, of whom 2 online and available"


def test_credentials_go_to_the_target_only(suite: Command) -> None:
    seen: list[bytes] = []
    sent: list[bool] = []

    def listen(connection: socket.socket) -> None:
        seen.append(read_request(connection))

    with rocket() as server, serve(listen) as elsewhere:

        def redirect(asked: Asked, forward: Forward) -> bytes:
            sent.append(b"X-Auth-Token: " in asked.head)
            looks = asked.path.endswith(("/api/info", "/livechat/config"))
            place = f"Location: {elsewhere.url}{asked.target}"
            return forward() if looks else response(b"", "302 Found", place)

        with front(server.port, redirect) as served:
            with_credentials(suite, server).run(served.url, "--profile", "smoke")

    assert any(sent)
    assert seen == []


def test_credentials_from_a_file(suite: Command) -> None:
    with rocket("limit=5/60") as server:
        user_id, token = login(server)
        path = suite.home / "credentials.toml"
        path.write_text(f'user-id = "{user_id}"\nauth-token = "{token}"\n')
        command = replace(suite, secrets=(*suite.secrets, user_id, token))
        ended = command.run(server.url, "--credentials", str(path))

        assert ended.code == 0


def test_credentials_as_a_header_flag_are_refused(suite: Command) -> None:
    with serve(lambda connection: None) as served:
        ended = suite.run(f"http://127.0.0.1:{served.port}", "--header", f"X-Auth-Token: {CANARY}")

    assert (ended.code, ended.runs) == (2, [])
    assert "has an option of its own" in ended.said


def test_a_known_visitors_room_is_repeated_and_left_alone(suite: Command) -> None:
    token = "a-visitor-who-was-there-before"
    with rocket() as server:
        register(server, token)
        room = ask(server, token)
        command = replace(suite, secrets=(*suite.secrets, token))
        ended = command.run(server.url, "--profile", "readonly", "--token", token)

        assert ended.broken == set()
        assert ended.report["reach"]["returned"] >= 4
        assert (server.open_rooms, server.visitors) == ([room], [token])
        assert ended.ledger.sentence == "created 0 rooms, closed 0, left 0; 0 visitors, deleted 0"


def test_a_known_visitor_without_a_room_is_not_given_one(suite: Command) -> None:
    token = "a-visitor-who-was-there-before"
    with rocket() as server:
        register(server, token)
        ended = replace(suite, secrets=(*suite.secrets, token)).run(
            server.url, "--profile", "readonly", "--token", token
        )

        assert ended.code == 3
        assert "The visitor of --token has no open room" in " ".join(ended.footer["obstacles"])
        assert server.app.store.rooms() == []


def register(server: Rocket, token: str) -> None:
    body = json.dumps({"visitor": {"token": token, "name": "Known"}}).encode()
    asked = Request(f"{server.url}/api/v1/livechat/visitor", body, {"Content-Type": "application/json"})
    urlopen(asked).close()


def ask(server: Rocket, token: str) -> str:
    with urlopen(f"{server.url}/api/v1/livechat/room?token={token}") as answer:
        return str(json.load(answer)["room"]["_id"])


def test_reproduction_lines_work_with_the_secrets_file(suite: Command) -> None:
    with rocket("edition=3.7", "limit=2000/1") as server:
        ended = suite.run(server.url, "--profile", "smoke", "--secrets-file", "secrets.env")
        path = suite.home / "secrets.env"
        lines = [found["repeat"] for row in ended.report["requirements"] for found in row["findings"]]
        script = f". {shlex.quote(str(path))}; {lines[0]} -s -o /dev/null -w '%{{http_code}}'"
        repeated = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=False)

        assert path.stat().st_mode & 0o777 == 0o600
        assert f"export RC_HEADER_X_EDGE_KEY={CANARY}-edge-key" in path.read_text()
        assert repeated.stdout in ("200", "400"), repeated.stderr


def test_a_secrets_file_is_closed_to_others_even_if_it_was_open(suite: Command) -> None:
    path = suite.home / "secrets.env"
    path.write_text("old")
    path.chmod(0o644)
    with rocket() as server:
        suite.run(server.url, "--profile", "readonly", "--secrets-file", str(path))

    assert path.stat().st_mode & 0o777 == 0o600
    assert "old" not in path.read_text()


def test_a_server_that_echoes_everything_learns_nobody_anything(suite: Command) -> None:
    def echo(asked: Asked, forward: Forward) -> bytes:
        if not asked.is_room_call:
            return forward()
        said = f"{asked.target} {asked.head.decode()}"
        return response(json.dumps({"success": False, "error": said}).encode(), "400 Bad Request")

    with rocket() as server, front(server.port, echo) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 1


def proxied(port: int, seen: list[bytes]) -> object:
    """A proxy for plain http: sends on what it is asked for whole."""

    def handle(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(passed_on(port, request.replace(b" http://chat.example.com/", b" /", 1)))

    return handle


def test_through_a_proxy_with_a_password(suite: Command) -> None:
    seen: list[bytes] = []
    with rocket() as server, serve(proxied(server.port, seen)) as proxy:  # type: ignore[arg-type]
        flags = ("--proxy", f"http://me:{CANARY}-password@127.0.0.1:{proxy.port}")
        ended = suite.run("http://chat.example.com", *flags)

        assert (ended.code, ended.verdict) == (0, "conformant")
        assert server.visitors == []
        assert seen[0].startswith(b"GET http://chat.example.com/api/info HTTP/1.1\r\nHost: chat.example.com\r\n")


@pytest.mark.parametrize("flag", ["--cert", "--ca"])
def test_a_file_that_is_no_certificate(suite: Command, flag: str) -> None:
    (suite.home / "x.pem").write_text("nonsense")
    ended = suite.run("https://127.0.0.1:1", flag, "x.pem")

    assert (ended.code, ended.runs) == (2, [])
    assert "x.pem cannot be used" in ended.said


def test_a_client_certificate(suite: Command) -> None:
    own = authority(suite.home)
    tls = own.server("localhost", wants_client=True)
    with rocket() as server, front(server.port, lambda _, forward: forward(), tls) as served:
        flags = ("--ca", own.pem, "--cert", own.client(), "--profile", "readonly")
        ended = suite.run(f"https://localhost:{served.port}", *flags)

        assert (ended.code, ended.broken) == (3, set())
