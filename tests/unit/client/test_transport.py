"""The transport on real sockets: every fault has a row, nothing is sent twice, everything is bounded."""

from __future__ import annotations

import gzip
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Semaphore

import pytest

from rocketchat_contract.client.address import Proxy, parse_address, tls_context
from rocketchat_contract.client.answer import KEPT_OF_TOO_MUCH, MAX_BODY
from rocketchat_contract.client.transport import Call, Options, Reply, Transport
from support.certificates import Authority, authority
from support.needs import ipv6
from support.sockets import JSON_200, Handler, Served, answering, closed_port, read_request, response, serve, silent

LOOK = Call("GET", "/api/info")
PATIENCE = 30.0
"""Seconds; so long only on a machine with much else to do."""


def options(url: str, seconds: float = PATIENCE, **more: object) -> Options:
    return Options(parse_address(url), seconds, **more)  # type: ignore[arg-type]


def send(url: str, call: Call = LOOK, seconds: float = PATIENCE, **more: object) -> Reply:
    transport = Transport(options(url, seconds, **more))
    try:
        return transport.send(call, transport.options.clock())
    finally:
        transport.close()


def kind(reply: Reply) -> tuple[str, bool]:
    assert reply.failure is not None
    return reply.failure.kind, reply.failure.sent


def ended_in_time(handler: Handler, **more: object) -> Iterator[tuple[tuple[str, bool], int | None]]:
    """How calls end that get a moment, and more of it where the machine is so busy that they come to nothing."""
    with serve(handler) as served:
        for seconds in (0.3, 3.0, 15.0):
            reply = send(served.url, seconds=seconds, **more)
            assert reply.ended - reply.started < (seconds + PATIENCE) * 1e9
            yield kind(reply), reply.status


def test_request_is_what_it_looks_like() -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(JSON_200)

    with serve(handle) as served:
        call = Call("POST", "/api/v1/x?a=%20b", (("X-User-Id", "me"),), b'{"a":1}')
        send(f"{served.url}/chat", call, headers=(("X-Team", "chat"),))

    assert seen[0].decode().split("\r\n") == [
        "POST /chat/api/v1/x?a=%20b HTTP/1.1",
        f"Host: 127.0.0.1:{served.port}",
        "Accept: application/json",
        "Accept-Encoding: identity",
        "User-Agent: rocketchat-contract",
        "X-Team: chat",
        "X-User-Id: me",
        "Content-Type: application/json",
        "Content-Length: 7",
        "",
        '{"a":1}',
    ]


def test_refused() -> None:
    assert kind(send(f"http://127.0.0.1:{closed_port()}")) == ("refused", False)


def test_unknown_name() -> None:
    assert kind(send("http://no-such-host.invalid")) == ("unresolved", False)


def test_ipv6() -> None:
    ipv6()
    with serve(answering(JSON_200), host="::1") as served:
        assert send(f"http://[::1]:{served.port}").status == 200


def test_server_closes_without_an_answer() -> None:
    with serve(answering(b"")) as served:
        assert kind(send(served.url)) == ("closed", True)


def test_reset_in_the_middle_of_the_body() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serve(handle) as served:
        reply = send(served.url)

    assert (kind(reply), reply.status, reply.complete) == (("closed", True), 200, False)


def test_truncated_body() -> None:
    with serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")) as served:
        reply = send(served.url)

    assert (kind(reply), reply.complete, reply.body) == (("closed", True), False, b"{}")


def test_packed_garbage_is_kept_as_it_is() -> None:
    with serve(answering(response(b"garbage", "200 OK", "Content-Encoding: gzip"))) as served:
        assert send(served.url).body == b"garbage"


def test_bomb_is_bounded() -> None:
    bomb = gzip.compress(b"\0" * (MAX_BODY * 8))
    with serve(answering(response(bomb, "200 OK", "Content-Encoding: gzip"))) as served:
        reply = send(served.url)

    assert (kind(reply), len(reply.body), reply.complete) == (("too-large", True), KEPT_OF_TOO_MUCH, False)


def test_a_gigabyte_is_not_read() -> None:
    sent = 0

    def handle(connection: socket.socket) -> None:
        nonlocal sent
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        while True:
            sent += connection.send(b"x" * 65_536)

    with serve(handle) as served:
        reply = send(served.url)

    assert (kind(reply), len(reply.body)) == (("too-large", True), KEPT_OF_TOO_MUCH)
    assert sent < 64 * 1024 * 1024


