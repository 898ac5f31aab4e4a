"""Lines for people: whatever a file or a server said, harmless and encodable."""

from __future__ import annotations

import os
import sys

import click

from rocketchat_contract.errors import SuiteError


def say(text: str, *, err: bool = False) -> None:
    """Print text; what cannot be seen, or the output's encoding lacks, is written as its nearest sign or an escape."""
    from rocketchat_contract.report.plain import encodable, visible  # noqa: PLC0415 - keeps --help fast

    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(encodable(visible(text, lines=True), stream.encoding or "ascii"), err=err)
    except OSError as error:
        if err or isinstance(error, BrokenPipeError):
            raise
        silence()
        raise unprinted("The answer", error) from None


def silence() -> None:
    """Give standard output nowhere to go, so that what it still holds is no error at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def unprinted(what: str, error: OSError) -> SuiteError:
    """The error of an output that cannot be written, a full disk for instance."""
    problem = f"{what} cannot be printed: {error.strerror or error}."
    return SuiteError(problem, "Give standard output a place that can be written.")
