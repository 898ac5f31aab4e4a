"""One entry of a HAR file, read as an exchange."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus

from rocketchat_contract.record.exchange import Exchange, Failure, Headers, Request, Response
from rocketchat_contract.record.ordinary import hides_unusual
from rocketchat_contract.record.personal import Personal
from rocketchat_contract.record.redact_har import REDACTED, Disguise, har_tokens, tokens_asked

REQUEST_HEADERS = frozenset({"accept", "accept-encoding", "content-type", "host", "user-agent"})
"""Of a request's headers these are kept: what a judgement or a repeat needs, and no credential."""

FURTHEST = 2**63
"""Nanoseconds or bytes that a record can count."""

_JUDGED_BODIES = (200, 400, 429)


@dataclass(frozen=True)
class HarEntry:
    """One entry, ``number`` counted from 1; times in nanoseconds since 1970, ``took`` None where nothing tells it.

    ``base`` is the server's URL, ``target`` path and query below it.
    """

    number: int
    content: Mapping[str, Any]
    base: str
    target: str
    started: int
    took: int | None


class EntryReader:
    """Makes exchanges of entries, once it has learned the tokens of all of them.

    ``origin`` and ``last`` are the first and the last moment of the capture (ns since 1970). ``redacted`` counts
    the exchanges whose token the tool had hidden. ``bodies`` are those that the HAR keeps in files, by name;
    ``personal`` puts stand-ins for personal data, None leaves it.
    """

    def __init__(
        self, file: str, origin: int, last: int, bodies: Mapping[str, bytes], personal: Personal | None
    ) -> None:
        self.origin = origin
        self.redacted = 0
        self._file = file
        self._last = last
        self._bodies = bodies
        self._personal = personal
        self._disguise = Disguise()

    @property
    def masked(self) -> Mapping[str, int]:
        """How many personal texts of each kind were replaced."""
        return {} if self._personal is None else self._personal.masked

    def learn(self, entry: HarEntry) -> None:
        """Take note of the tokens in an entry."""
        self._disguise.learn(_tokens(entry, self._bodies))

    def exchange(self, number: int, entry: HarEntry) -> Exchange:
        """The exchange of an entry."""
        response, failure = _answer(entry.content.get("response") or {}, entry.content, self._bodies)
        hidden = self._stand_in(entry, response)
        target = self._disguise.target(entry.target, hidden)
        ended = self._last if entry.took is None else entry.started + entry.took
        if ended - self.origin >= FURTHEST:
            raise ValueError("it lies centuries after the first")
        return Exchange(
            number=number,
            driver="capture",
            why=f"entry {entry.number} of {self._file}",
            visitor=hidden or next(filter(None, map(self._disguise.name, _tokens(entry, self._bodies))), None),
            started=entry.started - self.origin,
            ended=ended - self.origin,
            request=self._request(entry, target),
            response=None if response is None else self._masked(response),
            failure=failure,
        )

    def _stand_in(self, entry: HarEntry, response: Response | None) -> str | None:
        """A name in place of a token that the tool hid: whose room came back, or nobody's."""
        if not any(REDACTED.fullmatch(token) for token in tokens_asked(entry.target)):
            return None
        self.redacted += 1
        shown = har_tokens(_json(response.body)) if response is not None and response.status == 200 else ()
        return next(filter(None, map(self._disguise.name, shown)), None) or self._disguise.nobody()

    def _request(self, entry: HarEntry, target: str) -> Request:
        entry_part = entry.content["request"]
        headers = [pair for pair in _headers(entry_part) if pair[0].lower() in REQUEST_HEADERS]
        body = _sent(entry)
        kept = self._impersonal_target(target)
        return Request(
            str(entry_part["method"]).upper(),
            kept,
            self._impersonal_headers(self._disguise.headers(tuple(headers))),
            None if body is None else self._impersonal(self._disguise.text(body)),
            hides_unusual(entry.target, kept),
        )

    def _masked(self, response: Response) -> Response:
        body = None if response.body is None else self._disguise.text(response.body)
        if body is not None:
            body = self._impersonal(body) if response.status < 400 else self._without_mails(body)
        return Response(
            response.status,
            self._impersonal_headers(self._disguise.headers(response.headers)),
            body,
            self._disguise.bytes(response.raw),
            response.length,
        )

    def _impersonal(self, body: str) -> str:
        return body if self._personal is None else self._personal.body(body)

    def _without_mails(self, text: str) -> str:
        """A refusal is told in the server's words; only an address in it is nobody's business."""
        return text if self._personal is None else self._personal.mails(text)

    def _impersonal_headers(self, headers: Headers) -> Headers:
        return tuple((name, self._without_mails(value)) for name, value in headers)

    def _impersonal_target(self, target: str) -> str:
        path, mark, query = target.partition("?")
        return path + mark + "&".join(map(self._impersonal_parameter, query.split("&")))

    def _impersonal_parameter(self, part: str) -> str:
        key, equals, value = part.partition("=")
        if self._personal is None or not value:
            return part
        plain = unquote_plus(value)
        entry_part = self._personal.value(unquote_plus(key), plain)
        return part if entry_part == plain else f"{key}{equals}{quote(entry_part, safe='$@')}"


