"""A fleet for programs: JUnit and CTRF with a suite for each deployment, and SARIF with a run for each."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import ContractError
from rocketchat_contract.fleet.column import Cell, DeploymentResult, Promise
from rocketchat_contract.fleet.merge import Fleet
from rocketchat_contract.inputs.bounded import FileKind, read_json
from rocketchat_contract.judge.verdict import Outcome, VerdictWord
from rocketchat_contract.report.plain import sentence, visible

_STATUSES = ("passed", "failed", "skipped", "pending", "other")
_SARIF = FileKind("The SARIF report", "Run that deployment again.")


def fleet_junit(fleet: Fleet) -> str:
    """JUnit text: a suite for each deployment, a case for each requirement, all green exactly when the fleet is."""
    root = ET.Element("testsuites", name="rocketchat-contract fleet")
    for column in fleet.columns:
        suite = ET.SubElement(root, "testsuite", name=visible(column.name), time=f"{column.seconds:.3f}")
        cases = [_case(column, promise, status, why) for promise, status, why in _rows(column, fleet)]
        suite.extend(cases)
        for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(plural, str(sum(case.find(tag) is not None for case in cases)))
        suite.set("tests", str(len(cases)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def fleet_ctrf(fleet: Fleet) -> str:
    """CTRF text: a test for each requirement of each deployment."""
    tests = [
        {
            "name": promise.id,
            "status": status,
            "duration": round(1000 * _seconds(column, promise)),
            "suite": [column.name, promise.group],
            **({"message": why} if why else {}),
        }
        for column in fleet.columns
        for promise, status, why in _rows(column, fleet)
    ]
    counts = {status: sum(test["status"] == status for test in tests) for status in _STATUSES}
    times = {"start": _milliseconds(fleet.started), "stop": _milliseconds(fleet.ended)}
    tool = {"name": "rocketchat-contract", "version": fleet.judges.version}
    results = {"tool": tool, "summary": {"tests": len(tests), **counts, **times}, "tests": tests}
    content = {"reportFormat": "CTRF", "specVersion": "0.0.0", "results": results}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def fleet_sarif(fleet: Fleet, folder: Path) -> str:
    """SARIF text: the run of each deployment that has one, under its name; what cannot be read is left out."""
    runs = [
        {**run, "automationDetails": {"id": f"{column.name}/"}}
        for column in fleet.columns
        for run in _runs_of(folder / column.run / "report.sarif" if column.run else None)
    ]
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": runs}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _runs_of(path: Path | None) -> list[dict[str, Any]]:
    if path is None:
        return []
    try:
        content = read_json(path, _SARIF)
    except ContractError:
        return []
    runs = content.get("runs") if isinstance(content, dict) else None
    return [run for run in runs if isinstance(run, dict)] if isinstance(runs, list) else []


def _rows(column: DeploymentResult, fleet: Fleet) -> Iterator[tuple[Promise, str, str]]:
    """Each requirement of a deployment with its status and why; one for the deployment when nothing else is red."""
    is_red = False
    for promise in fleet.judges.promises:
        cell = column.cells.get(promise.id)
        if cell is not None:
            status = _status(cell, promise, column)
            is_red |= status == "failed"
            yield promise, status, "" if status == "passed" else f"{cell.outcome.value}: {promise.sentence}"
    if column.word is not VerdictWord.CONFORMANT and not is_red:
        itself = Promise("the deployment", "run", "must", "The deployment is conformant.")
        yield itself, "failed", sentence("; ".join([column.sentence, *column.problems]))


def _seconds(column: DeploymentResult, promise: Promise) -> float:
    cell = column.cells.get(promise.id)
    return 0.0 if cell is None else cell.seconds


def _status(cell: Cell, promise: Promise, column: DeploymentResult) -> str:
    if cell.outcome is Outcome.PASS:
        return "passed"
    if cell.outcome is Outcome.NOT_APPLICABLE:
        return "skipped"
    if column.word is VerdictWord.CONFORMANT or cell.is_accepted or cell.is_published_only:
        return "other"
    decides = cell.outcome in (Outcome.FAIL, Outcome.ERROR) or promise.level == "must"
    return "failed" if decides else "other"


def _case(column: DeploymentResult, promise: Promise, status: str, why: str) -> ET.Element:
    case = ET.Element("testcase", classname=visible(column.name), name=visible(promise.id))
    case.set("time", f"{_seconds(column, promise):.3f}")
    if status == "failed":
        ET.SubElement(case, "failure", message=visible(why), type=promise.level)
    elif status != "passed":
        ET.SubElement(case, "skipped", message=visible(why))
    return case


def _milliseconds(moment: str) -> int:
    try:
        return round(datetime.fromisoformat(moment).timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0
