"""A real Redis on a free port."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.needs import missing, tool

PASSWORD = "canary-of-a-redis"


class Redis:
    """A ``redis-server`` of this test."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = tool("redis-server")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [program, f"--port {self.port}", "--bind 127.0.0.1", "--save ''", f"--dir {folder}", *options]
        self.process = subprocess.Popen(
            [part for each in command for part in each.split(" ", 1)], stdout=subprocess.DEVNULL
        )
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._await()

    def _await(self) -> None:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        missing("redis-server did not start")

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
