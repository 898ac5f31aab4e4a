"""Fleets of 50, 100 and 200 embedded deployments on Dask with two workers: wall, memory, right verdicts.

    python benchmarks/fleet.py [--sizes 50 100 200] [--killed 50]

Conformant, older and wrong servers take turns; what each must show is known from the catalogue of requirements. One
more fleet loses a worker, with everything that it had started, in the middle; its servers are not embedded but stand
by themselves, each on a loopback address of its own, so that what is left on them can be counted.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from figures import Figure, Row, store

from rocketchat_contract.contract.requirements import load_requirements
from rocketchat_contract.contract.vendored import spec_folder

WRONG = (
    "leaves_ts_out",
    "forgets_the_room",
    "calls_the_body_text",
    "returns_the_closed_room",
    "calls_a_created_room_old",
    "opens_a_room_without_token",
    "writes_nan_for_a_missing_number",
    "calls_a_returned_room_new",
    "says_open_false",
    "registers_unknown_tokens",
)
RACES = {
    "overlapping-calls-open-one-room",
    "overlapping-calls-report-one-creation",
    "calls-beside-a-close-agree",
    "calls-beside-a-neighbour-agree",
}
"""What the line of 7.10 breaks, whenever its calls really overlap."""
PROMISE = {each.wrong: each.id for each in load_requirements(spec_folder() / "requirements.toml")}
DASK = [sys.executable, "-m", "dask"]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
MEGABYTE = 1_000_000


def settings(number: int) -> str:
    """Half of the deployments are wrong; of the others one in four is of an older line."""
    if number % 2:
        return f"wrong={WRONG[number // 2 % len(WRONG)]}"
    return {0: "edition=7.10", 4: "edition=3.7"}.get(number % 16, "edition=newest")


def is_right(server: str, deployment: Row) -> bool:
    """Whether a deployment's verdict is the one that its server deserves."""
    kind, _, name = server.partition("=")
    found = [(each, cell) for each, cell in deployment["cells"].items() if not cell["is_published_only"]]
    broken = {each for each, cell in found if cell["outcome"] in ("fail", "warn")}
    if not deployment["cells"] or deployment["word"] == "error":
        return False
    if kind == "wrong" or name == "3.7":
        promise = PROMISE[name] if kind == "wrong" else "an-open-room-is-returned"
        return deployment["word"] == "violated" and promise in broken
    return broken <= RACES if name == "7.10" else deployment["word"] == "conformant" and not broken


@dataclass
class Peaks:
    """The most resident memory, in megabytes, of each part and of all together."""

    roles: dict[str, psutil.Process]
    most: Counter[str] = field(default_factory=Counter)

    def look(self) -> None:
        now: Counter[str] = Counter()
        for role, process in self.roles.items():
            with suppress(psutil.NoSuchProcess):
                own, runs = _own_and_runs(process)
                now[role.rstrip("0123456789")] += own
                now["runs and servers"] += runs
        now["all"] = sum(now.values())
        self.most |= now

    @contextmanager
    def watching(self) -> Iterator[None]:
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.5):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _own_and_runs(process: psutil.Process) -> tuple[int, int]:
    """Memory of a part itself, with Dask's helpers, and of the runs and servers below it."""
    own = runs = 0
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            size, ours = each.memory_info().rss, "rocketchat_contract" in " ".join(each.cmdline())
            if ours and each != process:
                runs += size
            else:
                own += size
    return own, runs


