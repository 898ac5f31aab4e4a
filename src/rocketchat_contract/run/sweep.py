"""Finishes the clean-up of a run that crashed, was killed, or lost its target, from the ledger it left on disk."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rocketchat_contract.client import facts
from rocketchat_contract.client.address import parse_address
from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.claims import Book, Leftover, read_book
from rocketchat_contract.client.cleanup import CleanUp
from rocketchat_contract.client.client import Client
from rocketchat_contract.client.connection import client_of, connection_options, open_journal
from rocketchat_contract.client.facts import Facts
from rocketchat_contract.client.ownership import Ownership
from rocketchat_contract.client.recorder import Recorder
from rocketchat_contract.client.resource_tracker import ResourceTracker
from rocketchat_contract.client.waiter import Waiter
from rocketchat_contract.config import RunConfig
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.journal import RECORD, Journal, Record
from rocketchat_contract.record.ledger import LEDGER, Ledger
from rocketchat_contract.record.redactor import Mask, token_mark
from rocketchat_contract.results.judged_by import load_judged_by, provenance
from rocketchat_contract.run.session import moment_now

_NUMBER = re.compile(rb"\$\{?RC_TOKEN_(\d{1,9})")
_NUMBERED = re.compile(r"\$RC_TOKEN_(\d{1,9})")


@dataclass(frozen=True)
class Swept:
    """What became of it: the ledger now, the record of the calls that this took, and why something is left.

    ``cut`` and ``unreadable`` are the numbers of the ledger's lines that were passed over.
    """

    target: str
    ledger: Ledger
    record: Path
    run: str = ""
    why: str = ""
    cut: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left, as far as the whole ledger tells."""
        return self.ledger.is_clean and not self.unreadable


def sweep_up(folder: Path, config: RunConfig) -> Swept:
    """Close and delete what the ledger in ``folder`` holds; the ledger goes when nothing is left.

    Nothing is sent for a run whose ledger is gone because nothing was left.
    """
    done = None if (folder / LEDGER).exists() else swept_before(folder)
    return done or _sweep(folder, read_book(folder / LEDGER), config)


def swept_before(folder: Path) -> Swept | None:
    """What a run left nothing of tells, by its record or by that of its last sweep; None for any other folder."""
    record = Record(folder / RECORD) if (folder / RECORD).exists() else None
    if record is None:
        return None
    with suppress(UsageError):
        sweeps = [ledger for path in sorted(folder.glob("sweep-*.jsonl")) if (ledger := _swept_ledger(path))]
        ledger = sweeps[-1] if sweeps else record.footer.ledger
        if record.header.embedded:
            ledger = replace(ledger, unclear=())  # its server is no more
        if record.header.embedded or ledger.is_clean:
            return Swept(record.header.target, ledger, record.path)
    return None


def _swept_ledger(path: Path) -> Ledger | None:
    """The ledger in the footer of a sweep's record; None when it was cut."""
    try:
        return Record(path).footer.ledger
    except UsageError:
        return None


def _sweep(folder: Path, leftover: Leftover, config: RunConfig) -> Swept:
    address = parse_address(leftover.target)
    book = Book(folder / LEDGER, fresh=False)
    moment = moment_now()
    path = folder / f"sweep-{moment.replace(':', '').replace('.', '')}.jsonl"
    tracker = _tracker(folder, leftover, book)
    promises, waiter, seen, why = load_judged_by(), Waiter(), Facts(), ""
    of = (leftover.run, address.url, ("cleanup",))
    header = RecordHeader(*of, profile="sweep", started=moment, **provenance(promises))
    options = connection_options(config, address, waiter)
    journal = open_journal(path, header)
    recorder = Recorder(journal, promises.judge(), options.clock, seen.learn)
    client = client_of(config, options, recorder, tracker.mask, tracker, waiter)
    began = time.monotonic()
    try:
        facts.probe(client, address, seen)
        tracker.resume()
        why = _tidy(client, tracker) or " ".join(seen.blocked.values())
    finally:
        book.close(keep=tracker.leaves_something or bool(leftover.unreadable))
        _close(client, journal, tracker, seen, time.monotonic() - began)
    why = why or f"What the target answered stands in {path}."
    return Swept(address.url, tracker.ledger(), path, leftover.run, why, leftover.cut, leftover.unreadable)


def _tracker(folder: Path, leftover: Leftover, book: Book) -> ResourceTracker:
    """The tracker as it was at the end; tokens keep their names, and new ones get none that another had."""
    mask, resources = Mask(token_mark(leftover.run)), leftover.resources
    for name, visitor in resources.visitors.items():
        numbered = _NUMBERED.fullmatch(name)
        if numbered and visitor.token:
            mask.restore_token(visitor.token, int(numbered.group(1)))
    mask.number_from(_highest_number(folder) + 1)
    return ResourceTracker(mask, book, Ownership(mask.mark), resources)


def _highest_number(folder: Path) -> int:
    """The highest number of a token in the records of a run and of its sweeps."""
    highest = 0
    for path in (folder / RECORD, *folder.glob("sweep-*.jsonl")):
        with suppress(OSError), path.open("rb") as lines:
            numbers = (int(number) for line in lines for number in _NUMBER.findall(line))
            highest = max(highest, *numbers, 0)
    return highest


def _tidy(client: Client, tracker: ResourceTracker) -> str:
    """Why it came to no end; empty when it did, whatever is left."""
    work = CleanUp(client, tracker)
    client.waiter.lift()
    try:
        work.run()
    except (KeyboardInterrupt, RunStoppedError) as stopped:
        return f"The sweep was cut short: {stopped}." if str(stopped) else "The sweep was interrupted."
    if work.is_in_vain:
        return "The target gave no answer."
    return "The target answers no deletion: something in front of it may drop them." if work.deletions.is_final else ""


def _close(client: Client, journal: Journal, tracker: ResourceTracker, seen: Facts, seconds: float) -> None:
    client.close()
    if not client.recorder.problem:
        journal.close(
            RecordFooter(
                seconds=round(seconds, 3),
                errors=tuple(client.recorder.errors),
                ledger=tracker.ledger(),
                facts=tuple(seen.known.values()),
                ended=moment_now(),
            )
        )
