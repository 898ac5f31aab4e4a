from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from junitparser import JUnitXml

from rocketchat_contract.report.junit import junit
from rocketchat_contract.report.run_result import RunResult

from .accounts import accounts
from .examples import broken_suite, conformant, hostile, incomplete, result, violated


def read(text: str) -> JUnitXml:
    return JUnitXml.fromstring(text.encode())


def kinds(made: RunResult) -> dict[str, str]:
    """Per case what a reader other than ours makes of it."""
    cases = [case for suite in read(junit(made)) for case in suite]
    return {case.name: type(case.result[0]).__name__ if case.result else "Passed" for case in cases}


def test_each_requirement_is_a_case() -> None:
    assert kinds(violated()) == {
        "an-answer-is-json": "Passed",
        "a-status-is-published": "Skipped",
        "member-names-are-unique": "Skipped",
        "an-open-room-is-returned": "Failure",
        "overlapping-calls-open-one-room": "Failure",
        "a-named-agent-serves-a-new-room": "Skipped",
        "an-unknown-token-is-refused": "Passed",
        "a-closed-rid-is-refused": "Error",
    }


def test_groups_are_suites_and_class_names() -> None:
    suites = read(junit(conformant()))
    assert {suite.name: {case.classname for case in suite} for suite in suites} == {
        "wire": {"wire"},
        "get-or-create": {"get-or-create"},
        "refusals": {"refusals"},
    }


def test_totals_are_those_of_the_cases() -> None:
    root = read(junit(violated()))
    kinds_of_cases = Counter(kinds(violated()).values())
    skipped = sum(suite.skipped for suite in root)
    assert (root.tests, root.failures, root.errors, skipped) == (8, 2, 1, 3)
    assert kinds_of_cases == {"Passed": 2, "Failure": 2, "Error": 1, "Skipped": 3}


def test_an_obstacle_is_an_error_of_the_run() -> None:
    assert kinds(incomplete())["obstacle-1"] == "Error"


def test_a_defect_of_the_suite_is_an_error() -> None:
    assert kinds(broken_suite()) == {
        "an-answer-is-json": "Passed",
        "an-open-room-is-returned": "Error",
        "defect-1": "Error",
    }


def test_a_run_that_judged_nothing_is_red() -> None:
    empty = result(type(conformant().verdict)(()))
    assert kinds(empty) == {"verdict-1": "Error"}


def test_a_failure_tells_expected_actual_and_how_to_repeat() -> None:
    text = ET.fromstring(junit(violated())).findtext(".//testcase[@name='an-open-room-is-returned']/failure")
    assert text is not None
    assert "expected  room oBq3WzRoomOne, newRoom false" in text
    assert "repeat    curl -g " in text


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\ufffe", "\ud800"])
def test_illegal_characters_are_written_as_escapes(character: str) -> None:
    assert character not in junit(hostile())


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_any_run_can_be_read_back(made: RunResult) -> None:
    assert read(junit(made)).tests >= len(made.verdict.rows)


CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testsuite", "properties", "testcase", "system-out", "system-err"},
    "properties": {"property"},
    "testcase": {"skipped", "error", "failure", "system-out", "system-err"},
}
ATTRIBUTES = {
    "testsuites": ((), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        ("name", "tests", "failures", "errors"),
        {"time", "skipped", "timestamp", "hostname", "id", "package", "group", "file", "log", "url"},
    ),
    "properties": ((), set()),
    "property": (("name", "value"), set()),
    "testcase": (("name",), {"time", "classname", "group"}),
    **dict.fromkeys(("skipped", "error", "failure"), ((), {"type", "message"})),
    **dict.fromkeys(("system-out", "system-err"), ((), set())),
}
"""The elements of the schema of Jenkins' xUnit plugin (junit-10.xsd): required attributes, and the others."""
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def unfit(root: ET.Element) -> list[str]:
    """What of a file the schema does not know, or misses."""
    found = []
    for element in root.iter():
        required, others = ATTRIBUTES.get(element.tag, ((), set()))
        found += [f"no {name} of {element.tag}" for name in required if name not in element.attrib]
        found += [f"{element.tag} {name}" for name in element.attrib if name not in {*required, *others}]
        found += [f"{element.tag}/{e.tag}" for e in element if e.tag not in CHILDREN.get(element.tag, set())]
        if element.tag != "testcase" and not TIME.fullmatch(element.get("time", "0")):
            found.append(f"time {element.get('time')}")
    return found


@pytest.mark.parametrize("make", [conformant, violated, incomplete, broken_suite, hostile])
def test_the_schema_of_jenkins_is_kept(make: Callable[[], RunResult]) -> None:
    assert unfit(ET.fromstring(junit(make()))) == []


def test_the_schema_of_jenkins_knows_no_properties_of_a_case() -> None:
    case = "<testcase name='x'><properties/></testcase>"

    assert unfit(ET.fromstring(case)) == ["testcase/properties"]


def test_a_case_has_the_time_of_its_calls() -> None:
    times = {case.name: case.time for suite in read(junit(violated())) for case in suite}

    assert times["an-answer-is-json"] == 8.5
    assert times["overlapping-calls-open-one-room"] == 0.25
    assert times["a-closed-rid-is-refused"] == 0


def test_the_times_of_the_suites_are_that_of_the_run() -> None:
    made = violated()

    assert sum(suite.time for suite in read(junit(made))) == pytest.approx(made.seconds, abs=0.01)
