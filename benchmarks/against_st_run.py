"""Our run beside plain ``st run`` on the same server, in one interleaved run.

    .venv/bin/python benchmarks/against_st_run.py [--rounds 3]

Prints and writes ``benchmarks/results/against_st_run.json``: wall seconds, judged exchanges of the room route per
second of wall, and the share that reached a room (status 200). Start-up counts for both.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.reference import server

RESULTS = Path(__file__).parent / "results" / "against_st_run.json"
SCRIPTS = Path(sys.executable).parent


@dataclass(frozen=True)
class Measured:
    """One run of one tool: room calls made, how many were answered 200, wall seconds, exit code."""

    calls: int
    ok: int
    wall: float
    exit: int

    @property
    def rate(self) -> float:
        """Room calls per second of wall."""
        return self.calls / self.wall


def ours(url: str, folder: Path) -> Measured:
    command = [str(SCRIPTS / "rocketchat-contract"), "run", url, "--yes", "--profile", "full"]
    wall, code = timed([*command, "--report-dir", str(folder)])
    reach = json.loads((folder / "latest" / "report.json").read_text(encoding="utf-8"))["reach"]
    return Measured(reach["room_calls"], reach["ok"], wall, code)


def plain_st_run(url: str, folder: Path, *more: str) -> Measured:
    document = str(spec_folder() / "livechat-room.openapi.json")
    command = [str(SCRIPTS / "st"), "run", document, "--url", url, "--continue-on-failure", *more]
    wall, code = timed([*command, "--report", "har", "--report-dir", str(folder)])
    har = json.loads(next(folder.glob("har-*.json")).read_text(encoding="utf-8"))
    statuses = [entry["response"]["status"] for entry in har["log"]["entries"]]
    return Measured(len(statuses), statuses.count(200), wall, code)


def timed(command: list[str]) -> tuple[float, int]:
    begin = time.perf_counter()
    code = subprocess.run(command, capture_output=True, check=False).returncode
    return time.perf_counter() - begin, code


def measure(rounds: int) -> dict[str, list[Measured]]:
    tools: dict[str, Callable[[str, Path], Measured]] = {"rocketchat-contract run": ours, "st run": plain_st_run}
    measured: dict[str, list[Measured]] = {name: [] for name in tools}
    for _ in range(rounds):
        for name, tool in tools.items():
            with server.start() as running, tempfile.TemporaryDirectory() as folder:
                measured[name].append(tool(running.url, Path(folder)))
    return measured


def medians(rows: list[Measured]) -> Measured:
    """The row whose rate is the median."""
    return sorted(rows, key=lambda row: row.rate)[len(rows) // 2]


def show(measured: dict[str, list[Measured]]) -> None:
    print(f"{'tool':<26}{'room calls':>11}{'200s':>7}{'share':>8}{'wall s':>8}{'calls/s':>9}{'exit':>6}")
    for name, rows in measured.items():
        row = medians(rows)
        share = f"{row.ok / row.calls:.0%}"
        print(f"{name:<26}{row.calls:>11}{row.ok:>7}{share:>8}{row.wall:>8.1f}{row.rate:>9.0f}{row.exit:>6}")
    us, them = (statistics.median(row.rate for row in rows) for rows in measured.values())
    print(f"ratio of calls per second: {us / them:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    measured = measure(parser.parse_args().rounds)
    show(measured)
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    versions = {name: version(name) for name in ("schemathesis", "hypothesis")}
    rows = {name: [asdict(row) for row in rows] for name, rows in measured.items()}
    RESULTS.write_text(json.dumps({**machine, **versions, "runs": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
