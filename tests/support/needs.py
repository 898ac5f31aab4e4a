"""What a test needs beside Python: skipped with the reason where it is missing, failed where ``CI`` is set."""

from __future__ import annotations

import importlib
import os
import shutil
import socket
from typing import Any, NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip, or fail where ``CI`` is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


def module(name: str) -> Any:
    """Import a module that only tests need."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(f"{name} is not installed: pip install -e '.[dev]'")


def ipv6() -> None:
    """Skip where the loopback has no IPv6, as in many containers."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"This machine has no IPv6: {error.strerror}.")


def tool(*names: str) -> str:
    """Find a program by any of its names."""
    return next((path for path in map(shutil.which, names) if path), None) or missing(f"There is no {names[0]} here.")
