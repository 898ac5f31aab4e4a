"""Lines on standard output: whatever a file or a server said, harmless and encodable."""

from __future__ import annotations

import sys

import click


def say(text: str) -> None:
    """Print text; what the output's encoding lacks is written as its nearest sign or as an escape."""
    from rocketchat_contract.report.plain import encodable, visible  # noqa: PLC0415 - keeps --help fast

    click.echo(encodable(visible(text, lines=True), sys.stdout.encoding or "ascii"))
