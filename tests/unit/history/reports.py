"""Reports of runs that never happened."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rocketchat_contract.archive.diff import Reported
from rocketchat_contract.record.journal import Journal
from support.headers import raw_header

REPEAT, RACE, SHOULD = "an-open-room-is-returned", "overlapping-calls-open-one-room", "an-answer-is-not-stored"
SUITE = {"version": "0.1.0", "sha256": "5" * 64}
CONTRACT = {"page_sha256": "a" * 64, "overlay_sha256": "b" * 64, "sha256": "c" * 64}


def finding(signature: str) -> dict[str, Any]:
    """A finding as the report has it."""
    return {"expected": "one room", "actual": f"{signature} rooms", "signature": signature, "evidence": [1, 2]}


def row(name: str, outcome: str, *signatures: str, level: str = "must", **changes: Any) -> dict[str, Any]:
    """A requirement as the report has it."""
    told = {
        "id": name,
        "group": "get-or-create",
        "level": level,
        "sentence": f"The sentence of {name}.",
        "source": "prose",
        "quote": "q",
        "columns": ["full"],
        "only_when": "",
        "outcome": outcome,
        "judged": 0 if outcome in ("not-judged", "not-applicable") else 9,
        "broken": len(signatures),
        "reason": "No call of this run showed it." if outcome == "not-judged" else "",
        "findings": [finding(signature) for signature in signatures],
    }
    return {**told, **changes}


def report(*rows: Mapping[str, Any], facts: Mapping[str, str] | None = None, **header: Any) -> dict[str, Any]:
    """A report; ``header`` replaces members of its header."""
    head = {
        "run": "20261122-153000-3f9a1c7e",
        "target": "https://chat.example.com",
        "embedded": "",
        "profile": "nightly",
        "drivers": ["core"],
        "seed": 7,
        "started": "2026-11-22T15:30:00.000Z",
        "suite": SUITE,
        "contract": CONTRACT,
        **header,
    }
    told = {"version": "8.2", "agent online": "yes", **(facts or {})}
    broken = any(each["outcome"] == "fail" for each in rows)
    return {
        "format": 1,
        "header": head,
        "requirements": copy.deepcopy(list(rows)),
        "facts": [{"name": name, "value": value, "exchange": 1} for name, value in told.items()],
        "verdict": {"word": "violated" if broken else "conformant"},
    }


def reported(*rows: Mapping[str, Any], **changes: Any) -> Reported:
    """A report that was read."""
    return Reported(report(*rows, **changes), None)


def night(folder: Path, day: int, *rows: Mapping[str, Any], **changes: Any) -> Path:
    """The report of one night in its run's folder."""
    name = f"202611{day:02}-020000"
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    started = f"2026-11-{day:02}T02:00:00.000Z"
    content = report(*rows, **{"run": name, "started": started, **changes})
    (place / "report.json").write_text(json.dumps(content), "utf-8")
    return place


def killed_night(folder: Path, day: int, *events: Mapping[str, str], **changes: Any) -> Path:
    """The folder of a run that was killed: a record without its footer, and a ledger of ``events`` if there are any."""
    name = f"202611{day:02}-020000"
    place = folder / name
    header = report(**{"run": name, "started": f"2026-11-{day:02}T02:00:00.000Z", **changes})["header"]
    journal = Journal(place / "record.jsonl", raw_header({**header, "versions": {}}))
    journal._file.close()
    if events:
        first = {"event": "run", "format": "1", "run": name, "target": header["target"]}
        (place / "ledger.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in (first, *events)))
    return place


TOKEN = {"event": "token", "name": "$RC_TOKEN_1", "token": "rcc1", "own": "yes"}
DELETED = {"event": "deleted", "name": "$RC_TOKEN_1"}
