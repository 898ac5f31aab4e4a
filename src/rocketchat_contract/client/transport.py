"""Talks to a target: one request, one answer, never a resend; it and ``dial`` are all that opens sockets.

A kept connection is looked at before it is used; when the server has closed it, a new one is opened *before*
anything is sent. Once a byte has left, the request is never sent again: the call may have created a room. Redirects
are answers like others, cookies are never sent back, and everything that is read has a most.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import urlsplit

from rocketchat_contract.client.address import Address, Proxy
from rocketchat_contract.client.answer import HttpAnswer
from rocketchat_contract.client.dial import dial
from rocketchat_contract.record.exchange import Failure, FailureKind, Headers
from rocketchat_contract.rocketchat.paths import ROOM_PATH

_OURS = (("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "rocketchat-contract"))
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?![0-9])")
_FAREWELL = re.compile(rb"HTTP/1\.[01] [45]")
"""What a gateway says when it closes an idle connection, 408 as a rule: no part of an answer."""

CHUNK = 65_536
SLICE = 0.25
"""Seconds after which a wait for bytes looks up: the time that is left may have become shorter."""

STOPPED = Failure("stopped", sent=True, detail="the run was stopped")
"""A call that was given up because the run ends."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be sent, with real tokens: ``target`` is path and query below the base URL."""

    method: str
    target: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, with real tokens; ``failure`` when it did not come, or not whole.

    ``released`` is a moment by which the last byte of a burst's call had left, ``answered`` one at which its answer
    cannot have been complete yet.
    ``behind`` says that more came than the answer, ``undecoded`` that its body is not what its coding says, ``late``
    that more than the answer before had come on the kept connection when this call was to leave.
    """

    started: int
    ended: int
    status: int | None = None
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    complete: bool = True
    failure: Failure | None = None
    released: int | None = None
    answered: int | None = None
    behind: bool = False
    undecoded: bool = False
    late: bool = False


@dataclass(frozen=True)
class Options:
    """How calls are made; ``seconds`` is the most that one call may take, ``headers`` go with each.

    ``hurry`` makes a deadline earlier when the run is to end.
    """

    address: Address
    seconds: float = 30.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    headers: Headers = field(default=(), repr=False)
    proxy: Proxy | None = None
    host: str | None = None
    clock: Callable[[], int] = field(default=time.monotonic_ns, repr=False)
    hurry: Callable[[int], int] = field(default=lambda deadline: deadline, repr=False)


class ConnectError(Exception):
    """No connection came to be, so nothing was sent."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class Connection:
    """One connection to the target, through the proxy and over TLS as the options say."""

    def __init__(self, options: Options, deadline: int) -> None:
        self._options = options
        self.answered_a_room_call = False
        try:
            self.socket = self._opened(deadline)
        except OSError as error:
            raise ConnectError(failure_of(error, sent=False)) from error

    @property
    def is_usable(self) -> bool:
        """Whether the server has neither closed it nor said something unasked."""
        return not select.select([self.socket], [], [], 0)[0]

    def unasked(self) -> bytes:
        """What the server said after its last answer; empty when it only closed the connection."""
        try:
            self.socket.settimeout(0)
            return self.socket.recv(CHUNK)
        except OSError:
            return b""

    def receive(self, deadline: int, *, has_body: bool = True) -> HttpAnswer:
        """Read the answer to a request whose bytes have left; one to HEAD has no body."""
        answer = HttpAnswer(has_body=has_body)
        try:
            while not answer.is_over:
                data = self._bytes(deadline)
                if data:
                    answer.feed(data)
                else:
                    answer.end()
        except OSError as error:
            is_stopped = isinstance(error, TimeoutError) and self._options.clock() < deadline
            answer.stop(STOPPED if is_stopped else failure_of(error, sent=True, begun=answer.status is not None))
        return answer

    def _bytes(self, deadline: int, most: int = CHUNK) -> bytes:
        """The next bytes, empty at the end; a signal meanwhile may bring the deadline forward."""
        while True:
            self.socket.settimeout(min(self._left(deadline), SLICE))
            try:
                return self.socket.recv(most)
            except TimeoutError:
                continue

    def send(self, data: bytes, deadline: int) -> None:
        """Send bytes; raises ``OSError``."""
        self.socket.settimeout(self._left(deadline))
        self.socket.sendall(data)

    def close(self) -> None:
        """Close it, and let go of what a thread may wait for."""
        self.socket.close()

    def _left(self, deadline: int) -> float:
        """Seconds that are left; raises ``TimeoutError`` when none are."""
        left = self._options.hurry(deadline) - self._options.clock()
        if left <= 0:
            raise TimeoutError
        return left / 1e9

    def _opened(self, deadline: int) -> socket.socket:
        options = self._options
        way = options.proxy or options.address
        self.socket = self._reached(way, deadline)
        try:
            if options.tls is not None:
                if options.proxy is not None:
                    self._ask_proxy(options.proxy, deadline)
                name = _tls_name(options)
                self.socket = options.tls.wrap_socket(self.socket, server_hostname=name, do_handshake_on_connect=False)
                self._shake_hands(self.socket, deadline)
        except BaseException:
            self.socket.close()
            raise
        return self.socket

    def _shake_hands(self, secured: ssl.SSLSocket, deadline: int) -> None:
        while True:
            secured.settimeout(min(self._left(deadline), SLICE))
            try:
                return secured.do_handshake()
            except TimeoutError:
                continue

    def _reached(self, way: Address | Proxy, deadline: int) -> socket.socket:
        """A TCP connection to the target, or to the proxy that stands before it."""
        try:
            return dial(way.host, way.port, lambda: self._left(deadline))
        except OSError as error:
            if isinstance(way, Address):
                raise
            failure = failure_of(error, sent=False)
            detail = f"the proxy {way.host}:{way.port} cannot be reached: {failure.detail}"
            raise ConnectError(replace(failure, detail=detail)) from error

    def _ask_proxy(self, proxy: Proxy, deadline: int) -> None:
        address = self._options.address
        host = f"[{address.host}]" if ":" in address.host else address.host
        lines = [f"CONNECT {host}:{address.port} HTTP/1.1", f"Host: {host}:{address.port}"]
        lines += [f"Proxy-Authorization: {proxy.authorization}"] if proxy.authorization else []
        self.send("\r\n".join([*lines, "", ""]).encode("ascii"), deadline)
        status = self._proxy_status(deadline)
        if status != 200:
            detail = f"the proxy answered {status} to CONNECT" if status else "the proxy did not answer in HTTP"
            raise ConnectError(Failure("refused", sent=False, detail=detail))

    def _proxy_status(self, deadline: int) -> int | None:
        """The status of the proxy's answer; what comes after its header fields already belongs to the target."""
        head = b""
        while not head.endswith(b"\r\n\r\n") and len(head) < CHUNK:
            byte = self._bytes(deadline, 1)
            if not byte:
                break
            head += byte
        said = _STATUS_LINE.match(head)
        return int(said[1]) if said else None


