"""What a call is and what became of it, read off itself and its answer: nothing here knows of other calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlencode

from rocketchat_contract.client.limits import is_limited, tells_of_limits
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.query import parse_query, query_pairs
from rocketchat_contract.record.ordinary import is_ordinary_value
from rocketchat_contract.rocketchat.paths import ROOM_PATH, VISITOR_PATH

MOST_SENDINGS = 4
"""How often a call is sent that is known not to have taken effect; each time is an exchange of its own."""

MOST_TRIES_LIMITED = 8
"""The same for a call that a limiter turned away: pauses double until a window of a minute is over."""

_MEMBER = b"".join(rb"(?:%c|\\u00%02x)" % (letter, letter) for letter in b"token")
_TOKEN = re.compile(rb'"%s"\s*+:\s*+("(?:[^"\\]|\\.){1,4096}+")' % _MEMBER, re.DOTALL)


def most_tries(reply: Reply) -> int:
    """How often a call is sent at most, by what became of it last: a limiter lets it through once the wait is long."""
    return MOST_TRIES_LIMITED if is_limited(reply) else MOST_SENDINGS


def may_be_repeated(call: Call, reply: Reply) -> bool:
    """Whether a call is known not to have taken effect and may fare better the next time.

    The limiter answers before anything happens; a call that never left cannot have happened; and a gateway's answer,
    or none, says nothing about a call that would change nothing anyway.
    """
    if is_limited(reply):
        return True
    if reply.failure is not None and not reply.failure.sent:
        return reply.failure.kind in ("refused", "timeout", "closed")
    return reply.status in GATEWAY and is_harmless(call)


def is_ordinary(call: Call) -> bool:
    """Whether nobody would call a call hostile: anything but a room call with unusual parameters or values."""
    path, _, query = call.target.partition("?")
    return path != ROOM_PATH or not query or parse_query(query).is_ordinary


def may_be_blocked(call: Call, reply: Reply) -> bool:
    """Whether a hostile call was turned away in a way that may be an accident, a limit or a firewall's block."""
    if is_ordinary(call):
        return False
    failure = reply.failure
    is_closed = reply.status is None and failure is not None and failure.sent and failure.kind == "closed"
    return is_closed or is_unexplained(reply)


def is_unexplained(reply: Reply) -> bool:
    """Whether a refusal is one of a limiter or a gateway, and says nothing about how long it lasts."""
    return (is_limited(reply) or reply.status in GATEWAY) and not tells_of_limits(reply)


def with_harmless_values(call: Call) -> Call:
    """The same room call as nobody would block it, and with a rid, so that it opens no room."""
    pairs = dict(query_pairs(call.target.partition("?")[2]))
    kept = {name: value for name, value in pairs.items() if name in ("token", "agentId")}
    ordinary = {name: value if is_ordinary_value(value) else "x" for name, value in kept.items()}
    return Call("GET", f"{ROOM_PATH}?{urlencode({'token': 'x', **ordinary, 'rid': 'x'})}")


def is_harmless(call: Call) -> bool:
    """Whether a call changes nothing on a server, whatever became of it: look-ups, and room calls without a token."""
    path, _, query = call.target.partition("?")
    return call.method == "GET" and (path != ROOM_PATH or "token" not in query)


def tokens_of_call(reply: Reply) -> Iterator[str]:
    """Each token that an answer shows."""
    for found in dict.fromkeys(_TOKEN.findall(reply.body)):
        with suppress(ValueError):
            yield json.loads(found)


def registered_token(call: Call, reply: Reply) -> str | None:
    """The token that the server gave a visitor at registration: it may be another than the one sent."""
    if call.method != "POST" or call.target != VISITOR_PATH or reply.status != 200:
        return None
    try:
        token = json.loads(reply.body)["visitor"]["token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return token if isinstance(token, str) and token else None


def route_of(call: Call) -> str:
    """The limiter's key: method and path, a token in the path left out."""
    path = call.target.partition("?")[0]
    if path.startswith(VISITOR_PATH + "/"):
        path = VISITOR_PATH + "/:token"
    return f"{call.method} {path}"
