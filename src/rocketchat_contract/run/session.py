"""One run: a target, a record, a judge, and what is told at the end.

``Run`` is used by both faces: the command line and pytest start it, let the drivers make traffic, and finish it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from rocketchat_contract.client import facts
from rocketchat_contract.client.address import Address, parse_address
from rocketchat_contract.client.agent_view import AgentView
from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.claims import Book
from rocketchat_contract.client.cleanup import CleanUp
from rocketchat_contract.client.client import Client
from rocketchat_contract.client.connection import client_of, connection_options, open_journal
from rocketchat_contract.client.facts import Facts
from rocketchat_contract.client.interruption import Interruption
from rocketchat_contract.client.ownership import Ownership
from rocketchat_contract.client.recorder import Recorder
from rocketchat_contract.client.resource_tracker import ResourceTracker
from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.client.waiter import Waiter
from rocketchat_contract.config import RunConfig
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.observation import observation_of
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.generated import NOTHING_GENERATED, Generated
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.journal import RECORD, Journal
from rocketchat_contract.record.ledger import CUT_SHORT, LEDGER, Ledger
from rocketchat_contract.record.redactor import Alias, Mask, token_mark
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.judged_by import JudgedBy, load_judged_by, provenance
from rocketchat_contract.results.result import run_result_of, with_evidence
from rocketchat_contract.run.effective_profile import effective_profile, refuse_undrivable, selection_of

if TYPE_CHECKING:
    from rocketchat_contract.reference.process import BegunServer, EmbeddedServer
    from rocketchat_contract.reference.settings import Settings

Launch = Callable[["Settings"], "BegunServer"]
"""Begins to start the embedded server."""

KNOWN_VISITOR = Alias("$RC_VISITOR_TOKEN")
"""The name of the token of a visitor who exists and is not this run's own."""

ASK_AGAIN = ("look", "core", "volley")
"""Drivers of which each call has something to show that no other may show; generated traffic goes on to the next."""

GENERATING = {"queries": ("ok", "created", "returned"), "operation": ("ok",)}
"""Drivers whose traffic is generated, and what it has to reach: else the run proves nothing."""

NEEDED_LATER = ("hypothesis.stateful", "rocketchat_contract.report.files")
"""Modules that a run which simulates visitors imports in any case, sooner or later."""


