"""Folders that results go into, looked at before any work is done."""

from __future__ import annotations

import os
from pathlib import Path

from rocketchat_contract.errors import UsageError


def refuse_unwritable_folder(folder: Path, option: str) -> None:
    """Raise ``UsageError`` before any work when a folder cannot be written or made; ``option`` is what named it."""
    place = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        why = "is not a folder" if not place.is_dir() else "cannot be written"
        raise UsageError(f"{option} {folder} cannot be used: {place} {why}.", f"Choose another {option}.")
