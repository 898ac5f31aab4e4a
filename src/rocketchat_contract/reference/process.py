"""The reference server in a process of its own.

``start(settings)`` runs ``python -m rocketchat_contract.reference`` and waits until it answers. The child dies
with its parent, however that ends: its standard input is a pipe, and end of file stops it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from rocketchat_contract.errors import SuiteError
from rocketchat_contract.reference.settings import Settings


class EmbeddedServer(Protocol):
    """A server under way in another process."""

    @property
    def url(self) -> str:
        """Where it is."""

    def stop(self) -> None:
        """End it and wait for its end."""


class BegunServer(Protocol):
    """A server whose process has begun, and perhaps accepts no connections yet."""

    def ready(self) -> EmbeddedServer:
        """Wait until it accepts connections."""

    def stop(self) -> None:
        """End it and wait for its end."""


@dataclass(frozen=True)
class StartingServer:
    """A server whose process has begun."""

    process: subprocess.Popen[bytes]

    def ready(self) -> RunningServer:
        """Wait until it accepts connections."""
        line = self.process.stdout.readline() if self.process.stdout else b""
        if not line:
            self.stop()
            raise SuiteError(
                f"The reference server ended with {self.process.returncode} before it answered.", "See above why."
            )
        document: dict[str, Any] = json.loads(line)
        return RunningServer(self.process, document["url"], document["password"])

    def stop(self) -> None:
        """End the process and wait for its end."""
        try:
            self.process.communicate(timeout=1)  # closes its standard input, which ends it
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


@dataclass(frozen=True)
class RunningServer(StartingServer):
    """A server in its own process; leaving the ``with`` block stops it."""

    url: str
    password: str

    @property
    def pid(self) -> int:
        """The server's process."""
        return self.process.pid

    def crash(self) -> None:
        """End the process as a power cut does."""
        self.process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        self.stop()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def start_server(settings: Settings | None = None, *, port: int = 0) -> RunningServer:
    """Start a server in its own process on loopback and wait until it accepts connections."""
    return launch(settings, port=port).ready()


def launch(settings: Settings | None = None, *, port: int = 0) -> StartingServer:
    """Begin to start a server in its own process on loopback."""
    arguments = arguments_of(settings or Settings(), port)
    command = [sys.executable, "-P", "-m", "rocketchat_contract.reference", *arguments]
    process = subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=os.name == "posix",  # else Ctrl-C would end it before its visitors are cleaned up
    )
    return StartingServer(process)


def arguments_of(settings: Settings, port: int = 0) -> list[str]:
    """Write the arguments of a server's process."""
    return [f"--port={port}", *(f"--set={pair}" for pair in settings.to_pairs())]
