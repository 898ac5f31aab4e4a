"""The record: JSON Lines, one line per exchange, between a header and a footer.

Each line is flushed as it is written, so that a crash loses nothing; the footer carries the number of exchanges
and the SHA-256 of all bytes before that hash, so that a cut or changed record is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import FileKind, InputError, size_of
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.header import RecordHeader

_FORMAT = 1

MAX_LINE = 64 * 1024 * 1024
"""Bytes of a line; the largest body that is read, escaped at its worst, stays below."""

MOST_HELD = 1_000
"""Exchanges held back in memory for an earlier one; of those beyond only the place is kept."""

_KIND = FileKind("The record", "Name the folder of a run, such as reports/latest, or its record.jsonl.")
_encode = json.JSONEncoder(separators=(",", ":")).encode
_decode = json.JSONDecoder().decode
_NUMBER = b'{"type":"exchange","number":'
_HASH = b',"sha256":"'
_TAIL = len(_HASH) + 64 + len(b'"}\n')


RECORD = "record.jsonl"
"""The name of a run's record in its folder."""


class CutError(UsageError):
    """A record that ends before its footer: its run was killed, or is still under way."""


class Journal:
    """Writes a record, locked as long as it does; ``close`` adds the footer."""

    def __init__(self, path: Path, header: RecordHeader) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file: BinaryIO = path.open("wb")
        _lock(self._file, alone=True)
        self._hash = hashlib.sha256()
        self._exchanges = 0
        self._write(_line({"type": "header", "format": _FORMAT, **header.to_json()}) + b"\n")

    def write(self, exchange: Exchange) -> None:
        """Append one exchange and flush it."""
        self._write(_line(exchange.to_json()) + b"\n")
        self._exchanges += 1

    def close(self, footer: RecordFooter) -> None:
        """Append the footer and close the file."""
        closing = _line({"type": "footer", "exchanges": self._exchanges, **footer.to_json()})
        self._write(closing.removesuffix(b"}") + _HASH)
        self._file.write(self._hash.hexdigest().encode("ascii") + b'"}\n')
        self._file.close()

    def _write(self, encoded: bytes) -> None:
        self._hash.update(encoded)
        self._file.write(encoded)
        self._file.flush()


def _lock(file: BinaryIO, *, alone: bool) -> bool:
    """Lock a file until it is closed; False when somebody else has it, True also where nothing can be locked."""
    with suppress(ImportError, OSError):
        import fcntl  # noqa: PLC0415 - not everywhere

        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def is_being_written(path: Path) -> bool:
    """Whether a run on this machine still writes the record."""
    with suppress(OSError), path.open("rb") as file:
        return not _lock(file, alone=False)
    return False


def has_footer(path: Path) -> bool:
    """Whether a record ends as its footer does; nothing before is looked at."""
    with path.open("rb") as file:
        file.seek(-min(_TAIL, file.seek(0, os.SEEK_END)), os.SEEK_END)
        return file.read().startswith(_HASH)


def _line(content: Mapping[str, Any]) -> bytes:
    return _encode(content).encode("ascii")


