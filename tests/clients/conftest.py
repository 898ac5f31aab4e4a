"""Public clients, as published: fetched when the tests run, never kept in the repository.

Where a tool or a package is missing the tests are skipped with the reason; where ``CI`` is set they fail.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.reference.server import RunningServer, start_server
from support.needs import tool

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)


@pytest.fixture
def server() -> Iterator[RunningServer]:
    with start_server() as server:
        yield server


class Node:
    """Runs a script of this folder against packages of another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, script: str, *arguments: str) -> dict[str, Any]:
        """Read the one JSON object that the script prints."""
        environment = {**os.environ, "NODE_PATH": str(self.folder / "node_modules")}
        run = [tool("node"), str(HERE / script), *arguments]
        done = subprocess.run(run, capture_output=True, text=True, timeout=180, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told
