"""``bundle`` and ``verify``."""

from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.contract.vendored import spec_folder
from support.command import Called, rocketchat_contract
from support.hars import entries, write_har
from support.histories import ANNA, created, registered

FILES = sum(path.is_file() for path in spec_folder().iterdir()) + 2
"""The contract's files, the record and the report."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a judged capture."""
    har = write_har(tmp_path / "a.har", entries(registered(ANNA), created(ANNA, "R1")))
    rocketchat_contract("judge", har, "--report-dir", tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def bundled(run: Path) -> Called:
    return rocketchat_contract("bundle", run)


def head_of(called: Called) -> str:
    return called.out.split()[-1]


def test_a_bundle_lies_beside_its_run_and_tells_its_head(run: Path, bundled: Called) -> None:
    path = run.with_name("run.zip")

    assert bundled.code == 0
    assert path.exists()
    assert bundled.out == (
        f"{path}: {FILES} files\n"
        f"chain head {head_of(bundled)}\n"
        f"Check it with: rocketchat-contract verify {path} --head {head_of(bundled)}\n"
    )


def test_a_stranger_verifies_it(run: Path, bundled: Called) -> None:
    called = rocketchat_contract("verify", run.with_name("run.zip"), "--head", head_of(bundled))

    assert called.code == 0
    assert called.out.splitlines() == [
        f"run {run_of(run)} on https://chat.example.com, {FILES} files",
        f"chain head {head_of(bundled)}",
        "Verified: no byte was changed, and judged again the verdict is the same: incomplete.",
    ]


def run_of(run: Path) -> str:
    return (run / "record.jsonl").read_text().split('"run":"')[1].split('"')[0]


def test_without_the_head_its_maker_is_to_be_asked(run: Path, bundled: Called) -> None:
    called = rocketchat_contract("verify", run.with_name("run.zip"))

    assert " ".join(called.out.split()).endswith("Who made it can confirm the head of the chain to you.")


def test_a_changed_bundle_is_not_verified(run: Path, bundled: Called) -> None:
    path = run.with_name("run.zip")
    path.write_bytes(path.read_bytes().replace(b'"newRoom\\": true', b'"newRoom\\": TRUE'))

    called = rocketchat_contract("verify", path)

    assert called.code == 1
    assert called.out.splitlines()[2:] == ["record.jsonl: its bytes were changed", "Not verified."]


def test_another_head_is_not_verified(run: Path, bundled: Called) -> None:
    called = rocketchat_contract("verify", run.with_name("run.zip"), "--head", "0" * 64)

    assert called.code == 1


@pytest.mark.parametrize("name", ["none.zip", "a.har"])
def test_what_is_no_bundle_is_refused(name: str, run: Path) -> None:
    called = rocketchat_contract("verify", run.parent / name)

    assert called.code == 2
    assert "Traceback" not in called.err


def test_the_zip_can_lie_elsewhere(run: Path, tmp_path: Path) -> None:
    rocketchat_contract("bundle", run / "record.jsonl", "--out", tmp_path / "evidence.zip")

    assert rocketchat_contract("verify", tmp_path / "evidence.zip").code == 0


def test_a_place_that_cannot_be_written_is_refused(run: Path, tmp_path: Path) -> None:
    assert rocketchat_contract("bundle", run, "--out", tmp_path / "none" / "evidence.zip").code == 2


def test_a_live_run_is_bundled_and_verified(tmp_path: Path) -> None:
    rocketchat_contract("run", "--profile", "smoke", "--report-dir", tmp_path / "reports")

    made = rocketchat_contract("bundle", tmp_path / "reports" / "latest", "--out", tmp_path / "evidence.zip")

    assert rocketchat_contract("verify", tmp_path / "evidence.zip", "--head", head_of(made)).code == 0
