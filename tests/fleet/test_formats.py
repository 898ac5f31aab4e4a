"""JUnit, CTRF and SARIF of a whole fleet: red exactly where a deployment is."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from rocketchat_contract.fleet.formats import fleet_ctrf, fleet_junit, fleet_sarif
from rocketchat_contract.fleet.merge import Fleet

from .fleets import column, fleet, mixed

GOOD = fleet(column("a", 1, "conformant", "pass pass warn"))


def red_suites(of: Fleet) -> set[str]:
    suites = ET.fromstring(fleet_junit(of).encode()).findall("testsuite")
    return {str(suite.get("name")) for suite in suites if suite.find("testcase/failure") is not None}


def test_junit_is_red_for_each_deployment_that_is_no_pass() -> None:
    assert red_suites(mixed()) == {column.name for column in mixed().columns if column.word != "conformant"}


def test_a_conformant_fleet_is_green() -> None:
    tests = json.loads(fleet_ctrf(GOOD))["results"]["tests"]

    assert red_suites(GOOD) == set()
    assert [test["status"] for test in tests] == ["passed", "passed", "other"]


def test_ctrf_counts_its_tests() -> None:
    results = json.loads(fleet_ctrf(mixed()))["results"]
    summary = results["summary"]

    assert summary["tests"] == len(results["tests"])
    assert summary["failed"] == sum(test["status"] == "failed" for test in results["tests"]) > 0


@pytest.mark.parametrize("content", ["", "[]", '{"runs": 7}', '{"runs": [1]}'], ids=["empty", "list", "number", "odd"])
def test_a_sarif_that_is_none_is_left_out(tmp_path: Path, content: str) -> None:
    run = tmp_path / GOOD.columns[0].run
    run.mkdir(parents=True)
    (run / "report.sarif").write_text(content)

    assert json.loads(fleet_sarif(GOOD, tmp_path))["runs"] == []


def test_sarif_has_a_run_for_each_deployment(tmp_path: Path) -> None:
    run = tmp_path / GOOD.columns[0].run
    run.mkdir(parents=True)
    (run / "report.sarif").write_text('{"runs": [{"tool": {}}]}')

    assert json.loads(fleet_sarif(GOOD, tmp_path))["runs"] == [{"tool": {}, "automationDetails": {"id": "a/"}}]


def test_a_case_has_the_time_of_its_calls() -> None:
    timed = column("a", 1, "conformant", "pass pass warn")
    cells = {name: replace(cell, seconds=1.5) for name, cell in timed.cells.items()}
    made = fleet(replace(timed, cells=cells))

    assert {case.get("time") for case in ET.fromstring(fleet_junit(made).encode()).iter("testcase")} == {"1.500"}
    assert {test["duration"] for test in json.loads(fleet_ctrf(made))["results"]["tests"]} == {1500}
