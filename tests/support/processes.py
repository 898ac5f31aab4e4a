"""Processes that a test started, looked at while they may end."""

from __future__ import annotations

import time
from collections.abc import Iterable

import psutil


def command_of(process: psutil.Process) -> str:
    """The command line of a process; empty when it ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def living(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still run after so many seconds; one that ended and that nobody has asked about runs no more."""
    end = time.monotonic() + seconds
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
