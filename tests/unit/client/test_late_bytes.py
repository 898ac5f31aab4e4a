"""Bytes that come on a kept connection long after its answer."""

from __future__ import annotations

import select
import socket
from threading import Event

import pytest

from rocketchat_contract.client.address import parse_address
from rocketchat_contract.client.transport import Call, Options, Transport
from support.sockets import JSON_200, read_request, serve

LOOK, ASK = Call("GET", "/api/info"), Call("GET", "/api/v1/livechat/room?token=t")
PATIENCE = 30.0


@pytest.mark.parametrize(
    ("call", "later", "belongs"),
    [
        (ASK, b"<!-- served by node 3 -->", True),
        (ASK, JSON_200, True),
        (ASK, b"HTTP/1.0 408 Request Time-out\r\nConnection: close\r\n\r\n", False),
        (ASK, b"", False),
        (LOOK, b"<!-- served by node 3 -->", False),
    ],
    ids=["a comment", "another answer", "the end of an idle connection", "nothing but the end", "of another route"],
)
def test_bytes_after_a_rooms_answer_are_told_with_the_next_call(call: Call, later: bytes, belongs: bool) -> None:
    answered, said = Event(), Event()

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(JSON_200)
        if not said.is_set():
            answered.wait(PATIENCE)
            connection.sendall(later)

    with serve(handle) as served:
        transport = Transport(Options(parse_address(served.url)))
        first = transport.send(call, transport.options.clock())
        answered.set()
        select.select([transport._local.connection.socket], [], [], PATIENCE)
        said.set()
        second = transport.send(LOOK, transport.options.clock())
        transport.close()

    assert (first.late, second.late, second.status) == (False, belongs, 200)
