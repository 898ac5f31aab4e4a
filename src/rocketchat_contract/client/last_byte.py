"""Calls that leave together: what a race needs, and a barrier of threads cannot give."""

from __future__ import annotations

import selectors
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rocketchat_contract.client.answer import HttpAnswer
from rocketchat_contract.client.kernel import ask_for_stamps, epoch_of, receive, round_trip
from rocketchat_contract.client.release import release
from rocketchat_contract.client.transport import (
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
from rocketchat_contract.record.exchange import Failure

_SETTLE, _LONGEST_SETTLE = 0.002, 0.25
"""Seconds in which requests without their last byte reach a server: as long as a connection took, within these."""


class LastByteBurst:
    """Last-byte synchronisation: requests sent but for a byte, then all last bytes at once, then all answers.

    Each call is under way from ``released`` to ``answered`` at least. An answer cannot have been complete at the look
    before the one that found it, nor when the kernel got it, less the shortest way there and back.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._options = transport.options
        self._loaded: list[tuple[Connection, bytes] | Failure] = []
        self._started: list[int] = []
        self._released: list[int | None] = []
        self._answered: list[int | None] = []
        self._looked = self._epoch = self._way = 0
        self._ended: list[int] = []
        self._answers: list[HttpAnswer] = []
        self._selector = selectors.DefaultSelector()

    def load(self, calls: Sequence[Call], patience: int = 1) -> None:
        """Open a connection for each call and send all of its bytes but one, with so much ``patience``."""
        deadline, longest = self._deadline(), 0
        for call in calls:
            begun = self._options.clock()
            self._loaded.append(self._load(self._transport.encode(call), deadline))
            longest = max(longest, self._options.clock() - begun)
        time.sleep(min(max(_SETTLE, longest / 1e9) * patience, _LONGEST_SETTLE))

    def fire(self, begin: Callable[[], int]) -> None:
        """Send the last bytes; ``begin`` is asked for each call's moment right before the first of them leaves."""
        for place, part in enumerate(self._loaded):
            self._answers.append(HttpAnswer())
            self._started.append(begin())
            self._released.append(None)
            self._answered.append(None)
            if isinstance(part, Failure):
                self._answers[place].stop(part)
            else:
                self._selector.register(part[0].socket, selectors.EVENT_READ, place)
        self._ended = list(self._started)
        self._release()
        self._look(0)

    def collect(self) -> None:
        """Read all answers as they come."""
        deadline = self._deadline()
        while self._selector.get_map():
            left = (self._options.hurry(deadline) - self._options.clock()) / 1e9
            if left <= 0:
                break
            self._look(min(left, SLICE))
        is_stopped = self._options.clock() < deadline
        self._stop(STOPPED if is_stopped else Failure("timeout", sent=True, detail="no whole answer in time"))

    def close(self) -> None:
        """Let go of the connections; what has not come whole counts as stopped."""
        self._selector.close()
        for part in self._loaded:
            if not isinstance(part, Failure):
                part[0].close()
        self._stop(STOPPED)

    def replies(self) -> list[Reply]:
        """What came back for the calls whose moment was asked for, in their order."""
        parts = zip(self._answers, self._started, self._ended, self._released, self._answered, strict=False)
        return [
            replace(self._transport.reply(answer, started, ended), released=released, answered=answered)
            for answer, started, ended, released, answered in parts
        ]

    def _deadline(self) -> int:
        return self._options.clock() + int(self._options.seconds * 1e9)

    def _load(self, request: bytes, deadline: int) -> tuple[Connection, bytes] | Failure:
        try:
            connection = Connection(self._options, deadline)
            connection.send(request[:-1], deadline)
            ask_for_stamps(connection.socket)
        except ConnectError as error:
            return error.failure
        except OSError as error:
            return failure_of(error, sent=False)
        return connection, request[-1:]

    def _release(self) -> None:
        """Send all last bytes."""
        loaded = [(place, part) for place, part in enumerate(self._loaded) if not isinstance(part, Failure)]
        sockets = [connection.socket for _, (connection, _) in loaded]
        self._epoch, self._way = epoch_of(self._options.clock), min(map(round_trip, sockets), default=0)
        left = release([(connection.socket, byte) for _, (connection, byte) in loaded], self._options.clock)
        for (place, (connection, _)), moment in zip(loaded, left, strict=True):
            if isinstance(moment, OSError):
                self._answers[place].stop(failure_of(moment, sent=True))
                self._selector.unregister(connection.socket)
            else:
                self._released[place] = moment

    def _look(self, seconds: float) -> None:
        """Read what has come, waiting so long for it."""
        before, self._looked = self._looked, self._options.clock()
        for key, _ in self._selector.select(seconds):
            self._read(key.data, before)
            if self._answers[key.data].is_over:
                self._selector.unregister(key.fileobj)

    def _read(self, place: int, before: int) -> None:
        """Read what has come to one call since the look before."""
        answer, part = self._answers[place], self._loaded[place]
        if isinstance(part, Failure):
            return
        try:
            while not answer.is_over:
                data, stamp = receive(part[0].socket, CHUNK)
                self._note(place, before if stamp is None else stamp - self._epoch)
                if data:
                    answer.feed(data)
                else:
                    answer.end()
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError as error:
            answer.stop(failure_of(error, sent=True, begun=answer.status is not None))
        self._ended[place] = self._options.clock()

    def _note(self, place: int, moment: int) -> None:
        """Keep when the first of an answer came, by which it was not complete at the server a whole way before."""
        released = self._released[place]
        if released is not None and self._answered[place] is None:
            self._answered[place] = max(released, min(moment, self._options.clock()) - self._way)

    def _stop(self, failure: Failure) -> None:
        now = self._options.clock()
        for place, answer in enumerate(self._answers):
            if not answer.is_over:
                answer.stop(failure)
                self._ended[place : place + 1] = [now]
