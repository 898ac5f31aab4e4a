"""For each requirement the shortest traffic that keeps it and the shortest that breaks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rocketchat_contract.record.exchange import Exchange, Failure
from support.histories import (
    ANNA,
    BERT,
    HEADERS,
    asked,
    between,
    call,
    closed,
    created,
    deleted,
    failed,
    hidden,
    refused,
    registered,
    returned,
    room_body,
    shown,
    unanswered,
)

Calls = tuple[Exchange, ...]


@dataclass(frozen=True)
class Example:
    """Traffic that keeps a requirement, traffic that breaks it, and what else that traffic breaks."""

    kept: Calls
    broken: Calls
    beside: frozenset[str] = frozenset()


def example(kept: Calls | Exchange, broken: Calls | Exchange, *beside: str) -> Example:
    return Example(_calls(kept), _calls(broken), frozenset(beside))


def _calls(one_or_more: Calls | Exchange) -> Calls:
    return one_or_more if isinstance(one_or_more, tuple) else (one_or_more,)


KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room1"))
CLOSED = (*OPEN, closed(ANNA, "room1"))
GONE = (*CLOSED, deleted(ANNA))
BERTS = (registered(BERT), created(BERT, "roomOfBert"))
BOTH = (*OPEN, registered(BERT), created(BERT, "room2"))
MESSAGE = {"_id": "m1", "rid": "room1", "token": ANNA, "msg": "hi", "u": {"_id": f"v{ANNA}"}}
REFUSED = refused("$RC_TOKEN_7")


def opened(
    status: int = 200, *, text: str | None = None, headers: Mapping[str, str | None] | None = None, **room: Any
) -> Calls:
    """A visitor's first room, with another status, body text, headers or members of the room."""
    changed = {name: value for name, value in {**dict(HEADERS), **(headers or {})}.items() if value is not None}
    body: object = room_body(ANNA, "room1", **room) if text is None else text
    return KNOWN, call(asked(ANNA), status, body, tuple(changed.items()))


def said_no(**members: Any) -> Exchange:
    """A refusal with other members; a value of None takes one out."""
    content = {"success": False, "error": "invalid-token", **members}
    kept = {name: value for name, value in content.items() if value is not None}
    return call("token=$RC_TOKEN_7", 400, kept)


def cut(exchange: Exchange) -> Exchange:
    """The same call whose answer ended early."""
    assert exchange.response is not None
    lost = Failure("closed", sent=True, detail="the body ended early")
    body = (exchange.response.body or "")[:20]
    return replace(exchange, response=replace(exchange.response, body=body, complete=False), failure=lost)


def without(exchange: Exchange, *names: str, **members: Any) -> Exchange:
    """The same call whose body lacks members, or has others."""
    assert exchange.response is not None
    content = {**json.loads(exchange.response.body or ""), **members}
    body = json.dumps({name: value for name, value in content.items() if name not in names})
    return replace(exchange, response=replace(exchange.response, body=body, length=len(body)))


def latin(exchange: Exchange) -> Exchange:
    """The same call answered in another encoding."""
    assert exchange.response is not None
    return replace(exchange, response=replace(exchange.response, body=None, raw=b"{\xe9}"))


def at_once(*calls: Exchange) -> Calls:
    """Calls that overlap each other."""
    return tuple(between(1000 + n, 2000 + n, each) for n, each in enumerate(calls))


def changed_answer(exchange: Exchange, **response: Any) -> Exchange:
    """The same call, with something else said of its answer."""
    assert exchange.response is not None
    return replace(exchange, response=replace(exchange.response, **response))


def named(name: str) -> Exchange:
    """A registration under a name."""
    sent = json.dumps({"visitor": {"token": ANNA, "name": name}})
    return replace(KNOWN, request=replace(KNOWN.request, body=sent))


def if_none_match(exchange: Exchange, tag: str) -> Exchange:
    """The same call, on a condition."""
    headers = (*exchange.request.headers, ("If-None-Match", tag))
    return replace(exchange, request=replace(exchange.request, headers=headers))


def options(token: str) -> Exchange:
    """OPTIONS in the place of a room call."""
    asked_for = call(asked(token), 204, "")
    return replace(asked_for, request=replace(asked_for.request, method="OPTIONS"))


TAGGED = (*HEADERS, ("ETag", 'W/"1"'))
LINES = asked(ANNA, rid="x\r\nX-Injected: 1")
RIGHT_TEXT = json.dumps(room_body(ANNA, "room1"))
NEW = created(ANNA, "room1")
NO_ID = {"_id": "", "v": {"_id": f"v{ANNA}", "username": "g", "token": ANNA, "status": "online"}}

