"""A fleet folder: its value, page and summary, JUnit, CTRF and SARIF, and the reports of all runs below it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet.column import DeploymentResult
from rocketchat_contract.fleet.formats import fleet_ctrf, fleet_junit, fleet_sarif
from rocketchat_contract.fleet.merge import FLEET_FORMAT, Fleet, merged
from rocketchat_contract.fleet.report import fleet_summary, page
from rocketchat_contract.inputs.bounded import FileKind, InputError, read_json
from rocketchat_contract.record.journal import RECORD, Record
from rocketchat_contract.report.files import WRITERS, write_whole

VALUE = "fleet.json"
_PAGE = "fleet.html"
SUMMARY = "summary.md"


_OF_A_RUN = (RECORD, *WRITERS)
"""What is taken of a run: a ledger holds real tokens, and other files are none of ours."""


def write_fleet(fleet: Fleet, folder: Path) -> Path:
    """Write the fleet's own files into its folder; answers where its page is."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / VALUE, json.dumps(fleet.to_json(), indent=1, ensure_ascii=False) + "\n")
    write_whole(folder / SUMMARY, fleet_summary(fleet))
    write_whole(folder / "junit.xml", fleet_junit(fleet))
    write_whole(folder / "ctrf.json", fleet_ctrf(fleet))
    write_whole(folder / "report.sarif", fleet_sarif(fleet, folder))
    return write_whole(folder / _PAGE, page(fleet))


def read_fleet(folder: Path) -> Fleet:
    """The fleet in a folder; raises ``UsageError`` when there is none, or a record of it is not whole."""
    path = folder / VALUE
    content = read_json(path, FileKind("The fleet", "Name the folder of a fleet run."))
    if not isinstance(content, dict) or content.get("format") != FLEET_FORMAT:
        raise InputError(f"{path} is not of format {FLEET_FORMAT}.", "Merge it with the version that wrote it.")
    try:
        fleet = Fleet.from_json(content)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path} is damaged: {_first_line(error)}.", "Download the folder again.") from None
    for column in fleet.columns:
        if column.run:
            _check_record(folder, column.run, fleet)
    return fleet


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def merge_folders(folders: Iterable[Path], out: Path) -> Fleet:
    """The fleets of all folders as one, with what their runs wrote copied into another folder."""
    folders = list(folders)
    fleets = [read_fleet(folder) for folder in folders]
    fleet = merged(fleets)
    for folder, each in zip(folders, fleets, strict=True):
        if folder.resolve() != out.resolve():
            for column in each.columns:
                _copy(folder, out, column)
    return fleet


def _copy(folder: Path, out: Path, column: DeploymentResult) -> None:
    """Copy the files that a run writes, as far as they are files: a link could lead anywhere."""
    names = [f"{column.run}/{name}" for name in _OF_A_RUN if column.run]
    for name in [*names, *filter(None, [column.said])]:
        if is_plain(folder, name):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, out / name)


def is_plain(folder: Path, name: str) -> bool:
    """Whether there is a regular file of that name below a folder, and no link on the way to it."""
    place = folder.resolve()
    for part in Path(name).parts:
        place /= part
        if place.is_symlink():
            return False
    return place.is_file()


def _check_record(folder: Path, run: str, fleet: Fleet) -> None:
    """Raises ``UsageError`` when a record is cut, changed or a link, or tells of another suite or contract."""
    path = folder / run / RECORD
    if not is_plain(folder, f"{run}/{RECORD}"):
        raise InputError(f"The record {path} is not a regular file.", "Download the folder again.")
    record = Record(path)
    for _ in record.exchanges():
        pass
    text = (record.header.suite.sha256, record.header.contract.sha256)
    if text != (fleet.judges.suite_sha256, fleet.judges.contract_sha256):
        raise UsageError(
            f"The record {path} was made with another suite or contract than its fleet.", "Run that fleet again."
        )
