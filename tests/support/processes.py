"""Processes that a test started, looked at while they may end."""

from __future__ import annotations

import psutil


def command_of(process: psutil.Process) -> str:
    """The command line of a process; empty when it ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
