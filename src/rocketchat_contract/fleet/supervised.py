"""Runs the command line as a supervised process: ``python -m rocketchat_contract.fleet.supervised FOLDER run …``.

Whoever started it holds its standard input. When that ends, because the holder lets go or is no more, the run is
interrupted once and cleans up. As long as it lives it holds the lock of its folder.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

LOCK = "running"
_LOOK_AGAIN = 0.2


class HeldLock:
    """The lock of a folder, until ``close`` or the end of the process, however that comes."""

    def __init__(self, file: int) -> None:
        self._file = file

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


def hold(folder: Path, patience: float = 0.0) -> HeldLock | None:
    """Take the lock of a folder within so many seconds; None when somebody else keeps holding it."""
    import fcntl  # noqa: PLC0415 - POSIX only; nothing but a run of a fleet needs it

    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(file)
                return None
            time.sleep(_LOOK_AGAIN)
        else:
            return HeldLock(file)


def main() -> None:
    """Run the command line with the arguments behind the folder."""
    folder = Path(sys.argv.pop(1))
    held = hold(folder)
    if held is None:
        sys.exit(f"{folder} is in use by another run.")
    held_input = os.dup(0)  # what runs below may put something else in the place of standard input
    threading.Thread(target=_interrupt_at_end_of, args=(held_input,), daemon=True).start()
    runpy.run_module("rocketchat_contract", run_name="__main__", alter_sys=True)


def _interrupt_at_end_of(held_input: int) -> None:
    while os.read(held_input, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
