"""The reference server: get-or-create calls per second on one core, latency at 32 connections, memory.

    python benchmarks/server.py [--long]

Saturated, 32 callers that never pause share one core, so what each waits is 32 times what a call costs (Little's
law): the latency is therefore also measured at the rate at which this suite calls. ``--long`` lives 1,000,000 calls.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from figures import Figure, Row, medians, store
from traffic import pin

from rocketchat_contract.reference import server

CONNECTIONS = 32
PACED = 1_500
CALLS = 30_000


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


def together(url: str, calls: int, rate: float | None) -> Row:
    """Get-or-create calls on 32 connections, each for a visitor of its own; paced when a rate is given."""
    place = urlsplit(url).netloc
    selector, since, waits = selectors.DefaultSelector(), {}, []
    for number in range(CONNECTIONS):
        sock = opened(url)
        token = f"bench{number}-{time.time_ns()}"
        register(sock, place, token)
        selector.register(sock, selectors.EVENT_READ, request(place, "GET", f"room?token={token}"))
    idle, begin = list(selector.get_map().values()), time.perf_counter()
    sent, due, parts = 0, begin, dict.fromkeys((key.fd for key in idle), b"")
    while len(waits) < calls:
        while idle and sent < calls and (rate is None or time.perf_counter() >= due):
            key = idle.pop()
            since[key.fd] = time.perf_counter() if rate is None else due
            key.fileobj.sendall(key.data)
            sent, due = sent + 1, due + (1 / rate if rate else 0)
        for key, _ in selector.select(0 if idle and sent < calls else None):
            parts[key.fd] += key.fileobj.recv(65_536)
            if is_whole(parts[key.fd]):
                parts[key.fd] = b""
                waits.append(time.perf_counter() - since[key.fd])
                idle.append(key)
    wall = time.perf_counter() - begin
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    waits.sort()
    return {"calls/s": calls / wall, "median ms": waits[calls // 2] * 1e3, "p99 ms": waits[calls * 99 // 100] * 1e3}


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
    runs: dict[str, list[Row]] = {"saturated": [], f"{PACED:,} calls/s": []}
    pin(1)
    with server.start() as running:
        pin(0)
        for _ in range(options.rounds):
            runs["saturated"].append(together(running.url, CALLS, None))
            runs[f"{PACED:,} calls/s"].append(together(running.url, CALLS // 5, PACED))
    rows: list[Row] = [{"load": what, **medians(each)} for what, each in runs.items()]
    pin(1)
    with server.start() as running:
        pin(0)
        grown = memory(running.url, running.pid, marks)
    last, first = grown[-1], grown[0]
    figures = [
        Figure("get-or-create calls per second on one core", rows[0]["calls/s"], 3_000, "calls/s"),
        Figure(f"p99 of {CONNECTIONS} connections at {PACED:,} calls/s", rows[1]["p99 ms"], 5, "ms", at_most=True),
        Figure(f"p99 of {CONNECTIONS} connections that never pause", rows[0]["p99 ms"], 5, "ms", at_most=True),
        Figure(
            f"memory after {last['calls']:,} calls beside that after {first['calls']:,}",
            last["resident MB"] / first["resident MB"],
            1.1,
            "times",
            at_most=True,
        ),
    ]
    store("server", [*rows, *({"load": f"one connection, {row['calls']:,} calls", **row} for row in grown)], figures)


if __name__ == "__main__":
    main()
