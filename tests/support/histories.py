"""A vocabulary for histories: one word makes one exchange; without a time it follows the one before it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import quote

from rocketchat_contract.contract.requirements import Requirements, load_requirements
from rocketchat_contract.contract.vendored import Contract, load_contract, spec_folder
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.operation import Operation, read
from rocketchat_contract.record.exchange import Exchange, Failure, Headers, Request, Response
from rocketchat_contract.rocketchat.paths import CLOSE_PATH, MESSAGE_PATH, ROOM_PATH, VISITOR_PATH

ANNA, BERT, CARL = "$RC_TOKEN_1", "$RC_TOKEN_2", "$RC_TOKEN_3"
MS = 1_000_000
UNTIMED = -1
TIME = "2026-11-22T15:30:00.000Z"
HEADERS = (("content-type", "application/json"), ("cache-control", "no-store"), ("pragma", "no-cache"))
SENT = (("Accept-Encoding", "identity"),)


def room_of(token: str, room: str, **changes: Any) -> dict[str, Any]:
    """A right room of a visitor; ``changes`` replace members, a value of None takes one out."""
    content: dict[str, Any] = {
        "_id": room,
        "fname": f"Guest {token[-1:]}",
        "t": "l",
        "v": {"_id": f"v{token}", "username": f"guest{token[-1:]}", "token": token, "status": "online"},
        "open": True,
        "cl": False,
        "msgs": 1,
        "usersCount": 1,
        "ts": TIME,
        "lm": TIME,
        "_updatedAt": TIME,
    } | changes
    return {name: value for name, value in content.items() if value is not None}


def room_body(token: str, room: str, new: object = True, **changes: Any) -> dict[str, Any]:
    """A right 200 body; ``changes`` concern the room."""
    return {"room": room_of(token, room, **changes), "newRoom": new, "success": True}


def call(query: str, status: int = 200, body: object = None, headers: Headers = HEADERS) -> Exchange:
    """A room call with a query as it stands on the wire; ``body`` is JSON content, or the text itself."""
    target = f"{ROOM_PATH}?{query}" if query else ROOM_PATH
    return _exchange(Request("GET", target, SENT), status, body, headers)


def asked(token: str, **parameters: str) -> str:
    """The query of a room call."""
    pairs = {"token": token, **parameters}
    return "&".join(f"{name}={quote(value, safe='${}:#?%^,~')}" for name, value in pairs.items())


def created(token: str, room: str, **parameters: str) -> Exchange:
    """Get-or-create that opened a room."""
    return call(asked(token, **parameters), body=room_body(token, room, new=True))


def returned(token: str, room: str, **parameters: str) -> Exchange:
    """Get-or-create that found an open room."""
    return call(asked(token, **parameters), body=room_body(token, room, new=False))


def refused(token: str, error: str = "invalid-token", **parameters: str) -> Exchange:
    """A room call that was refused; with ``rid`` a call by rid."""
    return call(asked(token, **parameters), 400, {"success": False, "error": error})


def shown(token: str, rid: str, room: str | None = None) -> Exchange:
    """A call by rid that got a room."""
    return call(asked(token, rid=rid), body=room_body(token, room or rid, new=False))


def hidden(token: str, rid: str, error: str = "invalid-room", **parameters: str) -> Exchange:
    """A call by rid that was refused."""
    return refused(token, error, rid=rid, **parameters)


def registered(token: str, visitor_id: str | None = None) -> Exchange:
    """A registration."""
    visitor = {"_id": visitor_id or f"v{token}", "token": token, "username": "guest"}
    sent = json.dumps({"visitor": {"token": token}})
    return _exchange(Request("POST", VISITOR_PATH, SENT, sent), 200, {"visitor": visitor, "success": True})


def deleted(token: str) -> Exchange:
    """A visitor's deletion."""
    request = Request("DELETE", f"{VISITOR_PATH}/{token}", SENT)
    return _exchange(request, 200, {"visitor": {"_id": f"v{token}", "ts": TIME}, "success": True})


