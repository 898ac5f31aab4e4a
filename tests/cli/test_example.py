"""The example under ``reports/`` has the shape of what the suite writes today."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from support.make_example import FOLDER, make

pytestmark = pytest.mark.generated

PARTS = re.compile(r'<section[^>]* id="([a-z-]+)"|<div class="(broken|cards)"')


def shape(value: Any) -> Any:
    """The names of an object's members, without what differs from run to run."""
    return sorted(value) if isinstance(value, dict) else type(value).__name__


def broken(report: dict[str, Any]) -> dict[str, Any]:
    return next(row for row in report["requirements"] if row["findings"])


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


def test_the_example_tells_rows_and_findings_as_today(fresh: Path) -> None:
    old, new = (broken(read(folder)) for folder in (FOLDER, fresh))

    assert (shape(old), shape(old["findings"][0])) == (shape(new), shape(new["findings"][0]))


def test_the_example_page_has_todays_parts(fresh: Path) -> None:
    old, new = ((folder / "report.html").read_text("utf-8") for folder in (FOLDER, fresh))

    assert re.findall(PARTS, old) == re.findall(PARTS, new) != []


def test_the_example_speaks_of_todays_requirements(fresh: Path) -> None:
    assert outcomes(read(FOLDER)).keys() == outcomes(read(fresh)).keys()


def test_the_example_is_a_violated_run_and_nothing_else() -> None:
    verdict = read(FOLDER)["verdict"]

    assert (verdict["word"], verdict["errors"], verdict["obstacles"]) == ("violated", [], [])


def test_the_example_shows_the_race() -> None:
    assert outcomes(read(FOLDER))["overlapping-calls-open-one-room"] == "fail"
