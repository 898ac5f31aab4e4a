"""The zip of a bundle: written so that the same files give the same bytes, read as something a stranger may have made.

A zip can be read in more than one way: by the list at its end or from its beginning, under the name of an entry or
one that an extra field gives, with two entries of one name. What leaves room for that is named and not unpacked, so
that everybody who opens the archive sees the files that were verified.
"""

from __future__ import annotations

import re
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from rocketchat_contract.errors import UsageError

MOST_UNPACKED = 2 * 1024**3
"""Bytes of all files together."""
MOST_RATIO = 200
"""How many times its size an archive may unpack to; a record of answers that are all alike stays below."""
MOST_LISTED = 1024 * 1024
"""Bytes of the list of files at the end of an archive: some ten thousand files."""

CONTRACT = "contract/"
CHANGED = "its bytes were changed"
_CONTRACT_FILE = re.compile(rf"{CONTRACT}\w[\w. -]{{0,98}}\w|{CONTRACT}\w")

_BLOCK = 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)
UNREADABLE = (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 65_535
_HARMLESS_EXTRAS = frozenset({0x0001, 0x5455, 0x5855, 0x7855, 0x7875, 0x000A})
"""Extra fields that give sizes, times and owners; others could give another name."""
_DESCRIPTOR = 24
"""The most bytes behind a file that was packed as a stream."""


def is_contract_file(name: str) -> bool:
    """Whether a file of a contract can be in a bundle under this name."""
    return _CONTRACT_FILE.fullmatch(name) is not None


def write_archive(file: BinaryIO, sources: Mapping[str, Path]) -> None:
    """Write a zip whose bytes depend on nothing but names and contents."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(sources):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, 0o644 << 16
            info.file_size = sources[name].stat().st_size
            with sources[name].open("rb") as source, archive.open(info, "w") as member:
                shutil.copyfileobj(source, member, _BLOCK)


def is_archive_of(path: Path, contents: Mapping[str, Path]) -> bool:
    """Whether these files, written again, give the very same bytes."""
    with path.open("rb") as text, TemporaryFile() as made:
        write_archive(made, contents)
        made.seek(0)
        blocks = iter(lambda: (text.read(_BLOCK), made.read(_BLOCK)), (b"", b""))
        return all(one == other for one, other in blocks)


def opened_zip(path: Path) -> zipfile.ZipFile:
    """The archive of a file; raises ``UsageError`` when it is none, or would unpack to more than it may."""
    hint = "Name a zip that `bundle RUN` wrote."
    try:
        size = path.stat().st_size
        _refuse_long_list(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"The bundle {path} cannot be read: {reason}.", hint) from error
    try:
        archive = zipfile.ZipFile(path)
    except (*UNREADABLE, OSError, struct.error) as error:
        raise no_bundle(path, f"it is not a whole zip archive ({error})") from error
    whole = sum(info.file_size for info in archive.infolist())
    if whole > min(MOST_UNPACKED, MOST_RATIO * size):
        archive.close()
        raise no_bundle(path, f"its {size:,} bytes would unpack to {whole:,}")
    return archive


def no_bundle(path: Path, reason: str) -> UsageError:
    """The refusal of a file that is no bundle at all."""
    return UsageError(f"{path} is not a bundle: {reason}.", "Make one with: rocketchat-contract bundle RUN.")


def _refuse_long_list(path: Path) -> None:
    """Raise ``UsageError`` for an archive whose list of files alone would take long to read."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END.size - _LONGEST_COMMENT))
        tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if 0 <= place <= len(tail) - _END.size and _END.unpack_from(tail, place)[5] > MOST_LISTED:
        raise no_bundle(path, "it lists more files than a bundle has")


def strange_entries(archive: zipfile.ZipFile, others: frozenset[str]) -> list[str]:
    """What speaks against an archive before anything of it is unpacked; ``others`` are names beside the contract's."""
    infos = archive.infolist()
    found = [f"{info.orig_filename}: {reason}" for info in infos if (reason := _strangeness(info, others))]
    times = Counter(_sameness(info.filename) for info in infos)
    twice = {info.filename: times[_sameness(info.filename)] for info in infos if times[_sameness(info.filename)] > 1}
    found += [f"{name}: is in the archive {number} times" for name, number in twice.items()]
    return found


def _sameness(name: str) -> str:
    """What names have in common that some file system takes for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _strangeness(info: zipfile.ZipInfo, others: frozenset[str]) -> str:
    name = info.orig_filename
    if name == CONTRACT and not info.file_size:
        return ""
    if name not in others and not is_contract_file(name):
        return "is no name that a bundle has"
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        return "is no regular file"
    return ""


def is_ambiguous(archive: zipfile.ZipFile) -> bool:
    """Whether the archive could be read in another way than by its list: hidden entries, other names, bytes between."""
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        gap = info.header_offset - end
        head = _local_head(archive, info.header_offset)
        if not 0 <= gap <= (_DESCRIPTOR if end else 0) or head is None or not _is_harmless(info.extra):
            return True
        names, extra = head
        if not _is_harmless(extra):
            return True
        end = info.header_offset + _LOCAL.size + names + len(extra) + info.compress_size
    return not 0 <= archive.start_dir - end <= _DESCRIPTOR or bool(archive.comment)


def _local_head(archive: zipfile.ZipFile, place: int) -> tuple[int, bytes] | None:
    """The length of the name and the extra field that stand before a file; None where there is none."""
    file = archive.fp
    assert file is not None  # noqa: S101 - for the type checker
    file.seek(place)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        return None
    *_, names, extras = _LOCAL.unpack(head)
    file.seek(names, 1)
    return names, file.read(extras)


def _is_harmless(extra: bytes) -> bool:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind not in _HARMLESS_EXTRAS:
            return False
        extra = extra[4 + length :]
    return not extra


def unzipped(archive: zipfile.ZipFile, aside: Path) -> dict[str, Path]:
    """The files by name, unpacked under their names into a folder; one that cannot be read is empty.

    For archives without strange entries alone.
    """
    (aside / CONTRACT).mkdir()
    infos = [info for info in archive.infolist() if info.filename != CONTRACT]
    contents = {info.filename: aside / info.filename for info in infos}
    for info in infos:
        with contents[info.filename].open("wb") as file:
            try:
                file.writelines(_blocks(archive, info))
            except UNREADABLE:
                file.seek(0)
                file.truncate()
    return contents


def _blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    if info.compress_type not in _METHODS:
        return
    try:
        member = archive.open(info)
    except OSError as error:  # a place that no file has
        raise EOFError(str(error)) from error
    with member:
        while block := member.read(_BLOCK):
            yield block