class Transport:
    """Sends calls to one target; each thread has its own kept connection."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._local = threading.local()
        self._head = _head(options)
        self._lead = _lead(options)

    def another(self) -> Transport:
        """One with connections of its own."""
        return Transport(self.options)

    def send(self, call: Call, started: int) -> Reply:
        """Send one call and read its answer; never raises for what the target does."""
        return self.depart(call, started)()

    def depart(self, call: Call, started: int) -> Callable[[], Reply]:
        """Send one call; answers what reads its answer, which comes before this thread's next call."""
        deadline = started + int(self.options.seconds * 1e9)
        late = self._close_unusable()
        try:
            connection = self._connection(deadline)
        except ConnectError as error:
            return partial(Reply, started, self.options.clock(), failure=error.failure)
        try:
            connection.send(self.encode(call), deadline)
            connection.answered_a_room_call = call.target.partition("?")[0] == ROOM_PATH
        except OSError as error:
            self.close()
            return partial(Reply, started, self.options.clock(), failure=failure_of(error, sent=True))
        return partial(self._arrive, connection, started, deadline, has_body=call.method != "HEAD", late=late)

    def _arrive(self, connection: Connection, started: int, deadline: int, *, has_body: bool, late: bool) -> Reply:
        answer = connection.receive(deadline, has_body=has_body)
        if not answer.kept:
            self.close()
        reply = self.reply(answer, started, self.options.clock())
        return replace(reply, late=True) if late else reply

    def encode(self, call: Call) -> bytes:
        """A request's bytes."""
        lines = [f"{call.method} {self._lead}{call.target} HTTP/1.1\r\n{self._head}"]
        lines += [f"{name}: {value}\r\n" for name, value in call.headers]
        if call.body is None:
            lines.append("\r\n")
            return "".join(lines).encode("latin-1")
        lines.append(f"Content-Type: application/json\r\nContent-Length: {len(call.body)}\r\n\r\n")
        return "".join(lines).encode("latin-1") + call.body

    def close(self) -> None:
        """Close this thread's connection."""
        kept: Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if kept is not None:
            kept.close()

    def _close_unusable(self) -> bool:
        """Close this thread's connection if the server did, or said something; whether that follows a room's answer."""
        kept: Connection | None = getattr(self._local, "connection", None)
        if kept is None or kept.is_usable:
            return False
        said = kept.unasked()
        self.close()
        return kept.answered_a_room_call and bool(said) and _FAREWELL.match(said) is None

    def _connection(self, deadline: int) -> Connection:
        if getattr(self._local, "connection", None) is None:
            self._local.connection = Connection(self.options, deadline)
        return self._local.connection  # type: ignore[no-any-return]

    @staticmethod
    def reply(answer: HttpAnswer, started: int, ended: int) -> Reply:
        """An answer as a value."""
        if answer.status is None:
            return Reply(started, ended, failure=answer.failure)
        headers = answer.headers
        body = answer.body(headers)
        return Reply(
            started,
            ended,
            answer.status,
            headers,
            body,
            answer.failure is None,
            answer.failure,
            behind=answer.behind,
            undecoded=answer.undecoded,
        )