def test_redirect_is_an_answer_like_others() -> None:
    with serve(answering(response(b"", "302 Found", "Location: http://127.0.0.1:1/login"))) as served:
        reply = send(served.url)

    assert (reply.status, reply.failure, dict(reply.headers)["Location"]) == (302, None, "http://127.0.0.1:1/login")


@pytest.mark.parametrize("drip", [b" ", b""], ids=["endless slow body", "silence in the body"])
def test_a_body_ends_with_the_calls_time(drip: bytes) -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{")
        while drip:
            time.sleep(0.02)
            connection.sendall(drip)
        silent(connection)

    assert (("timeout", True), 200) in ended_in_time(handle)


def test_silence_ends_with_the_calls_time() -> None:
    assert (("timeout", True), None) in ended_in_time(silent)


def test_header_fields_that_drip_end_with_the_calls_time() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            time.sleep(0.02)
            connection.sendall(b"X-Drip: 1\r\n")

    assert (("timeout", True), None) in ended_in_time(handle)


def test_a_flood_of_header_fields_is_cut_off() -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Flood: " + b"x" * 8000 + b"\r\n")

    with serve(handle) as served:
        assert kind(send(served.url)) == ("too-large", True)


def test_something_else_than_http_is_malformed() -> None:
    with serve(answering(b"220 mail.example.com ESMTP\r\n")) as served:
        assert kind(send(served.url)) == ("malformed", True)


def test_cookies_are_not_sent_back() -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(response(b"{}", "200 OK", "Set-Cookie: session=1"))

    with serve(handle) as served:
        transport = Transport(options(served.url))
        for _ in range(2):
            transport.send(LOOK, transport.options.clock())
        transport.close()

    assert [b"ookie" in request for request in seen] == [False, False]


class Counting:
    """Answers some requests of each connection, then hangs up; counts what arrived."""

    def __init__(self, answers: int, *, dies: bool = False) -> None:
        self.answers, self.dies, self.arrived, self.hung_up = answers, dies, 0, Semaphore(0)

    def __call__(self, connection: socket.socket) -> None:
        for place in range(self.answers + self.dies):
            if not read_request(connection):
                return
            self.arrived += 1
            if place < self.answers:
                connection.sendall(JSON_200)
        connection.close()
        self.hung_up.release()


def replies(served: Served, number: int, pause: Callable[[], object] = lambda: None) -> list[Reply]:
    transport = Transport(options(served.url))
    found = []
    for _ in range(number):
        found.append(transport.send(LOOK, transport.options.clock()))
        pause()
    transport.close()
    return found


def test_a_connection_is_kept() -> None:
    with serve(Counting(10)) as served:
        replies(served, 10)

        assert served.connections == 1


def test_a_connection_that_the_server_closed_is_opened_anew_before_anything_is_sent() -> None:
    counting = Counting(1)
    with serve(counting) as served:
        found = replies(served, 4, pause=lambda: counting.hung_up.acquire(timeout=PATIENCE))

    assert ([reply.status for reply in found], counting.arrived) == ([200] * 4, 4)


def test_a_request_whose_connection_died_is_never_sent_again() -> None:
    counting = Counting(1, dies=True)
    with serve(counting) as served:
        found = replies(served, 2)

    assert counting.arrived == 2
    assert (found[0].status, kind(found[1])) == (200, ("closed", True))


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@pytest.fixture
def secure(own: Authority) -> Iterator[str]:
    with serve(answering(JSON_200), own.server("localhost", "chat.example.com")) as served:
        yield f"https://localhost:{served.port}"


def test_own_authority(own: Authority, secure: str) -> None:
    assert send(secure, tls=tls_context(own.pem)).status == 200


def test_unknown_authority(secure: str) -> None:
    reply = send(secure, tls=tls_context())

    assert kind(reply) == ("tls", False)
    assert "certificate" in (reply.failure.detail if reply.failure else "")


def test_wrong_name(own: Authority, secure: str) -> None:
    reply = send(secure.replace("localhost", "127.0.0.1"), tls=tls_context(own.pem))

    assert kind(reply) == ("tls", False)
    assert "mismatch" in (reply.failure.detail if reply.failure else "")


def test_another_name_for_host_header_and_certificate(own: Authority, secure: str) -> None:
    url = secure.replace("localhost", "127.0.0.1")

    assert send(url, tls=tls_context(own.pem), host="chat.example.com").status == 200


def test_unchecked_certificate(secure: str) -> None:
    assert send(secure, tls=tls_context(insecure=True)).status == 200


def test_client_certificate(own: Authority) -> None:
    with serve(answering(JSON_200), own.server("localhost", wants_client=True)) as served:
        url = f"https://localhost:{served.port}"
        shown = send(url, tls=tls_context(own.pem, own.client()))
        missing = send(url, tls=tls_context(own.pem))

    assert (shown.status, missing.status) == (200, None)


def test_plain_http_behind_https() -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(response(b"", "400 Bad Request"))

    with serve(handle) as served:
        url = served.url.replace("http:", "https:")

        assert kind(send(url, tls=tls_context(insecure=True))) == ("tls", False)


def test_proxy_is_asked_for_the_whole_url() -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(JSON_200)

    with serve(handle) as served:
        reply = send("http://chat.example.com/a", proxy=Proxy("127.0.0.1", served.port, "Basic x"))

    head = seen[0].decode()
    assert reply.status == 200
    assert head.startswith("GET http://chat.example.com/a/api/info HTTP/1.1\r\nHost: chat.example.com\r\n")
    assert "Proxy-Authorization: Basic x\r\n" in head


def tunnel(to: int, seen: list[bytes]) -> object:
    """A proxy that connects whatever it is asked for to one port."""

    def handle(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        with socket.create_connection(("127.0.0.1", to)) as onward:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            connection.settimeout(0.2)
            onward.settimeout(0.2)
            for _ in range(20):
                for source, sink in ((connection, onward), (onward, connection)):
                    try:
                        sink.sendall(source.recv(65_536))
                    except TimeoutError:
                        continue

    return handle


def test_proxy_is_asked_to_connect_for_https(own: Authority) -> None:
    seen: list[bytes] = []
    with (
        serve(answering(JSON_200), own.server("chat.example.com")) as target,
        serve(tunnel(target.port, seen)) as proxy,  # type: ignore[arg-type]
    ):
        reply = send(
            "https://chat.example.com", tls=tls_context(own.pem), proxy=Proxy("127.0.0.1", proxy.port, "Basic x")
        )

    assert reply.status == 200
    assert seen[0].startswith(b"CONNECT chat.example.com:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic x\r\n" in seen[0]


ABSURD = b"HTTP/1.1 " + b"9" * 5000 + b"\r\n\r\n"


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"nonsense", b"", ABSURD, b"HTTP/1.1 \xb2"])
def test_a_proxy_that_refuses_is_a_refusal_before_sending(answer: bytes) -> None:
    with serve(answering(answer)) as served:
        reply = send("https://chat.example.com", tls=tls_context(), proxy=Proxy("127.0.0.1", served.port))

    assert kind(reply) == ("refused", False)


def test_an_absurd_status_is_not_http() -> None:
    with serve(answering(ABSURD)) as served:
        assert kind(send(served.url)) == ("malformed", True)


def test_a_handshake_without_end_is_given_up_before_sending() -> None:
    with serve(silent) as served:
        reply = send(served.url.replace("http", "https"), seconds=0.6, tls=tls_context())

    assert kind(reply) == ("timeout", False)


def test_a_call_gets_less_time_when_the_run_is_to_end() -> None:
    arrived = Event()

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        arrived.set()
        silent(connection)

    with serve(handle) as served:
        reply = send(served.url, hurry=lambda deadline: deadline - 29_900_000_000 * arrived.is_set())

    assert kind(reply) == ("stopped", True)
    assert reply.ended - reply.started < PATIENCE * 1e9


def test_no_secret_shows_in_what_is_printed() -> None:
    call = Call("GET", "/x?token=canary", (("X-Auth-Token", "canary"),), b"canary")
    reply = Reply(0, 1, 200, (("Set-Cookie", "canary"),), b"canary")

    assert "canary" not in f"{call!r} {reply!r}"
