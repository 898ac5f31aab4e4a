"""A long record: hundreds of visitors, some of whom get a second room."""

from __future__ import annotations

from pathlib import Path

from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.journal import Journal
from rocketchat_contract.record.ledger import Fact
from rocketchat_contract.results.judged_by import load_judged_by, provenance
from support.headers import header_of
from support.histories import created, in_order, registered, returned

CALLS = 20
FOOTER = RecordFooter(seconds=1.5, facts=(Fact("version", "8.8", 1),))


def long_record(folder: Path, exchanges: int) -> Path:
    """A whole record of so many exchanges."""
    header = header_of(**provenance(load_judged_by()))
    calls = [each for number in range(1, exchanges // CALLS + 1) for each in _life(number)]
    journal = Journal(folder / "record.jsonl", header)
    for exchange in in_order(calls):
        journal.write(exchange)
    journal.close(FOOTER)
    return journal.path


def _life(number: int) -> list[Exchange]:
    token, room = f"$RC_TOKEN_{number}", f"room{number}"
    again = [returned(token, room)] * (CALLS - 3)
    last = created(token, f"other{number}") if number % 50 == 0 else returned(token, room)
    return [registered(token), created(token, room), *again, last]
