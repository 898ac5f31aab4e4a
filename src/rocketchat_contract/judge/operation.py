"""An exchange read as what it does: get-or-create, by rid, close, register, message, delete."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from rocketchat_contract.judge import strictjson
from rocketchat_contract.judge.strictjson import Parsed
from rocketchat_contract.record.exchange import Exchange, Request

ROOM_PATH = "/api/v1/livechat/room"
VISITOR_PATH = "/api/v1/livechat/visitor"
CLOSE_PATH = "/api/v1/livechat/room.close"
MESSAGE_PATH = "/api/v1/livechat/message"

GATEWAY = frozenset({502, 503, 504})
"""Statuses with which a proxy says that the server behind it did not answer."""

LONG_TARGET = 4096
"""Bytes of path and query beyond which the HTTP layer may refuse with 414 or 431 (Node's header limit is 16 KiB)."""


BYTE_ORDER_MARK = "\ufeff"

_NAMED = frozenset({"token", "rid", "agentId"})


class Kind(StrEnum):
    """What a request asks for."""

    GET_OR_CREATE = "get-or-create"
    BY_RID = "by-rid"
    ODD_ROOM = "odd-room"
    """A room call without a plain token, or with a parameter sent twice or structured."""
    REGISTER = "register"
    DELETE = "delete"
    CLOSE = "close"
    MESSAGE = "message"
    OTHER = "other"


class Answer(StrEnum):
    """What came back, as far as the history cares."""

    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """It may or may not have taken effect: no answer, or an answer that says nothing."""
    NOTHING = "nothing"
    """Known not to have taken effect: never sent, or turned away by the limiter."""


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a room call, as ``qs`` would group it: plain parameters, and what is not plain."""

    plain: Mapping[str, str]
    twice: frozenset[str] = frozenset()
    structured: frozenset[str] = frozenset()

    @property
    def odd(self) -> frozenset[str]:
        """Names sent twice or as list or object."""
        return self.twice | self.structured

    @property
    def unnamed(self) -> frozenset[str]:
        """Plain parameters that the document does not name."""
        return frozenset(self.plain) - _NAMED


@dataclass(frozen=True, slots=True)
class Operation:
    """One exchange as a step of a history.

    ``rid`` is the room asked for, ``room`` the id of the room in the answer.
    """

    exchange: Exchange
    kind: Kind
    answer: Answer
    token: str | None = None
    rid: str | None = None
    query: Query | None = None
    parsed: Parsed = field(default=Parsed())
    room: str | None = None
    new: bool | None = None
    error: str = ""

    @property
    def number(self) -> int:
        """The number of its exchange."""
        return self.exchange.number

    @property
    def status(self) -> int | None:
        """The status that came back, if one did."""
        return self.exchange.response.status if self.exchange.response else None

    @property
    def body(self) -> Mapping[str, Any]:
        """The JSON object that came back; empty when none did."""
        return self.parsed.value if isinstance(self.parsed.value, dict) else {}

    @property
    def document(self) -> Mapping[str, Any]:
        """The room in the answer; empty when there is none."""
        room = self.body.get("room")
        return room if isinstance(room, dict) else {}

    @property
    def is_room_call(self) -> bool:
        """Whether it is a call of the operation under contract."""
        return self.kind in _ROOM_KINDS

    @property
    def named_agent(self) -> str:
        """The agent that a room call asks for; empty for none."""
        return self.query.plain.get("agentId", "") if self.query else ""

    @property
    def unnamed(self) -> frozenset[str]:
        """Parameters of a room call that the document does not name."""
        return self.query.unnamed if self.query else frozenset()

    @property
    def has_empty_rid(self) -> bool:
        """Whether a room call has a rid that is empty."""
        return self.query is not None and self.query.plain.get("rid") == ""


_ROOM_KINDS = frozenset({Kind.GET_OR_CREATE, Kind.BY_RID, Kind.ODD_ROOM})


def read(exchange: Exchange) -> Operation:
    """The operation of an exchange."""
    parsed = _parse_body(exchange)
    path, _, query = exchange.request.target.partition("?")
    method = exchange.request.method
    if path == ROOM_PATH and method == "GET":
        return _room_call(exchange, parsed, parse_query(query))
    return _neighbour(exchange, parsed, method, path)


@lru_cache(maxsize=4096)
def parse_query(text: str) -> Query:
    """The parameters of a query string, percent-decoded."""
    seen: dict[str, list[str]] = {}
    structured = set()
    for key, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        name, bracket, _ = key.partition("[")
        if bracket and name:
            structured.add(name)
        else:
            seen.setdefault(key, []).append(value)
    return Query(
        plain={name: values[0] for name, values in seen.items()},
        twice=frozenset(name for name, values in seen.items() if len(values) > 1),
        structured=frozenset(structured),
    )


def _parse_body(exchange: Exchange) -> Parsed:
    response = exchange.response
    if response is None or response.body is None:
        return Parsed(problem="no text")
    return strictjson.parse(response.body.removeprefix(BYTE_ORDER_MARK))


def _room_call(exchange: Exchange, parsed: Parsed, query: Query) -> Operation:
    token, rid = query.plain.get("token"), query.plain.get("rid")
    odd = token is None or query.odd
    kind = Kind.ODD_ROOM if odd else Kind.BY_RID if rid else Kind.GET_OR_CREATE
    body = parsed.value if isinstance(parsed.value, dict) else {}
    room = body.get("room")
    room_id = room.get("_id") if isinstance(room, dict) else None
    new = body.get("newRoom")
    return Operation(
        exchange=exchange,
        kind=kind,
        answer=_answer(exchange, body, understood=isinstance(room_id, str)),
        token=token,
        rid=rid,
        query=query,
        parsed=parsed,
        room=room_id if isinstance(room_id, str) else None,
        new=new if isinstance(new, bool) else None,
        error=_error(body),
    )


def is_too_long(exchange: Exchange, body: Mapping[str, Any]) -> bool:
    """Whether the HTTP layer refused a request for its length, before the API saw it."""
    status = exchange.response.status if exchange.response else 0
    return status in (400, 414, 431) and len(exchange.request.target) > LONG_TARGET and not body


def _answer(exchange: Exchange, body: Mapping[str, Any], *, understood: bool) -> Answer:
    if exchange.failure is not None and exchange.response is None:
        return Answer.UNKNOWN if exchange.failure.sent else Answer.NOTHING
    status = exchange.response.status if exchange.response else 0
    if 200 <= status < 300:
        return Answer.OK if understood else Answer.UNKNOWN
    if status == 429 or is_too_long(exchange, body):
        return Answer.NOTHING
    return Answer.REFUSED if 400 <= status < 500 else Answer.UNKNOWN


def _neighbour(exchange: Exchange, parsed: Parsed, method: str, path: str) -> Operation:
    kind = _neighbour_kind(method, path)
    token, rid = _neighbour_subject(exchange, parsed, kind, path)
    body = parsed.value if isinstance(parsed.value, dict) else {}
    understood = bool(body) and (kind is not Kind.REGISTER or token is not None)
    answer = _answer(exchange, body, understood=understood)
    return Operation(
        exchange=exchange, kind=kind, answer=answer, token=token, rid=rid, parsed=parsed, error=_error(body)
    )


def _neighbour_kind(method: str, path: str) -> Kind:
    if method == "POST":
        return {VISITOR_PATH: Kind.REGISTER, CLOSE_PATH: Kind.CLOSE, MESSAGE_PATH: Kind.MESSAGE}.get(path, Kind.OTHER)
    if method == "DELETE" and path.startswith(VISITOR_PATH + "/"):
        return Kind.DELETE
    return Kind.OTHER


def _neighbour_subject(exchange: Exchange, parsed: Parsed, kind: Kind, path: str) -> tuple[str | None, str | None]:
    if kind is Kind.DELETE:
        return unquote(path.removeprefix(VISITOR_PATH + "/")), None
    sent = _sent(exchange.request)
    if kind is Kind.REGISTER:
        return _registered_token(parsed) or _text(_member(sent, "visitor").get("token")), None
    if kind in (Kind.CLOSE, Kind.MESSAGE):
        return _text(sent.get("token")), _text(sent.get("rid"))
    return None, None


def _registered_token(parsed: Parsed) -> str | None:
    """The token that the server answered with: it may be another than the one sent."""
    body = parsed.value if isinstance(parsed.value, dict) else {}
    return _text(_member(body, "visitor").get("token"))


def _sent(request: Request) -> dict[str, Any]:
    try:
        sent = json.loads(request.body or "")
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}


def _member(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _error(body: Mapping[str, Any]) -> str:
    """The code of a refusal: ``errorType``, or what stands in brackets at the end of ``error``, or ``error``."""
    code, error = body.get("errorType"), body.get("error")
    if isinstance(code, str) and code != "Meteor.Error":
        return code
    if not isinstance(error, str):
        return ""
    bracketed = re.search(r"\[([a-z0-9-]+)\]$", error)
    return bracketed.group(1) if bracketed else error
