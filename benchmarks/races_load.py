"""Gates on a busy machine: is a window of 0.2 ms caught, and is a right server judged whole, each time?

    python benchmarks/races_load.py [--runs 150] [--right 20] [--busy 4] [--window NAME]

Beside each gate so many processes do nothing but keep the processors busy. Caught means that two open rooms of one
visitor were found; judged whole means that the verdict is conformant. The lower bound is that of the two-sided 95 %
interval of Clopper and Pearson.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import comb
from pathlib import Path

from figures import Figure, Row, store

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine

REQUIREMENT = "overlapping-calls-open-one-room"
BEYOND = 0.025
"""The share of either end of the interval."""


@contextmanager
def busy(number: int) -> Iterator[None]:
    """So many processes that never rest."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def gate(server: tuple[str, ...], name: str) -> Row:
    """One gate: its verdict, and whether the race was named."""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(RunConfig(server=server, profile=PROFILES["gate"], report_dir=Path(folder)))
        run_drivers(engine)
        engine.interruption.remove()
    assert engine.result is not None, "no result"
    assert engine.run is not None, "no run"
    traffic = engine.result.traffic
    good = engine.run.judge.tally.count_of(REQUIREMENT).broken > 0 if server else engine.result.verdict.exit_code == 0
    print(name, engine.result.verdict.word.value, "as it should" if good else "NOT AS IT SHOULD", flush=True)
    return {"good": good, "fired": traffic.volley_calls, "overlapped": traffic.volley_overlapped}


def at_least(good: int, runs: int) -> float:
    """The lowest rate at which so many good ones of these runs are not too rare."""
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        tail = sum(comb(runs, n) * rate**n * (1 - rate) ** (runs - n) for n in range(good, runs + 1))
        low, high = (rate, high) if tail < BEYOND else (low, rate)
    return low


def told(who: str, runs: list[Row]) -> Row:
    """The row of one kind of gate."""
    good = sum(run["good"] for run in runs)
    return {
        "who": who,
        "gates": len(runs),
        "as they should": good,
        "lower bound": at_least(good, len(runs)),
        "calls that overlapped": sum(run["overlapped"] for run in runs) / sum(run["fired"] for run in runs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=150)
    parser.add_argument("--right", type=int, default=20, help="gates on a right server")
    parser.add_argument("--busy", type=int, default=4, help="processes beside")
    parser.add_argument("--window", default="creates_two_rooms_within_200_microseconds")
    parser.add_argument("--print", action="store_true", help="write no results")
    options = parser.parse_args()
    with busy(options.busy):
        wrong = [gate((f"wrong={options.window}",), f"wrong {n}") for n in range(options.runs)]
        right = [gate((), f"right {n}") for n in range(options.right)]
    rows = [told(f"a window of 0.2 ms, {options.busy} busy processes", wrong)] if wrong else []
    rows += [told(f"a right server, {options.busy} busy processes", right)] if right else []
    if options.print:
        print(*rows, sep="\n")
        return
    figures = [
        Figure("a window of 0.2 ms caught by a gate, at least", rows[0]["lower bound"], 0.97, "of the gates"),
        Figure("gates that judged a right server whole", rows[-1]["as they should"], len(right), "gates"),
    ]
    store("races_load", rows, figures)


if __name__ == "__main__":
    main()
