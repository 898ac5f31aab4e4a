"""A proxy in front of a server that does to each request what a fault says."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from support.meeting import MEETING
from support.sockets import Served, read_request, serve

Forward = Callable[[], bytes]


@dataclass(frozen=True)
class Asked:
    """One request; ``number`` counts them from 1."""

    number: int
    method: str
    target: str
    head: bytes
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def is_room_call(self) -> bool:
        return self.path.endswith("/livechat/room")

    @property
    def is_close(self) -> bool:
        return self.path.endswith("/livechat/room.close")

    @property
    def is_delete(self) -> bool:
        return self.method == "DELETE"


Fault = Callable[[Asked, Forward], bytes]
"""Answers a request, passes it on with the function it gets, or raises ``OSError`` to drop the connection."""


class CutError(OSError):
    """Part of an answer, then a reset."""

    def __init__(self, part: bytes) -> None:
        super().__init__("cut")
        self.part = part


class Endless(bytes):
    """The beginning of an answer that goes on with the same part for as long as anybody listens."""

    part: bytes
    pause: float

    @classmethod
    def of(cls, head: bytes, part: bytes, pause: float = 0.0) -> Endless:
        """Such an answer; a pause of so many seconds before each part."""
        made = cls(head)
        made.part, made.pause = part, pause
        return made

    def parts(self) -> Iterator[bytes]:
        """What is sent, one after the other."""
        yield self
        while True:
            time.sleep(self.pause)
            yield self.part


@contextmanager
def front(port: int, fault: Fault, tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """The proxy, before the server on ``port``."""
    lock = threading.Lock()
    count = 0

    def handle(connection: socket.socket) -> None:
        nonlocal count
        while request := read_request(connection):
            with lock:
                count += 1
                number = count
            head, _, body = request.partition(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ", 2)
            asked = Asked(number, method, target, head, body)
            if asked.is_room_call and served.is_met_by_several:
                time.sleep(MEETING)
            try:
                answer = fault(asked, partial(passed_on, port, request))
                for part in answer.parts() if isinstance(answer, Endless) else (answer,):
                    connection.sendall(part)
            except CutError as cut:
                connection.sendall(cut.part)
                time.sleep(0.02)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return

    with serve(handle, tls) as served:
        yield served


def passed_on(port: int, request: bytes) -> bytes:
    """The server's answer to a request."""
    with socket.create_connection(("127.0.0.1", port)) as onward:
        onward.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += onward.recv(65_536) or _gone()
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        while len(body) < length and not request.startswith(b"HEAD "):
            body += onward.recv(65_536) or _gone()
        return head + b"\r\n\r\n" + body


def _gone() -> bytes:
    raise ConnectionResetError