WIRE = {
    "an-answer-comes-from-no-cache": example(OPEN, opened(headers={"x-cache": "HIT from proxy"})),
    "a-status-is-published": example(OPEN, opened(404), "a-status-is-documented", "a-known-visitor-gets-a-room"),
    "a-status-is-documented": example(
        OPEN, call("token=$RC_TOKEN_7", 403, {"success": False}), "a-status-is-published"
    ),
    "an-answer-is-json": example(OPEN, opened(headers={"content-type": "text/html"})),
    "a-body-is-strict-json": example(OPEN, opened(text=RIGHT_TEXT.replace('"msgs": 1', '"msgs": NaN'))),
    "a-body-has-no-byte-order-mark": example(OPEN, opened(text="\ufeff" + RIGHT_TEXT)),
    "a-body-is-utf-8": example(OPEN, (KNOWN, latin(NEW))),
    "member-names-are-unique": example(OPEN, opened(text=RIGHT_TEXT.replace('"t": "l"', '"t": "l", "t": "l"'))),
    "a-content-coding-is-true": example(
        OPEN,
        (
            KNOWN,
            changed_answer(NEW, headers=(*HEADERS, ("Content-Encoding", "gzip")), body=None, raw=b"{}", undecoded=True),
        ),
        "an-answer-is-not-coded-unasked",
    ),
    "nothing-follows-an-answer": example(OPEN, (KNOWN, changed_answer(NEW, behind=True))),
    "not-modified-is-true": example(
        (KNOWN, changed_answer(NEW, headers=TAGGED), if_none_match(returned(ANNA, "room1"), 'W/"1"')),
        (
            KNOWN,
            changed_answer(NEW, headers=TAGGED),
            changed_answer(if_none_match(returned(ANNA, "room1"), '"2"'), status=304, body="", length=0),
        ),
    ),
    "single-fields-stand-once": example(
        OPEN, (KNOWN, changed_answer(NEW, headers=(*HEADERS, ("Content-Type", "text/html"))))
    ),
    "a-body-is-complete": example(OPEN, (KNOWN, cut(NEW), cut(NEW), cut(NEW)), "a-call-is-answered"),
    "a-call-is-answered": example(OPEN, (KNOWN, unanswered(NEW))),
    "an-answer-is-not-stored": example(OPEN, opened(headers={"cache-control": "max-age=60"})),
    "an-answer-is-not-coded-unasked": example(OPEN, opened(headers={"content-encoding": "gzip"})),
    "gateways-pass-calls-on": example(OPEN, (KNOWN, failed(NEW, 502))),
}

SCHEMA = {
    "a-200-fits-the-published-schema": example(OPEN, opened(msgs="1"), "a-200-fits-the-full-schema"),
    "a-400-fits-the-published-schema": example(
        REFUSED, said_no(success="no"), "a-400-fits-the-full-schema", "success-agrees-with-the-status"
    ),
    "a-200-fits-the-full-schema": example(OPEN, opened(ts=None)),
    "a-400-fits-the-full-schema": example(REFUSED, said_no(success=None), "success-agrees-with-the-status"),
    "a-429-fits-the-full-schema": example(
        call(asked(ANNA), 429, {"success": False, "error": "error-too-many-requests"}),
        call(asked(ANNA), 429, "<p>slow</p>"),
    ),
    "usual-members-are-there": example(OPEN, opened(fname=None)),
}

ENVELOPE = {
    "success-agrees-with-the-status": example(OPEN, (KNOWN, without(NEW, success=False)), "a-200-fits-the-full-schema"),
    "a-refusal-names-its-error": example(REFUSED, said_no(error="  ")),
    "a-refusal-carries-no-room": example(REFUSED, said_no(newRoom=False)),
    "a-200-has-three-members": example(OPEN, (KNOWN, without(NEW, debug=1))),
    "nothing-internal-leaks": example(REFUSED, said_no(error="E11000 duplicate key error")),
}

ROOM = {
    "a-room-is-a-livechat-room": example(OPEN, opened(t="d"), "a-200-fits-the-full-schema"),
    "a-returned-room-is-open": example(OPEN, opened(closedAt="2026-11-22T15:30:00.000Z")),
    "a-room-has-an-id": example(OPEN, opened(_id=""), "a-200-fits-the-full-schema"),
    "room-times-are-iso-8601": example(OPEN, opened(lm="2026-11-22 15:30"), "a-200-fits-the-full-schema"),
    "a-room-is-the-asking-visitors": example(OPEN, opened(v={**NO_ID["v"], "_id": "somebody"})),
    "a-room-shows-what-was-registered": example(
        (named("Zoë"), call(asked(ANNA), body=room_body(ANNA, "room1", fname="Zoë"))),
        (named("Zoë"), call(asked(ANNA), body=room_body(ANNA, "room1", fname="ZoÃ«"))),
    ),
    "a-last-message-is-the-rooms-own": example(
        opened(lastMessage=MESSAGE), opened(lastMessage={**MESSAGE, "rid": "room9"})
    ),
}

