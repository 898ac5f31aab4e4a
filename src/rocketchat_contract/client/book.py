"""The ledger on disk while a run lives, so that a crash or a power cut leaves nothing behind unknown.

It holds real tokens, is readable for its user only, and goes when nothing is left on the target.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.client import hide
from rocketchat_contract.client.keeper import Keeper
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.ledger import LEDGER
from rocketchat_contract.record.mask import Mask

FORMAT = "1"

_TOLD_ANYWAY = ("closed", "deleted")
"""Entries that a power cut may take: the target says the same when somebody sweeps up."""


class Book:
    """Writes entries, one JSON line each, to the disk what may have been made; whoever has it open has it alone."""

    def __init__(self, path: Path, *, fresh: bool) -> None:
        self.path = path
        flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT | os.O_EXCL if fresh else 0)
        self._file = os.open(path, flags, 0o600)
        if not _is_alone(self._file):
            os.close(self._file)
            raise UsageError(f"The run of {path} is still under way.", "Wait for its end, or end it with Ctrl-C.")

    def begin(self, run: str, target: str) -> None:
        """Write down whose ledger it is."""
        self._write({"event": "run", "format": FORMAT, "run": run, "target": target})

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
            with suppress(OSError):
                self.path.unlink()

    def _write(self, entry: dict[str, str]) -> None:
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        if os.write(self._file, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if entry["event"] not in _TOLD_ANYWAY:
            os.fsync(self._file)


@dataclass(frozen=True)
class Leftover:
    """What a book says: whose it is, and what happened."""

    run: str
    target: str
    entries: tuple[dict[str, str], ...]

    def keeper(self, mask: Mask, pages: Book | None = None) -> Keeper:
        """The keeper as it was at the end; names are the mask's from now on."""
        keeper = Keeper(mask.add_token)
        names: dict[str, str] = {}
        for entry in self.entries:
            _replay(keeper, entry, names)
        for name, token in keeper.tokens.items():
            hide(mask, token, name)
        for entry in self.entries:
            if entry.get("event") == "unclear" and entry.get("name") in names:
                keeper.look_again(names[entry["name"]])
        keeper.pages = pages
        return keeper


def read_book(path: Path) -> Leftover:
    """The book of a run that ended badly; a line cut at the end is passed over. Raises ``UsageError``."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UsageError(
            f"There is no ledger at {path}: {error.strerror}.",
            "Name its folder, or its id and the --report-dir that it had; a run that left nothing keeps no ledger.",
        ) from error
    entries = [_entry(path, line) for line in lines if line.endswith(b"\n")]
    if not entries or entries[0].get("event") != "run" or entries[0].get("format") != FORMAT:
        raise UsageError(f"{path} is not the ledger of a run.", f"Name the folder of a run with its {LEDGER}.")
    return Leftover(entries[0].get("run", ""), entries[0].get("target", ""), tuple(entries[1:]))


def _entry(path: Path, line: bytes) -> dict[str, str]:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        raise UsageError(f"{path} is damaged.", "Close its rooms by hand, in the contact centre.")
    return {str(name): str(value) for name, value in entry.items()}


def _replay(keeper: Keeper, entry: dict[str, str], names: dict[str, str]) -> None:
    event, room = entry.get("event"), entry.get("room", "")
    if event == "token":
        name = names[entry.get("name", "")] = keeper.name_of(entry.get("token", ""))
        keeper.tokens[name] = entry.get("token", "")
        if entry.get("own") == "no":
            keeper.whose.foreign.add(name)
        else:
            keeper.expect(name)
    elif event == "room" and entry.get("name") in names:
        keeper.opened(room, names[entry["name"]])
    elif event == "seen" and room in keeper.rooms:
        keeper.found(room, keeper.rooms[room])
    elif event == "closed":
        keeper.shut(room)
    elif event == "raced" and entry.get("name") in names:
        keeper.raced.add(names[entry["name"]])
    elif event == "foreign" and entry.get("name") in names:
        keeper.disown(names[entry["name"]])
    elif event == "deleted" and entry.get("name") in names:
        keeper.deleted.add(names[entry["name"]])


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