def has_no_body(entry: HarEntry, bodies: Mapping[str, bytes]) -> bool:
    """Whether an answer was captured whose body is not in the capture, though one came."""
    entry_part = entry.content.get("response") or {}
    body, raw = _text(entry_part.get("content") or {}, bodies)
    return entry_part.get("status") in _JUDGED_BODIES and body is None and not raw


def _tokens(entry: HarEntry, bodies: Mapping[str, bytes]) -> Iterator[str]:
    """The tokens that an entry shows: those it asks for first."""
    yield from tokens_asked(entry.target)
    yield from har_tokens(_json(_sent(entry)))
    content = (entry.content.get("response") or {}).get("content") or {}
    yield from har_tokens(_json(_text(content, bodies)[0]))


def _answer(
    entry_part: Mapping[str, Any], entry: Mapping[str, Any], bodies: Mapping[str, bytes]
) -> tuple[Response | None, Failure | None]:
    """What came back. Why nothing did, the client does not say: it may have been the client that gave up."""
    status = entry_part.get("status")
    content = entry_part.get("content") or {}
    if not isinstance(status, int) or status <= 0:
        reason = (
            entry_part.get("_error")
            or entry_part.get("_failureText")
            or entry.get("_error")
            or "no answer was captured"
        )
        return None, Failure("stopped", sent=True, detail=str(reason))
    body, raw = _text(content, bodies)
    if body is None and not raw:
        if status in _JUDGED_BODIES:
            return None, Failure("stopped", sent=True, detail=f"status {status}, but its body was not captured")
        body = ""
    if not 100 <= status <= 999:
        raise ValueError(f"status {status}")
    length = _size(entry_part.get("bodySize")) or _size(content.get("size")) or len(body or raw)
    return Response(status, _answer_headers(entry_part, content), body, raw, length), None


def _text(content: Mapping[str, Any], bodies: Mapping[str, bytes]) -> tuple[str | None, bytes]:
    """A body as text, or as bytes where they are no UTF-8; neither when the tool left it out or cut it."""
    text = content.get("text")
    if text is None and content.get("_file") in bodies:
        return _decoded(bodies[content["_file"]])
    if "truncated" in str(content.get("comment") or "").lower():
        return None, b""
    if text is None:
        return ("", b"") if content.get("size") == 0 else (None, b"")
    if content.get("encoding") != "base64":
        return str(text), b""
    return _decoded(base64.b64decode(text, validate=True))


def _decoded(raw: bytes) -> tuple[str | None, bytes]:
    try:
        return raw.decode("utf-8"), b""
    except UnicodeDecodeError:
        return None, raw


def _sent(entry: HarEntry) -> str | None:
    posted = entry.content["request"].get("postData") or {}
    text = posted.get("text")
    return text if isinstance(text, str) else None


def _headers(entry_part: Mapping[str, Any]) -> Headers:
    pairs = ((str(header["name"]), str(header["value"])) for header in entry_part.get("headers") or ())
    return tuple(pair for pair in pairs if not pair[0].startswith(":"))


def _answer_headers(entry_part: Mapping[str, Any], content: Mapping[str, Any]) -> Headers:
    """The headers; the media type stands in for a Content-Type that the tool told there only."""
    headers, media_type = _headers(entry_part), content.get("mimeType")
    if media_type and all(name.lower() != "content-type" for name, _ in headers):
        return (*headers, ("content-type", str(media_type)))
    return headers


def _size(value: Any) -> int:
    return value if type(value) is int and 0 < value < FURTHEST else 0


def _json(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
