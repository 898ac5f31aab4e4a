"""The reference server: get-or-create calls per second on one core, latency at 32 connections, memory.

    python benchmarks/server.py [--long]

Two kinds of calls: *repeats* return a visitor's open room, *creations* make the room of one who was registered before.
Saturated, 32 callers that never pause share one core, so what each waits is 32 times what a call costs (Little's
law): the latency is therefore also measured at the rate that the server has to bear. ``--long`` lives 1,000,000 calls.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import time
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from urllib.parse import urlsplit

from figures import Figure, Row, medians, store
from traffic import pin

from rocketchat_contract.reference import server

CONNECTIONS = 32
PACED = 3_000
CALLS = 10_000
LOADS: dict[str, tuple[float | None, bool]] = {
    f"repeats, {PACED:,} calls/s": (PACED, False),
    f"creations, {PACED:,} calls/s": (PACED, True),
    "repeats": (None, False),
    "creations": (None, True),
}
"""Calls per second, None for as many as the server bears, and whether each makes a room."""


def request(place: str, method: str, path: str, body: object = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} /api/v1/livechat/{path} HTTP/1.1\r\nHost: {place}\r\n"
    if content:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return f"{head}\r\n".encode() + content


def is_whole(data: bytes) -> bool:
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= length


def ask(sock: socket.socket, data: bytes) -> bytes:
    sock.sendall(data)
    answer = b""
    while not is_whole(answer):
        answer += sock.recv(65_536)
    return answer


def opened(url: str) -> socket.socket:
    place = urlsplit(url)
    sock = socket.create_connection((place.hostname or "", place.port or 80))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def register(sock: socket.socket, place: str, token: str) -> None:
    ask(sock, request(place, "POST", "visitor", {"visitor": {"token": token, "name": token}}))


class Callers:
    """Connections that ask for rooms, each again as soon as it is answered, or at a given rate."""

    def __init__(self, url: str, calls: int, rate: float | None, *, creating: bool) -> None:
        self.calls, self.rate, self.place = calls, rate, urlsplit(url).netloc
        self.selector = selectors.DefaultSelector()
        self.waits: list[float] = []
        self.since: dict[int, float] = {}
        self.parts: dict[int, bytes] = {}
        sockets = [opened(url) for _ in range(CONNECTIONS)]
        self.requests = self.prepared(sockets, calls if creating else CONNECTIONS)
        for sock in sockets:
            self.selector.register(sock, selectors.EVENT_READ)
            self.parts[sock.fileno()] = b""
        self.idle = sockets

    def prepared(self, sockets: list[socket.socket], visitors: int) -> Iterator[bytes]:
        """Requests of registered visitors, in turn."""
        tokens = [f"bench{number}-{time.time_ns()}" for number in range(visitors)]
        for number, token in enumerate(tokens):
            register(sockets[number % CONNECTIONS], self.place, token)
        return cycle([request(self.place, "GET", f"room?token={token}") for token in tokens])

    def run(self) -> Row:
        """Send all; answers calls per second and how long they took."""
        begin = due = time.perf_counter()
        sent = 0
        while len(self.waits) < self.calls:
            while self.idle and sent < self.calls and (self.rate is None or time.perf_counter() >= due):
                sock = self.idle.pop()
                self.since[sock.fileno()] = due if self.rate else time.perf_counter()
                sock.sendall(next(self.requests))
                sent, due = sent + 1, due + (1 / self.rate if self.rate else 0)
            self.receive(0 if self.idle and sent < self.calls else None)
        return self.told(time.perf_counter() - begin)

    def receive(self, patience: float | None) -> None:
        for key, _ in self.selector.select(patience):
            sock: socket.socket = key.fileobj  # type: ignore[assignment]
            self.parts[key.fd] += sock.recv(65_536)
            if is_whole(self.parts[key.fd]):
                self.parts[key.fd] = b""
                self.waits.append(time.perf_counter() - self.since[key.fd])
                self.idle.append(sock)

    def told(self, wall: float) -> Row:
        for sock in self.idle:
            sock.close()
        waits, count = sorted(self.waits), self.calls
        return {"calls/s": count / wall, "median ms": waits[count // 2] * 1e3, "p99 ms": waits[count * 99 // 100] * 1e3}


def busy(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def loaded(running: server.RunningServer, calls: int, rate: float | None, *, creating: bool) -> Row:
    """One load on a server, with what a call costs its process."""
    callers = Callers(running.url, calls, rate, creating=creating)
    before = busy(running.pid)
    row = callers.run()
    return {**row, "server CPU µs/call": (busy(running.pid) - before) / calls * 1e6}


def lives(sock: socket.socket, place: str) -> Iterator[int]:
    """Visitors live ten calls long, one after the other: eight of them get-or-create, then deletion."""
    for number in count():
        token = f"life{number}"
        register(sock, place, token)
        for _ in range(7):
            answer = ask(sock, request(place, "GET", f"room?token={token}"))
        room = json.loads(answer.partition(b"\r\n\r\n")[2])["room"]["_id"]
        ask(sock, request(place, "POST", "room.close", {"token": token, "rid": room}))
        ask(sock, request(place, "DELETE", f"visitor/{token}"))
        yield (number + 1) * 10


def memory(url: str, pid: int, marks: tuple[int, ...]) -> list[Row]:
    """Resident megabytes of the server after so many calls."""
    place, rows, begin = urlsplit(url).netloc, [], time.perf_counter()
    with opened(url) as sock:
        for done in lives(sock, place):
            if done in marks:
                rows.append(
                    {"calls": done, "resident MB": resident(pid), "calls/s": done / (time.perf_counter() - begin)}
                )
            if done >= marks[-1]:
                return rows
    return rows


def resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    marks = (10_000, 100_000, 1_000_000) if options.long else (5_000, 20_000, 50_000)
    runs: dict[str, list[Row]] = {name: [] for name in LOADS}
    pin(1)
    with server.start_server() as running:
        pin(0)
        for _ in range(options.rounds):
            for name, (rate, creating) in LOADS.items():
                runs[name].append(loaded(running, CALLS, rate, creating=creating))
    of = {what: medians(each) for what, each in runs.items()}
    rows: list[Row] = [{"load": what, **row} for what, row in of.items()]
    pin(1)
    with server.start_server() as running:
        pin(0)
        grown = memory(running.url, running.pid, marks)
    last, first = grown[-1], grown[0]
    slowest = min(of["repeats"]["calls/s"], of["creations"]["calls/s"])
    figures = [
        Figure("get-or-create calls per second on one core, the slower kind", slowest, 3_000, "calls/s"),
        *(
            Figure(f"p99 of {CONNECTIONS} connections, {what}", of[what]["p99 ms"], 5, "ms", at_most=True)
            for what in LOADS
        ),
        Figure(
            f"memory after {last['calls']:,} calls beside that after {first['calls']:,}",
            last["resident MB"] / first["resident MB"],
            1.1,
            "times",
            at_most=True,
        ),
    ]
    store("server", [*rows, *({"load": "whole lives on one connection", **row} for row in grown)], figures)


if __name__ == "__main__":
    main()
