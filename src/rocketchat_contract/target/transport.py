"""The only module that opens sockets to a target: one request, one answer, never a resend.

A kept connection is looked at before it is used; when the server has closed it, a new one is opened *before*
anything is sent. Once a byte has left, the request is never sent again: the call may have created a room.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from rocketchat_contract.record.exchange import Failure, FailureKind, Headers
from rocketchat_contract.target.address import Address

MAX_BODY = 8 * 1024 * 1024
"""Bytes of an answer that are read; a room is a few kilobytes."""

_HEADERS = (("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "rocketchat-contract"))


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be sent, with real tokens: ``target`` is path and query below the base URL."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, with real tokens; ``failure`` when it did not come, or not whole."""

    started: int
    ended: int
    status: int | None = None
    headers: Headers = ()
    body: bytes = b""
    complete: bool = True
    failure: Failure | None = None


@dataclass(frozen=True)
class Options:
    """How calls are made; ``seconds`` is the most that one call may take."""

    address: Address
    seconds: float = 30.0
    tls: ssl.SSLContext | None = None
    headers: Headers = ()
    clock: Callable[[], int] = field(default=time.monotonic_ns)


class Connection(http.client.HTTPConnection):
    """A connection that never opens itself again, and can keep a request's last byte back."""

    auto_open = 0

    def __init__(self, options: Options) -> None:
        super().__init__(options.address.host, options.address.port, timeout=options.seconds)
        self._tls = options.tls
        self._server_name = options.address.host
        self.holds = False
        self._held = b""

    def connect(self) -> None:
        """Open the socket, and the TLS session over it."""
        super().connect()
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._server_name)

    def send(self, data: object) -> None:
        """Send, or gather while the connection ``holds``."""
        if self.holds and isinstance(data, bytes):
            self._held += data
        else:
            super().send(data)  # type: ignore[arg-type]

    def send_all_but_one(self) -> None:
        """Send what was gathered, except for its last byte."""
        super().send(self._held[:-1])

    def release(self) -> None:
        """Send the byte that was kept back."""
        self.holds = False
        super().send(self._held[-1:])

    @property
    def is_usable(self) -> bool:
        """Whether the socket is open and the server has neither closed it nor said something unasked."""
        if self.sock is None:
            return False
        readable, _, _ = select.select([self.sock], [], [], 0)
        return not readable


class Transport:
    """Sends calls to one target; each thread has its own kept connection."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._local = threading.local()

    def send(self, call: Call, started: int) -> Reply:
        """Send one call and read its answer; never raises for what the target does."""
        clock = self.options.clock
        try:
            connection = self._connection()
        except OSError as error:
            return Reply(started, clock(), failure=failure_of(error, sent=False))
        try:
            put(connection, call, self.options)
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            return Reply(started, clock(), failure=failure_of(error, sent=True))
        reply = receive(connection, started, self.options)
        if reply.failure is not None or not reply.complete:
            self._drop()
        return reply

    def open(self) -> Connection:
        """A new connection of its own, opened."""
        connection = Connection(self.options)
        connection.connect()
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        self._drop()

    def _connection(self) -> Connection:
        kept: Connection | None = getattr(self._local, "connection", None)
        if kept is not None and kept.is_usable:
            return kept
        self._drop()
        self._local.connection = self.open()
        return self._local.connection  # type: ignore[no-any-return]

    def _drop(self) -> None:
        kept: Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if kept is not None:
            kept.close()


def put(connection: Connection, call: Call, options: Options) -> None:
    """Write a request's bytes; the last one stays back while the connection holds."""
    connection.putrequest(call.method, options.address.path + call.target, skip_accept_encoding=True)
    for name, value in (*_HEADERS, *options.headers, *call.headers):
        connection.putheader(name, value)
    if call.body is not None:
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(call.body)))
    connection.endheaders(call.body)


def receive(connection: Connection, started: int, options: Options) -> Reply:
    """Read the answer to a request whose bytes have left."""
    try:
        response = connection.getresponse()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reply(started, options.clock(), failure=failure_of(error, sent=True))
    deadline = started + int(options.seconds * 1e9)
    body, failure = _read(response, deadline, options.clock)
    response.close()
    headers = tuple(response.getheaders())
    ended = options.clock()
    if failure is not None or response.will_close:
        connection.close()
    decoded = _decoded(headers, body) if failure is None else body
    return Reply(started, ended, response.status, headers, decoded, failure is None, failure)


def _read(response: http.client.HTTPResponse, deadline: int, clock: Callable[[], int]) -> tuple[bytes, Failure | None]:
    parts: list[bytes] = []
    size = 0
    try:
        while part := response.read1(65536):
            parts.append(part)
            size += len(part)
            if size > MAX_BODY:
                return b"".join(parts)[:MAX_BODY], Failure("too-large", True, f"more than {MAX_BODY} bytes")  # noqa: FBT003
            if clock() > deadline:
                return b"".join(parts), Failure("timeout", True, "the body did not end in time")  # noqa: FBT003
    except http.client.IncompleteRead as error:
        return b"".join([*parts, error.partial]), Failure("closed", True, "the body ended early")  # noqa: FBT003
    except (OSError, http.client.HTTPException, ValueError) as error:
        return b"".join(parts), failure_of(error, sent=True)
    if response.length:
        return b"".join(parts), Failure("closed", True, f"{response.length} announced bytes are missing")  # noqa: FBT003
    return b"".join(parts), None


def _decoded(headers: Headers, body: bytes) -> bytes:
    """The body without a gzip or deflate coding that nobody asked for; as it is when it cannot be decoded."""
    coding = next((value.lower() for name, value in headers if name.lower() == "content-encoding"), "identity")
    if coding not in ("gzip", "deflate"):
        return body
    try:
        decoded = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, MAX_BODY)
    except zlib.error:
        return body
    return decoded


def failure_of(error: Exception, *, sent: bool) -> Failure:
    """What an exception of the standard library means for a call."""
    return Failure(_kind(error), sent, str(error) or type(error).__name__)


def _kind(error: Exception) -> FailureKind:
    if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "unresolved"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, OSError):
        return "closed"
    return "malformed"
