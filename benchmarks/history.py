"""The history of many runs: the first reading, every later one, its page, and what pruning would take.

    python benchmarks/history.py [--sizes 1000 10000]

Reports are of the size of a real one, of ten targets; each command is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from figures import Figure, Row, store

TARGETS = 10
MEASURED = """
import resource, runpy, sys
try:
    runpy.run_module("rocketchat_contract", run_name="__main__", alter_sys=True)
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
EXAMPLE = Path(__file__).resolve().parents[1] / "reports" / "example" / "report.json"


def write_runs(folder: Path, number: int) -> None:
    """So many nights; every seventh of a target is broken as the example is, the others keep everything."""
    broken = EXAMPLE.read_text(encoding="utf-8")
    content = json.loads(broken)
    for night in range(number):
        place = folder / f"run-{night:06}"
        place.mkdir()
        (place / "report.json").write_text(json.dumps(_told(content, night), indent=2), encoding="utf-8")


def _told(content: dict[str, Any], night: int) -> dict[str, Any]:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=night)
    header = {"run": f"run-{night}", "embedded": "", "target": f"https://chat-{night % TARGETS}.example.com"}
    rows = content["requirements"]
    if night // TARGETS % 7:
        rows = [row if row["outcome"] != "fail" else {**row, "outcome": "pass", "findings": []} for row in rows]
    started = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {**content, "header": {**content["header"], **header, "started": started}, "requirements": rows}


def timed(*arguments: str) -> tuple[float, float, float]:
    """Seconds of wall and CPU, and the most megabytes, of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, "-c", MEASURED, *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, int(done.stderr.split()[-1]) / 1024


def measure(number: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_runs(folder, number)
        rows = []
        for what, command in (
            ("first reading", "history"),
            ("later reading", "history"),
            ("prune, dry", "prune"),
        ):
            wall, cpu, memory = timed(command, name)
            told = {"wall s": round(wall, 2), "CPU s": round(cpu, 2), "peak MB": round(memory)}
            rows.append({"runs": number, "what": what, **told})
        rows[0]["page MB"] = round((folder / "history.html").stat().st_size / 1e6, 2)
        return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000])
    options = parser.parse_args()
    rows = [row for size in options.sizes for row in measure(size)]
    later = rows[-2]
    store(
        "history",
        rows,
        [Figure(f"history of {later['runs']:,} runs, read before", later["CPU s"], 2.0, "CPU s", at_most=True)],
    )


if __name__ == "__main__":
    main()
