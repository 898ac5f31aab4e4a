"""An exchange read as what it does: get-or-create, by rid, close, register, message, delete."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from rocketchat_contract.judge import strictjson
from rocketchat_contract.judge.answered import OF_A_FRONT, By, answered_by, is_page
from rocketchat_contract.judge.query import NONE, RoomQuery, parse_query
from rocketchat_contract.judge.strictjson import Parsed
from rocketchat_contract.record.exchange import Exchange, Request
from rocketchat_contract.rocketchat.paths import CLOSE_PATH, MESSAGE_PATH, ROOM_PATH, VISITOR_PATH

BYTE_ORDER_MARK = "\ufeff"

_EMPTY: Mapping[str, Any] = {}
_NO_TEXT = Parsed(problem="no text")
_BRACKETED = re.compile(r"\[([a-z0-9-]+)\]$")


class Kind(StrEnum):
    """What a request asks for."""

    GET_OR_CREATE = "get-or-create"
    BY_RID = "by-rid"
    ODD_ROOM = "odd-room"
    """A room call without a plain token, with a malformed token or rid, or with a parameter twice or structured."""
    REGISTER = "register"
    DELETE = "delete"
    CLOSE = "close"
    MESSAGE = "message"
    HEAD = "head"
    """What GET does, without the body of the answer."""
    OPTIONS = "options"
    """A question for what the path allows, which does nothing."""
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
class Operation:
    """One exchange as a step of a history.

    ``rid`` is the room asked for, ``room`` the id of the room in the answer. ``status`` is what came back, if
    anything did; ``body`` the JSON object that came back and ``document`` the room in it, empty when there is none.
    ``by`` says who answered, ``is_page`` that the answer has nothing of the API's.
    """

    exchange: Exchange
    number: int
    kind: Kind
    answer: Answer
    status: int | None
    parsed: Parsed
    body: Mapping[str, Any]
    document: Mapping[str, Any]
    by: By = By.API
    is_page: bool = False
    token: str | None = None
    rid: str | None = None
    query: RoomQuery | None = None
    room: str | None = None
    new: bool | None = None
    error: str = ""

    @property
    def turned_away(self) -> bool:
        """Whether something before the API answered: a gateway, a firewall, the limiter, a limit on the length."""
        return self.by is not By.API

    @property
    def is_malformed(self) -> bool:
        """Whether a room call's query is no percent-encoded UTF-8."""
        return self.query is not None and bool(self.query.malformed)

    @property
    def asks_plainly(self) -> bool:
        """Whether nobody would call anything in a room call hostile, but perhaps its visitor's own token."""
        return self.query is not None and (self.query.is_ordinary or self.exchange.request.unusual)

    @property
    def is_room_call(self) -> bool:
        """Whether it is a call of the operation under contract."""
        return self.query is not None

    @property
    def is_aside(self) -> bool:
        """Whether it is HEAD or OPTIONS at the room's path: an answer that need not say anything."""
        return self.kind in (Kind.HEAD, Kind.OPTIONS)

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
        asked = parse_query(query)
        return _room_call(
            exchange, parsed, body, replace(asked, is_ordinary=False) if exchange.request.unusual else asked
        )
    return _neighbour(exchange, parsed, body, path)


def read_plainly(exchange: Exchange, *, method: str, path: re.Pattern[str], named: frozenset[str]) -> Operation:
    """The operation of an exchange when one without a history is under contract; ``named`` are its parameters."""
    parsed = _parse_body(exchange)
    body = parsed.value if isinstance(parsed.value, dict) else _EMPTY
    at, _, query = exchange.request.target.partition("?")
    is_ours = exchange.request.method == method and path.fullmatch(at) is not None
    parameters = parse_query(query, named)
    error = _error(body)
    page = not body and _is_page(exchange, body)
    by = answered_by(exchange, body, error, parameters, page=page)
    return Operation(
        exchange,
        exchange.number,
        Kind.OTHER,
        Answer.NOTHING if by in _UNSEEN else _answer(exchange, understood=bool(body)),
        exchange.response.status if exchange.response else None,
        parsed,
        body,
        _EMPTY,
        by,
        page,
        query=parameters if is_ours else None,
        error=error,
    )


def _parse_body(exchange: Exchange) -> Parsed:
    response = exchange.response
    if response is None or response.body is None:
        return _NO_TEXT
    return strictjson.parse_strict(response.body.removeprefix(BYTE_ORDER_MARK))


def _room_call(exchange: Exchange, parsed: Parsed, body: Mapping[str, Any], query: RoomQuery) -> Operation:
    token, rid = query.plain.get("token"), query.plain.get("rid")
    document = member(body, "room")
    room, new = _text(document.get("_id")), body.get("newRoom")
    error = _error(body)
    page = _is_page(exchange, body)
    by = answered_by(exchange, body, error, query, page=page)
    odd = token is None or query.odd or query.malformed & {"token", "rid"}
    kind = Kind.ODD_ROOM if odd else Kind.BY_RID if rid else Kind.GET_OR_CREATE
    return Operation(
        exchange,
        exchange.number,
        kind,
        Answer.NOTHING if by in _UNSEEN else _answer(exchange, understood=room is not None, page=page),
        exchange.response.status if exchange.response else None,
        parsed,
        body,
        document,
        by,
        page,
        token,
        rid,
        query,
        room,
        new if isinstance(new, bool) else None,
        error,
    )


_UNSEEN = (By.LIMITER, By.LENGTH, By.FRONT)
"""Who turns a request away before the API sees it."""


def _is_page(exchange: Exchange, body: Mapping[str, Any]) -> bool:
    response = exchange.response
    if response is None:
        return False
    text = response.raw.decode("latin-1") if response.body is None else response.body  # what is no UTF-8 is no page yet
    return is_page(response, body, text)


def _answer(exchange: Exchange, *, understood: bool, page: bool = False) -> Answer:
    if exchange.response is None:
        failure = exchange.failure
        return Answer.NOTHING if failure is not None and not failure.sent else Answer.UNKNOWN
    status = exchange.response.status
    if 200 <= status < 300:
        return Answer.OK if understood else Answer.UNKNOWN
    if status == 429:
        return Answer.NOTHING
    return Answer.REFUSED if 400 <= status < 500 and not page else Answer.UNKNOWN


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
        is_page=_may_be_a_page(exchange, body) and kind not in _METHODS.values() and _is_page(exchange, body),
        token=token,
        rid=rid,
        error=_error(body),
    )


def _may_be_a_page(exchange: Exchange, body: Mapping[str, Any]) -> bool:
    """Whether the answer of a neighbour may be a page: they have members of their own, but not where others refuse."""
    return not body or (exchange.response is not None and exchange.response.status in OF_A_FRONT)


_METHODS = {"HEAD": Kind.HEAD, "OPTIONS": Kind.OPTIONS}
_POSTED = {VISITOR_PATH: Kind.REGISTER, CLOSE_PATH: Kind.CLOSE, MESSAGE_PATH: Kind.MESSAGE}


def _neighbour_kind(method: str, path: str) -> Kind:
    if path == ROOM_PATH and method in _METHODS:
        return _METHODS[method]
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
    if kind in (Kind.HEAD, Kind.OPTIONS):
        asked = parse_query(exchange.request.target.partition("?")[2]).plain
        return asked.get("token"), asked.get("rid")
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
