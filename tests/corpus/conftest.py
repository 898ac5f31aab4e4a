"""A real Redis on a free port."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from support.needs import missing, tool
from support.sockets import closed_port

PASSWORD = "canary-of-a-redis"


class Redis:
    """A ``redis-server`` of this test."""

    def __init__(self, folder: Path, *options: str) -> None:
        if not any(self._listens(folder, options) for _ in range(5)):  # somebody else may take its port meanwhile
            missing("redis-server did not start")
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def _listens(self, folder: Path, options: Sequence[str]) -> bool:
        program, self.port = tool("redis-server"), closed_port()
        command = [program, f"--port {self.port}", "--bind 127.0.0.1", "--save ''", f"--dir {folder}", *options]
        self.process = subprocess.Popen(
            [part for each in command for part in each.split(" ", 1)], stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < end:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self.process.poll() is None
            time.sleep(0.02)
        self.stop()
        return False

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis that this module's tests share."""
    try:
        import redis  # noqa: F401, PLC0415 - an optional extra
    except ImportError:
        missing("redis is not installed: pip install -e '.[redis]'")
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()