def closed(token: str, room: str) -> Exchange:
    """A room's end."""
    sent = json.dumps({"rid": room, "token": token})
    answer = {"rid": room, "comment": "Closed by visitor", "success": True}
    return _exchange(Request("POST", CLOSE_PATH, SENT, sent), 200, answer)


def said(token: str, room: str) -> Exchange:
    """A visitor's message."""
    sent = json.dumps({"token": token, "rid": room, "msg": "hi"})
    return _exchange(Request("POST", MESSAGE_PATH, SENT, sent), 200, {"message": {"_id": "m1"}, "success": True})


def failed(exchange: Exchange, status: int = 500) -> Exchange:
    """The same call, answered with a status that says nothing of what happened."""
    return replace(exchange, response=Response(status, HEADERS, "{}", length=2))


def declined(exchange: Exchange, error: str = "no") -> Exchange:
    """The same call, refused."""
    body = json.dumps({"success": False, "error": error})
    return replace(exchange, response=Response(400, HEADERS, body, length=len(body)))


def unanswered(exchange: Exchange, *, sent: bool = True) -> Exchange:
    """The same call without any answer."""
    return replace(exchange, response=None, failure=Failure("timeout", sent=sent, detail="no answer within 2 s"))


def between(start: float, end: float, exchange: Exchange) -> Exchange:
    """The same call at a given time, in milliseconds."""
    return replace(exchange, started=round(start * MS), ended=round(end * MS))


def _exchange(request: Request, status: int, body: object, headers: Headers = HEADERS) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    response = Response(status, headers, text, length=len(text))
    return Exchange(0, "core", "", None, UNTIMED, UNTIMED, request, response)


def in_order(calls: Iterable[Exchange]) -> list[Exchange]:
    """The calls with numbers in the order of their starts; those without a time follow the one before them."""
    timed, clock = [], 0
    for each in calls:
        placed = replace(each, started=clock + MS, ended=clock + 2 * MS) if each.started == UNTIMED else each
        clock = max(clock, placed.ended)
        timed.append(placed)
    timed.sort(key=lambda each: each.started)
    return [replace(each, number=number) for number, each in enumerate(timed, 1)]


def operations(*calls: Exchange) -> list[Operation]:
    """The calls in their order, read as operations."""
    return [read(each) for each in in_order(calls)]


@cache
def contract() -> Contract:
    """The vendored contract."""
    return load_contract()


@cache
def requirements() -> Requirements:
    """The catalogue."""
    return load_requirements(spec_folder() / "requirements.toml")


def new_judge() -> Judge:
    """A judge who has seen nothing."""
    return Judge(requirements(), contract().published_bodies, contract().full_bodies)


def judge_of(*calls: Exchange) -> Judge:
    """A judge who has seen the calls."""
    judge = new_judge()
    for op in operations(*calls):
        judge.feed(op)
    judge.finish()
    return judge


def kept(*calls: Exchange) -> Counter[str]:
    """How often each requirement was judged and kept."""
    rows = judge_of(*calls).tally.rows()
    return Counter({row.requirement.id: row.judged - row.broken for row in rows if row.judged > row.broken})


def broken(*calls: Exchange) -> set[str]:
    """The requirements that the calls break."""
    return {row.requirement.id for row in judge_of(*calls).tally.rows() if row.broken}


def findings(*calls: Exchange) -> tuple[Finding, ...]:
    """What was found, in the order of the requirements."""
    return judge_of(*calls).verdict().findings


def outcome(requirement: str, *calls: Exchange) -> str:
    """What became of a requirement: ``kept``, ``broken``, or nothing when no call spoke of it."""
    row = next(row for row in judge_of(*calls).tally.rows() if row.requirement.id == requirement)
    return "broken" if row.broken else "kept" if row.judged else ""


def finding_of(requirement: str, *calls: Exchange) -> Finding:
    """The first finding about a requirement."""
    return next(each for each in findings(*calls) if each.requirement == requirement)
