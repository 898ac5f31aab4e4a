"""What Linux knows of a connection better than who reads it: when bytes came, and how long the way is."""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress

IS_LINUX = sys.platform == "linux"
STAMPS = 35
"""``SO_TIMESTAMPNS``, for which Python has no name: the kernel says when it got what is read."""

_STAMP = struct.Struct("@ll")
_ROUND_TRIP_AT, _INFO_LENGTH = 148, 152
"""Where ``struct tcp_info`` holds the shortest round trip, in microseconds."""

_UNKNOWN = 2**32 - 1


def ask_for_stamps(sock: socket.socket) -> None:
    """From now on the kernel tells when it got what is read; not over TLS, nor where it cannot."""
    if IS_LINUX and not isinstance(sock, ssl.SSLSocket):
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, STAMPS, 1)


def receive(sock: socket.socket, most: int) -> tuple[bytes, int | None]:
    """Bytes, and the kernel's time (ns since the epoch) for the last of them; None where it does not tell."""
    if not IS_LINUX or isinstance(sock, ssl.SSLSocket):
        return sock.recv(most), None
    data, messages, _, _ = sock.recvmsg(most, socket.CMSG_SPACE(_STAMP.size))
    for level, kind, stamp in messages:
        if (level, kind, len(stamp)) == (socket.SOL_SOCKET, STAMPS, _STAMP.size):
            seconds, rest = _STAMP.unpack(stamp)
            return data, seconds * 1_000_000_000 + rest
    return data, None


def epoch_of(clock: Callable[[], int]) -> int:
    """The kernel's time (ns) at the zero of a clock: the best of some looks at both."""
    looks = []
    for _ in range(5):
        before, now, after = clock(), time.time_ns(), clock()
        looks.append((after - before, now - before))
    return min(looks)[1]


def round_trip(sock: socket.socket) -> int:
    """The shortest time (ns) that a segment and its acknowledgement took so far; 0 where nobody knows."""
    if not IS_LINUX:
        return 0
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_LENGTH)
        (microseconds,) = struct.unpack_from("@I", info, _ROUND_TRIP_AT)
    except (OSError, struct.error):
        return 0
    return 0 if microseconds == _UNKNOWN else int(microseconds) * 1000
