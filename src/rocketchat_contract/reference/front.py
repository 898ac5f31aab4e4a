"""What stands before the behaviour: how a request is read, and what is answered before any route is asked."""

from __future__ import annotations

from rocketchat_contract.reference.call import NOT_FOUND, TEXT_TYPE, Refusal, ServerCall, ServerReply
from rocketchat_contract.reference.query import GroupedQuery, UnreadableQuery, parse_query_string
from rocketchat_contract.reference.routes import Route, Router
from rocketchat_contract.reference.service import Edition
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.reference.wire import Channel, Scope

MOST_HEADER_BYTES = 16 * 1024  # Node's own limit on request line and header fields
NO_CORS = b'CORS not enabled. Go to "Admin > General > REST Api" to enable it.'
FRONT_METHODS = frozenset(
    (
        *("ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "M-SEARCH", "MERGE"),
        *("MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH"),
        *("PURGE", "PUT", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK"),
        "UNSUBSCRIBE",
    )
)
"""The methods that Node knows; it closes the connection on all others."""
_TOO_LARGE = ServerReply(431, b"", TEXT_TYPE, ((b"connection", b"close"),), cacheable=True)


class Front:
    """The router and the limits of the line of 7.4 and later."""

    bodies = frozenset(("POST", "PUT", "PATCH"))
    """The methods whose body is read."""
    closes_unreadable = False
    """Whether what is no request is not answered either."""
    routes: tuple[Route, ...] = ()
    """What is routed beside the usual routes."""

    def __init__(self, settings: Settings, edition: Edition, router: Router) -> None:
        self.settings = settings
        self.edition = edition
        self.router = router

    def find(self, method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
        """Find the route of a raw path, and the decoded values of its open steps."""
        prefix = self.settings.prefix
        return self.router.find(method, path[len(prefix) :]) if path.startswith(prefix) else (None, ())

    def query(self, raw: bytes) -> tuple[GroupedQuery, Refusal | None]:
        """Read the query string; an unreadable one is refused before the limiter counts the call."""
        if not raw:
            return {}, None
        try:
            return parse_query_string(raw, strict=self.edition.strict_query), None
        except UnreadableQuery:
            return {}, Refusal("Invalid query parameters", early=True)

    async def early(self, scope: Scope, channel: Channel, call: ServerCall) -> ServerReply | None:  # noqa: ARG002
        """Answer what never reaches the API, if it is such a call."""
        return _TOO_LARGE if oversized(scope) else None

    def unrouted(self, call: ServerCall, path: str) -> ServerReply:
        """Answer what no route answers: ``OPTIONS`` and everything unknown."""
        if call.method != "OPTIONS" or not path.startswith(f"{self.settings.prefix}/api/"):
            return NOT_FOUND
        if is_preflight(call):
            return ServerReply(405, NO_CORS, TEXT_TYPE, cacheable=True)
        return ServerReply(200, b"OK", TEXT_TYPE, cacheable=True)

    def address(self, call: ServerCall) -> str:
        """The caller's address, as the limiter counts it."""
        return call.address


def is_preflight(call: ServerCall) -> bool:
    """Whether a browser asks if it may call from another site."""
    return bool(call.header(b"origin") and call.header(b"access-control-request-method"))


def oversized(scope: Scope, most: int = MOST_HEADER_BYTES) -> bool:
    """Tell whether request line and header fields are more than Node reads."""
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    return size + sum(len(name) + len(value) for name, value in scope["headers"]) > most
