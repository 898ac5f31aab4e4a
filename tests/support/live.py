"""Whole runs against servers on real sockets: the suite in a process of its own, its server in a thread of this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.reference.app import App
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.editions import parts_of
from rocketchat_contract.reference.server import LOOPBACK, serving
from rocketchat_contract.reference.settings import Settings
from support.again import unlike
from support.canaries import CANARY, files_below, leaks
from support.meeting import MeetingApp
from support.warm import warm

PATIENCE = 120
"""Seconds; so long only on a machine with much else to do."""


@dataclass
class Made:
    """What came to exist on a server, also when it is gone again."""

    rooms: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def watch(self, app: App) -> None:
        """Count from now on."""
        add, save = app.store.add_room, app.store.save_visitor

        def add_room(room: dict[str, Any], *, enforced: bool, orphaned: bool = False) -> None:
            add(room, enforced=enforced, orphaned=orphaned)
            self.rooms.append(room["_id"])

        def save_visitor(visitor: dict[str, Any]) -> None:
            save(visitor)
            self.tokens.add(visitor["token"])

        app.store.add_room, app.store.save_visitor = add_room, save_visitor  # type: ignore[method-assign]


@dataclass(frozen=True)
class Rocket:
    """A reference server under way, and what is really on it."""

    url: str
    app: App
    made: Made = field(default_factory=Made)

    @property
    def rooms_made(self) -> int:
        """How many rooms there ever were on it."""
        return len(self.made.rooms)

    @property
    def visitors_made(self) -> int:
        """How many visitors there ever were on it."""
        return len(self.made.tokens)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].partition("/")[0])

    @property
    def open_rooms(self) -> list[str]:
        """Ids of the rooms that are open on it."""
        return [room["_id"] for room in self.app.store.rooms() if room.get("open")]

    @property
    def visitors(self) -> list[str]:
        """Tokens of the visitors on it."""
        return [visitor["token"] for visitor in self.app.store.visitors() if visitor.get("token")]


@contextmanager
def rocket(
    *pairs: str, host: str = LOOPBACK, port: int = 0, behaviour: type[Behaviour] | None = None
) -> Iterator[Rocket]:
    """A server set up by ``NAME=VALUE`` pairs, perhaps with a behaviour laid over that of its edition."""
    parts, made = parts_of(Settings().with_pairs(pairs)), Made()
    app = MeetingApp(parts.behaving(behaviour) if behaviour else parts)
    made.watch(app)
    with serving(app, host, port) as url:
        yield Rocket(url, app, made)


@dataclass
class Ended:
    """A command that ended: what it said, and what it left in its folder."""

    code: int
    out: str
    err: str
    home: Path
    seconds: float = 0.0

    @property
    def said(self) -> str:
        """What it said on standard error, in one line."""
        return " ".join(self.err.split())

    @property
    def run(self) -> Path:
        """The folder of the one run."""
        (folder,) = [path for path in (self.home / "reports").iterdir() if path.is_dir() and not path.is_symlink()]
        return folder

    @property
    def runs(self) -> list[Path]:
        """The folders of all runs, none when nothing was written."""
        reports = self.home / "reports"
        return [path for path in reports.iterdir() if not path.is_symlink()] if reports.is_dir() else []

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The record."""
        return [json.loads(line) for line in (self.run / "record.jsonl").read_text().splitlines()]

    @property
    def footer(self) -> dict[str, Any]:
        """The record's last line, which makes it whole."""
        last = self.lines[-1]
        assert last["type"] == "footer", "the record is truncated"
        return last

    @property
    def ledger(self) -> Ledger:
        """What the run says of its ledger."""
        return Ledger.from_json(self.footer["ledger"])

    @property
    def report(self) -> dict[str, Any]:
        """The report for machines."""
        content: dict[str, Any] = json.loads((self.run / "report.json").read_text())
        return content

    @property
    def verdict(self) -> str:
        """The word of the verdict."""
        return str(self.report["verdict"]["word"])

    @property
    def broken(self) -> set[str]:
        """Musts and shoulds that the report calls broken."""
        return {row["id"] for row in self.report["requirements"] if row["outcome"] in ("fail", "warn")}

    @property
    def facts(self) -> dict[str, str]:
        """Facts by name."""
        return {name: value for name, value, _ in self.footer["facts"]}

    @property
    def statuses(self) -> list[int | None]:
        """What came back, exchange by exchange."""
        return [line.get("response", {}).get("status") for line in self.lines if line["type"] == "exchange"]

    def targets(self, driver: str) -> list[str]:
        """What a driver asked for."""
        return [line["request"]["target"] for line in self.lines if line.get("driver") == driver]

    @property
    def has_book(self) -> bool:
        """Whether the ledger on disk is still there."""
        return (self.run / "ledger.jsonl").exists()


@dataclass
class Command:
    """Starts commands in a home of their own; every one that ends is searched for secrets.

    A ``cold`` one is a child of this process and imports all that it needs itself.
    """

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = (CANARY,)
    prefix: tuple[str, ...] = ()
    cold: bool = False

    def __call__(self, *arguments: str, during: Callable[[subprocess.Popen[str]], None] | None = None) -> Ended:
        """Run ``rocketchat-contract`` with these arguments until its end; ``during`` may disturb it meanwhile."""
        began = time.monotonic()
        if self.cold or self.prefix or during is not None:
            code, out, err = self.alone(*arguments, during=during)
        else:
            done = warm(arguments, self.home, self.variables(), PATIENCE)
            code, out, err = done.returncode, done.stdout, done.stderr
        ended = Ended(code, out, err, self.home, time.monotonic() - began)
        self.search(ended)
        assert unlike(self.home / "reports", arguments) == []
        return ended

    def alone(
        self, *arguments: str, during: Callable[[subprocess.Popen[str]], None] | None = None
    ) -> tuple[int, str, str]:
        """Run it as a child of this process; answers its exit code and what it said."""
        process = self.start(*arguments)
        if during is not None:
            threading.Thread(target=during, args=(process,), daemon=True).start()
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return process.returncode, out, err

    def words(self, *arguments: str) -> list[str]:
        """The command line."""
        return [*self.prefix, sys.executable, "-m", "rocketchat_contract", *arguments]

    def variables(self) -> dict[str, str]:
        """Its environment."""
        return {**plain_environment(), **self.environment}

    def start(self, *arguments: str, stdin: int = subprocess.DEVNULL, alone: bool = False) -> subprocess.Popen[str]:
        """Start it and go on; ``alone`` in a process group of its own, as a shell does."""
        return subprocess.Popen(
            self.words(*arguments),
            cwd=self.home,
            env=self.variables(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=alone,
        )

    def run(self, url: str, *arguments: str, **more: Any) -> Ended:
        """Run the suite on a live server; the profile is ``gate`` unless told."""
        return self("run", url, "--yes", "--seed", "1", "--timeout", "5", *arguments, **more)

    def search(self, ended: Ended) -> None:
        """Fail when a secret, or a visitor's real token, shows anywhere but where it is meant to be."""
        shown = {"output": (ended.out + ended.err).encode(), **files_below(self.home)}
        assert leaks(shown, self.secrets) == []


def plain_environment() -> dict[str, str]:
    """The environment without anything that would configure or colour the suite."""
    unwanted = ("ROCKETCHAT_CONTRACT_", "GITHUB_", "PYTEST_", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "COLUMNS": "80", "NO_COLOR": "1"}


def interrupt(process: subprocess.Popen[str], number: int = signal.SIGINT) -> None:
    """Send a signal, unless the process is gone."""
    if process.poll() is None:
        process.send_signal(number)
