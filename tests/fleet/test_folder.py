"""Merging takes what runs write, and follows no link."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet.folder import merge_folders, read_fleet, write_fleet
from rocketchat_contract.record.journal import RECORD
from rocketchat_contract.report.files import write_reports
from rocketchat_contract.results.har_import import judge_har
from support.command import rocketchat_contract
from support.hars import entries, write_har
from support.histories import ANNA, created, registered

from .fleets import JUDGES, column, fleet

RUN = "deployments/a/attempt-1/20260101-000000-00000001"
SAID = "deployments/a/attempt-1/said.txt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a fleet of one deployment."""
    place = tmp_path / "fleet-1"
    run = place / RUN
    result = judge_har(write_har(tmp_path / "a.har", entries(registered(ANNA), created(ANNA, "R1"))), run)
    write_reports(result, run)
    (place / SAID).write_text("said")
    header = result.header
    suite, contract = header.suite.sha256, header.contract.sha256
    judges = type(JUDGES)("0.1.0", suite, contract, JUDGES.promises)
    write_fleet(fleet(column("a", 1, "conformant", "pass", said=SAID), judges=judges), place)
    return place


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def test_what_runs_write_is_taken(folder: Path, tmp_path: Path) -> None:
    merge_folders([folder], tmp_path / "out")

    taken = files_below(tmp_path / "out")
    assert {f"{RUN}/{RECORD}", f"{RUN}/report.html", SAID} < taken
    assert taken < files_below(folder)


@pytest.mark.parametrize("name", ["leak.txt", "ledger.jsonl", "running", f"{RUN}/leak.txt", f"{RUN}/ledger.jsonl"])
def test_other_files_are_left(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).write_text("other")
    merge_folders([folder], tmp_path / "out")

    assert not [path for path in files_below(tmp_path / "out") if path.endswith(Path(name).name)]


@pytest.mark.parametrize("name", [SAID, f"{RUN}/report.html", f"{RUN}/badge.svg"])
def test_a_link_is_not_followed(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).symlink_to("/etc/passwd")
    merge_folders([folder], tmp_path / "out")

    assert name not in files_below(tmp_path / "out")


@pytest.mark.parametrize("part", [RUN, "deployments/a/attempt-1", "deployments/a", "deployments"])
def test_a_folder_that_is_a_link_is_refused(folder: Path, tmp_path: Path, part: str) -> None:
    (folder / part).rename(tmp_path / "elsewhere")
    (folder / part).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(UsageError, match="not a regular file"):
        merge_folders([folder], tmp_path / "out")


def test_a_fleet_that_is_a_link_is_not_read(folder: Path, tmp_path: Path) -> None:
    (folder / "fleet.json").rename(tmp_path / "elsewhere.json")
    (folder / "fleet.json").symlink_to(tmp_path / "elsewhere.json")

    assert rocketchat_contract("fleet", "merge", folder, "--out", tmp_path / "out").code == 2


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, "[]", "5", "{}", '{"format": 1}', '{"format": 1, "suite": 5}', "null", "", "[" * 90 + "]" * 90],
)
def test_what_is_no_fleet_is_refused_by_name(folder: Path, content: str) -> None:
    (folder / "fleet.json").write_text(content)

    with pytest.raises(UsageError, match=r"fleet\.json is (damaged|not)"):
        read_fleet(folder)


def test_a_link_in_a_page_leads_into_its_folder(folder: Path, tmp_path: Path) -> None:
    content: dict[str, Any] = json.loads((folder / "fleet.json").read_text())
    content["deployments"][0]["run"] = "javascript:alert(1)"
    (folder / "fleet.json").write_text(json.dumps(content))

    called = rocketchat_contract("fleet", "merge", folder, "--out", tmp_path / "out")

    assert (called.code, (tmp_path / "out").exists()) == (2, False)
