"""npm packages for tests: fetched when the tests run, never kept in the repository."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from support.needs import missing, tool

RETRIES = (
    "--fetch-retries=3",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
    "--fetch-timeout=60000",
)
"""A registry may be away for a moment; without a network npm ends soon."""

_FAILED: dict[tuple[str, ...], str] = {}


def npm(folder: Path, command: str, packages: Sequence[str], *options: str) -> None:
    """Run npm for exact versions, without scripts; where there is no network, it is waited for once."""
    run = (tool("npm"), command, "--ignore-scripts", "--silent", *RETRIES, *options, *packages)
    problem = _FAILED.get(run) or _problem_of(run, folder)
    if problem:
        _FAILED[run] = problem
        missing(f"npm {command} {' '.join(packages)} {problem}")


def _problem_of(run: tuple[str, ...], folder: Path) -> str:
    """Why it came to nothing, or an empty text."""
    try:
        done = subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "did not end within five minutes"
    return f"ended with {done.returncode}: {done.stderr[-300:]}" if done.returncode else ""


def installed(kept: Path, name: str, packages: Sequence[str]) -> Path:
    """Install npm packages with what they depend on, once."""

    def install(folder: Path) -> None:
        npm(folder, "install", packages, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--prefix=.")

    return _once(kept / name, install)


def unpacked(kept: Path, name: str, packages: Sequence[str]) -> Path:
    """Fetch exactly these npm packages and nothing that they depend on, once."""

    def fetch(folder: Path) -> None:
        npm(folder, "pack", packages)
        for archive in folder.glob("*.tgz"):
            unpack(archive, folder / "node_modules")

    return _once(kept / name, fetch)


def _once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, made beside its place and moved there whole: another process may make it too."""
    if not folder.exists():
        with TemporaryDirectory(dir=folder.parent) as aside:
            made = Path(aside, folder.name)
            made.mkdir()
            make(made)
            with suppress(OSError):  # another process was faster
                made.rename(folder)
    return folder


FILTER: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Python before 3.11.4 has no filters for archives."""


def unpack(archive: Path, modules: Path) -> None:
    """Put one npm archive where node looks for its package."""
    aside = archive.with_suffix("")
    with tarfile.open(archive) as packed:
        packed.extractall(aside, **FILTER)
    inner = next(aside.iterdir())
    name = json.loads((inner / "package.json").read_text())["name"]
    (modules / name).parent.mkdir(parents=True, exist_ok=True)
    inner.rename(modules / name)
