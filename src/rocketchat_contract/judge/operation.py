"""An exchange read as what it does: get-or-create, by rid, close, register, message, delete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

from rocketchat_contract.judge import strictjson
from rocketchat_contract.judge.strictjson import Parsed
from rocketchat_contract.record.exchange import Exchange, Request

ROOM_PATH = "/api/v1/livechat/room"
VISITOR_PATH = "/api/v1/livechat/visitor"
CLOSE_PATH = "/api/v1/livechat/room.close"
MESSAGE_PATH = "/api/v1/livechat/message"

GATEWAY = frozenset({502, 503, 504, *range(520, 528), 530})
"""Statuses with which a proxy says that the server behind it did not answer; those from 520 on are Cloudflare's.

Source: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
"""

FILTERED = frozenset({403, 406})
"""Statuses with which a firewall turns away a value that looks like an attack, before the API sees it."""

LIMITED = "error-too-many-requests"
"""How Rocket.Chat's limiter calls itself, in older versions with status 400."""

LONG_TARGET = 4096
"""Bytes of path and query beyond which the HTTP layer may refuse with 414 or 431 (Node's header limit is 16 KiB)."""

ORDINARY = re.compile(r"[\w$^{}%?#~:,-]{0,128}", re.ASCII)
"""A parameter's value that nobody calls hostile; masked tokens are among them."""

BYTE_ORDER_MARK = "\ufeff"

NONE: frozenset[str] = frozenset()

_NAMED = frozenset({"token", "rid", "agentId"})
_EMPTY: Mapping[str, Any] = {}
_NO_TEXT = Parsed(problem="no text")
_BRACKETED = re.compile(r"\[([a-z0-9-]+)\]$")


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
    """Known not to have taken effect: never sent, or turned away by the limiter or for its length."""


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a room call, as ``qs`` would group it: plain parameters, and what is not plain.

    ``odd`` holds names sent twice or as list or object, ``unnamed`` plain ones that the document does not name.
    ``is_usual`` says that there is a token and nothing odd or unnamed; ``is_ordinary`` that nothing is odd or unnamed
    and no value long or of unusual characters; ``looks_hostile`` that a value is, or that there is a list or object.
    """

    plain: Mapping[str, str]
    twice: frozenset[str] = NONE
    structured: frozenset[str] = NONE
    odd: frozenset[str] = NONE
    unnamed: frozenset[str] = NONE
    is_usual: bool = True
    is_ordinary: bool = True
    looks_hostile: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One exchange as a step of a history.

    ``rid`` is the room asked for, ``room`` the id of the room in the answer. ``status`` is what came back, if
    anything did; ``body`` the JSON object that came back and ``document`` the room in it, empty when there is none.
    ``turned_away`` says that something before the API answered: a gateway, the limiter, a limit on the length.
    """

    exchange: Exchange
    number: int
    kind: Kind
    answer: Answer
    status: int | None
    parsed: Parsed
    body: Mapping[str, Any]
    document: Mapping[str, Any]
    turned_away: bool = False
    token: str | None = None
    rid: str | None = None
    query: Query | None = None
    room: str | None = None
    new: bool | None = None
    error: str = ""

    @property
    def is_room_call(self) -> bool:
        """Whether it is a call of the operation under contract."""
        return self.query is not None

    @property
    def named_agent(self) -> str:
        """The agent that a room call asks for; empty for none."""
        return self.query.plain.get("agentId", "") if self.query else ""

    @property
    def unnamed(self) -> frozenset[str]:
        """Parameters of a room call that the document does not name."""
        return self.query.unnamed if self.query else NONE

    @property
    def has_empty_rid(self) -> bool:
        """Whether a room call has a rid that is empty."""
        return self.query is not None and self.query.plain.get("rid") == ""


def read(exchange: Exchange) -> Operation:
    """The operation of an exchange."""
    parsed = _parse_body(exchange)
    body = parsed.value if isinstance(parsed.value, dict) else _EMPTY
    path, _, query = exchange.request.target.partition("?")
    if path == ROOM_PATH and exchange.request.method == "GET":
        return _room_call(exchange, parsed, body, parse_query(query))
    return _neighbour(exchange, parsed, body, path)


def read_plainly(exchange: Exchange, *, method: str, path: re.Pattern[str], named: frozenset[str]) -> Operation:
    """The operation of an exchange when one without a history is under contract; ``named`` are its parameters."""
    parsed = _parse_body(exchange)
    body = parsed.value if isinstance(parsed.value, dict) else _EMPTY
    at, _, query = exchange.request.target.partition("?")
    is_ours = exchange.request.method == method and path.fullmatch(at) is not None
    parameters = parse_query(query, named)
    error = _error(body)
    unseen = _is_unseen(exchange, body, error, parameters)
    status = exchange.response.status if exchange.response else None
    return Operation(
        exchange,
        exchange.number,
        Kind.OTHER,
        Answer.NOTHING if unseen else _answer(exchange, understood=bool(body)),
        status,
        parsed,
        body,
        _EMPTY,
        unseen or status in GATEWAY,
        query=parameters if is_ours else None,
        error=error,
    )


