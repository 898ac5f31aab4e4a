"""The three files that stand for a page: the page itself, its repaired document, and the findings about it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.audit import Audit
from rocketchat_contract.openapi.findings import Severity

_FORMAT = "rocketchat-contract/spec-findings/1"


def findings_json(audit: Audit, source: str | None = None) -> dict[str, Any]:
    """Gives an audit as one JSON object; ``source`` is the address the page came from."""
    document = audit.document
    return {
        "format": _FORMAT,
        "page": {"name": document.page.name, "sha256": document.page.sha256, "source": source},
        "document": {
            "openapi": document.version,
            "firstLine": document.block_line,
            "operations": [str(operation) for operation in audit.operations],
        },
        "counts": {
            "repairs": len(audit.repairs),
            **{level.value: audit.count(level) for level in Severity},
        },
        "findings": [finding.as_json() for finding in audit.findings],
    }


def vendor_files(audit: Audit, source: str | None = None) -> dict[str, bytes]:
    """Gives the three files by name: the page byte for byte, and what is generated from it."""
    stem = Path(audit.document.page.name).stem
    return {
        audit.document.page.name: audit.document.page.data,
        f"{stem}.openapi.json": _pretty(audit.repaired),
        f"{stem}.findings.json": _pretty(findings_json(audit, source)),
    }


def write_files(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Writes files into a folder, all or none; raises UsageError when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _staged(files, folder) as staged:
            return [path.replace(folder / name) for name, path in staged.items()]
    except OSError as error:
        raise UsageError(
            f"out={str(folder)!r} cannot be written: {error.strerror}.", "Name a folder you may write to with --out."
        ) from None


@contextlib.contextmanager
def _staged(files: Mapping[str, bytes], folder: Path) -> Iterator[dict[str, Path]]:
    for name in files:
        if (folder / name).is_dir():
            raise IsADirectoryError(0, f"{name} is a folder there")
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=folder) as staging:
        staged = {name: Path(staging) / name for name in files}
        for name, path in staged.items():
            path.write_bytes(files[name])
        yield staged


def _pretty(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
