"""Reference servers as forks of one process that has everything imported: most of a server's start is imports.

    python -m rocketchat_contract.reference.forks

Its standard input is a socket. With each byte comes the end of another socket, which becomes standard input and output
of a new server; the first line on it is the server's arguments in JSON. A server ends with its socket, as this process
does with its own.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NoReturn

from rocketchat_contract.errors import SuiteError
from rocketchat_contract.reference.__main__ import main
from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.process import arguments_of
from rocketchat_contract.reference.server import uvicorn_server
from rocketchat_contract.reference.settings import Settings

_PATIENCE = 1.0
"""Seconds that a server gets to end by itself."""


@dataclass(frozen=True)
class ForkedServer:
    """A server that begins, and once it is ready its address."""

    line: socket.socket = field(repr=False)
    url: str = ""
    pid: int = 0

    def ready(self) -> ForkedServer:
        """Wait until it accepts connections."""
        received = self.line.makefile("rb").readline()
        if not received:
            self.stop()
            raise SuiteError("The reference server ended before it answered.", "See above why.")
        content = json.loads(received)
        return replace(self, url=content["url"], pid=content["pid"])

    def stop(self) -> None:
        """End it and wait for its end."""
        with self.line, suppress(OSError):
            self.line.settimeout(_PATIENCE)
            self.line.shutdown(socket.SHUT_WR)
            try:
                while self.line.recv(4096):
                    pass
            except TimeoutError:
                if self.pid:
                    os.kill(self.pid, signal.SIGKILL)


def launch_fork(settings: Settings) -> ForkedServer:
    """Begin to start a server on loopback as a fork of a process that all servers of this process share."""
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(_parent(), [b"."], [theirs.fileno()])
    ours.sendall(json.dumps(arguments_of(settings)).encode() + b"\n")
    return ForkedServer(ours)


@cache
def _parent() -> socket.socket:
    """The socket of the process that all servers are forks of, started when the first one is asked for."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-P", "-m", "rocketchat_contract.reference.forks"]
        process = subprocess.Popen(command, stdin=theirs.fileno(), start_new_session=True)  # noqa: S603 - our own module
    atexit.register(process.wait)
    atexit.register(ours.close)  # before that
    return ours


def _fork_for_each_byte(asked: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a server ended
    while True:
        byte, ends, *_ = socket.recv_fds(asked, 1, 1)
        if not byte:
            return
        if os.fork() == 0:
            _serve(ends[0])
        os.close(ends[0])


def _serve(end: int) -> NoReturn:
    code = 1
    try:
        for number in (0, 1):
            os.dup2(end, number)
        os.close(end)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        code = main(json.loads(_first_line()))
    except BaseException:
        traceback.print_exc()
    os._exit(code)


def _first_line() -> bytes:
    """What is on standard input up to the end of a line; what follows is left there."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(0, 1)):
        line += byte
    return line


if __name__ == "__main__":
    some = make_app(Settings(wrong="forgets_the_room"))
    uvicorn_server(some, lambda: None).config.load()  # with that all is imported that a server needs, right or wrong
    _fork_for_each_byte(socket.socket(fileno=0))
