"""What a call speaks of, and what its answer says about rooms and visitors: read off one exchange at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from rocketchat_contract.client.transport import Call
from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.operation import Answer, Kind, Operation, member
from rocketchat_contract.judge.query import query_pairs
from rocketchat_contract.record.ordinary import is_ordinary_value
from rocketchat_contract.rocketchat.paths import VISITOR_PATH

LATE = frozenset({504, 524})
"""Statuses of gateways that waited in vain: the server may still be at work."""

_PASSED_ON = LATE | {502, 520}
"""Statuses of gateways that may have passed a call on; others never reached the server."""


def may_be_done_unseen(op: Operation) -> bool:
    """Whether a call left and may have reached the server, of whose answer nothing came."""
    response, failure = op.exchange.response, op.exchange.failure
    is_silent = response is None and failure is not None and failure.sent
    return is_silent or (response is not None and response.status in _PASSED_ON)


def shown_config(op: Operation) -> Mapping[str, Any] | None:
    """What the widget's configuration shows, if it is one; that of a livechat that is switched off shows nobody."""
    config = op.body.get("config")
    return config if op.answer is Answer.OK and isinstance(config, dict) and config.get("enabled") else None


def failure_reason(op: Operation) -> str:
    """Why something was not done, and by whom as far as the answer tells."""
    response, failure = op.exchange.response, op.exchange.failure
    if response is None:
        return f"no answer ({failure.word})" if failure else "no answer"
    if response.status in GATEWAY:
        return f"a gateway answers status {response.status}"
    if response.status == 429:
        return "the limiter turns it away"
    if "success" in op.body or (op.error and not op.is_page):
        return f"the server refuses it: {op.error[:200] or f'status {response.status}'}"
    kind = (response.header("content-type") or "no type").partition(";")[0].strip()
    return f"something in front of the server refuses it: status {response.status}, {kind[:60]}"


def is_given_up(op: Operation, *, opens: bool) -> bool:
    """Whether a call was left alone that makes something, and that the server may still be at work on.

    ``opens`` says that a room call would open a room. A hostile one whose connection is closed never came so far.
    """
    failure = op.exchange.failure
    is_alive = failure is not None and failure.sent and failure.kind in ("stopped", "timeout", "closed")
    is_dropped = failure is not None and failure.kind == "closed" and _is_hostile_beside_its_token(op)
    makes = op.kind is Kind.REGISTER or (op.is_room_call and not op.rid and opens and not is_dropped)
    return makes and (op.status in LATE or (is_alive and op.exchange.response is None))


def _is_hostile_beside_its_token(op: Operation) -> bool:
    query = op.query
    if query is None:
        return False
    values = (value for name, value in query.plain.items() if name != "token")
    return bool(query.odd or query.unnamed or query.malformed) or not all(map(is_ordinary_value, values))


def token_of(call: Call) -> str:
    """The real token that a call speaks for; empty when it names none."""
    path, _, query = call.target.partition("?")
    if path.startswith(f"{VISITOR_PATH}/"):
        return unquote(path.removeprefix(f"{VISITOR_PATH}/"))
    if call.body is None:
        return next((value for name, value in query_pairs(query) if name == "token"), "")
    sent = json.loads(call.body)
    token = sent.get("token") if path != VISITOR_PATH else member(sent, "visitor").get("token")
    return token if isinstance(token, str) else ""
