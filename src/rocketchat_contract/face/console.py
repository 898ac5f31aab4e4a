"""Lines for people: whatever a file or a server said, harmless and encodable."""

from __future__ import annotations

import os
import shutil
import sys
from textwrap import TextWrapper
from typing import TextIO

import click

from rocketchat_contract.errors import SuiteError

COMMAND = "rocketchat-contract "
"""What a line to be pasted starts with."""

WIDEST_OUTPUT = 120
"""The most columns that are used of a terminal."""


def say(text: str, *, err: bool = False) -> None:
    """Print text; what cannot be seen, or the output's encoding lacks, is written as its nearest sign or an escape."""
    from rocketchat_contract.report.plain import visible

    _print(visible(text, lines=True), err=err)


def _print(plain: str, *, err: bool) -> None:
    from rocketchat_contract.report.plain import encodable

    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(encodable(plain, stream.encoding or "ascii"), err=err)
    except OSError as error:
        silence()
        raise unprinted("The answer", error) from None


def say_folded(text: str, *, err: bool = False) -> None:
    """Print lines as ``say`` does, folded to the width of the terminal; a command to be pasted stays whole."""
    from rocketchat_contract.report.plain import visible

    _print(fold(visible(text, lines=True), columns(sys.stderr if err else sys.stdout)), err=err)


def columns(stream: TextIO) -> int:
    """How wide lines may be on a stream: in a pipe or a file they stay whole, so that they are found again."""
    return min(shutil.get_terminal_size().columns, WIDEST_OUTPUT) if stream.isatty() else sys.maxsize


def fold(text: str, width: int) -> str:
    """The text with longer lines folded at spaces; a command at the end of such a line gets a line of its own."""
    return "\n".join(part for line in text.split("\n") for part in _folded(line, width))


def _folded(line: str, width: int) -> list[str]:
    if len(line) <= width or line.lstrip().startswith(COMMAND):
        return [line]
    lead, is_pasteable, command = line.partition(f": {COMMAND}")
    indent = " " * (len(line) - len(line.lstrip(" ")) + 2)
    fold = TextWrapper(width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    if is_pasteable:
        return [*fold.wrap(f"{lead}:"), f"{indent}{COMMAND}{command}"]
    return fold.wrap(line)


def silence() -> None:
    """Give standard output nowhere to go, so that what it still holds is no error at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def unprinted(what: str, error: OSError) -> SuiteError:
    """The error of an output that cannot be written, a full disk for instance."""
    problem = f"{what} cannot be printed: {error.strerror or error}."
    return SuiteError(problem, "Give standard output a place that can be written.")
