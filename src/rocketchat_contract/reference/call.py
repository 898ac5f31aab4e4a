"""What is asked and what is answered: ``ServerCall``, ``ServerReply``, ``Refusal``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from rocketchat_contract.reference.query import GroupedQuery

if TYPE_CHECKING:
    from rocketchat_contract.reference.wire import Channel

Header = tuple[bytes, bytes]
JsonObject = dict[str, Any]
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class ServerCall:
    """One request, read."""

    number: int
    """Counts the calls of this server from 1."""
    method: str
    route: str
    """The route's pattern without its prefix, such as ``livechat/visitor/:token``."""
    query: GroupedQuery
    values: tuple[str, ...]
    """What stands where the pattern has names, decoded."""
    headers: list[Header]
    body: bytes
    channel: Channel = field(repr=False)

    def header(self, name: bytes) -> str:
        """Read a header by its lower-case name; empty when absent."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return ""

    @property
    def cookies(self) -> dict[str, str]:
        """Read the cookies."""
        pairs = (pair.strip().partition("=") for pair in self.header(b"cookie").split(";"))
        return {name: value for name, equals, value in pairs if equals}

    @property
    def from_widget(self) -> bool:
        """Tell whether the widget's two cookies are sent."""
        cookies = self.cookies if any(key == b"cookie" for key, _ in self.headers) else {}
        return cookies.get("rc_room_type") == "l" and cookies.get("rc_is_widget") == "t"

    @property
    def address(self) -> str:
        """The caller's address, as a proxy in front tells it, else as the socket knows it."""
        return self.header(b"x-real-ip") or self.channel.peer[0]

    @property
    def value(self) -> Any:
        """Read the body, JSON or a form; nothing where it is neither."""
        media_type = self.header(b"content-type").lower()
        if "application/x-www-form-urlencoded" in media_type:
            return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))
        if "application/json" not in media_type:
            return None
        try:
            value = json.loads(self.body, parse_constant=_not_json)
        except (ValueError, RecursionError):
            return None
        return _without_lone_surrogates(value) if _ESCAPED_SURROGATE.search(self.body) else value

    @property
    def document(self) -> JsonObject:
        """Read the body; what is no object counts as an empty one, as in Rocket.Chat."""
        value = self.value
        return value if isinstance(value, dict) else {}


def _not_json(constant: str) -> None:
    raise ValueError(constant)


def _without_lone_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    return value


JSON = b"application/json"
TEXT_TYPE = b"text/plain; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class ServerReply:
    """One answer before it is bytes."""

    status: int
    document: Any
    """A JSON document, or the bytes themselves."""
    media_type: bytes = JSON
    headers: tuple[Header, ...] = ()
    cacheable: bool = False
    """Whether ``Cache-Control`` and ``Pragma`` are left out, as in answers given before the API layer."""


NOT_FOUND = ServerReply(404, b"404 Not Found", TEXT_TYPE, cacheable=True)


@dataclass(eq=False)  # not frozen: Python itself sets __traceback__ on what is raised
class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """A call the server turns down; ``message`` is what the answer's ``error`` says, which none has when empty."""

    message: str
    code: str = ""
    """The Meteor error code; with one, the answer carries ``errorType``."""
    details: Mapping[str, object] | None = None
    status: int = 400
    extra: Mapping[str, object] = field(default_factory=dict)
    """Further members of the answer's body."""
    early: bool = False
    """Whether it is given before the API layer adds its headers."""


def plain(message: str) -> Refusal:
    """Refuse as a plain exception does: no ``errorType``."""
    return Refusal(message)


def coded(code: str, reason: str = "", details: Mapping[str, object] | None = None) -> Refusal:
    """Refuse as a Meteor error does: the code in brackets and as ``errorType``."""
    return Refusal(f"{reason} [{code}]" if reason else f"[{code}]", code, details)


def mismatch(problem: str) -> Refusal:
    """Refuse as Meteor's ``check`` does."""
    return Refusal(f"Match error: {problem}")


def unauthorized(message: str) -> Refusal:
    """Refuse a caller who is not who they say."""
    return Refusal(message, status=401, extra={"status": "error", "message": message})
