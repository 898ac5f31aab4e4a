"""Opens a TCP connection to a name: its addresses are tried in turn, each with a short lead before the next (RFC 8305).

An address that drops what it gets costs its lead only; the first that accepts wins, and the others are let go of.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, zip_longest
from typing import Any

LEAD = 0.25
"""Seconds that an address has before the next one is tried beside it; RFC 8305 recommends so many."""

_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)

AddressRow = tuple[Any, ...]
"""One row of ``getaddrinfo``."""


def dial(host: str, port: int, left: Callable[[], float]) -> socket.socket:
    """A connection to the first address that accepts; ``left`` tells the seconds, and raises when there are none.

    Raises ``OSError``, that of the last address when none accepts.
    """
    places = list(_interleaved(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    lead = min(LEAD, left() / (len(places) + 1))
    with _Attempts() as attempts:
        for place in places:
            attempts.begin(place)
            attempts.wait(_within(lead, left))
            if attempts.won is not None:
                break
        attempts.wait(left)
        return attempts.result(host)


class _Attempts:
    """Connections under way, of which one is to be had."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._problem: OSError | None = None
        self.won: socket.socket | None = None

    def __enter__(self) -> _Attempts:
        return self

    def __exit__(self, *_: object) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def begin(self, place: AddressRow) -> None:
        """Try one more address."""
        try:
            sock = socket.socket(*place[:3])
        except OSError as error:  # a family that this machine does not have
            self._problem = error
            return
        sock.setblocking(False)  # noqa: FBT003
        problem = sock.connect_ex(place[4])
        if problem in _UNDER_WAY:
            self._selector.register(sock, selectors.EVENT_WRITE)
        else:
            self._fail(sock, problem)

    def wait(self, left: Callable[[], float]) -> None:
        """Wait until one is there, none is under way any more, or the time is over."""
        while self.won is None and self._selector.get_map() and (seconds := left()) > 0:
            for key, _ in self._selector.select(min(seconds, LEAD)):
                if self.won is None:
                    self._end(key.fileobj)  # type: ignore[arg-type]

    def result(self, host: str) -> socket.socket:
        """The connection; raises the last problem when there is none."""
        if self.won is None:
            raise self._problem or ConnectionRefusedError(f"no address for {host}")
        with suppress(OSError):
            self.won.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.won.setblocking(True)  # noqa: FBT003
        return self.won

    def _end(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)
        problem = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            self._fail(sock, problem)
        else:
            self.won = sock

    def _fail(self, sock: socket.socket, problem: int) -> None:
        sock.close()
        self._problem = OSError(problem, os.strerror(problem))


def _within(seconds: float, left: Callable[[], float]) -> Callable[[], float]:
    """What is left of so many seconds from now on, or of all."""
    until = time.monotonic() + seconds
    return lambda: min(until - time.monotonic(), left())


def _interleaved(places: list[AddressRow]) -> Iterator[AddressRow]:
    """The addresses in their order, but families in turn: a family that leads nowhere costs one lead."""
    first = [place for place in places if place[0] == places[0][0]]
    others = [place for place in places if place[0] != places[0][0]]
    return (place for place in chain.from_iterable(zip_longest(first, others)) if place is not None)
