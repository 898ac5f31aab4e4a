"""Servers as functions: each is called with one connection, on a loopback port of its own."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Handler = Callable[[socket.socket], None]
LOOPBACK = "127.0.0.1"
JSON_200 = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Served:
    """A server under way: its address, and what was asked of it so far."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    ended: int = 0

    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self) -> None:
        """Count a connection that is over."""
        with self.lock:
            self.ended += 1

    @property
    def is_met_by_several(self) -> bool:
        """Whether more than one connection is open, as while calls leave together."""
        return self.connections - self.ended > 1

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


@contextmanager
def serve(handler: Handler, tls: ssl.SSLContext | None = None, host: str = LOOPBACK) -> Iterator[Served]:
    """Serve connections, each in a thread; a handler that fails only ends its connection."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=64) as listening:
        served = Served(listening.getsockname()[1])
        threading.Thread(target=_accept, args=(listening, handler, tls, served), daemon=True).start()
        try:
            yield served
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, handler: Handler, tls: ssl.SSLContext | None, served: Served) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        served.connections += 1
        threading.Thread(target=_handle, args=(connection, handler, tls, served), daemon=True).start()


def _handle(connection: socket.socket, handler: Handler, tls: ssl.SSLContext | None, served: Served) -> None:
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.callback(served.end)
        stack.callback(connection.close)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wrapped = tls.wrap_socket(connection, server_side=True) if tls else connection
        stack.callback(wrapped.close)
        handler(wrapped)


def read_request(connection: socket.socket) -> bytes:
    """One request, head and body; empty when the other side is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        part = connection.recv(65_536)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body


def silent(connection: socket.socket) -> None:
    """Say nothing for as long as the other side waits."""
    while connection.recv(65_536):
        pass


def answering(*answers: bytes) -> Handler:
    """A handler that answers each request of a connection with the next of these bytes, then closes."""

    def handle(connection: socket.socket) -> None:
        for answer in answers:
            if not read_request(connection):
                return
            connection.sendall(answer)

    return handle


def response(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    """A whole response with its length."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