class Record:
    """Reads a record: the header at once, the exchanges as a stream, the footer after them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._footer: RecordFooter | None = None
        with _open(path) as file:
            self.header = _header(path, _next_line(path, file, 1))

    @property
    def footer(self) -> RecordFooter:
        """How the run ended; known once all exchanges were read, which this does where nobody has."""
        if self._footer is None:
            deque(self.exchanges(), maxlen=0)
        assert self._footer is not None  # noqa: S101 - a record without a footer has raised
        return self._footer

    def exchanges(self) -> Iterator[Exchange]:
        """The exchanges in the order in which they left; raises ``UsageError`` when the record is not whole."""
        waiting = _Waiting(self.path)
        expected = 1
        for exchange, place in self._written():
            number = exchange.number
            if number < expected or number in waiting:
                raise _unusable(self.path, f"exchange {number} is there twice")
            if number > expected:
                waiting.add(exchange, place)
                continue
            yield exchange
            expected += 1
            while expected in waiting:
                yield waiting.take(expected)
                expected += 1
        if waiting:
            raise _unusable(self.path, f"exchange {expected} is missing")

    def find(self, numbers: Collection[int]) -> dict[int, Exchange]:
        """The exchanges with these numbers, in their order; lines of others are hardly looked at."""
        wanted = {number for number in numbers if number > 0}
        found: dict[int, Exchange] = {}
        with _open(self.path) as file:
            place = 1
            while len(found) < len(wanted) and (raw := _next_line(self.path, file, place)):
                if raw.startswith(_NUMBER) and _leading(raw) in wanted:
                    exchange = _exchange(self.path, _parse(self.path, raw, place), place)
                    found[exchange.number] = exchange
                place += 1
        return dict(sorted(found.items()))

    def _written(self) -> Iterator[tuple[Exchange, int]]:
        """The exchanges in the order of their lines, each with the place where its line begins."""
        digest, count, number = hashlib.sha256(), 0, 1
        with _open(self.path) as file:
            place = _digest_line(digest, _next_line(self.path, file, number))
            while raw := _next_line(self.path, file, number := number + 1):
                line = _parse(self.path, raw, number)
                if line.get("type") == "footer":
                    self._finish(line, raw, digest, count, rest=file.read(1))
                    return
                exchange = _exchange(self.path, line, number)
                count += 1
                yield exchange, place
                place += _digest_line(digest, raw)
        raise _unusable(self.path, "its footer is missing, so it is truncated", CutError)

    def _finish(self, footer: dict[str, Any], raw: bytes, digest: Any, count: int, *, rest: bytes) -> None:
        if rest:
            raise _unusable(self.path, "there are lines after the footer")
        digest.update(raw[: len(_HASH) - _TAIL])
        ending = _HASH + digest.hexdigest().encode("ascii") + b'"}\n'
        if footer.get("exchanges") != count or not raw.endswith(ending):
            raise _unusable(self.path, "its content does not match its footer, so it was changed")
        try:
            self._footer = RecordFooter.from_json(footer)
        except ValueError as wrong:
            raise _unusable(self.path, f"{wrong} is missing in its footer, or wrong") from None


def _digest_line(digest: Any, raw: bytes) -> int:
    """Take a line into a hash; answers its length."""
    digest.update(raw)
    return len(raw)


class _Waiting:
    """Exchanges that left after one whose line has not come yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: dict[int, Exchange] = {}
        self._places: dict[int, int] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._held or number in self._places

    def __len__(self) -> int:
        return len(self._held) + len(self._places)

    def add(self, exchange: Exchange, place: int) -> None:
        if len(self._held) < MOST_HELD:
            self._held[exchange.number] = exchange
        else:
            self._places[exchange.number] = place

    def take(self, number: int) -> Exchange:
        held = self._held.pop(number, None)
        return held if held is not None else self._read(self._places.pop(number))

    def _read(self, place: int) -> Exchange:
        with _open(self._path) as file:
            file.seek(place)
            return Exchange.from_json(_decode(file.readline().decode()))


def _open(path: Path) -> BinaryIO:
    size_of(path, _KIND)
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"The record {path} cannot be read: {error.strerror}.", _KIND.next_step) from error


def _next_line(path: Path, file: BinaryIO, number: int) -> bytes:
    try:
        raw = file.readline(MAX_LINE + 1)
    except OSError as error:
        raise UsageError(f"The record {path} cannot be read: {error.strerror}.", "Copy it anew.") from error
    if len(raw) > MAX_LINE:
        raise _unusable(path, f"line {number} is longer than {MAX_LINE} bytes")
    return raw


def _leading(raw: bytes) -> int:
    digits = raw[len(_NUMBER) : len(_NUMBER) + 20].partition(b",")[0]
    return int(digits) if digits.isdigit() else 0


def _header(path: Path, raw: bytes) -> RecordHeader:
    line = _parse(path, raw, 1)
    if line.get("type") != "header" or line.get("format") != _FORMAT:
        raise _unusable(path, f"line 1 is not the header of a record of format {_FORMAT}")
    try:
        return RecordHeader.from_json(line)
    except ValueError as wrong:
        raise _unusable(path, f"{wrong} is missing in its header, or wrong") from None


def _parse(path: Path, raw: bytes, number: int) -> dict[str, Any]:
    if number > 1 and not raw.endswith(b"\n"):
        raise _unusable(path, f"line {number} is cut, so it is truncated", CutError)
    try:
        line = _decode(raw.decode())
    except (ValueError, RecursionError):
        raise _unusable(path, f"line {number} is not JSON, so it is truncated or not a record") from None
    if not isinstance(line, dict) or not raw.endswith(b"\n"):
        raise _unusable(path, f"line {number} is cut")
    return line


def _exchange(path: Path, line: dict[str, Any], number: int) -> Exchange:
    if line.get("type") != "exchange":
        raise _unusable(path, f"line {number} is not an exchange")
    try:
        return Exchange.from_json(line)
    except ValueError as error:
        raise _unusable(path, f"line {number} is not an exchange ({error})") from None


def _unusable(path: Path, reason: str, kind: type[UsageError] = UsageError) -> UsageError:
    return kind(f"The record {path} cannot be judged: {reason}.", "Use the record of a run that ended, or run again.")