def spent(parts: list[psutil.Process]) -> float:
    """CPU seconds of the living parts, of what they have started, and of what has ended below them."""
    whole = 0.0
    for part in parts:
        with suppress(psutil.NoSuchProcess):
            whole += sum(sum(each.cpu_times()[:4]) for each in [part, *part.children(recursive=True)])
    return whole


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A scheduler and two workers of one thread each."""
    file = folder / "scheduler.json"
    listening = ["scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={file}"]
    worker = ["worker", f"--scheduler-file={file}", "--nthreads=1", "--no-dashboard", "--memory-limit=0"]
    started = [psutil.Popen([*DASK, *listening], **QUIET)]
    try:
        while not file.exists():
            time.sleep(0.1)
        for n in range(2):
            started.append(psutil.Popen([*DASK, *worker, f"--local-directory={folder / str(n)}"], **QUIET))
        yield json.loads(file.read_text())["address"], started
    finally:
        for process in reversed(started):
            with suppress(psutil.NoSuchProcess):
                process.terminate()
            process.wait(30)


@contextmanager
def standing(folder: Path, servers: dict[str, str]) -> Iterator[dict[str, str]]:
    """Servers that stand by themselves, each on an address and with a store of its own; gives their URLs."""
    from rocketchat_contract.reference.editions import make_app
    from rocketchat_contract.reference.server import serving
    from rocketchat_contract.reference.settings import Settings

    with ExitStack() as stack:
        urls = {}
        for number, (name, setting) in enumerate(servers.items()):
            app = make_app(Settings(store=str(folder / f"{name}.sqlite")).with_pairs([setting]))
            urls[name] = stack.enter_context(serving(app, f"127.0.{2 + number // 250}.{1 + number % 250}"))
        yield urls


OURS = "token like 'rcc%' or doc like '%contract suite%'"
"""Visitors with a token or a name that a run gave them."""


def left(folder: Path) -> Row:
    """Open rooms and visitors of the runs on the servers that stand by themselves, and visitors of the servers' own.

    Two of the wrong servers register somebody for a call without token, or for whatever token it has: whether such a
    visitor was there before no run can know, so it stays, and the run's report says so. They are counted apart.
    """
    ours = own = 0
    for path in folder.glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as store:
            ours += store.execute("select count(*) from rooms where open").fetchone()[0]
            ours += store.execute(f"select count(*) from visitors where {OURS}").fetchone()[0]
            own += store.execute(f"select count(*) from visitors where not ({OURS})").fetchone()[0]
    return {"left on targets": ours, "of the servers' own making": own}


def measure(size: int, *, killed: bool = False) -> Row:
    servers = {f"d{number:03}": settings(number) for number in range(size)}
    with tempfile.TemporaryDirectory() as name, cluster(Path(name)) as (address, parts), ExitStack() as stack:
        folder = Path(name)
        urls = stack.enter_context(standing(folder, servers)) if killed else {}
        places = {each: f'url = "{urls[each]}"' if killed else f'server = ["{servers[each]}"]' for each in servers}
        tables = [f'[[deployment]]\nname = "{each}"\n{place}\n' for each, place in places.items()]
        (folder / "fleet.toml").write_text('[defaults]\nprofile = "gate"\nseed = 1\n\n' + "\n".join(tables))
        command = [sys.executable, "-m", "rocketchat_contract", "fleet", "run", str(folder / "fleet.toml"), "--yes"]
        start, before = time.monotonic(), os.times()
        run = psutil.Popen([*command, f"--scheduler={address}", f"--report-dir={folder / 'reports'}"], **QUIET)
        peaks = Peaks(dict(zip(("scheduler", "worker1", "worker2", "coordinator"), [*parts, run], strict=True)))
        with peaks.watching():
            if killed:
                _kill_in_the_middle(folder, parts[1], size)
            code = run.wait()
        wall, after = time.monotonic() - start, os.times()
        cpu = spent(parts) + after.children_user + after.children_system - before.children_user - before.children_system
        ended = {"exit code": code, "wall s": round(wall, 1), "s per deployment": round(wall / size, 2)}
        # what was killed cannot be asked for its time, and what was embedded is gone with all that it held
        ended |= left(folder) if killed else {"CPU s per deployment": round(cpu / size, 2)}
        return {
            "deployments": size,
            "a worker killed": "yes" if killed else "no",
            **ended,
            **told(folder, servers, peaks),
        }


def _kill_in_the_middle(folder: Path, worker: psutil.Process, size: int) -> None:
    """Kill a worker, Dask's helpers, and the runs below it, when half of the fleet has ended."""
    while len(list(folder.glob("reports/*/deployments/*/attempt-1/ended.json"))) < size // 2:
        time.sleep(0.1)
    for process in [worker, *worker.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def told(folder: Path, servers: dict[str, str], peaks: Peaks) -> Row:
    (fleet,) = folder.glob("reports/fleet-*")
    content = json.loads((fleet / "fleet.json").read_text())
    right = [each["name"] for each in content["deployments"] if is_right(servers[each["name"]], each)]
    print("not as expected:", sorted(set(servers) - set(right)) or "none", file=sys.stderr)
    sizes = {path: path.stat().st_size for path in fleet.rglob("*") if path.is_file() and not path.is_symlink()}
    return {
        "right verdicts": len(right),
        "judged twice": sum(each["attempts"] > 1 for each in content["deployments"]),
        **{f"{role} MB": round(size / MEGABYTE) for role, size in sorted(peaks.most.items())},
        "fleet.html MB": round(sizes[fleet / "fleet.html"] / MEGABYTE, 2),
        "folder MB": round(sum(sizes.values()) / MEGABYTE, 1),
    }


def remains(row: Row) -> list[Figure]:
    """What a fleet that lost a worker left, of the runs and of the servers' own making."""
    ours, own = row["left on targets"], row["of the servers' own making"]
    after = "after a worker was killed"
    return [
        Figure(f"left by the runs on the targets {after}", ours, 0, "rooms or visitors", at_most=True),
        Figure(f"visitors beside these whom the wrong servers made of themselves, {after}", own, None, "visitors"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--killed", type=int, default=50, help="size of the fleet that loses a worker; 0 for none")
    options = parser.parse_args()
    rows = [measure(size) for size in options.sizes]
    rows += [measure(options.killed, killed=True)] if options.killed else []
    whole = sum(row["deployments"] for row in rows)
    right = sum(row["right verdicts"] for row in rows)
    largest = rows[len(options.sizes) - 1]
    figures = [
        Figure("right verdicts", right / whole, 1.0, "of all", note="two workers of one thread each"),
        Figure("CPU time per deployment", largest["CPU s per deployment"], 2.0, "s", at_most=True),
    ]
    if len(options.sizes) > 1:
        growth = largest["s per deployment"] / rows[0]["s per deployment"]
        what = "seconds per deployment, largest to smallest fleet"
        figures.append(Figure(what, growth, 1.2, "times", at_most=True))
    if options.killed:
        figures += remains(rows[-1])
    store("fleet", rows, figures)


if __name__ == "__main__":
    main()
