"""Standard streams that can always be used: one that is closed, or whose reader goes away, changes no exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NOBODY = frozenset({errno.EPIPE, errno.EIO})
"""Errors that say that nobody reads any more: a pipe's end is closed, a terminal was hung up."""


def keep_streams_usable() -> None:
    """Give closed streams nowhere to go to, and let the others survive the loss of their reader."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            _open_nowhere(number)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
    sys.stdout = _lasting(sys.stdout, 1)
    sys.stderr = _lasting(sys.stderr, 2)


def _open_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, number)  # a file that took its place meanwhile would be written into
    if nowhere != number:
        os.close(nowhere)


def _lasting(stream: TextIO, number: int) -> TextIO:
    """The stream of a descriptor that survives the loss of its reader; any other stream as it is."""
    with suppress(OSError):
        if stream.fileno() == number:
            return _opened(stream, number)
    return stream


def _opened(stream: TextIO, number: int) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Lasting(number, "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.isatty() or number == 2,
    )


class _Lasting(io.FileIO):
    """Writes to a descriptor; what nobody reads any more goes nowhere, and so does all of standard error that fails."""

    def write(self, content: ReadableBuffer, /) -> int:
        """Write what the descriptor takes of it; answers how much that is."""
        try:
            return super().write(content)
        except OSError as error:
            if error.errno not in _NOBODY and self.fileno() != 2:
                raise
        _open_nowhere(self.fileno())
        return len(memoryview(content))
