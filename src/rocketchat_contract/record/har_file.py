"""What a HAR comes in: plain, gzipped, zipped with its bodies beside it, in UTF-8, UTF-16 or UTF-32."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError

_MOST_BYTES = 256 * 1024 * 1024
"""Bytes of a capture that is read, unpacked; JSON can only be read at once."""

MOST_MEMBERS = 10_000
"""Files of a zip."""

_HEAD = 4096
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_NAME = re.compile(r"[\w.-]{1,128}")


@dataclass(frozen=True)
class HarFile:
    """The HAR and the bodies that it keeps in files of their own, by name; ``sha256`` is of the file as it lies."""

    name: str
    sha256: str
    log: Mapping[str, Any]
    bodies: Mapping[str, bytes] = field(default_factory=dict)


def is_har(path: Path) -> bool:
    """Whether a file starts like a HAR, or is a zip, and is no record; one that cannot be read is neither."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    if head.startswith(_ZIP):
        return True
    head = _beginning(head) if head.startswith(_GZIP) else head
    text = head.decode(json.detect_encoding(head), "replace").lstrip("\ufeff \t\r\n")
    return text.startswith("{") and '"log"' in text and '"type":"header"' not in text.partition("\n")[0]


def _beginning(packed: bytes) -> bytes:
    """The first bytes of what is gzipped; nothing where that is damaged."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed, _HEAD)
    except zlib.error:
        return b""


def open_har(path: Path) -> HarFile:
    """The content of a HAR file; raises ``UsageError`` when it is none, or larger than can be read."""
    raw = _bytes(path)
    if raw.startswith(_ZIP):
        text, bodies = _unzipped(path, raw)
    else:
        text, bodies = _ungzipped(path, raw) if raw.startswith(_GZIP) else raw, {}
    log = _log(path, text)
    if not raw.startswith(_ZIP):
        bodies = dict(_beside(path, log))
    return HarFile(path.name, hashlib.sha256(raw).hexdigest(), log, bodies)


def unusable(path: Path, reason: str) -> UsageError:
    """The error of a file that is no HAR."""
    return UsageError(
        f"The capture {path} cannot be judged: {reason}.",
        "Name a HAR 1.2 file, such as a browser's developer tools save.",
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _bounded(path, file.read(_MOST_BYTES + 1))
    except OSError as error:
        raise UsageError(f"The capture {path} cannot be read: {error.strerror}.", "Name a HAR file.") from error


def _bounded(path: Path, raw: bytes) -> bytes:
    if len(raw) > _MOST_BYTES:
        raise UsageError(
            f"The capture {path} is larger than {_MOST_BYTES // 1024**2} MiB.",
            "Capture calls below /api/v1/livechat only, or in several files.",
        )
    return raw


def _ungzipped(path: Path, raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = unpacker.decompress(raw, _MOST_BYTES + 1)
    except zlib.error as error:
        raise unusable(path, f"it is gzipped, and damaged ({error})") from error
    if not unpacker.eof and len(text) <= _MOST_BYTES:
        raise unusable(path, "it is gzipped, and cut short")
    return _bounded(path, text)


def _unzipped(path: Path, raw: bytes) -> tuple[bytes, dict[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            if len(files) > MOST_MEMBERS:
                raise unusable(path, f"it is a zip of more than {MOST_MEMBERS:,} files")
            hars = [each for each in files if each.filename.lower().endswith(".har")]
            if len(hars) != 1:
                raise unusable(path, f"it is a zip that holds {len(hars)} HAR files, not one")
            _bounded_together(path, files)
            contents = {each.filename: archive.read(each) for each in files}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise unusable(path, f"it is a zip that cannot be unpacked ({error})") from error
    return contents.pop(hars[0].filename), contents


def _bounded_together(path: Path, files: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip by what it says it unpacks to: reading stops there, whatever comes."""
    if sum(each.file_size for each in files) > _MOST_BYTES:
        raise UsageError(
            f"The capture {path} unpacks to more than {_MOST_BYTES // 1024**2} MiB.",
            "Capture calls below /api/v1/livechat only, or in several files.",
        )


def _log(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw.decode(json.detect_encoding(raw)))
    except (ValueError, RecursionError) as error:
        raise unusable(path, f"it is not JSON ({error})") from error
    log = content.get("log") if isinstance(content, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        raise unusable(path, "it has no log with entries, so it is not a HAR")
    return log


def _beside(path: Path, log: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The bodies that a tool wrote beside the HAR; a name that leads elsewhere is none of them."""
    for name in {named_file(each) for each in log["entries"]} - {""}:
        place = path.parent / name
        if _NAME.fullmatch(name) and not place.is_symlink() and place.is_file():
            yield name, _bytes(place)


def named_file(entry: Any) -> str:
    """The file that an entry keeps its body in, as Playwright writes it; empty for none."""
    response = entry.get("response") if isinstance(entry, dict) else None
    content = response.get("content") if isinstance(response, dict) else None
    name = content.get("_file") if isinstance(content, dict) else None
    return name if isinstance(name, str) else ""