GET_OR_CREATE = {
    "a-known-visitor-gets-a-room": example(OPEN, (KNOWN, refused(ANNA))),
    "an-open-room-is-returned": example((*OPEN, returned(ANNA, "room1")), (*OPEN, created(ANNA, "room2"))),
    "newroom-is-true-for-a-created-room": example(OPEN, (KNOWN, returned(ANNA, "room1"))),
    "newroom-is-false-for-a-returned-room": example((*OPEN, returned(ANNA, "room1")), (*OPEN, created(ANNA, "room1"))),
    "a-closed-room-is-not-returned": example((*CLOSED, created(ANNA, "room2")), (*CLOSED, returned(ANNA, "room1"))),
    "a-created-room-has-a-new-id": example(OPEN, (*CLOSED, created(ANNA, "room1"))),
    "overlapping-calls-open-one-room": example(
        (KNOWN, *at_once(created(ANNA, "room1"), returned(ANNA, "room1"))),
        (KNOWN, *at_once(created(ANNA, "room1"), created(ANNA, "room2"))),
    ),
    "overlapping-calls-report-one-creation": example(
        (KNOWN, *at_once(returned(ANNA, "room1"), created(ANNA, "room1"))),
        (KNOWN, *at_once(created(ANNA, "room1"), created(ANNA, "room1"))),
    ),
    "calls-beside-a-close-agree": example(
        (*OPEN, *at_once(closed(ANNA, "room1"), created(ANNA, "room2"))),
        (*OPEN, *at_once(closed(ANNA, "room1"), created(ANNA, "room2"), created(ANNA, "room3"))),
    ),
    "calls-beside-a-neighbour-agree": example(
        at_once(registered(ANNA), created(ANNA, "room1")),
        at_once(registered(ANNA), created(ANNA, "room1"), created(ANNA, "room2")),
    ),
    "a-racing-call-is-not-refused": example(
        (KNOWN, *at_once(created(ANNA, "room1"), returned(ANNA, "room1"))),
        (KNOWN, *at_once(created(ANNA, "room1"), refused(ANNA, "error-failed-to-start-conversation"))),
    ),
    "a-repeat-keeps-the-birth-of-a-room": example(
        (*OPEN, returned(ANNA, "room1")),
        (*OPEN, call(asked(ANNA), body=room_body(ANNA, "room1", new=False, ts="2027-01-01T00:00:00.000Z"))),
    ),
    "a-repeat-changes-nothing": example(
        (*OPEN, returned(ANNA, "room1"), returned(ANNA, "room1")),
        (*OPEN, *(call(asked(ANNA), body=room_body(ANNA, "room1", new=False, msgs=n)) for n in (2, 3))),
    ),
}

RID = {
    "an-own-open-rid-is-returned": example((*OPEN, shown(ANNA, "room1")), (*OPEN, hidden(ANNA, "room1"))),
    "newroom-is-false-with-rid": example(
        (*OPEN, shown(ANNA, "room1")), (*OPEN, call(asked(ANNA, rid="room1"), body=room_body(ANNA, "room1")))
    ),
    "a-closed-rid-is-refused": example((*CLOSED, hidden(ANNA, "room1")), (*CLOSED, shown(ANNA, "room1"))),
    "an-unknown-rid-is-refused": example((*OPEN, hidden(ANNA, "another99")), (KNOWN, shown(ANNA, "another99"))),
    "a-foreign-rid-is-refused": example(
        (*BOTH, hidden(ANNA, "room2")),
        (*BOTH, call(asked(ANNA, rid="room2"), body=room_body(ANNA, "room2", new=False))),
    ),
    "a-rid-is-matched-exactly": example(
        (*OPEN, hidden(ANNA, "ROOM1")),
        (*OPEN, call(asked(ANNA, rid="ROOM1"), body=room_body(ANNA, "room1", new=False))),
    ),
    "refused-rids-answer-alike": example(
        (*OPEN, *BERTS, hidden(ANNA, "roomOfBert"), hidden(ANNA, "another99")),
        (*OPEN, *BERTS, hidden(ANNA, "roomOfBert", "not-yours"), hidden(ANNA, "another99")),
    ),
    "an-empty-rid-is-no-rid": example((KNOWN, created(ANNA, "room1", rid="")), (KNOWN, hidden(ANNA, ""))),
}

