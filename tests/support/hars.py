"""HAR files made of the vocabulary of ``histories``, as other tools write them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rocketchat_contract.record.exchange import Exchange
from support.histories import in_order

BASE = "https://chat.example.com"
BEGAN = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
TOKENS = {"$RC_TOKEN_1": "annas-token-7f3a9c", "$RC_TOKEN_2": "berts-token-b81d44", "$RC_TOKEN_3": "carls-token-0c55e2"}
ANNAS = TOKENS["$RC_TOKEN_1"]

Entry = dict[str, Any]


def unmasked(text: str) -> str:
    """The text as it crossed the wire."""
    for name, token in TOKENS.items():
        text = text.replace(name, token)
    return text


def entry(exchange: Exchange, base: str = BASE) -> Entry:
    """The entry that Chromium's developer tools write for a call."""
    request, response = exchange.request, exchange.response
    answer: dict[str, Any] = {"status": 0, "headers": [], "content": {}, "_error": "net::ERR_ABORTED"}
    if response is not None:
        text = unmasked(response.body or "")
        content = {"size": len(text.encode()), "mimeType": "application/json", "text": text}
        answer = {"status": response.status, "headers": _headers(response.headers), "content": content, "bodySize": -1}
    sent = {"mimeType": "application/json", "text": unmasked(request.body)} if request.body else None
    milliseconds = (exchange.ended - exchange.started) / 1e6
    return {
        "startedDateTime": (BEGAN + timedelta(microseconds=exchange.started / 1000)).isoformat().replace("+00:00", "Z"),
        "time": milliseconds,
        "request": {
            "method": request.method,
            "url": base + unmasked(request.target),
            "headers": _headers((("Accept-Encoding", "gzip, deflate, br"), ("Cookie", "rc_token=secret"))),
            **({"postData": sent} if sent else {}),
        },
        "response": answer,
        "timings": {"blocked": -1, "send": 0, "wait": milliseconds, "receive": 0},
    }


def other(url: str = "https://chat.example.com/livechat/app.js", method: str = "GET") -> Entry:
    """An entry that has nothing to do with the contract."""
    return {
        "startedDateTime": BEGAN.isoformat(),
        "time": 3,
        "request": {"method": method, "url": url, "headers": []},
        "response": {"status": 200, "headers": [], "content": {"size": 0}},
    }


def entries(*calls: Exchange, base: str = BASE) -> list[Entry]:
    """The entries of calls in their order."""
    return [entry(call, base) for call in in_order(calls)]


def write_har(path: Path, found: Iterable[Entry], creator: str = "WebInspector") -> Path:
    """A HAR file."""
    log = {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": list(found)}
    path.write_text(json.dumps({"log": log}), "utf-8")
    return path


def _headers(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