@dataclass
class Run:
    """A run under way; ``start`` gives one, ``finish`` ends it."""

    config: RunConfig
    promises: JudgedBy
    address: Address
    id: str
    folder: Path
    client: Client
    tracker: ResourceTracker
    journal: Journal
    judge: Judge
    header: RecordHeader
    server: EmbeddedServer | None
    book: Book | None
    interruption: Interruption
    facts: Facts
    started: float
    obstacles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)
    generated: Generated = NOTHING_GENERATED
    is_known: bool = False

    def actor(self, driver: str) -> Actor:
        """Who acts on the target for a driver."""
        can_race = self.config.race_deletions or self.server is not None
        return Actor(self.client, self.id[-8:], driver, driver in ASK_AGAIN, can_race)

    def probe(self) -> None:
        """Look at the target's facts, and know it from then on; raises ``TargetError`` when it is no Rocket.Chat."""
        facts.probe(self.client, self.address, self.facts)
        if self.config.insecure and self.address.is_secure:
            self.facts.add("server certificate", "not checked (--insecure)")
        if self.config.credentials is not None:
            AgentView(self.client, self.config.credentials, self.id).introduce(self.facts)
            if not self.promises.operation_profile.is_stateful and not self.client.is_authorized:
                self.client.authorize(self.config.credentials.headers)
        self.is_known = True

    @property
    def forbids_rooms(self) -> bool:
        """Whether the server's settings are known to allow no room at all; some forbid one now and then."""
        return bool(self.facts.obstacles or (self.judge.obstacles and not self.judge.is_overcome))

    def stop_at_broken(self) -> None:
        """Take note that nothing more is sent because a must is broken; what budgets there were is no reason then."""
        self.spent.clear()
        self.notes.append("The run stopped at the first required check that failed (--fail-fast).")

    def take_findings(self) -> list[Finding]:
        """New findings since the last time."""
        return self.client.recorder.take_findings()

    def finish(self) -> RunResult:
        """Clean up on the target, close the record, and judge the whole."""
        self._tell_narrow_bursts()
        ledger = self._clean_up()
        self.interruption.hold()
        seconds = time.monotonic() - self.started
        self._let_go()
        self.judge.settle()
        facts.tell_limiter(self.client, self.facts)
        facing = self.facts.obstacles if self.promises.operation_profile.is_stateful else []
        if not (facing or self.judge.obstacles or self.obstacles or self.interruption.reason):
            self.notes += [*self._left_out, *self.spent]
        self.obstacles = [*facing, *self.obstacles, *unreached(self.judge, self.header.drivers)]
        if self.interruption.reason:
            self.obstacles.append(self.interruption.reason)
        if self.client.recorder.problem:
            self.errors.append(self.client.recorder.problem)
        self.errors += self.client.recorder.errors
        mask = self.client.mask
        footer = RecordFooter(
            seconds=round(seconds, 3),
            strict=self.config.strict,
            obstacles=tuple(mask.text(text) for text in dict.fromkeys(self.obstacles)),
            errors=tuple(mask.text(text) for text in dict.fromkeys(self.errors)),
            notes=tuple(mask.text(text) for text in dict.fromkeys(self.notes)),
            spent=tuple(mask.text(text) for text in dict.fromkeys(self.spent)),
            blocked=self.facts.blocked,
            ledger=ledger,
            generated=self.generated,
            facts=tuple(self.facts.known.values()),
            ended=moment_now(),
        )
        problem = self._close_record(footer)
        result = run_result_of(self.header, footer, self.judge, self.promises)
        if problem:
            errors = tuple(dict.fromkeys((*result.verdict.errors, problem)))
            return replace(result, verdict=replace(result.verdict, errors=errors))
        return with_evidence(result, self.journal.path)

    @property
    def _left_out(self) -> list[str]:
        """What the profile keeps from being judged, whatever its budget."""
        profile = self.config.profile
        is_readonly = profile.room_calls > 0 and not profile.visitors
        return [f"The profile {profile.name} opens no room."] if is_readonly else []

    def abandon(self) -> None:
        """End a run that never got to its traffic, and leave nothing of it."""
        if self.tracker.leaves_something:
            self._clean_up()
        self._let_go()
        with suppress(OSError):
            self.journal.close(RecordFooter())
        self.journal.path.unlink(missing_ok=True)
        for folder in (self.folder, self.config.report_dir):
            with suppress(OSError):  # not empty, so not ours to remove
                folder.rmdir()

    def _clean_up(self) -> Ledger:
        """Whatever goes wrong here, the record gets its footer; what is left stays in the book."""
        self.interruption.forgive()
        self.client.waiter.lift()
        work = CleanUp(self.client, self.tracker)
        try:
            work.run()
            if work.fact is not None:
                self.facts.put(work.fact)
            self._tell_strangers()
            if not self.tracker.resources.contradictory:
                self.facts.tell_repeats()
            if self.config.credentials is not None and self.is_known:
                AgentView(self.client, self.config.credentials, self.id).confirm(self.facts, self.tracker)
        except (KeyboardInterrupt, RunStoppedError) as stopped:
            self.notes.append(f"{CUT_SHORT}{f': {stopped}' if str(stopped) else ''}.")
        except Exception as error:
            self.errors.append(f"Cleaning up failed: {type(error).__name__}: {error}")
        return self.tracker.ledger()

    def _tell_narrow_bursts(self) -> None:
        """Fewer calls at once are less evidence."""
        if self.client.narrowed is not None:
            fit, wanted = self.client.narrowed
            self.facts.add(facts.TOGETHER, f"{fit} at once, not {wanted}: the limiter allows no more")

    def _tell_strangers(self) -> None:
        """A right server makes no room for whom nobody registered, so this tells what may not be cleaned up."""
        numbers = [number for token, number in self.tracker.owners.strangers.items() if token != self.config.token]
        if numbers:
            text = f"{len(numbers)}, who stay; a room was closed when it was surely made by this run"
            self.facts.add("rooms for unregistered visitors", text, numbers[0])

    def _let_go(self) -> None:
        self.client.close()
        if self.server is not None:
            self.server.stop()
        if self.book is not None:
            is_needed = self.tracker.leaves_something
            self.book.close(keep=is_needed)
            self.book = self.book if is_needed else None

    def _close_record(self, footer: RecordFooter) -> str:
        """What keeps the record from being whole; one that could not be kept gets no footer, so nobody judges it."""
        recorder = self.client.recorder
        try:
            if not recorder.problem:
                self.journal.close(footer)
        except OSError as error:
            recorder.problem = f"The record {self.journal.path} cannot be kept: {error.strerror}."
        return recorder.problem


