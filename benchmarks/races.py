"""Races: a find-then-insert window of 0.2 ms, tried by ours, by a barrier of threads, and one call after the other.

    python benchmarks/races.py [--runs 100] [--others 30] [--window NAME]

Each run has at most 64 room calls. Ours is the driver ``volley`` of a run under that budget, with rounds and widths as
the product chooses them, judged as always; also the whole profile ``gate``, which has 60. The peers get as many calls
on fresh visitors: eight threads of http.client on warm connections that leave a barrier together, and one thread. All
are tried interleaved, each of ours on a server of its own. Caught means: two open rooms of one visitor; chances are
rounds that could have shown it. Overlapped are calls that had another call of the same round under way, as far as the
caller saw.
"""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from figures import Figure, Row, store

from rocketchat_contract.config import PROFILES, Profile, RunConfig
from rocketchat_contract.judge.overlapping import overlapped
from rocketchat_contract.reference import server
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine

CALLS = 64
THREADS = 8
REQUIREMENT = "overlapping-calls-open-one-room"
VOLLEYS = replace(PROFILES["gate"], drivers=("volley",), room_calls=CALLS, visitors=2 * CALLS)


def ours(window: str, profile: Profile) -> Row:
    """One run; ``shown`` is how often the race's own requirement was found broken."""
    with tempfile.TemporaryDirectory() as folder:
        config = RunConfig(server=(f"wrong={window}",), profile=profile, report_dir=Path(folder), timeout=5.0)
        driving = Engine(config)
        run_drivers(driving)
        assert driving.result is not None, "no account"
        assert driving.run is not None, "no run"
        count, traffic = driving.run.judge.tally.count_of(REQUIREMENT), driving.result.traffic
    fired = {"fired": traffic.volley_calls, "overlapped": traffic.volley_overlapped}
    return {"calls": traffic.room_calls, "shown": count.broken, "chances": count.judged, **fired}


class Peer:
    """A client without last-byte synchronisation."""

    def __init__(self, url: str, threads: int) -> None:
        place = urlsplit(url)
        self._connections = [http.client.HTTPConnection(place.hostname or "", place.port) for _ in range(threads)]
        for connection in self._connections:
            connection.connect()
        self._barrier = threading.Barrier(threads)

    def run(self) -> Row:
        """As many rounds as the calls allow, each on a fresh visitor."""
        rounds = [self._round() for _ in range(CALLS // len(self._connections))]
        seen = {"calls": CALLS, "shown": sum(caught for caught, _ in rounds), "chances": len(rounds)}
        return {**seen, "fired": CALLS, "overlapped": sum(number for _, number in rounds)}

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def _round(self) -> tuple[bool, int]:
        token = f"bench{time.time_ns()}"
        body = json.dumps({"visitor": {"token": token, "name": token}})
        first = self._connections[0]
        first.request("POST", "/api/v1/livechat/visitor", body, {"Content-Type": "application/json"})
        first.getresponse().read()
        rooms: set[str] = set()
        spans: list[tuple[int, int]] = []

        def ask(connection: http.client.HTTPConnection) -> None:
            self._barrier.wait()
            connection.request("GET", f"/api/v1/livechat/room?token={token}")
            left = time.monotonic_ns()
            answer = connection.getresponse().read()
            spans.append((left, time.monotonic_ns()))
            rooms.add(json.loads(answer)["room"]["_id"])

        asking = [threading.Thread(target=ask, args=(connection,)) for connection in self._connections]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        return len(rooms) > 1, overlapped(sorted(spans))


def told(who: str, runs: list[Row]) -> Row:
    """The row of one way to call."""
    caught, calls = sum(run["shown"] > 0 for run in runs), max(run["calls"] for run in runs)
    total = {name: sum(run[name] for run in runs) for name in ("shown", "chances", "fired", "overlapped")}
    return {
        "who": who,
        "room calls at most": calls,
        "runs": len(runs),
        "caught": caught,
        "of the runs": caught / len(runs),
        "of the chances": total["shown"] / total["chances"],
        "calls that overlapped": total["overlapped"] / total["fired"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--others", type=int, default=30, help="runs of the profile gate")
    parser.add_argument("--window", default="creates_two_rooms_within_200_microseconds")
    options = parser.parse_args()
    runs: defaultdict[str, list[Row]] = defaultdict(list)
    with server.start_server(Settings().with_pairs([f"wrong={options.window}"])) as running:
        threads, alone = Peer(running.url, THREADS), Peer(running.url, 1)
        tries: dict[str, tuple[int, Callable[[], Row]]] = {
            f"ours: driver volley, budget of {CALLS} room calls": (
                options.runs,
                lambda: ours(options.window, VOLLEYS),
            ),
            "ours: profile gate, the whole run": (options.others, lambda: ours(options.window, PROFILES["gate"])),
            f"a barrier of {THREADS} plain threads": (options.runs, threads.run),
            "one call after the other": (options.runs, alone.run),
        }
        for number in range(max(options.runs, options.others)):
            for who, (most, attempt) in tries.items():
                if number < most:
                    runs[who].append(attempt())
        threads.close()
        alone.close()
    rows = [told(who, each) for who, each in runs.items()]
    figures = [
        Figure(
            f"a window of 0.2 ms caught with at most {CALLS} room calls", rows[0]["of the runs"], 0.99, "of the runs"
        ),
        Figure("room calls of such a run at most", rows[0]["room calls at most"], CALLS, "calls", at_most=True),
    ]
    store("races", rows, figures)


if __name__ == "__main__":
    main()
