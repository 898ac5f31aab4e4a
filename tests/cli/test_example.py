"""The example under ``reports/`` has the shape of what the suite writes today."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.make_example import FOLDER, make


def shape(value: Any) -> Any:
    """The names of an object's members, without what differs from run to run."""
    return sorted(value) if isinstance(value, dict) else type(value).__name__


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {row["id"]: row["outcome"] for row in report["requirements"]}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    make(folder)
    return folder


def read(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report


def test_the_example_has_the_files_of_a_run(fresh: Path) -> None:
    assert {path.name for path in fresh.iterdir()} == {path.name for path in FOLDER.iterdir()} - {"report.png"}


def test_the_example_report_has_todays_members(fresh: Path) -> None:
    assert shape(read(FOLDER)) == shape(read(fresh))


def test_the_example_speaks_of_todays_requirements(fresh: Path) -> None:
    assert outcomes(read(FOLDER)).keys() == outcomes(read(fresh)).keys()


def test_the_example_shows_the_race() -> None:
    assert outcomes(read(FOLDER))["overlapping-calls-open-one-room"] == "fail"
