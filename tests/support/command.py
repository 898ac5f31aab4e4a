"""The command line, called as a user calls it, without a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from click.testing import CliRunner

from rocketchat_contract.cli import cli


@dataclass(frozen=True)
class Called:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def rocketchat_contract(*arguments: object, environment: Mapping[str, str | None] | None = None) -> Called:
    """Call a command; an exception that it does not turn into an exit code is raised."""
    settings = {"CI": None, "GITHUB_STEP_SUMMARY": None, "GITHUB_ACTIONS": None, **(environment or {})}
    result = CliRunner().invoke(cli, [str(each) for each in arguments], env=settings, prog_name="rocketchat-contract")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Called(result.exit_code, result.stdout, result.stderr)
