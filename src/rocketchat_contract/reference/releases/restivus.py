"""The router of releases up to 7.2: Restivus behind connect-route, and Express behind that."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote_to_bytes

from rocketchat_contract.reference.call import Refusal, ServerCall, ServerReply
from rocketchat_contract.reference.front import FRONT_METHODS, NO_CORS, Front, is_preflight, oversized
from rocketchat_contract.reference.query import GroupedQuery, parse_query_string
from rocketchat_contract.reference.routes import ROUTES, Route
from rocketchat_contract.reference.wire import Channel, Scope

RESTIVUS_PAGE = b"text/html; charset=utf-8"
_LEFT_CODED = re.compile("%(?:2[346bcfBCF]|3[abdfABDF]|40)")
"""What ``decodeURI`` leaves as it is: the signs that have a meaning in a URL."""
_BROKEN_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_NO_CACHE = ((b"cache-control", b"no-cache"),)
_NOT_FOUND = ServerReply(404, b"404 Not Found", RESTIVUS_PAGE, _NO_CACHE, cacheable=True)
_NO_HEAD = ServerReply(404, b"", RESTIVUS_PAGE, _NO_CACHE, cacheable=True)
_WRONG_METHOD = ServerReply(
    405, {"status": "error", "message": "API endpoint does not exist"}, headers=((b"allow", b"GET, OPTIONS"),)
)
_ONLY_PAGES = ServerReply(405, b"", b"", ((b"allow", b"OPTIONS, GET, HEAD"),), cacheable=True)
_GONE = ServerReply(500, b"", RESTIVUS_PAGE, cacheable=True)
"""For a client that has given up: nobody reads it."""
_PATHS = frozenset(route.path for route in ROUTES)


def error_page(status: int, reason: str) -> ServerReply:
    """The page that Express shows for an error."""
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        f"<body>\n<pre>{reason}</pre>\n</body>\n</html>\n"
    )
    return ServerReply(status, text.encode(), RESTIVUS_PAGE, cacheable=True)


class Malformed(Exception):  # noqa: N818 - it says what the URL is
    """Percent-encoding that ``decodeURI`` refuses."""


def decoded_uri(text: str) -> str:
    """Undo percent coding as ``decodeURI`` does; raises ``Malformed``."""
    if "%" not in text:
        return text
    if _BROKEN_PERCENT.search(text):
        raise Malformed(text)
    kept = _LEFT_CODED.sub(lambda found: f"%25{found[0][1:]}", text)
    try:
        return unquote_to_bytes(kept).decode()
    except UnicodeDecodeError as error:
        raise Malformed(text) from error


class Restivus(Front):
    """Paths are decoded as ``decodeURI`` does, and what it refuses is never answered."""

    bodies = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE"))
    closes_unreadable = True
    most_header_bytes = 16 * 1024

    def find(self, method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
        """Find a route by its decoded path; a slash more at either end changes nothing, and ``HEAD`` has none."""
        if method == "HEAD":
            return None, ()
        try:
            path = decoded_uri(self.trimmed(path))
        except Malformed:
            return None, ()
        prefix = self.settings.prefix
        return self.router.find_decoded(method, path[len(prefix) :]) if path.startswith(prefix) else (None, ())

    def trimmed(self, path: str) -> str:
        """Take the slashes away that make no difference."""
        return f"/{path.strip('/')}"

    def query(self, raw: bytes) -> tuple[GroupedQuery, Refusal | None]:
        """Read all behind the first ``?``."""
        return parse_query_string(raw.replace(b"?", b"%3F"), strict=False), None

    async def early(self, scope: Scope, channel: Channel, call: ServerCall) -> ServerReply | None:
        """Close on long requests, answer bodies that are no JSON with a page, and malformed encodings not at all."""
        if oversized(scope, self.most_header_bytes) or call.method not in FRONT_METHODS:
            await channel.abort()
            return _GONE
        try:
            decoded_uri(f"{(scope.get('raw_path') or b'').decode('latin-1')}?{scope['query_string'].decode('latin-1')}")
        except Malformed:
            return await self.malformed(channel)
        return error_page(400, "Bad Request") if call.body and is_broken_json(call) else None

    async def malformed(self, channel: Channel) -> ServerReply:
        """Deal with malformed encodings: nobody catches the exception, so the client waits in vain."""
        await channel.keep_silent()
        return _GONE

    def unrouted(self, call: ServerCall, path: str) -> ServerReply:
        """Answer what no route answers."""
        known = decoded_uri(self.trimmed(path)).removeprefix(self.settings.prefix) in _PATHS
        if call.method == "OPTIONS":
            return self.options(call)
        if call.method in ("GET", "HEAD"):
            return _NO_HEAD if call.method == "HEAD" else self.page()
        if known and call.method in ("POST", "PUT", "PATCH", "DELETE", "GET"):
            return _WRONG_METHOD
        return self.other_method()

    def options(self, call: ServerCall) -> ServerReply:
        """Answer ``OPTIONS``."""
        return ServerReply(405, NO_CORS, b"") if is_preflight(call) else ServerReply(200, b"", b"")

    def page(self) -> ServerReply:
        """Answer ``GET`` of a path that is no route."""
        return _NOT_FOUND

    def other_method(self) -> ServerReply:
        """Answer a method that neither the API nor the pages know."""
        return _ONLY_PAGES

    def address(self, call: ServerCall) -> str:
        """Take the last address that anybody named, proxy or not."""
        forwarded = call.header(b"x-forwarded-for").rpartition(",")[2].strip()
        return forwarded or call.address


class OldRestivus(Restivus):
    """Of 3.4, on Node 12."""

    most_header_bytes = 8 * 1024

    routes = (Route("GET", "/api/v1/info", "get_versioned_info", limited=False),)

    def options(self, call: ServerCall) -> ServerReply:
        """Answer ``OPTIONS``."""
        return ServerReply(405, NO_CORS, b"") if is_preflight(call) else ServerReply(404, b"", b"")

    def other_method(self) -> ServerReply:
        """Answer a method that neither the API nor the pages know."""
        return _NOT_FOUND


class CalledRestivus(Restivus):
    """The REST stack of 7.2 alone, called by a front that catches what it throws and answers the rest with a page."""

    def page(self) -> ServerReply:
        """Answer ``GET`` of a path that is no route."""
        html = b"<!DOCTYPE html>\n<html><head><title>Rocket.Chat</title></head><body></body></html>"
        return ServerReply(200, html, RESTIVUS_PAGE, cacheable=True)

    def unrouted(self, call: ServerCall, path: str) -> ServerReply:
        """Answer what no route answers; ``HEAD`` gets the page without its text."""
        return self.page() if call.method == "HEAD" else super().unrouted(call, path)

    async def malformed(self, channel: Channel) -> ServerReply:  # noqa: ARG002
        """Answer malformed encodings with Express's page."""
        return error_page(500, "Internal Server Error")


def is_broken_json(call: ServerCall) -> bool:
    """Whether a body says that it is JSON and is none."""
    if "application/json" not in call.header(b"content-type").lower():
        return False
    try:
        json.loads(call.body)
    except (ValueError, RecursionError):
        return True
    return False
