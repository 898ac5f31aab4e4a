"""The reference server as one ASGI callable: route, read, limit, behave, answer.

How a wrong server is made
--------------------------
A wrong server is a function from ``Parts`` to ``Parts``: most change one method of one class. ::

    class ForgetsTheRoom(Behaviour):
        async def find_open_room(self, visitor):
            return None

    def forgets_the_room(parts: Parts) -> Parts:
        return parts.behaving(ForgetsTheRoom).unguarded()

The seams, from the inside out:

- ``Parts.edition`` and ``Parts.settings``: values (``one_open_room``, ``database`` latency, version, …);
- ``Parts.front``: how a request is read, and what never reaches the behaviour;
- ``Parts.store``: the store's class, SQL included;
- ``Parts.behaviour`` (``Behaviour``, made of ``Omnichannel``, ``Messages``, …): what a call does;
  ``behaving(mixin)`` lays a class over the edition's own, so one wrong server serves every edition;
- ``Behaviour.refuse`` / ``refusal_body`` / ``succeed``: every answer as a value;
- ``Parts.wire`` (``reply``, ``encode``, ``headers``, ``write``): every answer on its way to bytes;
- ``Call.channel.raw(bytes)`` and ``.abort()``: what ASGI forbids (wrong length, truncation, a reset).

``Call.number`` counts the server's calls, ``Call.channel.peer`` names the connection, ``self.app.in_flight``
(in a behaviour) counts the calls under way. ``settings.latency`` passes before an answer leaves.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, Refusal, ServerCall, ServerReply
from rocketchat_contract.reference.front import Front
from rocketchat_contract.reference.limiter import Window, rate_headers, too_many_requests
from rocketchat_contract.reference.routes import ROUTES, Route, Router
from rocketchat_contract.reference.service import Edition
from rocketchat_contract.reference.settings import LimitSetting, Settings
from rocketchat_contract.reference.store import Store
from rocketchat_contract.reference.wire import Channel, Receive, Scope, Send, Wire


@dataclass(frozen=True)
class Parts:
    """What a server is put together from."""

    settings: Settings
    edition: Edition
    behaviour: type[Behaviour] = Behaviour
    wire: type[Wire] = Wire
    front: type[Front] = Front
    store: Callable[[str], Store] = Store

    def behaving(self, over: type[Behaviour]) -> Parts:
        """Lay a behaviour over the edition's own."""
        return replace(self, behaviour=type(over.__name__, (over, self.behaviour), {}))

    def wired(self, over: type[Wire]) -> Parts:
        """Lay a wire over the edition's own."""
        return replace(self, wire=type(over.__name__, (over, self.wire), {}))

    def unguarded(self) -> Parts:
        """Take the store's guarantee of one open room away."""
        return replace(self, edition=replace(self.edition, one_open_room=False))

    def set(self, **settings: object) -> Parts:
        """Change settings."""
        return replace(self, settings=replace(self.settings, **settings))  # type: ignore[arg-type]


class App:
    """An ASGI application for one server."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.settings = parts.settings
        self.password = parts.settings.password or secrets.token_urlsafe(12)
        self.store = parts.store(parts.settings.store)
        self.behaviour = parts.behaviour(self.store, parts.settings, parts.edition)
        self.behaviour.app = self
        self.behaviour.seed(self.password)
        self.wire = parts.wire(parts.settings)
        routes = (*ROUTES, *parts.front.routes)
        self.front = parts.front(parts.settings, parts.edition, Router(routes))
        self.handlers = {route: getattr(self.behaviour, route.handler) for route in routes}
        self.windows = self.make_windows(time.time)
        self.calls = 0
        self.in_flight = 0

    def make_windows(self, clock: Callable[[], float]) -> dict[Route, Window]:
        """Start a limiter window per limited route; none when the limiter is off."""
        usual, edition = self.settings.limit, self.parts.edition
        if usual is None or not edition.limiter:
            return {}
        double = LimitSetting(usual.calls * 2, usual.seconds)
        limits = {r: usual if r.own_limit and edition.own_limits else double for r in ROUTES if r.limited}
        return {route: Window(limit, clock) for route, limit in limits.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        self.calls += 1
        self.in_flight += 1
        try:
            await self.serve(scope, Channel(scope, receive, send))
        finally:
            self.in_flight -= 1

    async def serve(self, scope: Scope, channel: Channel) -> None:
        """Read the request, find its answer, send it."""
        front, method = self.front, scope["method"]
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        route, values = front.find(method, path)
        body = await channel.body() if method in front.bodies else b""
        query, unreadable = front.query(scope["query_string"])
        name = route.name if route else ""
        call = ServerCall(self.calls, method, name, query, values, scope["headers"], body, channel)
        reply = await front.early(scope, channel, call)
        if reply is None and route is None:
            reply = front.unrouted(call, path)
        elif reply is None and route is not None:
            reply = self.behaviour.refuse(unreadable) if unreadable else await self.answer(call, route)
        if reply is not None:
            await self.wire.answer(call, reply)

    async def answer(self, call: ServerCall, route: Route) -> ServerReply:
        """Answer a routed call: first the limiter is asked, then the behaviour."""
        rate: tuple[Header, ...] = ()
        try:
            if self.windows:
                rate, refusal = await self.limit(call, route)
                if refusal is not None:
                    raise refusal
            reply = self.behaviour.succeed(await self.handlers[route](call))
        except Refusal as refusal:
            reply = self.behaviour.refuse(refusal)
        return replace(reply, headers=reply.headers + rate) if rate else reply

    async def limit(self, call: ServerCall, route: Route) -> tuple[tuple[Header, ...], Refusal | None]:
        """Count the call; ``HEAD`` has no rule, and administrators are exempt."""
        window = self.windows.get(route)
        if window is None or call.method == "HEAD":
            return (), None
        caller = await self.behaviour.caller(call)
        if caller and "admin" in caller["roles"]:
            return (), None
        left, seconds = window.take(self.front.address(call))
        headers = rate_headers(window.limit, left, time.time() + seconds)
        return headers, too_many_requests(seconds) if left < 0 else None
