"""Several sockets written to in one system call: Linux' ``io_submit``, which the standard library does not have.

It takes sockets as well as files and needs no rights. Whoever is woken by the first byte has to wait until all have
left. A datagram to oneself goes last; the kernel stamps it, and so tells by when they had.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import NamedTuple

from rocketchat_contract.client.kernel import ask_for_stamps, epoch_of, receive
from rocketchat_contract.client.release import Left, Part


class _Numbers(NamedTuple):
    """Of the system calls."""

    setup: int
    submit: int
    events: int


_NUMBERS = {"x86_64": _Numbers(206, 209, 208), "aarch64": _Numbers(0, 2, 4)}
_MOST = 64
"""Writes that the kernel takes at once."""

_WRITE = 1


class _Write(ctypes.Structure):
    """``struct iocb``, with the lowest byte first."""

    _fields_ = (
        ("place", ctypes.c_uint64),
        ("key", ctypes.c_uint64),
        ("operation", ctypes.c_uint32),
        ("descriptor", ctypes.c_uint32),
        ("buffer", ctypes.c_char_p),
        ("length", ctypes.c_uint64),
        ("rest", ctypes.c_uint64 * 3),
    )


class _Written(ctypes.Structure):
    """``struct io_event``."""

    _fields_ = (
        ("place", ctypes.c_uint64),
        ("write", ctypes.c_uint64),
        ("result", ctypes.c_int64),
        ("more", ctypes.c_int64),
    )


class _Contexts(threading.local):
    """Where the kernel keeps the writes of a thread; one is made when it is wanted, and gone with the process."""

    context: ctypes.c_ulong | None = None


_contexts = _Contexts()


def write_in_one_call(parts: Sequence[Part], clock: Callable[[], int]) -> list[Left] | None:
    """Write to all sockets; answers by when the bytes had left. None, and nothing is sent, where that cannot be."""
    numbers = _NUMBERS.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 2**32 else None
    if numbers is None or len(parts) >= _MOST or any(isinstance(sock, ssl.SSLSocket) for sock, _ in parts):
        return None
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with closing(here), closing(there):
        ask_for_stamps(there)
        there.setblocking(False)  # noqa: FBT003
        epoch = epoch_of(clock)
        try:
            results = _written(numbers, [*parts, (here, b".")])
        except OSError:
            return None
        moment = clock()
        if results[-1] == 1:
            _, stamp = receive(there, 1)
            moment = moment if stamp is None else min(moment, stamp - epoch)
    return [_left(sock, data, result, moment, clock) for (sock, data), result in zip(parts, results, strict=False)]


def _left(sock: socket.socket, data: bytes, result: int | None, moment: int, clock: Callable[[], int]) -> Left:
    """By when bytes had left; those that the kernel did not get to are sent now."""
    if result is None:
        try:
            sock.send(data)
        except OSError as error:
            return error
        return clock()
    return moment if result > 0 else OSError(-result, os.strerror(-result))


def _written(numbers: _Numbers, parts: Sequence[Part]) -> list[int | None]:
    """How many bytes each write took, less than none for an error, None for what was not tried; or raises."""
    context = _context(numbers)
    writes = [_Write(place, 0, _WRITE, sock.fileno(), data, len(data)) for place, (sock, data) in enumerate(parts)]
    array = (ctypes.POINTER(_Write) * len(writes))(*map(ctypes.pointer, writes))
    number = _call(numbers.submit, context, len(writes), array)
    done = (_Written * len(writes))()
    got = _call(numbers.events, context, number, number, done, None)
    results: list[int | None] = [None] * len(writes)
    for each in done[:got]:
        results[each.place] = each.result
    return results


def _context(numbers: _Numbers) -> ctypes.c_ulong:
    if _contexts.context is None:
        context = ctypes.c_ulong(0)
        _call(numbers.setup, _MOST, ctypes.byref(context))
        _contexts.context = context
    return _contexts.context


def _call(number: int, *arguments: object) -> int:
    """Make a system call; raises ``OSError``."""
    made = _libc().syscall(ctypes.c_long(number), *arguments)
    if made < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return int(made)


def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library