@lru_cache(maxsize=4096)
def parse_query(text: str, named: frozenset[str] = _NAMED) -> Query:
    """The parameters of a query string, percent-decoded; ``named`` are those that the document names."""
    plain: dict[str, str] = {}
    twice, structured = set(), set()
    for key, value in query_pairs(text):
        name, bracket, _ = key.partition("[")
        if bracket and name:
            structured.add(name)
        elif key in plain:
            twice.add(key)
        else:
            plain[key] = value
    odd, unnamed = frozenset(twice | structured), frozenset(plain.keys() - named)
    documented = not odd and not unnamed
    hostile = bool(structured) or not all(map(ORDINARY.fullmatch, plain.values()))
    ordinary, usual = documented and not hostile, documented and "token" in plain
    return Query(plain, frozenset(twice), frozenset(structured), odd, unnamed, usual, ordinary, hostile)


def query_pairs(text: str) -> Iterator[tuple[str, str]]:
    """The names and values of a query string, percent-decoded, in their order."""
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield _decoded(name), _decoded(value)


@lru_cache(maxsize=4096)
def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def _parse_body(exchange: Exchange) -> Parsed:
    response = exchange.response
    if response is None or response.body is None:
        return _NO_TEXT
    return strictjson.parse(response.body.removeprefix(BYTE_ORDER_MARK))


def _room_call(exchange: Exchange, parsed: Parsed, body: Mapping[str, Any], query: Query) -> Operation:
    token, rid = query.plain.get("token"), query.plain.get("rid")
    document = member(body, "room")
    room, new = _text(document.get("_id")), body.get("newRoom")
    status = exchange.response.status if exchange.response else None
    error = _error(body)
    unseen = _is_unseen(exchange, body, error, query)
    odd = token is None or query.odd
    kind = Kind.ODD_ROOM if odd else Kind.BY_RID if rid else Kind.GET_OR_CREATE
    return Operation(
        exchange,
        exchange.number,
        kind,
        Answer.NOTHING if unseen else _answer(exchange, understood=room is not None),
        status,
        parsed,
        body,
        document,
        unseen or status in GATEWAY,
        token,
        rid,
        query,
        room,
        new if isinstance(new, bool) else None,
        error,
    )


def _is_unseen(exchange: Exchange, body: Mapping[str, Any], error: str, query: Query) -> bool:
    """Whether a request was turned away before the API saw it: by a limiter, for its length, or by a firewall."""
    status = exchange.response.status if exchange.response else None
    if status == 429 or error == LIMITED:
        return True
    if "success" in body:
        return False
    too_long = status in (400, 414, 431) and len(exchange.request.target) > LONG_TARGET
    return too_long or (status in FILTERED and query.looks_hostile)


def _answer(exchange: Exchange, *, understood: bool) -> Answer:
    if exchange.response is None:
        failure = exchange.failure
        return Answer.NOTHING if failure is not None and not failure.sent else Answer.UNKNOWN
    status = exchange.response.status
    if 200 <= status < 300:
        return Answer.OK if understood else Answer.UNKNOWN
    if status == 429:
        return Answer.NOTHING
    return Answer.REFUSED if 400 <= status < 500 else Answer.UNKNOWN


def _neighbour(exchange: Exchange, parsed: Parsed, body: Mapping[str, Any], path: str) -> Operation:
    kind = _neighbour_kind(exchange.request.method, path)
    token, rid = _neighbour_subject(exchange, body, kind, path)
    return Operation(
        exchange,
        exchange.number,
        kind,
        _answer(exchange, understood=bool(body) and (kind is not Kind.REGISTER or token is not None)),
        exchange.response.status if exchange.response else None,
        parsed,
        body,
        _EMPTY,
        token=token,
        rid=rid,
        error=_error(body),
    )


_POSTED = {VISITOR_PATH: Kind.REGISTER, CLOSE_PATH: Kind.CLOSE, MESSAGE_PATH: Kind.MESSAGE}


def _neighbour_kind(method: str, path: str) -> Kind:
    if method == "POST":
        return _POSTED.get(path, Kind.OTHER)
    if method == "DELETE" and path.startswith(VISITOR_PATH + "/"):
        return Kind.DELETE
    return Kind.OTHER


def _neighbour_subject(
    exchange: Exchange, body: Mapping[str, Any], kind: Kind, path: str
) -> tuple[str | None, str | None]:
    if kind is Kind.DELETE:
        return unquote(path.removeprefix(VISITOR_PATH + "/")), None
    if kind is Kind.REGISTER:  # the token that the server answers may be another than the one sent
        answered = _text(member(body, "visitor").get("token"))
        return answered or _text(member(sent_of(exchange.request), "visitor").get("token")), None
    if kind is Kind.OTHER:
        return None, None
    sent = sent_of(exchange.request)
    return _text(sent.get("token")), _text(sent.get("rid"))


def sent_of(request: Request) -> Mapping[str, Any]:
    """The JSON object that a request carries; an empty one when it carries none."""
    try:
        sent = json.loads(request.body or "")
    except (ValueError, RecursionError):
        return _EMPTY
    return sent if isinstance(sent, dict) else _EMPTY


def member(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object that is a member of another; an empty one when there is none."""
    value = body.get(name)
    return value if isinstance(value, dict) else _EMPTY


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _error(body: Mapping[str, Any]) -> str:
    """The code of a refusal: ``errorType``, or what stands in brackets at the end of ``error``, or ``error``."""
    error = body.get("error")
    code = body.get("errorType")
    if isinstance(code, str) and code != "Meteor.Error":
        return code
    if not isinstance(error, str):
        return ""
    bracketed = _BRACKETED.search(error)
    return bracketed.group(1) if bracketed else error
