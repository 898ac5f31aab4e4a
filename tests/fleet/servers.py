"""Real reference servers on loopback addresses of their own, and what is left on them."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.server import serving
from rocketchat_contract.reference.settings import Settings


@dataclass(frozen=True)
class Watched:
    """A server whose rooms and visitors can be counted."""

    url: str
    store: Path

    def left(self) -> tuple[int, int]:
        """Open rooms and visitors that are still there."""
        with closing(sqlite3.connect(self.store)) as store:
            rooms = store.execute("select count(*) from rooms where open").fetchone()[0]
            visitors = store.execute("select count(*) from visitors").fetchone()[0]
        return rooms, visitors


@contextmanager
def watched(folder: Path, host: str, **settings: object) -> Iterator[Watched]:
    """Serve on an address of the loopback network."""
    store = folder / f"{host}.sqlite"
    app = make_app(Settings(store=str(store), **settings))  # type: ignore[arg-type]
    with serving(app, host) as url:
        yield Watched(url, store)


def runs_in(place: Path) -> list[int]:
    """Processes whose command line names a folder: the run of an attempt, and the clean-up of it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str(place).encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


@contextmanager
def listening_to_processes() -> Iterator[set[bytes]]:
    """Collects every command line on this machine, as any of its users can."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(process.read_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def eventually(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until something holds; fails when it does not in time, which is long on a machine with much else to do."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{holds.__qualname__} did not hold within {seconds:g} s"
        time.sleep(0.05)
