"""One run: a target, a record, a judge, and what is told at the end.

``Run`` is used by both faces: the command line and pytest start it, let the drivers make traffic, and finish it.
"""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rocketchat_contract import __version__
from rocketchat_contract.config import RunConfig
from rocketchat_contract.contract.requirements import Requirements, load_requirements
from rocketchat_contract.contract.vendored import Contract, load_contract, spec_folder
from rocketchat_contract.errors import SuiteError
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.operation import Operation, read
from rocketchat_contract.record.journal import Journal, Record
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.record.mask import Mask
from rocketchat_contract.report.account import Account
from rocketchat_contract.suite import suite_sha256
from rocketchat_contract.target import facts
from rocketchat_contract.target.address import Address, parse_address, tls_context
from rocketchat_contract.target.cleanup import clean_up
from rocketchat_contract.target.client import Budget, Client
from rocketchat_contract.target.keeper import Keeper
from rocketchat_contract.target.pacer import Pacer
from rocketchat_contract.target.recorder import Recorder
from rocketchat_contract.target.transport import Options, Transport
from rocketchat_contract.target.visitors import Actor

if TYPE_CHECKING:
    from rocketchat_contract.reference.server import RunningServer

GENERATING = ("queries",)
"""Drivers whose traffic is generated: when it never gets through to a room, the run proves nothing."""


@dataclass(frozen=True)
class Promises:
    """What a target is judged by."""

    contract: Contract
    requirements: Requirements

    def judge(self) -> Judge:
        """A judge who has seen nothing yet."""
        return Judge(self.requirements, self.contract.published_bodies, self.contract.full_bodies)


def load_promises(overlay: Path | None = None) -> Promises:
    """The vendored contract, with the user's own overlay on top."""
    return Promises(load_contract(overlay), load_requirements(spec_folder() / "requirements.toml"))


@dataclass
class Run:
    """A run under way; ``start`` gives one, ``finish`` ends it."""

    config: RunConfig
    promises: Promises
    address: Address
    id: str
    folder: Path
    client: Client
    keeper: Keeper
    journal: Journal
    judge: Judge
    header: dict[str, Any]
    server: RunningServer | None
    started: float
    facts: tuple[Fact, ...] = ()
    obstacles: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def actor(self, driver: str) -> Actor:
        """Who acts on the target for a driver."""
        return Actor(self.client, self.id[-8:], driver)

    def probe(self) -> None:
        """Look at the target's facts; raises ``TargetError`` when it is no Rocket.Chat."""
        self.facts, obstacles = facts.probe(self.client, self.address)
        self.obstacles += obstacles

    def take_findings(self) -> list[Finding]:
        """New findings since the last time."""
        return self.client.recorder.take_findings()

    def finish(self) -> Account:
        """Clean up on the target, close the record, and judge the whole."""
        ledger = clean_up(self.client, self.keeper)
        seconds = time.monotonic() - self.started
        self.client.transport.close()
        if self.server is not None:
            self.server.stop()
        self.judge.settle()
        self.obstacles += unreached(self.judge, self.header["drivers"])
        footer = {
            "ended": _now(),
            "seconds": round(seconds, 3),
            "strict": self.config.strict,
            "obstacles": self.obstacles,
            "errors": self.errors,
            "ledger": ledger.to_json(),
            "facts": [[fact.name, fact.value, fact.exchange] for fact in self.facts],
        }
        self.journal.close(footer)
        return with_evidence(account_of(self.header, footer, self.judge, self.promises), self.journal.path)

    def abandon(self) -> None:
        """End a run that never got to its traffic."""
        if self.server is not None:
            self.server.stop()


def unreached(judge: Judge, drivers: list[str]) -> Iterator[str]:
    """Sentences about generated traffic that never reached a room, a creation and a repeat."""
    by_driver = judge.reach().by_driver
    for driver in drivers:
        counts = by_driver.get(driver)
        missing = [name for name in ("ok", "created", "returned") if counts is not None and not counts.get(name)]
        if driver in GENERATING and missing:
            yield f"The generated calls of driver {driver} never reached: {', '.join(missing)}."


