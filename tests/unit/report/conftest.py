"""Golden files, and the published schemas of other formats."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.npm import installed

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text with its golden file; with UPDATE_GOLDEN=1 in the environment it writes the file."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_bytes(text.encode())
        assert text == path.read_bytes().decode(), f"{name} differs; UPDATE_GOLDEN=1 writes it anew"

    return compare


@pytest.fixture(scope="session")
def published_schema(cache: Path) -> Callable[[str], Any]:
    """Reads a JSON Schema out of an npm package."""

    def read(path: str) -> Any:
        folder = installed(cache, "schemas", ["@microsoft/jest-sarif@1.0.0-beta.0", "ctrf@0.3.0"])
        return json.loads((folder / "node_modules" / path).read_text("utf-8"))

    return read
