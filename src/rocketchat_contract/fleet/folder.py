"""A fleet's folder: ``fleet.json``, ``fleet.html``, ``summary.md``, and every run's reports below ``deployments``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from rocketchat_contract.archive import DEPLOYMENTS
from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet.leash import LOCK
from rocketchat_contract.fleet.merge import FORMAT, Fleet, merged
from rocketchat_contract.fleet.report import page, summary
from rocketchat_contract.record.journal import RECORD, Record
from rocketchat_contract.record.ledger import LEDGER
from rocketchat_contract.report.files import write_whole

VALUE = "fleet.json"
PAGE = "fleet.html"
SUMMARY = "summary.md"


_NOT_COPIED = shutil.ignore_patterns(LEDGER, LOCK, "latest")
"""Real tokens, the lock of a run, and a link."""


def write_fleet(fleet: Fleet, folder: Path) -> Path:
    """Write the fleet's own files into its folder; answers where its page is."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / VALUE, json.dumps(fleet.to_json(), indent=1, ensure_ascii=False) + "\n")
    write_whole(folder / SUMMARY, summary(fleet))
    return write_whole(folder / PAGE, page(fleet))


def read_fleet(folder: Path) -> Fleet:
    """The fleet in a folder; raises ``UsageError`` when there is none, or a record of it is not whole."""
    path = folder / VALUE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = content.get("format") == FORMAT
        fleet = Fleet.from_json(content) if known else None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", "Name the folder of a fleet run.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{path} is damaged ({error!r}).", "Download the folder again.") from error
    if fleet is None:
        raise UsageError(f"{path} is not of format {FORMAT}.", "Merge it with the version that wrote it.")
    for column in fleet.columns:
        if column.run:
            _check_record(folder / column.run / RECORD, fleet)
    return fleet


def merge_folders(folders: Iterable[Path], out: Path) -> Fleet:
    """The fleets of all folders as one, with their runs copied into another folder."""
    folders = list(folders)
    fleet = merged(read_fleet(folder) for folder in folders)
    for folder in folders:
        if (folder / DEPLOYMENTS).is_dir() and folder.resolve() != out.resolve():
            shutil.copytree(folder / DEPLOYMENTS, out / DEPLOYMENTS, ignore=_NOT_COPIED, dirs_exist_ok=True)
    return fleet


def _check_record(path: Path, fleet: Fleet) -> None:
    """Raises ``UsageError`` when a record is cut or changed, or tells of another suite or contract."""
    record = Record(path)
    for _ in record.exchanges():
        pass
    told = (record.header["suite"]["sha256"], record.header["contract"]["sha256"])
    if told != (fleet.judges.suite_sha256, fleet.judges.contract_sha256):
        raise UsageError(
            f"The record {path} was made with another suite or contract than its fleet.", "Run that fleet again."
        )
