"""What somebody sees on a terminal of 80 columns while a run waits for the limiter."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from support.live import Command, rocket

COUNTDOWN = re.compile(r"waiting (\d+) s for the target, at most (\d+) (s|min) left, (\d+)/15 room calls$")
SECONDS = {"s": 1, "min": 60}


def seen_on_a_terminal(suite: Command, *words: str, columns: int = 80) -> list[str]:
    """The lines that a command draws on a terminal of so many columns."""
    screen, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**suite.variables(), "TERM": "xterm"}
    environment.pop("COLUMNS")
    with subprocess.Popen(
        suite.words(*words), cwd=suite.home, env=environment, stdout=subprocess.DEVNULL, stderr=theirs
    ) as process:
        os.close(theirs)
        drawn = b"".join(iter(lambda: part_of(screen), b""))
        process.wait()
    os.close(screen)
    return [line.strip() for line in re.split(r"[\r\n]", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", drawn.decode()))]


def part_of(screen: int) -> bytes:
    """What was drawn meanwhile, empty when nobody draws any more."""
    try:
        return os.read(screen, 65_536)
    except OSError:
        return b""


def test_a_wait_counts_down_with_the_time_that_is_left_at_most(suite: Command) -> None:
    with rocket("limit=5/3") as server:
        lines = seen_on_a_terminal(suite, "run", server.url, "--yes", "--profile", "smoke")

    found = [match for line in lines for match in COUNTDOWN.findall(line)]
    waits = [(int(wait), int(left) * SECONDS[unit], int(done)) for wait, left, unit, done in found]
    assert max(map(len, lines)) <= 80
    assert len({3, 2, 1} & {seconds for seconds, *_ in waits}) >= 2
    assert [left for _, left, _ in waits] == sorted((left for _, left, _ in waits), reverse=True) != []
    assert len({done for *_, done in waits}) >= 2
