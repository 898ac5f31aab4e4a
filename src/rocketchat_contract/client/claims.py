"""The ledger on disk while a run lives, so that a crash or a power cut leaves nothing behind unknown.

It holds real tokens, is readable for its user only, and goes when nothing is left on the target.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.resources import Resources
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.events import (
    LEDGER_FORMAT,
    OLD_FORMAT,
    Asking,
    Event,
    Named,
    Registering,
    RoomSeen,
    RoomShown,
    events_of,
)
from rocketchat_contract.record.ledger import LEDGER

_BEFORE_A_CALL = (Named, Registering, Asking)
"""Events without which a call must not leave."""

_EVENT = b'{"event":'


class Book:
    """Writes events, one JSON line each, to the disk what may have been made; whoever has it open has it alone."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if fresh else 0)
        self._file = os.open(path, flags, 0o600)
        if not _is_alone(self._file):
            os.close(self._file)
            raise UsageError(f"The run of {path} is still under way.", "Wait for its end, or end it with Ctrl-C.")
        self._is_cut = not _ends_a_line(self._file)

    def begin(self, run: str, target: str) -> None:
        """Write down whose ledger it is."""
        self._write({"event": "run", "format": LEDGER_FORMAT, "run": run, "target": target})
        os.fsync(self._file)

    def write(self, event: Event) -> None:
        """Write an event; what a call might make must stand here before it leaves, so that failure stops the run."""
        try:
            self._write(event.to_json())
            if event.must_last:
                os.fsync(self._file)
        except OSError as error:
            if isinstance(event, _BEFORE_A_CALL):
                reason = f"The ledger {self.path} cannot be written: {error.strerror}."
                raise RunStoppedError(f"{reason} Nothing more is created.") from error

    def close(self, *, keep: bool) -> None:
        """Close it, and remove it unless it is still needed."""
        os.close(self._file)
        if not keep:
            with suppress(OSError):
                self.path.unlink()

    def _write(self, entry: dict[str, Any]) -> None:
        """Write a line of its own, also behind one that a crash or a full disk cut."""
        line = b"\n" * self._is_cut + json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        written = os.write(self._file, line)
        self._is_cut = written != len(line)
        if self._is_cut:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@dataclass(frozen=True)
class Leftover:
    """What a ledger says: whose it is, and what happened.

    ``cut`` and ``unreadable`` are the numbers of lines that were passed over. A cut line is no loss: what it was to
    tell of had not left yet, or shows when its visitor is looked at. What an unreadable one was nobody knows.
    """

    run: str
    target: str
    events: tuple[Event, ...]
    cut: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()

    @property
    def resources(self) -> Resources:
        """What was on the target at the end."""
        return Resources.of(self.events)


def read_book(path: Path) -> Leftover:
    """The ledger of a run that ended badly; raises ``UsageError`` when it is none."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(
            f"There is no ledger at {path}: {error.strerror}.",
            "Name its folder, or its id and the --report-dir that it had; a run that left nothing keeps no ledger.",
        ) from error
    header = _header(path, lines[0])
    reading = _Reading()
    events = tuple(event for number, line in enumerate(lines[1:], 2) for event in reading.events(number, line))
    passed = tuple(reading.cut), tuple(reading.unreadable)
    return Leftover(str(header.get("run", "")), str(header.get("target", "")), events, *passed)


@dataclass
class _Reading:
    """Reads line by line: whose a room is stands in the lines before."""

    cut: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    _owners: dict[str, str] = field(default_factory=dict)

    def events(self, number: int, line: bytes) -> list[Event]:
        """The events of a line; none, with its number kept, when it cannot be read."""
        if not line:
            return []
        try:
            events = events_of(_object(line), self._owners)
        except (ValueError, RecursionError):
            is_cut = line.startswith(_EVENT[: len(line)]) and not line.endswith(b"}")
            (self.cut if is_cut else self.unreadable).append(number)
            return []
        self._owners |= {event.room: event.name for event in events if isinstance(event, RoomShown | RoomSeen)}
        return events


def _object(line: bytes) -> Mapping[str, Any]:
    """The JSON object of a line, or the one that was written behind a cut one; raises ``ValueError``."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = json.loads(line[line.rfind(_EVENT) :])
    if isinstance(entry, dict):
        return entry
    raise ValueError("no object")


def _header(path: Path, line: bytes) -> Mapping[str, Any]:
    with suppress(ValueError, RecursionError):
        header = _object(line)
        if header.get("event") == "run" and header.get("format") in (LEDGER_FORMAT, OLD_FORMAT):
            return header
    raise UsageError(f"{path} is not the ledger of a run.", f"Name the folder of a run with its {LEDGER}.")


def _ends_a_line(handle: int) -> bool:
    size = os.lseek(handle, 0, os.SEEK_END)
    return size == 0 or (os.lseek(handle, size - 1, os.SEEK_SET), os.read(handle, 1))[1] == b"\n"


def _is_alone(handle: int) -> bool:
    try:
        import fcntl  # noqa: PLC0415 - not everywhere
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
