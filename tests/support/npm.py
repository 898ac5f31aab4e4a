"""npm packages for tests: fetched when the tests run, never kept in the repository."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from support.needs import missing, tool


def npm(folder: Path, command: str, packages: Sequence[str], *options: str) -> None:
    """Run npm for exact versions, without scripts."""
    run = [tool("npm"), command, "--ignore-scripts", "--silent", *options, *packages]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode:
        missing(f"npm {command} {' '.join(packages)} ended with {done.returncode}: {done.stderr[-300:]}")


def installed(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """Install npm packages with what they depend on, once."""
    folder = cache / name
    if not (folder / "done").exists():
        folder.mkdir(exist_ok=True)
        npm(folder, "install", packages, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--prefix=.")
        (folder / "done").touch()
    return folder


def unpacked(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """Fetch exactly these npm packages and nothing that they depend on, once."""
    folder = cache / name
    if not (folder / "done").exists():
        folder.mkdir(exist_ok=True)
        npm(folder, "pack", packages)
        for archive in folder.glob("*.tgz"):
            unpack(archive, folder / "node_modules")
        (folder / "done").touch()
    return folder


def unpack(archive: Path, modules: Path) -> None:
    """Put one npm archive where node looks for its package."""
    aside = archive.with_suffix("")
    with tarfile.open(archive) as packed:
        packed.extractall(aside, filter="data")
    inner = next(aside.iterdir())
    name = json.loads((inner / "package.json").read_text())["name"]
    (modules / name).parent.mkdir(parents=True, exist_ok=True)
    inner.rename(modules / name)