def _head(options: Options) -> str:
    """The header fields that go with every request."""
    fields = [("Host", options.host or options.address.authority), *_OURS, *options.headers]
    if options.proxy is not None and options.tls is None and options.proxy.authorization:
        fields.append(("Proxy-Authorization", options.proxy.authorization))
    return "".join(f"{name}: {value}\r\n" for name, value in fields)


def _lead(options: Options) -> str:
    """What stands before a call's target: the sub-path, and for a proxy the whole URL."""
    in_whole = options.proxy is not None and options.tls is None
    return options.address.url if in_whole else options.address.path


def _tls_name(options: Options) -> str:
    """The name that the server's certificate must have."""
    if options.host is None:
        return options.address.host
    return urlsplit(f"//{options.host}").hostname or options.host


def failure_of(error: OSError, *, sent: bool, begun: bool = False) -> Failure:
    """What an exception of the standard library means for a call; ``begun`` when its answer had begun."""
    kind = _kind(error, sent=sent)
    if kind == "timeout":
        return Failure(kind, sent, "the body did not end in time" if begun else "no answer in time")
    return Failure(kind, sent, _detail(error))


def _kind(error: OSError, *, sent: bool) -> FailureKind:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError) and (not sent or "ALERT" in str(error.reason)):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "unresolved"
    return "refused" if isinstance(error, ConnectionRefusedError) else "closed"


def _detail(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted: {error.verify_message.rstrip('.')}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS session: {(error.reason or str(error)).replace('_', ' ').lower()}"
    return (error.strerror or str(error) or type(error).__name__).lower()
