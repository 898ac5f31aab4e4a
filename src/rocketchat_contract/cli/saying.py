"""Lines for people: whatever a file or a server said, harmless and encodable."""

from __future__ import annotations

import sys

import click


def say(text: str, *, err: bool = False) -> None:
    """Print text; what cannot be seen, or the output's encoding lacks, is written as its nearest sign or an escape."""
    from rocketchat_contract.report.plain import encodable, visible  # noqa: PLC0415 - keeps --help fast

    stream = sys.stderr if err else sys.stdout
    click.echo(encodable(visible(text, lines=True), stream.encoding or "ascii"), err=err)
