"""The reference server on a socket: in this process, or in a thread of it; ``process`` has it in one of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.app import App
from rocketchat_contract.reference.process import RunningServer, start_server
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.reference.wire import TRANSPORT

__all__ = ["LOOPBACK", "RunningServer", "bind", "run_server", "serving", "start_server"]

LOOPBACK = "127.0.0.1"
_IDLE_SECONDS = 75


class Joined:
    """A connection on which all that is written in one step of the loop leaves at once, such as head and body."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Let bytes leave when this step of the loop is over."""
        if not self._parts:
            asyncio.get_running_loop().call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Close it once all has left."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Reset it after what was written."""
        self._flush()
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        """Be the connection itself in everything else."""
        return getattr(self._transport, name)

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts:
            self._transport.write(b"".join(parts))


class Protocol(HttpToolsProtocol):
    """Gives the application its TCP connection, so that a wrong server can break HTTP itself."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin on a connection."""
        super().connection_made(Joined(transport))  # type: ignore[arg-type]

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request; Node closes the connection on it."""
        if self.config.app.front.closes_unreadable:  # type: ignore[union-attr]
            self.transport.abort()
        else:
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """Start a request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]


class Uvicorn(uvicorn.Server):
    """Says when it is ready and stops at once."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready
        self.loop: asyncio.AbstractEventLoop | None = None
        self.over = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        self.loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.ready()

    async def main_loop(self) -> None:
        """Serve until stopped."""
        await self.over.wait()

    def stop(self) -> None:
        """Stop, or never begin; any thread may ask."""
        if self.loop is None:
            self.over.set()
        elif not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.over.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop on a signal."""
        super().handle_exit(sig, frame)
        self.stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let go of all connections without waiting for them."""
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.sleep(0)


def bind(host: str, port: int) -> socket.socket:
    """Take an address; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle off only where the protocol is named, else each answer waits 40 ms for an ACK
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except (OSError, OverflowError) as error:
        listening.close()
        raise UsageError(
            f"Cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}.",
            "Choose another --port; 0 takes a free one.",
        ) from error
    return listening


def url_of(listening: socket.socket, settings: Settings) -> str:
    """Write the base URL of a server."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}{settings.prefix}" if ":" in host else f"http://{host}:{port}{settings.prefix}"


def uvicorn_server(app: App, ready: Callable[[], None]) -> Uvicorn:
    """Set uvicorn up: httptools, nothing logged but crashes, no header of its own."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
    )
    return Uvicorn(config, ready)


def run_server(app: App, host: str, port: int, ready: Callable[[str], None], *, until_input_ends: bool = False) -> None:
    """Serve until a signal comes or, if asked, until standard input ends; ``ready`` is told the base URL."""
    listening = bind(host, port)
    server = uvicorn_server(app, lambda: ready(url_of(listening, app.settings)))
    if until_input_ends:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    try:
        asyncio.run(server.serve([listening]))
    finally:
        app.store.close()


def _stop_at_end_of_input(server: Uvicorn) -> None:
    while os.read(0, 4096):
        pass
    server.stop()


@contextmanager
def serving(app: App, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve in a thread of this process, and yield the base URL."""
    listening, up = bind(host, port), threading.Event()
    server = uvicorn_server(app, up.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
    thread.start()
    try:
        up.wait(10)
        yield url_of(listening, app.settings)
    finally:
        server.stop()
        thread.join(5)
        app.store.close()
