"""Golden files, published schemas of other formats, and a browser for the HTML report."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives headless Chromium")


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
def published_schema() -> Callable[[str], Any]:
    """Reads a JSON Schema out of an installed npm package; skips without it, fails in CI."""

    def read(path: str) -> Any:
        folders = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
        folders.append(Path(__file__).parents[3] / "node_modules")
        found = next((folder / path for folder in folders if (folder / path).is_file()), None)
        if found is None:
            _skip_or_fail(f"{path} is not installed: npm install --no-save @microsoft/jest-sarif ctrf")
        return json.loads(found.read_text("utf-8"))

    return read


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium; skips without it, fails in CI."""
    if not CHROMIUM.exists():
        _skip_or_fail(f"{CHROMIUM} is not installed: apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not needed to use the product
    except ImportError:
        _skip_or_fail("playwright is not installed: pip install playwright axe-playwright-python")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def _skip_or_fail(reason: str) -> None:
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
