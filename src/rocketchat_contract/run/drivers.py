"""How pytest is started on the drivers of a run, and what is to come of it."""

from __future__ import annotations

import os

import pytest

from rocketchat_contract.contract.suite_hash import drivers_folder
from rocketchat_contract.errors import SuiteError
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.run.engine import Engine
from rocketchat_contract.run.items import driver_in

_UNWANTED = (
    "cacheprovider",
    "terminal",
    "junitxml",
    "schemathesis",
    "hypothesispytest",
    "warnings",
    "logging",
    "unraisableexception",
    "threadexception",
)
"""Plugins that would print, write or change what the drivers do."""


def run_drivers(driving: Engine, *plugins: object) -> None:
    """Let pytest run the drivers, and nothing of what the working folder says about pytest.

    Signals stay held back: whoever writes the reports lets go of them afterwards.
    """
    folder = drivers_folder()
    wanted = (driving.run.config if driving.run else driving.config).profile.drivers
    files = [str(path) for path in sorted(folder.glob("test_*.py")) if driver_in(path) in wanted]  # others cost imports
    arguments = [*files, "-s", f"--rootdir={folder}", "-c", os.devnull, "--import-mode=importlib", "--noconftest"]
    arguments += ["--assert=plain", "--disable-plugin-autoload"]  # rewriting asserts costs a second where no cache is
    pytest.main([*arguments, *(f"-pno:{name}" for name in _UNWANTED)], plugins=[driving, *plugins])


def ended_result(driving: Engine) -> RunResult:
    """The result of a run whose drivers have ended; raises what kept it from one."""
    if driving.result is None:
        raise driving.refusal or SuiteError("The drivers ended without a result.", "Run again and report it.")
    return driving.result
