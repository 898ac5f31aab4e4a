"""Start-up: CPU and imports of the commands that need no target, a whole default run, and the size of the wheel.

    python benchmarks/startup.py [--rounds 5]

A command that ends with another exit code than it should is no measurement, and ends the benchmark.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from figures import Figure, Row, medians, store

COMMAND = Path(sys.executable).parent / "rocketchat-contract"
ROOT = Path(__file__).resolve().parents[1]
PAGE = str(ROOT / "spec" / "livechat-room.md")
HEAVY = ("schemathesis", "hypothesis", "pytest")
FOUND, INCOMPLETE = 1, 3
"""How ``spec audit`` ends for a page with errors, and ``judge`` for a run of ``smoke``, which leaves musts unjudged."""


def spent(arguments: list[str], folder: Path | None = None, code: int = 0) -> Row:
    """Wall and CPU seconds of a command in a process of its own that ends with an exit code."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([str(COMMAND), *arguments], check=False, capture_output=True, cwd=folder, text=True)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == code, f"{arguments} ended with {done.returncode}: {done.stderr}"
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall s": wall, "CPU s": cpu}


def heavy(arguments: list[str], code: int) -> list[str]:
    """Which of the heavy libraries a command imports that ends with an exit code."""
    program = (
        f"import sys\nfrom rocketchat_contract.cli.commands import cli\n"
        f"try:\n    cli({arguments!r})\nexcept SystemExit as end:\n    assert (end.code or 0) == {code}, end.code\n"
        f"    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    names: list[str] = json.loads(done.stderr.splitlines()[-1].replace("'", '"'))
    return names


def told(imports: list[str] | None) -> str:
    """The imports of a command as the table has them; a run imports all."""
    return "all" if imports is None else ", ".join(imports) or "none"


def default_run(folder: Path) -> Row:
    """The embedded run in an empty folder: until its first request leaves, and as a whole."""
    folder.mkdir()
    began = time.time()
    row = spent(["run"], folder)
    record = next(folder.glob("reports/2*/record.jsonl"))
    with record.open("rb") as lines:
        header, first = json.loads(next(lines)), json.loads(next(lines))
    opened = datetime.fromisoformat(header["started"]).timestamp()
    beside = sum(path.name not in ("reports", ".hypothesis") for path in folder.iterdir())
    return {**row, "first request s": opened - began + first["started"] / 1e9, "written beside": beside}


def small_record(folder: Path) -> Path:
    """The record of a run of the smallest profile."""
    subprocess.run(
        [str(COMMAND), "run", "--profile", "smoke", "--report-dir", str(folder)], check=False, capture_output=True
    )
    return next(folder.glob("2*/record.jsonl"))


def wheel_size() -> int:
    """The bytes of a wheel that is built here."""
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, str(ROOT)]
        subprocess.run(build, check=True, capture_output=True)
        return next(Path(folder).glob("*.whl")).stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        record = small_record(Path(name))
        commands: dict[str, tuple[list[str], int]] = {
            "--help": (["--help"], 0),
            "judge, small record": (["judge", str(record)], INCOMPLETE),
            "spec audit of the vendored page": (["spec", "audit", PAGE], FOUND),
        }
        runs: dict[str, list[Row]] = {what: [] for what in (*commands, "run, embedded, all defaults")}
        for number in range(rounds):
            for what, (arguments, code) in commands.items():
                runs[what].append(spent(arguments, code=code))
            runs["run, embedded, all defaults"].append(default_run(Path(name) / f"round-{number}"))
        imports = {what: heavy(arguments, code) for what, (arguments, code) in commands.items()}
    rows = [{"command": what, **medians(each), "imports": told(imports.get(what))} for what, each in runs.items()]
    of = {row["command"]: row for row in rows}
    whole = of["run, embedded, all defaults"]
    figures = [
        Figure("--help", of["--help"]["CPU s"], 0.15, "CPU s", at_most=True),
        Figure("judge of a small record", of["judge, small record"]["CPU s"], 0.4, "CPU s", at_most=True),
        Figure("heavy libraries imported by the three", sum(map(len, imports.values())), 0, "libraries", at_most=True),
        Figure("first request after the command", whole["first request s"], 1.5, "s", at_most=True),
        Figure("whole default run", whole["wall s"], 6, "s", at_most=True),
        Figure(
            "files and folders written beside its reports and Hypothesis' cache",
            whole["written beside"],
            0,
            "of them",
            at_most=True,
        ),
        Figure("the wheel", wheel_size() / 1e6, 1, "MB", at_most=True),
    ]
    store("startup", rows, figures)


if __name__ == "__main__":
    main()
