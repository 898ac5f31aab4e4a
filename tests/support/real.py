"""Records of runs against Rocket.Chat's own code, kept compressed under ``tests/data/real``."""

from __future__ import annotations

import gzip
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data/real/records"


def record_of(name: str, folder: Path) -> Path:
    """The record of that name, unpacked into a folder."""
    path = folder / f"{name}.jsonl"
    path.write_bytes(gzip.decompress((FOLDER / f"{name}.jsonl.gz").read_bytes()))
    return path
