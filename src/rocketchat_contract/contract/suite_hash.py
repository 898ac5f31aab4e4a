"""The suite itself: where its drivers are, and the hash of all that decides a verdict."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from rocketchat_contract.contract.vendored import spec_folder

PACKAGE = Path(__file__).resolve().parents[1]

PROOF = "proof.json"
"""The file in ``spec/`` that says how the suite was proved; it tells the suite's hash and is no part of it."""


@cache
def drivers_folder() -> Path:
    """The folder of the drivers, which are pytest files: in the installed package, or in the checkout."""
    packed = PACKAGE / "_data" / "drivers"
    return packed if packed.is_dir() else PACKAGE.parents[1] / "tests" / "contract"


DECIDING = ("config", "openapi", "rocketchat", "contract", "record", "judge", "client", "results", "run", "corpus")
"""The rooms of the package that decide a verdict; the others show, keep or start what these decide."""


@cache
def suite_sha256() -> str:
    """The SHA-256 of all that decides a verdict: the deciding rooms, the drivers and ``spec/``, its proof apart."""
    digest = hashlib.sha256()
    for label, root, pattern in (
        *((room, PACKAGE / room, "*.py") for room in DECIDING),
        ("drivers", drivers_folder(), "*.py"),
        ("spec", spec_folder(), "*.*"),
    ):
        for path in sorted(root.rglob(pattern)):
            inside = path.relative_to(root).as_posix()
            if not inside.startswith("_data/") and inside != PROOF:
                digest.update(f"{label}/{inside}\0".encode() + path.read_bytes())
    return digest.hexdigest()
