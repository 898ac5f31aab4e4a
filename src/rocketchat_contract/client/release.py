"""Lets the last bytes of simultaneous calls leave at once.

A server on the same machine is woken by the first byte; it may take the processor from whoever sends, and have answered
before the second byte leaves. So all bytes leave in one system call where that can be, and meanwhile the thread goes
before all ordinary ones where it may.
"""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

Part = tuple[socket.socket, bytes]
Left = int | OSError
"""A moment (ns) by which bytes had left, or why they did not."""

_LOWEST = 1
"""Of the real-time priorities; each goes before every ordinary thread."""


def release(parts: Sequence[Part], clock: Callable[[], int]) -> list[Left]:
    """Send a few bytes on each connection, with nothing in between; none may block from now on."""
    from rocketchat_contract.client.one_call import write_in_one_call  # noqa: PLC0415 - only bursts need ctypes

    for connection, _ in parts:
        connection.setblocking(False)  # noqa: FBT003
    with _without_collecting(), _in_real_time():
        return write_in_one_call(parts, clock) or [_sent(connection, data, clock) for connection, data in parts]


def _sent(connection: socket.socket, data: bytes, clock: Callable[[], int]) -> Left:
    try:
        connection.send(data)
    except OSError as error:
        return error
    return clock()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the garbage collector from running meanwhile."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _in_real_time() -> Iterator[None]:
    """Run this thread before all ordinary ones meanwhile, where the system knows such a thing and the user may."""
    try:
        before = os.sched_getscheduler(0), os.sched_getparam(0)
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_LOWEST))
    except (AttributeError, OSError):
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)
