"""Public clients, as published: fetched when the tests run, never kept in the repository.

Where a tool or a package is missing the tests are skipped with the reason; where ``CI`` is set they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from rocketchat_contract.reference.server import RunningServer, start

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clients: drives a public client, fetched from its registry")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)


def missing(reason: str) -> NoReturn:
    """Skip, or fail where ``CI`` is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def tool(*names: str) -> str:
    """Find a program by any of its names."""
    return next((path for path in map(shutil.which, names) if path), None) or missing(f"There is no {names[0]} here.")


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with start() as server:
        yield server


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that outlives the session where pytest has one."""
    kept = getattr(request.config, "cache", None)
    return Path(kept.mkdir("clients")) if kept else tmp_path_factory.mktemp("clients")


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


class Node:
    """Runs a script of this folder against packages of another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, script: str, *arguments: str) -> dict[str, Any]:
        """Read the one JSON object that the script prints."""
        environment = {**os.environ, "NODE_PATH": str(self.folder / "node_modules")}
        run = [tool("node"), str(HERE / script), *arguments]
        done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told
