"""What tests of several folders share: a cache that outlives the session, compiled code, and a browser."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from support.needs import missing, tool
from support.parallel import IS_SPREAD, SPREAD, is_left_out, is_worker, longest_first, spread

# How busy the machine is proves nothing; with CI or a mutant, the same values are tried each time.
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=settings.default.derandomize or "MUTANT_UNDER_TEST" in os.environ,
)
settings.load_profile("patient")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_configure() -> None:
    """Let children be interrupted: whoever starts these tests in the background of a shell has SIGINT ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Decide on how many processes the tests run, before pytest-xdist does."""
    spread(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of tests that several processes share, those that take longest come first."""
    if is_worker(config):
        longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist who asked for it."""
    if node.config.stash.get(SPREAD, default=False):
        node.workerinput[IS_SPREAD] = True


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the drivers where several processes share the tests by themselves."""
    return is_left_out(collection_path, config) or None


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that outlives the session where pytest has one."""
    kept = getattr(request.config, "cache", None)
    return Path(kept.mkdir("clients")) if kept else tmp_path_factory.mktemp("clients")


@pytest.fixture(scope="session", autouse=True)
def compiled_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where no compiled code is kept beside sources, the many processes of these tests keep it in one folder."""
    own = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
            patch.setenv("PYTHONPYCACHEPREFIX", str((own.parent if is_worker(request.config) else own) / "compiled"))
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium, a Debian package: the tests download no browser.

    While it runs, Playwright's event loop does too, so it ends with its module.
    """
    chromium = tool("chromium", "chromium-browser")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not needed to use the product
    except ImportError:
        missing("playwright is not installed: pip install -e '.[dev]'")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS, timeout=120_000)
        yield started
        started.close()
