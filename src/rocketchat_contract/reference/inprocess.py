"""A server is a function: call one without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from rocketchat_contract.reference.app import App
from rocketchat_contract.reference.call import Header
from rocketchat_contract.reference.wire import Message


@dataclass(frozen=True)
class InProcessAnswer:
    """What a server called in process answered."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def header(self, name: str) -> str:
        """Read a header; empty when absent."""
        return next((value.decode() for key, value in self.headers if key.decode() == name.lower()), "")

    @property
    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)


class InProcess:
    """A client of an application in the same process."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.app.store.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: str) -> InProcessAnswer:
        """Send ``GET``; keywords become the query."""
        target = f"{path}?{urlencode(query)}" if query else path
        return self.request("GET", target, headers=headers)

    def post(self, path: str, document: object, headers: Mapping[str, str] | None = None) -> InProcessAnswer:
        """Send ``POST`` with a JSON body."""
        fields = {"content-type": "application/json", **(headers or {})}
        return self.request("POST", path, json.dumps(document).encode(), fields)

    def request(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> InProcessAnswer:
        """Send any request and wait for its answer."""
        return asyncio.run(self.send(method, target, body, headers))

    async def send(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> InProcessAnswer:
        """Send any request from inside an event loop, so that several can be under way."""
        path, _, query = target.partition("?")
        fields = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": fields}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app({**scope, "query_string": query.encode("latin-1")}, receive, send)
        payload = b"".join(message["body"] for message in sent[1:])
        return InProcessAnswer(sent[0]["status"], tuple(sent[0]["headers"]), b"" if method == "HEAD" else payload)
