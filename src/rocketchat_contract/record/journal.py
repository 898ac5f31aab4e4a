"""The record: JSON Lines, one line per exchange, between a header and a footer.

Each line is flushed as it is written, so that a crash loses nothing; the footer carries the number of exchanges
and the SHA-256 of all bytes before it, so that a cut or changed record is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.exchange import Exchange

FORMAT = 1


class Journal:
    """Writes a record; ``close`` adds the footer."""

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: BinaryIO = path.open("wb")
        self._hash = hashlib.sha256()
        self._exchanges = 0
        self._write({"type": "header", "format": FORMAT, **header})

    def write(self, exchange: Exchange) -> None:
        """Append one exchange and flush it."""
        self._write(exchange.to_json())
        self._exchanges += 1

    def close(self, footer: Mapping[str, Any]) -> None:
        """Append the footer and close the file."""
        closing = {"type": "footer", "exchanges": self._exchanges, "sha256": self._hash.hexdigest(), **footer}
        self._write(closing)
        self._file.close()

    def _write(self, line: Mapping[str, Any]) -> None:
        encoded = json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"
        self._hash.update(encoded)
        self._file.write(encoded)
        self._file.flush()


class Record:
    """Reads a record: the header at once, the exchanges as a stream, the footer after them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.footer: dict[str, Any] = {}
        with _open(path) as file:
            self.header = _header(path, file.readline())

    def exchanges(self) -> Iterator[Exchange]:
        """The exchanges in the order in which they left; raises ``UsageError`` when the record is not whole."""
        waiting: dict[int, Exchange] = {}
        expected = 1
        for exchange in self._written():
            waiting[exchange.number] = exchange
            while expected in waiting:
                yield waiting.pop(expected)
                expected += 1
        if waiting:
            raise _unusable(self.path, f"exchange {expected} is missing")

    def _written(self) -> Iterator[Exchange]:
        digest, count = hashlib.sha256(), 0
        with _open(self.path) as file:
            digest.update(file.readline())
            for number, raw in enumerate(file, 2):
                line = _parse(self.path, raw, number)
                if line.get("type") == "footer":
                    self._finish(line, digest.hexdigest(), count, rest=file.read(1))
                    return
                digest.update(raw)
                count += 1
                yield _exchange(self.path, line, number)
        raise _unusable(self.path, "its footer is missing, so it is truncated")

    def _finish(self, footer: dict[str, Any], digest: str, count: int, *, rest: bytes) -> None:
        if rest:
            raise _unusable(self.path, "there are lines after the footer")
        if footer.get("exchanges") != count or footer.get("sha256") != digest:
            raise _unusable(self.path, "its content does not match its footer, so it was changed")
        self.footer = footer


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"The record {path} cannot be read: {error.strerror}.", "Name a record.jsonl of a run."
        ) from error


def _header(path: Path, raw: bytes) -> dict[str, Any]:
    line = _parse(path, raw, 1)
    if line.get("type") != "header" or line.get("format") != FORMAT:
        raise _unusable(path, f"line 1 is not the header of a record of format {FORMAT}")
    return line


def _parse(path: Path, raw: bytes, number: int) -> dict[str, Any]:
    try:
        line = json.loads(raw)
    except ValueError as error:
        raise _unusable(path, f"line {number} is not JSON, so it is truncated or not a record") from error
    if not isinstance(line, dict) or not raw.endswith(b"\n"):
        raise _unusable(path, f"line {number} is cut")
    return line


def _exchange(path: Path, line: dict[str, Any], number: int) -> Exchange:
    try:
        return Exchange.from_json(line)
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(path, f"line {number} is not an exchange ({error!r})") from error


def _unusable(path: Path, reason: str) -> UsageError:
    return UsageError(
        f"The record {path} cannot be judged: {reason}.", "Use the record of a run that ended, or run again."
    )
