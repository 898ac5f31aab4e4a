"""Finishes the clean-up of a run that crashed, was killed, or lost its target, from the ledger it left on disk."""

from __future__ import annotations

import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rocketchat_contract.client import facts
from rocketchat_contract.client.address import parse_address
from rocketchat_contract.client.book import Book, Leftover, read_book
from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.cleanup import FAILURES_TO_GIVE_UP, CleanUp
from rocketchat_contract.client.client import Client
from rocketchat_contract.client.connection import client_of, connection_options, open_journal
from rocketchat_contract.client.facts import Facts
from rocketchat_contract.client.keeper import Keeper
from rocketchat_contract.client.recorder import Recorder
from rocketchat_contract.client.waiter import Waiter
from rocketchat_contract.config import RunConfig
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.journal import RECORD, Journal, Record
from rocketchat_contract.record.ledger import LEDGER, Ledger
from rocketchat_contract.record.mask import Mask, token_mark
from rocketchat_contract.results.judged_by import load_promises


@dataclass(frozen=True)
class Swept:
    """What became of it: the ledger now, the record of the calls that this took, and why something is left."""

    target: str
    ledger: Ledger
    record: Path
    why: str = ""


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
        deque(record.exchanges(), maxlen=0)  # its footer comes last
        told = Ledger.from_json(record.footer["ledger"])
        sweeps = [ledger for path in sorted(folder.glob("sweep-*.jsonl")) if (ledger := _swept_ledger(path))]
        ledger = sweeps[-1] if sweeps else told
        if record.header["embedded"]:
            ledger = replace(ledger, unclear=())  # its server is no more
        if record.header["embedded"] or ledger.is_clean:
            return Swept(record.header["target"], ledger, record.path)
    return None


def _swept_ledger(path: Path) -> Ledger | None:
    """The ledger in the footer of a sweep's record; None when it was cut."""
    try:
        footer = json.loads(path.read_bytes().splitlines()[-1])
        return Ledger.from_json(footer["ledger"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _sweep(folder: Path, leftover: Leftover, config: RunConfig) -> Swept:
    address = parse_address(leftover.target)
    book = Book(folder / LEDGER, fresh=False)
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    path = folder / f"sweep-{moment.replace(':', '').replace('.', '')}.jsonl"
    mask = Mask(token_mark(leftover.run))
    keeper = leftover.keeper(mask, book)
    header = {"run": leftover.run, "target": address.url, "drivers": ["cleanup"], "started": moment}
    waiter = Waiter()
    options = connection_options(config, address, waiter)
    journal = open_journal(path, header)
    seen, why = Facts(), ""
    recorder = Recorder(journal, load_promises().judge(), options.clock, seen.learn)
    client = client_of(config, options, recorder, mask, keeper, waiter)
    try:
        facts.probe(client, address, seen)
        why = _tidy(client, keeper) or " ".join(seen.blocked.values())
    finally:
        book.close(keep=keeper.leaves_something)
        _close(client, journal, keeper)
    return Swept(address.url, keeper.ledger(), path, why or f"What the target answered stands in {path}.")


def _tidy(client: Client, keeper: Keeper) -> str:
    """Why it came to no end; empty when it did, whatever is left."""
    try:
        CleanUp(client, keeper).run()
    except (KeyboardInterrupt, RunStoppedError) as stopped:
        return str(stopped) or "The sweep was interrupted."
    return "The target gave no answer." if client.failures >= FAILURES_TO_GIVE_UP else ""


def _close(client: Client, journal: Journal, keeper: Keeper) -> None:
    client.close()
    if not client.recorder.problem:
        journal.close({"ledger": keeper.ledger().to_json(), "strict": False, "obstacles": [], "errors": []})
