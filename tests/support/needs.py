"""What a test needs beside Python: skipped with the reason where it is missing, failed where ``CI`` is set."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip, or fail where ``CI`` is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def tool(*names: str) -> str:
    """Find a program by any of its names."""
    return next((path for path in map(shutil.which, names) if path), None) or missing(f"There is no {names[0]} here.")
