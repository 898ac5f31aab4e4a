"""The contract this suite is about: the vendored page, its repaired document, and what overlays add."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.contract.folder import read_folder
from rocketchat_contract.errors import SuiteError
from rocketchat_contract.openapi.overlay import Overlay, applied, load_overlay, overlay_digest
from rocketchat_contract.openapi.page import Endpoint
from rocketchat_contract.openapi.validators import BodySchemas
from rocketchat_contract.rocketchat.paths import ROOM_PATH

ROOM = Endpoint("get", ROOM_PATH)
SOURCE = "https://developer.rocket.chat/apidocs/get-or-create-livechat-rooms.md"
STEM = "livechat-room"


@dataclass(frozen=True, eq=False)
class Contract:
    """What is judged against: the published document, the document with overlays, and their hashes.

    ``sha256`` covers everything that decides a verdict: both documents and the catalogue of requirements.
    ``source`` is the address of the page, or its name.
    """

    operation: Endpoint
    page: Path
    page_sha256: str
    source: str
    published: dict[str, Any]
    full: dict[str, Any]
    overlays: tuple[Overlay, ...]
    overlay_sha256: str
    sha256: str
    published_bodies: BodySchemas
    full_bodies: BodySchemas


def spec_folder() -> Path:
    """Finds ``spec/``: packed into an installed wheel, else at the top of the checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_data" / "spec", package.parents[1] / "spec"):
        if (folder / f"{STEM}.openapi.json").is_file():
            return folder
    raise SuiteError("The contract files of this installation are missing.", "Install rocketchat-contract again.")


def load_contract(overlay: Path | None = None, folder: Path | None = None) -> Contract:
    """Loads the vendored contract, or the one in a folder, with the user's overlay on top when one is named.

    Raises UsageError when the folder or that overlay cannot be read, applied or compiled.
    """
    files = read_folder(folder) if folder is not None else read_folder(spec_folder(), STEM)
    overlays = tuple(load_overlay(path) for path in (files.overlay, overlay) if path is not None)
    full = files.document
    for each in overlays:
        full = applied(full, each)
    operation = files.operation
    return Contract(
        operation=operation,
        page=files.page,
        page_sha256=files.page_sha256,
        source=files.source,
        published=files.document,
        full=full,
        overlays=overlays,
        overlay_sha256=overlay_digest(overlays),
        sha256=_sha256(_canonical(files.document) + _canonical(full) + _catalogue(spec_folder())),
        published_bodies=BodySchemas.of(files.document, operation.path, operation.method),
        full_bodies=BodySchemas.of(full, operation.path, operation.method),
    )


def _catalogue(folder: Path) -> bytes:
    path = folder / "requirements.toml"
    return path.read_bytes() if path.is_file() else b""


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