def account_of(header: dict[str, Any], footer: dict[str, Any], judge: Judge, promises: Promises) -> Account:
    """The account of a run from its record's header and footer and a judge who has seen its exchanges."""
    verdict = judge.verdict(footer["obstacles"], footer["errors"], strict=footer["strict"])
    return Account(
        header=header,
        verdict=verdict,
        reach=judge.reach(),
        ledger=Ledger.from_json(footer["ledger"]),
        facts=tuple(Fact(*fact) for fact in footer["facts"]),
        groups=promises.requirements.groups,
        seconds=footer["seconds"],
    )


def judge_record(path: Path, overlay: Path | None = None) -> Account:
    """The account of a recorded run, judged again; sends nothing."""
    promises, record = load_promises(overlay), Record(path)
    judge = promises.judge()
    for exchange in record.exchanges():
        judge.feed(read(exchange))
    return with_evidence(account_of(record.header, record.footer, judge, promises), path)


def with_evidence(account: Account, path: Path) -> Account:
    """The account with the exchanges that its findings point to, read from the record."""
    wanted = {number for finding in account.verdict.findings for number in finding.evidence}
    wanted |= {fact.exchange for fact in account.facts}
    if not wanted:
        return account
    evidence = {exchange.number: exchange for exchange in Record(path).exchanges() if exchange.number in wanted}
    return replace(account, evidence=evidence)


def start(config: RunConfig, seen: Callable[[Operation], None] = lambda _: None) -> Run:
    """Open the target and the record; with an embedded target, start its server."""
    promises = load_promises(config.overlay)
    server = None if config.url else _embedded(config)
    try:
        return _opened(config, promises, server, seen)
    except BaseException:
        if server is not None:
            server.stop()
        raise


def _embedded(config: RunConfig) -> RunningServer:
    from rocketchat_contract.reference import server  # noqa: PLC0415 - uvicorn is slow to import
    from rocketchat_contract.reference.settings import Settings  # noqa: PLC0415

    return server.start(Settings().with_pairs(config.server))


def _opened(
    config: RunConfig, promises: Promises, server: RunningServer | None, seen: Callable[[Operation], None]
) -> Run:
    address = parse_address(server.url if server else config.url or "")
    run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    folder = config.report_dir / run_id
    header = _header(config, promises, address, run_id)
    origin = time.monotonic_ns()
    options = Options(
        address,
        config.seconds,
        tls_context(config.ca, insecure=config.insecure) if address.is_secure else None,
        config.headers,
        clock=lambda: time.monotonic_ns() - origin,
    )
    journal = _journal(folder / "record.jsonl", header)
    judge, keeper = promises.judge(), Keeper()

    def note(op: Operation) -> None:
        keeper.note(op)
        seen(op)

    recorder = Recorder(journal, judge, options.clock, note)
    budget = Budget(config.profile.room_calls, config.profile.visitors)
    client = Client(Transport(options), recorder, Mask(run_id[-8:]), Pacer(), budget)
    return Run(
        config, promises, address, run_id, folder, client, keeper, journal, judge, header, server, time.monotonic()
    )


def _journal(path: Path, header: dict[str, Any]) -> Journal:
    try:
        return Journal(path, header)
    except OSError as error:
        raise SuiteError(
            f"The record {path} cannot be written: {error.strerror}.", "Choose another --report-dir."
        ) from error


def _header(config: RunConfig, promises: Promises, address: Address, run_id: str) -> dict[str, Any]:
    contract = promises.contract
    return {
        "run": run_id,
        "target": address.url,
        "embedded": " ".join(config.server) or "newest" if config.url is None else "",
        "profile": config.profile.name,
        "drivers": list(config.profile.drivers),
        "seed": config.seed,
        "started": _now(),
        "suite": {"version": __version__, "sha256": suite_sha256()},
        "contract": {
            "page_sha256": contract.page_sha256,
            "overlay_sha256": contract.overlay_sha256,
            "sha256": contract.sha256,
        },
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("schemathesis", "hypothesis", "jsonschema")},
        },
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
