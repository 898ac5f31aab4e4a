"""From a reply to bytes on the connection: the seams where the wire itself can be made wrong.

``Wire`` works in four steps, each a method to override: ``reply`` (still values), ``encode`` (document to
bytes), ``headers`` (all header fields), ``write`` (to the client). ``Channel`` is the way to the client and can
do what ASGI cannot: ``raw`` writes any bytes and closes, ``abort`` resets the connection.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from rocketchat_contract.reference.call import Header, ServerCall, ServerReply
from rocketchat_contract.reference.settings import Settings

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TRANSPORT = "rocketchat_contract.transport"
_NO_STORE = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))
_CLOSE = (b"connection", b"close")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Unanswered(ConnectionResetError):  # noqa: N818 - what becomes of a call, not an error of ours
    """A call in process that gets no answer, where a client with a connection would wait or find it ``closed``."""

    def __init__(self, *, closed: bool) -> None:
        super().__init__("closed" if closed else "never answered")
        self.closed = closed


class Channel:
    """One call's way to its client."""

    __slots__ = ("_receive", "_scope", "send")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self.send = send

    @property
    def peer(self) -> tuple[str, int]:
        """Address and port of the client; together they name the connection."""
        host, port = self._scope.get("client") or ("127.0.0.1", 0)
        return host, port

    @property
    def query_string(self) -> bytes:
        """The query as it came, not decoded."""
        found: bytes = self._scope.get("query_string", b"")
        return found

    @property
    def transport(self) -> asyncio.Transport | None:
        """The TCP connection, when there is one: a server called in process has none."""
        found: asyncio.Transport | None = self._scope.get("extensions", {}).get(TRANSPORT)
        return found

    async def body(self) -> bytes:
        """Read the request's body to its end."""
        message = await self._receive()
        pieces: list[bytes] = [message.get("body", b"")]
        while message.get("more_body"):
            message = await self._receive()
            pieces.append(message.get("body", b""))
        return b"".join(pieces)

    async def raw(self, data: bytes) -> None:
        """Write exactly these bytes, status line and all, then close the connection."""
        if self.transport is None:
            raise ConnectionResetError(data)
        self.transport.write(data)
        self.transport.close()
        await self._gone()

    async def abort(self) -> None:
        """Reset the connection without an answer."""
        if self.transport is None:
            raise Unanswered(closed=True)
        self.transport.abort()
        await self._gone()

    async def keep_silent(self) -> None:
        """Never answer: wait until the client gives up."""
        if self.transport is None:
            raise Unanswered(closed=False)
        await self._gone()

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)


class Wire:
    """Turns replies into bytes as Rocket.Chat does."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def answer(self, call: ServerCall, reply: ServerReply) -> None:
        """Send a reply: ``reply``, ``encode``, ``headers``, ``write``."""
        reply = self.reply(call, reply)
        payload = self.encode(call, reply)
        headers = self.headers(call, reply, payload)
        if self.settings.latency:
            await asyncio.sleep(self.settings.latency)
        await self.write(call, reply.status, headers, payload)

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002 - wrong servers look at the call
        """Change the reply while it is still values; the right server leaves it alone."""
        return reply

    def encode(self, call: ServerCall, reply: ServerReply) -> bytes:  # noqa: ARG002
        """Write the document as Node's ``JSON.stringify`` does: compact, not escaped."""
        if isinstance(reply.document, bytes):
            return reply.document
        try:
            return _encode(reply.document).encode()
        except UnicodeEncodeError:
            return json.dumps(reply.document, separators=(",", ":")).encode()

    def headers(self, call: ServerCall, reply: ServerReply, payload: bytes) -> list[Header]:  # noqa: ARG002
        """List all header fields; without ``content-length`` the body goes out in chunks."""
        fields = [(b"content-type", reply.media_type), *reply.headers] if reply.media_type else [*reply.headers]
        if not reply.cacheable:
            fields += _NO_STORE
        if not self.settings.chunked:
            fields.append((b"content-length", b"%d" % len(payload)))
        if self.settings.close_connections:
            fields.append(_CLOSE)
        return fields

    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        """Hand status, headers and body to the client."""
        send = call.channel.send
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if self.settings.chunked and len(payload) > 1:
            half = len(payload) // 2
            await send({"type": "http.response.body", "body": payload[:half], "more_body": True})
            payload = payload[half:]
        await send({"type": "http.response.body", "body": payload})


def http_message(status_line: str, headers: list[Header], payload: bytes) -> bytes:
    """Write a whole HTTP/1.1 answer for ``Channel.raw``; nothing is checked or added."""
    lines = [status_line.encode("latin-1"), *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + payload
