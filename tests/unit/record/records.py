"""Exchanges of every shape, and small records to read, cut and change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from hypothesis import strategies as st

from rocketchat_contract.record.exchange import FAILURES, Exchange, Failure, FailureKind, Request, Response
from rocketchat_contract.record.journal import Journal
from rocketchat_contract.record.ledger import Ledger
from support.headers import raw_footer, raw_header
from support.histories import ANNA, created, in_order, refused, registered, returned, unanswered

HEADER: dict[str, Any] = {
    "run": "20261122-153000-3f9a1c7e",
    "target": "http://127.0.0.1:3000",
    "embedded": "",
    "drivers": ["core"],
    "suite": {"version": "0.1.0", "sha256": "5f2c" * 16},
    "contract": {"page_sha256": "a1b2" * 16, "sha256": "c3d4" * 16, "overlay_sha256": None},
}
FOOTER: dict[str, Any] = {
    "seconds": 1.5,
    "strict": False,
    "obstacles": [],
    "errors": [],
    "facts": [["version", "8.8", 1]],
    "ledger": {**Ledger(rooms_created=1).to_json(), "rooms_left": ["R1"], "visitors_left": [], "unclear": ["$V"]},
}

texts = st.text(max_size=12)
headers = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
requests = st.builds(Request, texts, texts, headers, st.none() | texts)
statuses = st.integers(100, 999)
counts = st.integers(0, 2**63 - 1)
text_responses = st.builds(Response, statuses, headers, texts, st.just(b""), counts, st.booleans())
raw_responses = st.builds(Response, statuses, headers, st.none(), st.binary(max_size=9), counts, st.booleans())
responses = text_responses | raw_responses
failures = st.builds(
    Failure, st.sampled_from(sorted(FAILURES)).map(lambda kind: cast(FailureKind, kind)), st.booleans(), texts
)
exchanges = st.builds(
    lambda times, *parts: Exchange(*parts[:4], min(times), max(times), *parts[4:]),
    st.tuples(counts, counts),
    st.integers(1, 2**63 - 1),
    texts,
    texts,
    st.none() | texts,
    requests,
    st.none() | responses,
    st.none() | failures,
    st.none() | counts,
)


def some_exchanges() -> list[Exchange]:
    """A visitor's first calls."""
    calls = [registered(ANNA), created(ANNA, "R1"), unanswered(returned(ANNA, "R1")), refused(ANNA, "no", rid="x")]
    return in_order(calls)


def written(
    path: Path, calls: Iterable[Exchange], header: dict[str, Any] = HEADER, footer: dict[str, Any] = FOOTER
) -> Path:
    """A whole record."""
    journal = Journal(path, raw_header(header))
    for exchange in calls:
        journal.write(exchange)
    journal.close(raw_footer(footer))
    return path


def numbered(calls: Iterable[Exchange], numbers: Iterable[int]) -> list[Exchange]:
    """The calls with other numbers."""
    return [replace(call, number=number) for call, number in zip(calls, numbers, strict=True)]
