from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft4Validator

from rocketchat_contract.report.sarif import sarif

from .examples import EXAMPLES, hostile, violated

SCHEMA = "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
RUNS = {**EXAMPLES, "hostile": hostile}


@pytest.mark.parametrize("name", RUNS)
def test_a_log_fits_the_published_schema(name: str, published_schema: Callable[[str], Any]) -> None:
    Draft4Validator(published_schema(SCHEMA)).validate(json.loads(sarif(RUNS[name]())))


def places() -> dict[str, list[tuple[str, int]]]:
    """Where each finding of the violated run stands, the main place first."""
    results = json.loads(sarif(violated()))["runs"][0]["results"]
    listed = {each["ruleId"]: [*each["locations"], *each.get("relatedLocations", [])] for each in results}
    physical = {name: [each["physicalLocation"] for each in found] for name, found in listed.items()}
    return {
        name: [(each["artifactLocation"]["uri"], each["region"]["startLine"]) for each in found]
        for name, found in physical.items()
    }


def test_a_finding_stands_at_the_line_of_the_page_that_promises_it() -> None:
    expected = [("spec/livechat-room.md", 7), ("spec/requirements.toml", 63)]
    assert places()["an-open-room-is-returned"] == expected


def test_what_the_page_does_not_say_stands_at_the_requirement() -> None:
    assert places()["overlapping-calls-open-one-room"] == [("spec/requirements.toml", 74)]


def test_only_what_decides_is_an_error() -> None:
    results = json.loads(sarif(violated()))["runs"][0]["results"]
    assert {result["ruleId"]: result["level"] for result in results} == {
        "an-open-room-is-returned": "error",
        "overlapping-calls-open-one-room": "error",
        "a-status-is-published": "warning",
        "member-names-are-unique": "warning",
    }


def test_what_was_not_judged_is_told_by_the_invocation() -> None:
    invocation = json.loads(sarif(violated()))["runs"][0]["invocations"][0]
    told = {note["associatedRule"]["id"]: note["level"] for note in invocation["toolExecutionNotifications"]}
    assert told == {"a-closed-rid-is-refused": "error", "a-named-agent-serves-a-new-room": "note"}


def test_a_fingerprint_is_the_same_in_the_next_run() -> None:
    first, second = (json.loads(sarif(violated()))["runs"][0]["results"] for _ in range(2))
    assert [each["partialFingerprints"] for each in first] == [each["partialFingerprints"] for each in second]
