"""Who answered a call: the API, or something in front of it.

The API answers with a JSON object that has ``success``. What answers otherwise may be a broken server; but where a
call is unusual (a value, a name, its encoding, its length), it is as likely a firewall, a proxy or the HTTP layer that
turned it away, and nothing can be said of the server. Which status they choose for that differs by product.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Any

from rocketchat_contract.judge.query import RoomQuery
from rocketchat_contract.record.exchange import Exchange, Response
from rocketchat_contract.rocketchat.error_codes import TOO_MANY_REQUESTS, is_error_code

GATEWAY = frozenset({502, 503, 504, *range(520, 528), 530})
"""Statuses with which a proxy says that the server behind it did not answer; those from 520 on are Cloudflare's.

Source: https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
"""

TOO_LONG = frozenset({413, 414, 431})
"""Statuses of the HTTP layer that speak of a request's length, and of nothing else."""

LONG_TARGET = 4096
"""Bytes of path and query beyond which the HTTP layer may refuse in any way (Node's header limit is 16 KiB)."""

SERVER_ERROR = 500
"""What a server says of itself when it broke; a firewall that blocks does not."""

OF_A_FRONT = frozenset({401, 403, 404, 405, 406, 407})
"""Statuses with which something in front, or nobody, answers where the API would say 200 or 400."""

_CHALLENGE = "cf-mitigated"
"""The header field by which Cloudflare says that it asks for a proof before it passes a call on."""

_OF_THE_API = frozenset({"success", "error", "room"})
_OF_ANYBODY = frozenset({"error"})
"""What others write as well where they refuse, though not with a code of Rocket.Chat."""


class By(StrEnum):
    """Who answered."""

    API = "the API, as far as is known"
    LIMITER = "the limiter"
    LENGTH = "the HTTP layer, for the length of the request"
    GATEWAY = "a gateway"
    FRONT = "a firewall in the server's place"
    EITHER = "the server itself, which broke, or a firewall in its place"


def is_page(response: Response | None, body: Mapping[str, Any], text: str | None) -> bool:
    """Whether an answer has nothing of the API's: neither its members nor its media type."""
    if response is None or _members_of_the_api(response, body):
        return False
    media_type = (response.header("content-type") or "").partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or media_type.endswith("+json")
    return bool(body) or not is_json or not (text or "").strip() or (text or "").lstrip().startswith("<")


def _members_of_the_api(response: Response, body: Mapping[str, Any]) -> Set[str]:
    found = _OF_THE_API & body.keys()
    may_be_anybodys = response.status in OF_A_FRONT and not is_error_code(str(body.get("error", "")))
    return found - _OF_ANYBODY if may_be_anybodys else found


def answered_by(exchange: Exchange, body: Mapping[str, Any], error: str, query: RoomQuery, *, page: bool) -> By:
    """Who answered a room call; ``page`` says that the answer has nothing of the API's."""
    response = exchange.response
    if response is None:
        return By.API
    if response.status == 429 or error == TOO_MANY_REQUESTS:
        return By.LIMITER
    if response.status in GATEWAY:
        return By.GATEWAY
    if not page and ("success" in body or response.status < 400):
        return By.API
    long = len(exchange.request.target) > LONG_TARGET
    if (long and response.status in (400, *TOO_LONG)) or (response.status in TOO_LONG and not query.is_ordinary):
        return By.LENGTH
    is_strange = (page or bool(body)) and response.status != SERVER_ERROR
    is_front = response.header(_CHALLENGE) is not None or not query.is_ordinary
    return By.FRONT if is_strange and is_front else By.API
