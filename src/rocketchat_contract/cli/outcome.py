"""The end of a run, told: reports written, the terminal's summary, the exit code."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click


if TYPE_CHECKING:
    from rocketchat_contract.report.account import Account


def write(account: Account, folder: Path, *, latest: bool = False) -> Account:
    """Write the reports into a folder; answers the account that knows their paths, and their defects as errors."""
    from rocketchat_contract.report.files import write_reports  # noqa: PLC0415 - templates are slow to load

    written = write_reports(account, folder)
    if latest:
        _point_to(folder)
    verdict = replace(account.verdict, errors=(*account.verdict.errors, *written.problems))
    return replace(account, verdict=verdict, paths={name: str(path) for name, path in written.paths.items()})


def tell(account: Account) -> NoReturn:
    """Print the end of a run and leave with the verdict's exit code."""
    from rocketchat_contract.report.terminal import print_terminal  # noqa: PLC0415

    try:
        print_terminal(account, sys.stdout, os.environ)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(int(account.verdict.exit_code))


def _point_to(folder: Path) -> None:
    """Let ``latest`` beside the run's folder lead to it, where the file system knows links."""
    link, fresh = folder.parent / "latest", folder.parent / f".latest-{folder.name}"
    try:
        fresh.symlink_to(folder.name, target_is_directory=True)
        fresh.replace(link)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        click.echo(f"{link} was not renewed: {error.strerror}.", err=True)


