"""The command line, called as a user calls it, without a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from rocketchat_contract.cli.commands import cli
from support.again import unlike


@dataclass(frozen=True)
class Called:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def rocketchat_contract(*arguments: object, environment: Mapping[str, str | None] | None = None) -> Called:
    """Call a command; an exception that it does not turn into an exit code is raised."""
    settings = {"CI": None, "GITHUB_STEP_SUMMARY": None, "GITHUB_ACTIONS": None, **(environment or {})}
    words = [str(each) for each in arguments]
    result = CliRunner().invoke(cli, words, env=settings, prog_name="rocketchat-contract")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if "--report-dir" in words:
        assert unlike(Path(words[words.index("--report-dir") + 1]), words) == []
    return Called(result.exit_code, result.stdout, result.stderr)
