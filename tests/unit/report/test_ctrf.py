from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft7Validator

from rocketchat_contract.report.ctrf import ctrf

from .examples import EXAMPLES, hostile, incomplete, violated

RUNS = {**EXAMPLES, "hostile": hostile}


@pytest.mark.parametrize("name", RUNS)
def test_a_report_fits_the_published_schema(name: str, published_schema: Callable[[str], Any]) -> None:
    Draft7Validator(published_schema("ctrf/dist/ctrf-schema-0.0.json")).validate(json.loads(ctrf(RUNS[name]())))


def test_only_what_decides_is_failed() -> None:
    tests = json.loads(ctrf(violated()))["results"]["tests"]
    failed = [test["name"] for test in tests if test["status"] == "failed"]
    assert failed == ["an-open-room-is-returned", "overlapping-calls-open-one-room"]


def test_a_run_that_is_no_pass_has_a_failed_test() -> None:
    tests = json.loads(ctrf(incomplete()))["results"]["tests"]

    assert [test["name"] for test in tests if test["status"] == "failed"] == ["the run"]


def test_the_time_is_that_of_the_run() -> None:
    summary = json.loads(ctrf(violated()))["results"]["summary"]
    assert summary["stop"] - summary["start"] == 9200
