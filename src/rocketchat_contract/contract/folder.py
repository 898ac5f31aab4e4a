"""A vendored page in its folder: the page, its repaired document, its findings, and an overlay beside them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.page import Endpoint, read_page

FINDINGS = ".findings.json"
_NEXT = "Write it with spec vendor PAGE --out FOLDER."


@dataclass(frozen=True)
class Folder:
    """The files that stand for one operation; ``source`` is the address the page came from, or its name."""

    page: Path
    page_sha256: str
    source: str
    operation: Endpoint
    document: dict[str, Any]
    overlay: Path | None


def read_folder(folder: Path, stem: str = "*") -> Folder:
    """Reads what ``spec vendor`` wrote; raises UsageError when it is not there, not whole, or was changed since."""
    found = sorted(folder.glob(f"{stem}{FINDINGS}")) if folder.is_dir() else []
    if len(found) != 1:
        what = "is not a folder" if not folder.is_dir() else f"holds {len(found)} vendored pages"
        raise UsageError(f"{folder} {what}.", _NEXT if not found else "Give each page a folder of its own.")
    stem = found[0].name.removesuffix(FINDINGS)
    founds = _json(found[0])
    try:
        name, sha256 = (_text(founds["page"][key]) for key in ("name", "sha256"))
        source = _text(founds["page"]["source"] or name)
        operations = [Endpoint.named(each) for each in founds["document"]["operations"]]
    except (KeyError, TypeError, UsageError):
        raise UsageError(f"{found[0]} is not what spec vendor writes.", _NEXT) from None
    if len(operations) != 1:
        raise UsageError(f"{name} has {len(operations)} operations.", 'Vendor it with --operation "METHOD /path".')
    overlay = folder / f"{stem}.overlay.yaml"
    return Folder(
        page=folder / Path(name).name,
        page_sha256=_unchanged(folder / Path(name).name, sha256),
        source=source,
        operation=operations[0],
        document=_json(folder / f"{stem}.openapi.json"),
        overlay=overlay if overlay.is_file() else None,
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(value)


def _unchanged(page: Path, sha256: str) -> str:
    if hashlib.sha256(read_page(page).data).hexdigest() != sha256:
        raise UsageError(f"{page} was changed after it was vendored.", "Vendor it again with spec vendor.")
    return sha256


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(read_page(path).text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise UsageError(f"{path} is not what spec vendor writes.", _NEXT)
    return content
