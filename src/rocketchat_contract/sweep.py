"""Finishes the clean-up of a run that crashed, was killed, or lost its target, from the ledger it left on disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rocketchat_contract.config import RunConfig
from rocketchat_contract.promises import load_promises
from rocketchat_contract.record.journal import Journal
from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.record.mask import Mask
from rocketchat_contract.target import facts
from rocketchat_contract.target.address import parse_address
from rocketchat_contract.target.book import NAME, Book, read_book
from rocketchat_contract.target.budget import RunStoppedError
from rocketchat_contract.target.cleanup import CleanUp
from rocketchat_contract.target.client import Client
from rocketchat_contract.target.connection import client_of, connection_options, open_journal
from rocketchat_contract.target.facts import Facts
from rocketchat_contract.target.keeper import Keeper
from rocketchat_contract.target.recorder import Recorder
from rocketchat_contract.target.waiter import Waiter


@dataclass(frozen=True)
class Swept:
    """What became of it: the ledger now, and the record of the calls that this took."""

    target: str
    ledger: Ledger
    record: Path


def sweep_up(folder: Path, config: RunConfig) -> Swept:
    """Close and delete what the ledger in ``folder`` holds; the ledger goes when nothing is left."""
    leftover = read_book(folder / NAME)
    address = parse_address(leftover.target)
    book = Book(folder / NAME, fresh=False)
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    path = folder / f"sweep-{moment.replace(':', '').replace('.', '')}.jsonl"
    mask = Mask(leftover.run[-8:])
    keeper = leftover.keeper(mask, book)
    header = {"run": leftover.run, "target": address.url, "drivers": ["cleanup"], "started": moment}
    waiter = Waiter()
    options = connection_options(config, address, waiter.interruption)
    journal = open_journal(path, header)
    client = client_of(config, options, Recorder(journal, load_promises().judge(), options.clock), mask, keeper, waiter)
    try:
        facts.probe(client, address, Facts())
        _tidy(client, keeper)
    finally:
        book.close(keep=keeper.leaves_something)
        _close(client, journal, keeper)
    return Swept(address.url, keeper.ledger(), path)


def _tidy(client: Client, keeper: Keeper) -> None:
    try:
        CleanUp(client, keeper).run()
    except (KeyboardInterrupt, RunStoppedError):
        return  # what is left is in the ledger, and told


def _close(client: Client, journal: Journal, keeper: Keeper) -> None:
    client.close()
    if not client.recorder.problem:
        journal.close({"ledger": keeper.ledger().to_json(), "strict": False, "obstacles": [], "errors": []})