IDENTITY = {
    "a-token-is-matched-exactly": example(refused("${RC_TOKEN_1^^}"), created("${RC_TOKEN_1^^}", "room1")),
    "a-structured-token-is-refused": example(
        call(f"token[$ne]={ANNA}", 400, {"success": False, "error": "Match error"}),
        call(f"token[$ne]={ANNA}", 200, room_body(ANNA, "room1")),
    ),
    "a-repeated-token-is-refused": example(
        call(f"token={BERT}&token={ANNA}", 400, {"success": False, "error": "Match error"}),
        call(f"token={BERT}&token={ANNA}", 200, room_body(ANNA, "room1")),
    ),
    "rooms-are-not-shared": example(BOTH, (*OPEN, registered(BERT), created(BERT, "room1"))),
    "no-other-visitor-shows": example(OPEN, opened(topic=f"asked by {BERT}")),
    "no-secret-shows": example(OPEN, opened(callback={"authToken": "aK3v9QmB2xW7"})),
    "no-address-of-others-shows": example(
        OPEN, opened(servedBy={"_id": "a1", "username": "jane", "emails": [{"address": "jane@corp.example"}]})
    ),
}

REFUSALS = {
    "a-missing-token-is-refused": example(
        call("", 400, {"success": False, "error": "Match error: Missing key 'token'"}),
        call("", 200, room_body(ANNA, "room1")),
        "no-other-visitor-shows",
    ),
    "the-missing-token-is-named": example(
        call("", 400, {"success": False, "error": "Match error: Missing key 'token'"}),
        call("", 400, {"success": False, "error": "Match error"}),
    ),
    "an-empty-token-is-refused": example(
        refused(""), call("token=", 200, room_body("", "room1")), "a-200-fits-the-full-schema"
    ),
    "an-unknown-token-is-refused": example(refused(ANNA), created(ANNA, "room1")),
    "a-deleted-visitor-is-refused": example((*GONE, refused(ANNA)), (*GONE, created(ANNA, "room2"))),
    "structured-parameters-are-refused": example(
        (KNOWN, call(f"token={ANNA}&rid[]=x", 400, {"success": False, "error": "Match error"})),
        (KNOWN, call(f"token={ANNA}&rid[]=x", 200, room_body(ANNA, "room1"))),
    ),
    "unknown-parameters-change-nothing": example(
        (KNOWN, created(ANNA, "room1", topic="canary7f3a")),
        (KNOWN, call(asked(ANNA, topic="canary7f3a"), body=room_body(ANNA, "room1", topic="canary7f3a"))),
    ),
    "an-agent-id-changes-no-open-room": example(
        (*OPEN, returned(ANNA, "room1", agentId="agent7")), (*OPEN, created(ANNA, "room2", agentId="agent7"))
    ),
    "a-refused-agent-opens-no-room": example(
        (KNOWN, refused(ANNA, "no-agent", agentId="agent7"), created(ANNA, "room1")),
        (KNOWN, refused(ANNA, "no-agent", agentId="agent7"), returned(ANNA, "room1")),
    ),
    "an-options-call-opens-no-room": example(
        (*CLOSED, options(ANNA), created(ANNA, "room2")), (*CLOSED, options(ANNA), returned(ANNA, "room2"))
    ),
    "a-refused-call-changes-nothing": example(
        (KNOWN, hidden(ANNA, "another99"), created(ANNA, "room1")),
        (KNOWN, hidden(ANNA, "another99"), returned(ANNA, "room1")),
    ),
}

ROBUSTNESS = {
    "no-call-ends-in-a-server-error": example(
        (KNOWN, refused(ANNA, rid="x\0y")), (KNOWN, failed(refused(ANNA, rid="x\0y"), 500)), "a-status-is-published"
    ),
    "no-value-becomes-a-header": example(
        (KNOWN, call(LINES, 400, {"success": False, "error": "invalid-room"})),
        (KNOWN, call(LINES, 400, {"success": False, "error": "invalid-room"}, (*HEADERS, ("X-Injected", "1")))),
    ),
    "ordinary-calls-end-well": example(OPEN, (KNOWN, failed(NEW, 500)), "a-status-is-published"),
}

EXAMPLES = WIRE | SCHEMA | ENVELOPE | ROOM | GET_OR_CREATE | RID | IDENTITY | REFUSALS | ROBUSTNESS
