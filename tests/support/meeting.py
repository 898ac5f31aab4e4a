"""Servers on which calls that leave together are under way together, however busy the machine is.

Such calls come on connections of their own, which are open before the first of them leaves.
"""

from __future__ import annotations

import asyncio

from rocketchat_contract.judge.operation import ROOM_PATH
from rocketchat_contract.reference.app import App
from rocketchat_contract.reference.wire import TRANSPORT, Receive, Scope, Send

MEETING = 0.05
"""Seconds for which a room call is kept while other connections are open: until the others have left, too."""


class MeetingApp(App):
    """A server that keeps a room call for a moment while other connections are open."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        transport = scope["extensions"][TRANSPORT]
        if scope["path"].endswith(ROOM_PATH) and len(transport.get_protocol().connections) > 1:
            await asyncio.sleep(MEETING)
        await super().__call__(scope, receive, send)
