"""A HAR 1.2 file, made by a browser, a proxy or another tool, read as exchanges of a record.

What speaks of the contract is kept: the operation, its neighbours (visitor, message, close) and the facts. All other
traffic is counted and left out. An exchange lasts from ``startedDateTime`` for as long as ``time`` says, the
client's own waiting included, so that calls overlap here rather more often than they did on the wire: what is
called one after the other was. Where no duration is told, the exchange lasts until the end of the capture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.cached import is_from_cache
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.har_entry import EntryReader, HarEntry, has_no_body
from rocketchat_contract.record.har_file import open_har, unusable
from rocketchat_contract.record.personal import Personal
from rocketchat_contract.record.redact_har import VISITOR_PREFIX
from rocketchat_contract.rocketchat.paths import (
    CLOSE_PATH,
    CONFIG_PATH,
    INFO_PATH,
    MESSAGE_PATH,
    ROOM_PATH,
    VISITOR_PATH,
)

_KEPT = frozenset(
    {
        ("GET", ROOM_PATH),
        ("POST", VISITOR_PATH),
        ("POST", CLOSE_PATH),
        ("POST", MESSAGE_PATH),
        ("GET", CONFIG_PATH),
        ("GET", INFO_PATH),
    }
)
OTHER = "other traffic"
ELSEWHERE = "calls of another server"
CACHED = "answers out of the browser's own cache"
"""Why entries are left out."""

_LONGEST = 1e10
"""Milliseconds, a third of a year; a longer duration is taken for none."""

_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True)
class Capture:
    """What a HAR file holds for the judge.

    ``base`` is the server's URL, empty when no entry is a call of the contract. ``started`` is the moment of the
    first exchange in ISO 8601; their own times are nanoseconds from there. ``ignored`` counts entries left out, by
    reason; ``redacted`` those whose token the tool hid, ``bodiless`` room calls that were answered with a body that the
    file does not hold. ``masked`` counts the personal texts that stand-ins were put for, by kind.
    """

    name: str
    sha256: str
    creator: str
    base: str
    started: str
    entries: int
    ignored: Mapping[str, int]
    redacted: int
    exchanges: tuple[Exchange, ...]
    bodiless: int = 0
    masked: Mapping[str, int] = field(default_factory=dict)


def read_har(path: Path, base: str | None = None, *, keep_personal: bool = False) -> Capture:
    """The capture of a HAR file; ``base`` chooses a server when calls of several were captured.

    ``keep_personal`` leaves names, addresses, phone numbers and message texts as they are.
    Raises UsageError when the file is no HAR 1.2, or holds calls of several servers and none is chosen.
    """
    file = open_har(path)
    entries = [_entry(path, number, content) for number, content in enumerate(file.log["entries"], 1)]
    ignored = Counter({OTHER: sum(entry is None for entry in entries)})
    chosen, ours = _of_one_server([entry for entry in entries if entry is not None], base)
    ignored[ELSEWHERE] = len(entries) - ignored[OTHER] - len(ours)
    live = [entry for entry in ours if not _is_cached(path, entry)]
    ignored[CACHED] = len(ours) - len(live)
    creator = _creator(file.log)
    timed = sorted((_timed(entry, creator) for entry in live), key=lambda entry: (entry.started, entry.number))
    reader = _reader(path, timed, file.bodies, keep_personal=keep_personal)
    exchanges = tuple(_exchange(path, reader, number, entry) for number, entry in enumerate(timed, 1))
    return Capture(
        name=file.name,
        sha256=file.sha256,
        creator=creator,
        base=chosen,
        started=_iso(reader.origin) if timed else "",
        entries=len(entries),
        ignored={reason: number for reason, number in ignored.items() if number},
        exchanges=exchanges,
        redacted=reader.redacted,
        bodiless=sum(_is_bodiless(path, entry, file.bodies) for entry in timed),
        masked=reader.masked,
    )


def _entry(path: Path, number: int, content: Any) -> HarEntry | None:
    """The entry, when it is one that the contract speaks of."""
    with _explained(path, number):
        request = content["request"]
        url = urlsplit(request["url"])
        at = url.path.rfind("/api/")
        place, method = url.path[max(at, 0) :], request["method"].upper()
        is_deletion = method == "DELETE" and place.startswith(VISITOR_PREFIX)
        if at < 0 or not ((method, place) in _KEPT or is_deletion):
            return None
        target = place + (f"?{url.query}" if url.query else "")
        base = f"{url.scheme}://{_authority(url.scheme, url.netloc)}{url.path[:at]}"
        return HarEntry(number, content, base, target, _nanoseconds(content["startedDateTime"]), _took(content))


def _authority(scheme: str, netloc: str) -> str:
    return netloc.rpartition("@")[2].lower().removesuffix(f":{_PORTS.get(scheme, '')}")


def _nanoseconds(moment: str) -> int:
    read = datetime.fromisoformat(moment)
    since = (read if read.tzinfo else read.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


def _took(content: Mapping[str, Any]) -> int | None:
    """How long an exchange took (ns), by ``time`` or by the sum of its parts; None where both are silent."""
    parts = content.get("timings") or {}
    stated = sum(_milliseconds(parts.get(name)) for name in ("blocked", "dns", "connect", "send", "wait", "receive"))
    return round((_milliseconds(content.get("time")) or stated) * 1_000_000) or None


def _milliseconds(value: Any) -> float:
    """A duration as the format writes it; 0 for -1, which says that there is none."""
    return float(value) if isinstance(value, (int, float)) and 0 < value < _LONGEST else 0.0


def _of_one_server(entries: list[HarEntry], wanted: str | None) -> tuple[str, list[HarEntry]]:
    bases = dict.fromkeys(entry.base for entry in entries if entry.target.partition("?")[0] == ROOM_PATH)
    if wanted is not None:
        chosen = _canonical(wanted)
        if chosen not in {entry.base for entry in entries}:
            found = ", ".join(bases) or "none"
            raise UsageError(f"The capture holds no call of {chosen}.", f"Servers it holds room calls of: {found}.")
    elif len(bases) > 1:
        raise UsageError(
            f"The capture holds room calls of {len(bases)} servers: {', '.join(bases)}.",
            "Choose one with --target URL.",
        )
    else:
        chosen = next(iter(bases), "")
    return chosen, [entry for entry in entries if entry.base == chosen]


def _canonical(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{_authority(parts.scheme, parts.netloc)}{parts.path.rstrip('/')}"


def _is_cached(path: Path, entry: HarEntry) -> bool:
    with _explained(path, entry.number):
        return is_from_cache(entry.content)


def _is_bodiless(path: Path, entry: HarEntry, bodies: Mapping[str, bytes]) -> bool:
    with _explained(path, entry.number):
        return entry.target.partition("?")[0] == ROOM_PATH and has_no_body(entry, bodies)


def _timed(entry: HarEntry, creator: str) -> HarEntry:
    """The entry from its true start: schemathesis 4, which writes with harfile, notes the moment of the answer."""
    return replace(entry, started=entry.started - (entry.took or 0)) if creator.startswith("harfile ") else entry


def _reader(path: Path, entries: list[HarEntry], bodies: Mapping[str, bytes], *, keep_personal: bool) -> EntryReader:
    """A reader that knows every token of the capture."""
    origin = entries[0].started if entries else 0
    last = max((entry.started + (entry.took or 0) for entry in entries), default=0)
    reader = EntryReader(path.name, origin, last, bodies, None if keep_personal else Personal())
    for entry in entries:
        with _explained(path, entry.number):
            reader.learn(entry)
    return reader


def _exchange(path: Path, reader: EntryReader, number: int, entry: HarEntry) -> Exchange:
    with _explained(path, entry.number):
        return reader.exchange(number, entry)


@contextmanager
def _explained(path: Path, number: int) -> Iterator[None]:
    """Names the entry that is not as the format has it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"its entry {number} is not as HAR 1.2 has it ({type(error).__name__}: {error})"
        raise unusable(path, reason) from error


def _creator(log: Mapping[str, Any]) -> str:
    creator = log.get("creator")
    stated = creator if isinstance(creator, dict) else {}
    return f"{stated.get('name') or 'an unnamed tool'} {stated.get('version') or ''}".strip()


def _iso(nanoseconds: int) -> str:
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds // 1_000_000 % 1000:03}Z"
