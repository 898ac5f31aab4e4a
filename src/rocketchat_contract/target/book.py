"""The ledger on disk while a run lives, so that a crash or a power cut leaves nothing behind unknown.

It holds real tokens, is readable for its user only, and goes when nothing is left on the target.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from rocketchat_contract.errors import UsageError
from rocketchat_contract.target.budget import RunStoppedError
from rocketchat_contract.target.keeper import Keeper

NAME = "ledger.jsonl"
FORMAT = 1


class Book:
    """Writes entries through to the disk, one JSON line each."""

    def __init__(self, path: Path, run: str, target: str) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._write({"event": "run", "format": str(FORMAT), "run": run, "target": target})

    def enter(self, **entry: str) -> None:
        """Write an entry; without one for its token a visitor must not be made, so that failure stops the run."""
        try:
            self._write(entry)
        except OSError as error:
            if entry.get("event") == "token":
                reason = f"The ledger {self.path} cannot be written: {error.strerror}."
                raise RunStoppedError(f"{reason} Nothing more is created.") from error

    def close(self, *, keep: bool) -> None:
        """Close it, and remove it unless it is still needed."""
        os.close(self._file)
        if not keep:
            self.path.unlink(missing_ok=True)

    def _write(self, entry: dict[str, str]) -> None:
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        if os.write(self._file, line) != len(line):
            raise OSError(28, "No space left on device")
        os.fsync(self._file)


@dataclass(frozen=True)
class Leftover:
    """What a book says: whose it is, and the keeper as it was at the end."""

    run: str
    target: str
    keeper: Keeper


def read_book(path: Path) -> Leftover:
    """The book of a run that ended badly; a line cut at the end is passed over. Raises ``UsageError``."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UsageError(
            f"The ledger {path} cannot be read: {error.strerror}.",
            "Name the folder of a run that left something; a clean run has no ledger.",
        ) from error
    entries = [_entry(path, line) for line in lines if line.endswith(b"\n")]
    if not entries or entries[0].get("event") != "run" or entries[0].get("format") != str(FORMAT):
        raise UsageError(f"{path} is not the ledger of a run.", f"Name the folder of a run with its {NAME}.")
    keeper = Keeper()
    for entry in entries[1:]:
        _replay(keeper, entry)
    return Leftover(entries[0].get("run", ""), entries[0].get("target", ""), keeper)


def _entry(path: Path, line: bytes) -> dict[str, str]:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        raise UsageError(f"{path} is damaged.", "Close its rooms by hand, in the contact centre.")
    return {str(name): str(value) for name, value in entry.items()}


def _replay(keeper: Keeper, entry: dict[str, str]) -> None:
    name, room = entry.get("name", ""), entry.get("room", "")
    match entry.get("event"):
        case "token":
            keeper.tokens[name] = entry.get("token", "")
            keeper.expect(name)
        case "room" if name in keeper.tokens:
            keeper.rooms[room] = name
        case "closed":
            keeper.closed.add(room)
        case "deleted":
            keeper.deleted.add(name)
