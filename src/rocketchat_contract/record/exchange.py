"""One request and what came back, as it is kept.

Everything here is already masked: a visitor's token stands as ``$RC_TOKEN_1``, so that what is judged,
what is written and what is shown are the same text.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

Headers = tuple[tuple[str, str], ...]

FailureKind = Literal["refused", "unresolved", "tls", "timeout", "closed", "malformed", "too-large", "stopped"]
FAILURES = frozenset(get_args(FailureKind))

CONNECTION_CLOSED = "connection closed"
"""How it is said that the other side closed or reset a connection."""

_MOST = 2**63
"""No number in a record is as large: nanoseconds of 292 years."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent; ``target`` is path and query below the base URL, percent-encoded as on the wire.

    ``unusual`` says that a value hidden in it is long or of unusual characters.
    """

    method: str
    target: str
    headers: Headers = ()
    body: str | None = None
    unusual: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; ``length`` counts the body's bytes on the wire, before masking and decoding.

    ``body`` is the text when the bytes are UTF-8, else ``raw`` holds them.
    ``complete`` is false when the connection ended before the announced end of the body; ``behind`` is true when more
    came than the answer, ``undecoded`` when the body is not what its content coding says: ``raw`` has it as it came,
    ``late`` when more than the answer before had come on the kept connection before this call left.
    """

    status: int
    headers: Headers = ()
    body: str | None = ""
    raw: bytes = b""
    length: int = 0
    complete: bool = True
    behind: bool = False
    undecoded: bool = False
    late: bool = False

    @property
    def media_type(self) -> str:
        """The media type as it was sent, without parameters; in words where none was."""
        return (self.header("content-type") or "no media type").partition(";")[0]

    def header(self, name: str) -> str | None:
        """The first value of a header, by case-insensitive name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no whole answer came; ``sent`` says that the server may have acted on the request."""

    kind: FailureKind
    sent: bool
    detail: str

    @property
    def word(self) -> str:
        """What happened, in a word or two."""
        return CONNECTION_CLOSED if self.kind == "closed" else self.kind


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and its response or failure.

    ``number`` counts requests in the order they left, from 1.
    ``started`` and ``ended`` are nanoseconds on the run's monotonic clock, so overlap is known.
    ``visitor`` is the alias of the visitor acted for, or None.
    ``released`` is, for a call of a burst, a moment by which its last byte had left; None for any other.
    ``answered`` is one at which its answer cannot have been complete yet: from the one to the other it was under way.
    """

    number: int
    driver: str
    why: str
    visitor: str | None
    started: int
    ended: int
    request: Request
    response: Response | None = None
    failure: Failure | None = None
    released: int | None = None
    answered: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The journal line's content; ``from_json`` reads it back to an equal value."""
        line: dict[str, Any] = {
            "type": "exchange",
            "number": self.number,
            "driver": self.driver,
            "why": self.why,
            "visitor": self.visitor,
            "started": self.started,
            "ended": self.ended,
            "request": _request_to_json(self.request),
        }
        if self.response is not None:
            line["response"] = _response_to_json(self.response)
        if self.failure is not None:
            line["failure"] = {
                "kind": self.failure.kind,
                "sent": self.failure.sent,
                "detail": self.failure.detail,
            }
        if self.released is not None:
            line["released"] = self.released
        if self.answered is not None:
            line["answered"] = self.answered
        return line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Exchange:
        """The exchange of a journal line; raises ``ValueError`` that names what is wrong with it."""
        response, failure = line.get("response"), line.get("failure")
        started, ended = _whole(line, "started"), _whole(line, "ended")
        if ended < started:
            raise ValueError("it ended before it started")
        return cls(
            _whole(line, "number", least=1),
            _text(line, "driver"),
            _text(line, "why"),
            None if line.get("visitor") is None else _text(line, "visitor"),
            started,
            ended,
            _request_from_json(_object(line, "request")),
            None if response is None else _response_from_json(_object(line, "response")),
            None if failure is None else _failure_from_json(_object(line, "failure")),
            None if line.get("released") is None else _whole(line, "released"),
            None if line.get("answered") is None else _whole(line, "answered"),
        )


def _request_to_json(request: Request) -> dict[str, Any]:
    content: dict[str, Any] = {
        "method": request.method,
        "target": request.target,
        "headers": [list(pair) for pair in request.headers],
    }
    if request.body is not None:
        content["body"] = request.body
    if request.unusual:
        content["unusual"] = True
    return content


def _request_from_json(content: Mapping[str, Any]) -> Request:
    body = content.get("body")
    return Request(
        _text(content, "method"),
        _text(content, "target"),
        _headers(content),
        None if body is None else _text(content, "body"),
        content.get("unusual") is True,
    )


def _response_to_json(response: Response) -> dict[str, Any]:
    content: dict[str, Any] = {
        "status": response.status,
        "headers": [list(pair) for pair in response.headers],
        "length": response.length,
        "complete": response.complete,
    }
    if response.body is None:
        content["raw"] = base64.b64encode(response.raw).decode("ascii")
    else:
        content["body"] = response.body
    content |= {name: True for name in RARE_SIGNS if getattr(response, name)}
    return content


RARE_SIGNS = ("behind", "undecoded", "late")
"""What a record says of an answer only where it is so."""


def _response_from_json(content: Mapping[str, Any]) -> Response:
    status, complete = _whole(content, "status"), content.get("complete")
    if not 100 <= status <= 999 or not isinstance(complete, bool):
        raise ValueError("status or complete is wrong")
    body = content.get("body")
    return Response(
        status,
        _headers(content),
        None if body is None else _text(content, "body"),
        b"" if body is not None else base64.b64decode(_text(content, "raw"), validate=True),
        _whole(content, "length"),
        complete,
        **{name: content.get(name) is True for name in RARE_SIGNS},
    )


def _failure_from_json(content: Mapping[str, Any]) -> Failure:
    kind, sent = content.get("kind"), content.get("sent")
    if not isinstance(kind, str) or kind not in FAILURES or not isinstance(sent, bool):
        raise ValueError("kind or sent is wrong")
    return Failure(cast(FailureKind, kind), sent, _text(content, "detail"))


def _headers(content: Mapping[str, Any]) -> Headers:
    pairs = content.get("headers")
    if not isinstance(pairs, list):
        raise ValueError("headers is not a list")  # noqa: TRY004 - the caller looks for one kind of error
    headers = []
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2):
            raise ValueError("a header is no pair")
        name, value = pair
        if not (isinstance(name, str) and isinstance(value, str)):
            raise ValueError("a header is no text")  # noqa: TRY004 - as above
        headers.append((name, value))
    return tuple(headers)


def _object(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no object")  # noqa: TRY004 - as above
    return value


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")  # noqa: TRY004 - as above
    return value


def _whole(content: Mapping[str, Any], name: str, least: int = 0) -> int:
    value = content.get(name)
    if type(value) is not int or not least <= value < _MOST:
        raise ValueError(f"{name} is no whole number from {least} to {_MOST - 1}")
    return value
