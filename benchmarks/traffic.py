"""Calls per second: ours beside plain ``st run``, schemathesis as a library, a bare client and a raw socket.

    python benchmarks/traffic.py [--rounds 3]

All in one interleaved run against the reference server, which has a core of its own where there are two. Ours is
measured as a whole run of the profile ``full`` as it is shipped, from the first exchange of a driver to the last of the
clean-up, and sustained: the same profile with twenty times the generated values meeting, as far as there are so many,
and without a limit of room calls. How it grows is read off that second run: its last thousand such calls beside its
first thousand.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from figures import Figure, Row, medians, store
from st_run import plain_st_run

from rocketchat_contract.config import PROFILES, Profile, RunConfig
from rocketchat_contract.reference import server

FULL = PROFILES["full"]
SUSTAINED = replace(FULL, pairs=20 * FULL.pairs, room_calls=1_000_000)
MEETING = "generated values meet"
SPAN = 1_000


def pin(*cores: int) -> None:
    """Stay on one core, or some, where there are several; processes started from now on do too."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, cores)


def raw_socket(url: str, count: int = 5_000) -> Row:
    """The ceiling: prepared bytes out, bytes in until the answer is whole, nothing looked at."""
    place = urlsplit(url)
    request = f"GET {target(url)} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode()
    with socket.create_connection((place.hostname or "", place.port or 80)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(request)
        length = len(sock.recv(65_536))

        def call() -> None:
            sock.sendall(request)
            left = length
            while left > 0:
                left -= len(sock.recv(65_536))

        return clocked(call, count)


def bare_client(url: str, count: int = 4_000) -> Row:
    place, path = urlsplit(url), target(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)

    def call() -> None:
        connection.request("GET", path)
        connection.getresponse().read()

    return clocked(call, count)


def target(url: str) -> str:
    """A call that returns the open room of a visitor who is registered here."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    token = f"bench{time.time_ns()}"
    body = json.dumps({"visitor": {"token": token, "name": "bench"}})
    connection.request("POST", "/api/v1/livechat/visitor", body, {"Content-Type": "application/json"})
    connection.getresponse().read()
    path = f"/api/v1/livechat/room?token={token}"
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()
    return path


def clocked(call: Callable[[], None], count: int) -> Row:
    begin, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        call()
    wall = time.perf_counter() - begin
    return {"calls": count, "calls/s": count / wall, "client CPU µs/call": (time.process_time() - cpu) / count * 1e6}


def in_process(what: str, url: str) -> Row:
    """A peer or ours in a process of its own."""
    command = [sys.executable, __file__, "--worker", what, "--url", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


def library(url: str, count: int = 300) -> Row:
    """schemathesis in a Hypothesis test: positive cases, sent by its own client, answers validated."""
    import requests
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings

    from rocketchat_contract.contract.vendored import load_contract

    contract = load_contract()
    operation = schemathesis.openapi.from_dict(contract.published)[contract.operation.path]["GET"]
    session, sent = requests.Session(), []

    checks = list(HealthCheck)

    @settings(max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=checks)
    @given(operation.as_strategy())
    def test(case) -> None:  # type: ignore[no-untyped-def]
        operation.is_valid_response(case.call(base_url=url, session=session))
        sent.append(1)

    begin, cpu = time.perf_counter(), time.process_time()
    test()
    wall = time.perf_counter() - begin
    spent = (time.process_time() - cpu) / len(sent) * 1e6
    return {"calls": len(sent), "calls/s": len(sent) / wall, "client CPU µs/call": spent}


def ours(profile: Profile) -> Row:
    """A whole run on an embedded server; every exchange is in the journal and judged."""
    from rocketchat_contract.run.drivers import run_drivers
    from rocketchat_contract.run.engine import Engine

    with tempfile.TemporaryDirectory() as folder:
        driving = Engine(RunConfig(profile=profile, report_dir=Path(folder)))
        pin(1)  # the server's core
        run = driving.open()
        pin(0, 1)  # the process that generates queries takes what the server leaves
        moments: list[tuple[str, int]] = []
        watch(run, moments)
        cpu = time.process_time()
        run_drivers(driving)
        cpu = time.process_time() - cpu
        assert driving.result is not None, "no account"
    wall, count = (moments[-1][1] - moments[0][1]) / 1e9, len(moments)
    spent = {"calls/s": count / wall, "client CPU µs/call": cpu / count * 1e6}
    return {"calls": count, **spent, "last beside first": slowing([at for why, at in moments if why == MEETING])}


def slowing(moments: list[int]) -> float:
    """How much longer the last calls took than the first."""
    return (moments[-1] - moments[-SPAN]) / (moments[SPAN - 1] - moments[0])


def watch(run, moments: list[tuple[str, int]]) -> None:  # type: ignore[no-untyped-def]
    """Note why each exchange was made and when it had been judged."""
    record = run.client.recorder.record

    def noted(exchange):  # type: ignore[no-untyped-def]
        op = record(exchange)
        moments.append((exchange.why, run.client.transport.options.clock()))
        return op

    run.client.recorder.record = noted


def st_run(url: str) -> Row:
    """Plain ``st run`` in its default modes; marginal: the difference of a long and a short run, without start-up."""
    short, long = (st_run_of(url, examples) for examples in (50, 250))
    calls = long["calls"] - short["calls"]
    wall, cpu = (long[name] - short[name] for name in ("wall", "cpu"))
    return {"calls": calls, "calls/s": calls / wall, "client CPU µs/call": cpu / calls * 1e6}


def st_run_of(url: str, examples: int) -> Row:
    begin, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        plain_st_run(url, Path(folder), "--max-examples", str(examples), "--report", "har", "--report-dir", folder)
        wall, end = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        har = json.loads(next(Path(folder).glob("har-*.json")).read_text(encoding="utf-8"))
    cpu = end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime
    return {"calls": len(har["log"]["entries"]), "wall": wall, "cpu": cpu}


WORKERS: dict[str, Callable[[str], Row]] = {
    "ceiling": raw_socket,
    "client": bare_client,
    "library": library,
    "full": lambda _: ours(FULL),
    "sustained": lambda _: ours(SUSTAINED),
}
NAMES = {
    "ceiling": "raw socket, prepared bytes (ceiling)",
    "client": "http.client, one connection",
    "library": "schemathesis as a library, positive",
    "st": "plain `st run`, start-up not counted",
    "full": "ours: `full` as shipped, whole traffic",
    "sustained": f"ours: sustained, `full` with up to {SUSTAINED.pairs:,} meeting values instead of {FULL.pairs:,}",
}


def measure(rounds: int) -> dict[str, Row]:
    runs: dict[str, list[Row]] = {name: [] for name in NAMES}
    for _ in range(rounds):
        for name in NAMES:
            pin(1)
            with server.start_server() as running:
                pin(0)
                runs[name].append(st_run(running.url) if name == "st" else in_process(name, running.url))
    return {name: medians(rows) for name, rows in runs.items()}


def beside(what: str, rate: float, ceiling: float, peer: float) -> list[Figure]:
    """One way of ours, held against the goals; all of its exchanges are journaled and judged."""
    return [
        Figure(f"{what}: exchanges per second, all journaled and judged", rate, 1_500, "exchanges/s"),
        Figure(f"{what}: beside the raw socket ceiling", rate / ceiling, 0.25, "of the ceiling"),
        Figure(f"{what}: beside plain st run", rate / peer, 50, "times"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--worker", choices=WORKERS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(WORKERS[options.worker](options.url)))
        return
    measured = measure(options.rounds)
    ceiling, peer = measured["ceiling"]["calls/s"], measured["st"]["calls/s"]
    rows = [
        {"what": NAMES[name], **row, "of the ceiling": row["calls/s"] / ceiling, "× st run": row["calls/s"] / peer}
        for name, row in measured.items()
    ]
    figures = [
        figure
        for name, what in (
            ("full", "`full` as shipped"),
            ("sustained", f"sustained, {SUSTAINED.pairs:,} meeting values"),
        )
        for figure in beside(what, measured[name]["calls/s"], ceiling, peer)
    ]
    slower = measured["sustained"]["last beside first"]
    slowing_down = f"sustained, seconds of the last {SPAN:,} of these calls beside the first {SPAN:,}"
    figures.append(Figure(slowing_down, slower, 1.1, "times", at_most=True))
    store("traffic", rows, figures)


if __name__ == "__main__":
    main()
