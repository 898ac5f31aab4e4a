"""Which path asks for which behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote


@dataclass(frozen=True)
class Route:
    """A method and a path that the server answers."""

    method: str
    path: str
    handler: str
    """The name of a method of the behaviour."""
    own_limit: bool = False
    """Whether its limit is half the usual one."""
    limited: bool = True

    @cached_property
    def name(self) -> str:
        """The path without ``/api/`` or ``/api/v1/``."""
        return self.path.removeprefix("/api/").removeprefix("v1/")


ROUTES = (
    Route("GET", "/api/info", "get_info", limited=False),
    Route("GET", "/api/v1/livechat/room", "get_room", own_limit=True),
    Route("POST", "/api/v1/livechat/visitor", "post_visitor", own_limit=True),
    Route("GET", "/api/v1/livechat/visitor/:token", "get_visitor"),
    Route("DELETE", "/api/v1/livechat/visitor/:token", "delete_visitor"),
    Route("POST", "/api/v1/livechat/visitor.status", "post_visitor_status"),
    Route("POST", "/api/v1/livechat/room.close", "post_close"),
    Route("POST", "/api/v1/livechat/message", "post_message"),
    Route("GET", "/api/v1/livechat/messages.history/:rid", "get_history"),
    Route("GET", "/api/v1/livechat/config", "get_config"),
    Route("GET", "/api/v1/livechat/agent.info/:rid/:token", "get_agent_info"),
    Route("GET", "/api/v1/livechat/agent.next/:token", "get_next_agent"),
    Route("GET", "/api/v1/livechat/rooms", "get_rooms"),
    Route("GET", "/api/v1/livechat/users/agent", "get_agents"),
    Route("POST", "/api/v1/livechat/users/agent", "post_agent"),
    Route("GET", "/api/v1/livechat/users/agent/:id", "get_agent"),
    Route("DELETE", "/api/v1/livechat/users/agent/:id", "delete_agent"),
    Route("POST", "/api/v1/livechat/agent.status", "post_agent_status"),
    Route("POST", "/api/v1/login", "post_login"),
    Route("GET", "/api/v1/me", "get_me"),
    Route("POST", "/api/v1/users.setStatus", "post_presence"),
    Route("POST", "/api/v1/settings/:id", "post_setting"),
    Route("POST", "/api/v1/chat.postMessage", "post_agent_message"),
    Route("POST", "/api/v1/livechat/room.closeByUser", "post_close_by_user"),
)


class Router:
    """Finds the route of a request; ``HEAD`` is dispatched as ``GET``."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._exact = {(route.method, route.path): route for route in routes if ":" not in route.path}
        self._open: dict[tuple[str, int], list[tuple[Route, list[str]]]] = {}
        for route in routes:
            steps = route.path.split("/")
            if ":" in route.path:
                self._open.setdefault((route.method, len(steps)), []).append((route, steps))

    def find(self, method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
        """Find the route of a raw path, and the decoded values of its open steps."""
        route, values = self.find_decoded("GET" if method == "HEAD" else method, path)
        return route, tuple(map(unquote, values))

    def find_decoded(self, method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
        """Find the route of a path, and the values of its open steps as they stand there."""
        route = self._exact.get((method, path))
        if route is not None:
            return route, ()
        steps = path.split("/")
        for candidate, pattern in self._open.get((method, len(steps)), ()):
            if all(step if want.startswith(":") else step == want for want, step in zip(pattern, steps, strict=True)):
                pairs = zip(pattern, steps, strict=True)
                return candidate, tuple(step for want, step in pairs if want.startswith(":"))
        return None, ()
