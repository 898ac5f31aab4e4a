"""Looks for secrets where they have no business: in files, in packed ones, in what a command said."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

CANARY = "canary4711"
"""Stands in every secret that a test's environment holds."""

OWN_TOKEN = re.compile(rb"(?i)rcc[0-9a-f]{8}[0-9a-z]{20}")
"""A visitor's token as this suite makes them, in any case."""

MEANT_FOR_SECRETS = ("ledger.jsonl", "secrets.env", "credentials.toml")
"""Files that hold secrets on purpose, for their user only."""


def leaks(shown: Mapping[str, bytes], secrets: Iterable[str] = (CANARY,)) -> list[str]:
    """Where a secret shows, and the beginning of what does."""
    wanted = [secret.encode() for secret in secrets]
    found = [(name, secret) for name, content in shown.items() for secret in wanted if secret in content]
    found += [(name, token.group()) for name, content in shown.items() for token in OWN_TOKEN.finditer(content)]
    return sorted({f"{secret[:14].decode()}… in {name}" for name, secret in found})


def files_below(folder: Path) -> dict[str, bytes]:
    """The content of every file below a folder, members of archives too, without those that are meant for secrets."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in MEANT_FOR_SECRETS:
            found |= dict(_parts(str(path.relative_to(folder)), path.read_bytes()))
    return found


def _parts(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive, suppress(zipfile.BadZipFile):  # a test damages one
            yield from ((f"{name}:{member}", archive.read(member)) for member in archive.namelist())
