"""One request and what came back, as it is kept.

Everything here is already masked: a visitor's token stands as ``$RC_TOKEN_1``, so that what is judged,
what is written and what is shown are the same text.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Headers = tuple[tuple[str, str], ...]

FailureKind = Literal["refused", "unresolved", "tls", "timeout", "closed", "malformed", "too-large", "stopped"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent; ``target`` is path and query below the base URL, percent-encoded as on the wire."""

    method: str
    target: str
    headers: Headers = ()
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; ``length`` counts the body's bytes on the wire, before masking and decoding.

    ``body`` is the text when the bytes are UTF-8, else ``raw`` holds them.
    ``complete`` is false when the connection ended before the announced end of the body.
    """

    status: int
    headers: Headers = ()
    body: str | None = ""
    raw: bytes = b""
    length: int = 0
    complete: bool = True

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


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and its response or failure.

    ``number`` counts requests in the order they left, from 1.
    ``started`` and ``ended`` are nanoseconds on the run's monotonic clock, so overlap is known.
    ``visitor`` is the alias of the visitor acted for, or None.
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
        return line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Exchange:
        """The exchange of a journal line."""
        response, failure = line.get("response"), line.get("failure")
        return cls(
            number=line["number"],
            driver=line["driver"],
            why=line["why"],
            visitor=line["visitor"],
            started=line["started"],
            ended=line["ended"],
            request=_request_from_json(line["request"]),
            response=None if response is None else _response_from_json(response),
            failure=None if failure is None else Failure(**failure),
        )


def _request_to_json(request: Request) -> dict[str, Any]:
    content: dict[str, Any] = {
        "method": request.method,
        "target": request.target,
        "headers": [list(pair) for pair in request.headers],
    }
    if request.body is not None:
        content["body"] = request.body
    return content


def _request_from_json(content: Mapping[str, Any]) -> Request:
    return Request(content["method"], content["target"], _headers(content["headers"]), content.get("body"))


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
    return content


def _response_from_json(content: Mapping[str, Any]) -> Response:
    return Response(
        status=content["status"],
        headers=_headers(content["headers"]),
        body=content.get("body"),
        raw=base64.b64decode(content.get("raw", "")),
        length=content["length"],
        complete=content["complete"],
    )


def _headers(pairs: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in pairs)
