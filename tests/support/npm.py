"""npm packages for tests: fetched when the tests run, never kept in the repository."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from support.needs import missing, tool

RETRIES = (
    "--fetch-retries=3",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
    "--fetch-timeout=60000",
)
"""A registry may be away for a moment; without a network npm ends soon."""


def npm(folder: Path, command: str, packages: Sequence[str], *options: str) -> None:
    """Run npm for exact versions, without scripts."""
    problem = _problem_of((tool("npm"), command, "--ignore-scripts", "--silent", *RETRIES, *options, *packages), folder)
    if problem:
        missing(f"npm {command} {' '.join(packages)} {problem}")


@cache
def _problem_of(run: tuple[str, ...], folder: Path) -> str:
    """Why it came to nothing, or an empty text; where there is no network, it is waited for once."""
    try:
        done = subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "did not end within five minutes"
    return f"ended with {done.returncode}: {done.stderr[-300:]}" if done.returncode else ""


def _emptied(folder: Path) -> None:
    """Nothing of an earlier time that came to no end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def installed(kept: Path, name: str, packages: Sequence[str]) -> Path:
    """Install npm packages with what they depend on, once."""
    folder = kept / name
    if not (folder / "done").exists():
        _emptied(folder)
        npm(folder, "install", packages, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--prefix=.")
        (folder / "done").touch()
    return folder


def unpacked(kept: Path, name: str, packages: Sequence[str]) -> Path:
    """Fetch exactly these npm packages and nothing that they depend on, once."""
    folder = kept / name
    if not (folder / "done").exists():
        _emptied(folder)
        npm(folder, "pack", packages)
        for archive in folder.glob("*.tgz"):
            unpack(archive, folder / "node_modules")
        (folder / "done").touch()
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
