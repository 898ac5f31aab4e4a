"""Named calls, one a line: what was asked of a real server and what it answered."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.inputs.bounded import FileKind, InputError, parse_json, read_bytes

NO_ANSWER = "no answer"
CLOSED = "connection closed"
_MOST_BYTES = 64 * 1024 * 1024
_KIND = FileKind("The file of named calls", "Name a .jsonl or .jsonl.gz file with one call a line.")


@dataclass(frozen=True, slots=True)
class NamedAnswer:
    """What came back; without a status, ``body`` is ``NO_ANSWER`` or ``CLOSED``."""

    status: int | None
    headers: dict[str, str]
    """By lower-case name."""
    body: Any
    """What the JSON says, or the text."""


@dataclass(frozen=True, slots=True)
class NamedCall:
    """One call and its answer."""

    line: int
    name: str
    method: str
    target: str
    """Path and query as sent."""
    headers: dict[str, str]
    body: str
    answer: NamedAnswer


def read_calls(path: Path) -> list[NamedCall]:
    """Read a file of named calls, plain or compressed; lines without a method are summaries and are left out."""
    content = read_bytes(path, _KIND, _MOST_BYTES)
    try:
        text = (_unpacked(content) if path.suffix == ".gz" else content).decode()
        calls = list(_calls(text.split("\n")))
    except (zlib.error, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        problem = f"{_KIND.what} {path} cannot be read: {type(error).__name__}: {error}."
        raise InputError(problem, _KIND.next_step) from error
    if not calls:
        raise InputError(f"{_KIND.what} {path} holds no calls.", _KIND.next_step)
    return calls


def _unpacked(content: bytes) -> bytes:
    """Undo gzip, up to the size that a plain file may have."""
    reader = zlib.decompressobj(wbits=31)
    text = reader.decompress(content, _MOST_BYTES)
    if not reader.eof:
        raise ValueError("it is cut off, or larger than it may be")
    return text


def _calls(lines: list[str]) -> Iterator[NamedCall]:
    for number, line in enumerate(lines, 1):
        stated = parse_json(line.encode()) if line.strip() else {}
        if "method" in stated:
            yield _call(number, stated)


def _call(number: int, stated: dict[str, Any]) -> NamedCall:
    """Read one line: ``body`` is what was sent where there is a ``response``, else what came."""
    late = "requestHeaders" in stated
    sent, came = (stated["body"], stated.get("response")) if late else (stated.get("request_body"), stated.get("body"))
    return NamedCall(
        line=number,
        name=stated["name"].strip(),
        method=stated["method"],
        target=_target_of(stated),
        headers=dict((stated["requestHeaders"] if late else stated.get("request_headers")) or {}),
        body=sent if isinstance(sent, str) else json.dumps(sent) if sent is not None else "",
        answer=_answer(stated, came),
    )


def _target_of(stated: dict[str, Any]) -> str:
    """Path and query of a line; a query that was kept in part is carried on to its length."""
    query = stated.get("query") or ""
    query = carried_on(query, stated.get("query_len") or 0)
    return f"{stated['path']}?{query}" if query else str(stated["path"])


def carried_on(query: str, length: int) -> str:
    """Write a query on to its length: its last sign again and again, or its numbered parts counted on."""
    if len(query) >= length:
        return query
    whole, _, _ = query.rpartition("&")
    counted = re.fullmatch(r"(.*&[^&]*?)(\d+)((?:=1)?)", whole)
    if counted is None:
        return query.ljust(length, query[-1])
    before, rest, number = counted[1].rpartition("&")[2], counted[3], int(counted[2])
    while len(whole) < length:
        number += 1
        whole += f"&{before}{number}{rest}"
    return whole


def _answer(stated: dict[str, Any], came: Any) -> NamedAnswer:
    if not stated.get("status"):
        reason = f"{stated.get('error') or ''}{came or ''}"
        return NamedAnswer(None, {}, NO_ANSWER if "timed out" in reason else CLOSED)
    headers = stated["headers"]
    pairs = headers.items() if isinstance(headers, dict) else headers
    return NamedAnswer(stated["status"], {name.lower(): value for name, value in pairs}, as_json(came))


def as_json(body: Any) -> Any:
    """Read a text as JSON where it is some."""
    if not isinstance(body, str):
        return body
    try:
        return json.loads(body)
    except ValueError:
        return body