def unreached(judge: Judge, drivers: Sequence[str]) -> Iterator[str]:
    """Sentences about generated traffic that never reached a room, a creation and a repeat."""
    by_driver = judge.traffic().by_driver
    for driver in drivers:
        counts = by_driver.get(driver)
        missing = [name for name in GENERATING.get(driver, ()) if counts is not None and not counts.get(name)]
        if missing:
            yield f"The generated calls of driver {driver} never reached: {', '.join(missing)}."


@dataclass(frozen=True)
class Watcher:
    """Who follows a run: hears of every operation, and every second of each wait of the seconds left."""

    seen: Callable[[Operation], None] = lambda _: None
    waiting: Callable[[float], None] = lambda _: None


def start(
    config: RunConfig,
    watcher: Watcher = Watcher(),
    interruption: Interruption | None = None,
    launch: Launch | None = None,
) -> Run:
    """Open the target and the record; with an embedded target, start its server, in an interpreter of its own unless
    ``launch`` does it otherwise."""
    config = effective_profile(config)
    with ExitStack() as undoing:
        ready = None if config.url else _embedded(config, undoing, launch)
        promises = load_judged_by(config.overlay, config.contract)  # read while the server starts
        refuse_undrivable(promises.contract, config)
        selection_of(config).check(promises.requirements, config.require)
        if ready and "life" in config.profile.drivers:
            import_later_needs()
        server = ready() if ready else None
        run = _opened(config, promises, server, watcher, interruption or Interruption())
        undoing.pop_all()
        return run


def import_later_needs() -> None:
    """Import what a run needs after its server answers: until then it would only wait."""
    for name in NEEDED_LATER:
        import_module(name)


def _embedded(config: RunConfig, undoing: ExitStack, launch: Launch | None) -> Callable[[], EmbeddedServer]:
    """Begin to start the embedded server; what is answered waits for it."""
    from rocketchat_contract.reference.process import launch as launch_interpreter  # noqa: PLC0415 - embedded runs only
    from rocketchat_contract.reference.settings import Settings  # noqa: PLC0415

    settings = Settings().with_pairs(config.server)
    if config.server:
        from rocketchat_contract.reference.editions import parts_of  # noqa: PLC0415 - as long to import as a server starts

        parts_of(settings)  # a wrong name is told here, not by the server's process
    starting = (launch or launch_interpreter)(settings)
    undoing.callback(starting.stop)
    return starting.ready


def _opened(
    config: RunConfig,
    promises: JudgedBy,
    server: EmbeddedServer | None,
    watcher: Watcher,
    interruption: Interruption,
) -> Run:
    address = parse_address(server.url if server else config.url or "")
    run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    folder = config.report_dir / run_id
    header = _header(config, promises, address, folder)
    waiter = Waiter(interruption, watcher.waiting, config.run_timeout)
    options = connection_options(config, address, waiter)
    journal = open_journal(folder / RECORD, header)
    book = None
    if server is None:
        book = Book(folder / LEDGER, fresh=True)
        book.begin(run_id, address.url)
    mask = Mask(token_mark(run_id))
    judge, seen = promises.judge(observation_of(header)), Facts()
    tracker = ResourceTracker(mask, book, Ownership(mask.mark))
    if config.token is not None:
        mask.add_token(config.token, KNOWN_VISITOR)
        tracker.owners.foreign.add(config.token)

    def note(op: Operation) -> None:
        seen.learn(op)
        watcher.seen(op)

    recorder = Recorder(journal, judge, options.clock, note)
    client = client_of(config, options, recorder, mask, tracker, waiter)
    client.budget.forbids_closing = lambda: seen.forbids_closing
    client.budget.forbids_deleting = lambda: seen.forbids_deleting
    parts = (config, promises, address, run_id, folder, client, tracker, journal, judge, header, server, book)
    return Run(*parts, interruption, seen, time.monotonic())


def _header(config: RunConfig, promises: JudgedBy, address: Address, folder: Path) -> RecordHeader:
    return RecordHeader(
        run=folder.name,
        folder="" if config.url is None else str(folder),
        target=address.url,
        embedded=" ".join(config.server) or "newest" if config.url is None else "",
        profile=config.profile.name,
        drivers=tuple(config.profile.drivers),
        width=config.profile.width,
        seed=config.seed,
        repeat=config.repeat,
        asked=selection_of(config),
        started=moment_now(),
        **provenance(promises),
    )


def moment_now() -> str:
    """This moment as a record says it: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
