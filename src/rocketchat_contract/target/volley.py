"""Calls that leave together: what a race needs, and a barrier of threads cannot give."""

from __future__ import annotations

import selectors
import ssl
import time
from collections.abc import Callable, Sequence

from rocketchat_contract.record.exchange import Failure
from rocketchat_contract.target.answer import Answer
from rocketchat_contract.target.transport import (
    CHUNK,
    SLICE,
    STOPPED,
    Call,
    ConnectError,
    Connection,
    Reply,
    Transport,
    failure_of,
)

_SETTLE = 0.002
"""Seconds in which a server picks up connections that wait for their last byte."""


class Volley:
    """Last-byte synchronisation: requests sent but for a byte, then all last bytes at once, then all answers."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._options = transport.options
        self._loaded: list[tuple[Connection, bytes] | Failure] = []
        self._started: list[int] = []
        self._ended: list[int] = []
        self._answers: list[Answer] = []

    def load(self, calls: Sequence[Call]) -> None:
        """Open a connection for each call and send all of its bytes but one."""
        deadline = self._deadline()
        for call in calls:
            self._loaded.append(self._load(self._transport.encode(call), deadline))
        time.sleep(_SETTLE)

    def fire(self, begin: Callable[[], int]) -> None:
        """Send the last bytes; ``begin`` is asked for each call's moment right before the first of them leaves."""
        for _ in self._loaded:
            self._answers.append(Answer())
            self._started.append(begin())
        self._ended = list(self._started)
        for answer, part in zip(self._answers, self._loaded, strict=True):
            if isinstance(part, Failure):
                answer.stop(part)
                continue
            try:
                part[0].socket.send(part[1])
            except OSError as error:
                answer.stop(failure_of(error, sent=True))

    def collect(self) -> None:
        """Read all answers as they come."""
        deadline = self._deadline()
        with selectors.DefaultSelector() as selector:
            for place, part in enumerate(self._loaded):
                if not isinstance(part, Failure) and not self._answers[place].is_over:
                    part[0].socket.setblocking(False)  # noqa: FBT003
                    selector.register(part[0].socket, selectors.EVENT_READ, place)
            while selector.get_map():
                left = (self._options.hurry(deadline) - self._options.clock()) / 1e9
                if left <= 0:
                    break
                for key, _ in selector.select(min(left, SLICE)):
                    self._read(key.data)
                    if self._answers[key.data].is_over:
                        selector.unregister(key.fileobj)
        is_stopped = self._options.clock() < deadline
        self._stop(STOPPED if is_stopped else Failure("timeout", sent=True, detail="no whole answer in time"))

    def close(self) -> None:
        """Let go of the connections; what has not come whole counts as stopped."""
        for part in self._loaded:
            if not isinstance(part, Failure):
                part[0].close()
        self._stop(STOPPED)

    def replies(self) -> list[Reply]:
        """What came back for the calls whose moment was asked for, in their order."""
        parts = zip(self._answers, self._started, self._ended, strict=False)
        return [self._transport.reply(*part) for part in parts]

    def _deadline(self) -> int:
        return self._options.clock() + int(self._options.seconds * 1e9)

    def _load(self, request: bytes, deadline: int) -> tuple[Connection, bytes] | Failure:
        try:
            connection = Connection(self._options, deadline)
            connection.send(request[:-1], deadline)
        except ConnectError as error:
            return error.failure
        except OSError as error:
            return failure_of(error, sent=False)
        return connection, request[-1:]

    def _read(self, place: int) -> None:
        answer, part = self._answers[place], self._loaded[place]
        try:
            while not isinstance(part, Failure) and not answer.is_over:
                data = part[0].socket.recv(CHUNK)
                if data:
                    answer.feed(data)
                else:
                    answer.end()
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError as error:
            answer.stop(failure_of(error, sent=True, begun=answer.status is not None))
        self._ended[place] = self._options.clock()

    def _stop(self, failure: Failure) -> None:
        now = self._options.clock()
        for place, answer in enumerate(self._answers):
            if not answer.is_over:
                answer.stop(failure)
                self._ended[place : place + 1] = [now]
