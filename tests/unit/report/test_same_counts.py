"""Whatever the run, every report tells the same counts and the same verdict."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.verdict import Outcome
from rocketchat_contract.report.badge import badge_json, badge_svg
from rocketchat_contract.report.ctrf import ctrf
from rocketchat_contract.report.finding_view import finding_views
from rocketchat_contract.report.html import html
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.report.junit import junit
from rocketchat_contract.report.markdown import markdown
from rocketchat_contract.report.phrases import counts_sentence
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.sarif import sarif
from rocketchat_contract.report.terminal import terminal

from .accounts import accounts

few = settings(max_examples=30, deadline=None)


def expected(result: RunResult) -> Counter[str]:
    """The outcomes by their names, without those that did not occur."""
    return Counter(row.outcome.value for row in result.verdict.rows)


class _Rows(HTMLParser):
    """Counts the outcomes of requirement rows."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        outcome = dict(attrs).get("data-outcome")
        if outcome:
            self.outcomes[outcome] += 1


@few
@given(accounts())
def test_json_counts_the_same(result: RunResult) -> None:
    content = json.loads(json_report(result))

    assert +Counter(content["verdict"]["counts"]) == expected(result)
    assert Counter(row["outcome"] for row in content["requirements"]) == expected(result)


@few
@given(accounts())
def test_junit_counts_the_same(result: RunResult) -> None:
    told = [each.text or "" for each in ET.fromstring(junit(result)).iterfind(".//testcase/system-out")]
    outcomes = [text.splitlines()[0].removeprefix("outcome: ") for text in told]

    assert Counter(outcomes) == expected(result)


@few
@given(accounts())
def test_junit_is_green_exactly_when_the_exit_code_is_0(result: RunResult) -> None:
    root = ET.fromstring(junit(result))

    is_green = root.get("failures") == "0" and root.get("errors") == "0"
    assert is_green == (result.exit_code is ExitCode.CONFORMANT)


@few
@given(accounts())
def test_sarif_counts_the_same(result: RunResult) -> None:
    run = json.loads(sarif(result))["runs"][0]

    assert +Counter(run["properties"]["counts"]) == expected(result)
    assert len(run["results"]) == len(result.verdict.findings)


@few
@given(accounts())
def test_ctrf_counts_the_same(result: RunResult) -> None:
    results = json.loads(ctrf(result))["results"]

    of_requirements = [test["rawStatus"] for test in results["tests"] if test["name"] != "the run"]
    assert Counter(of_requirements) == expected(result)
    statuses = Counter(test["status"] for test in results["tests"])
    assert all(results["summary"][status] == number for status, number in statuses.items())


@few
@given(accounts())
def test_html_counts_the_same(result: RunResult) -> None:
    page = _Rows()
    page.feed(html(result))

    assert page.outcomes == expected(result)
    assert counts_sentence(result.verdict) in html(result)


@few
@given(accounts())
def test_markdown_counts_the_same(result: RunResult) -> None:
    lines = re.findall(r"^\| (?:wire|room|rid) \|(.*)\|", markdown(result), re.MULTILINE)
    columns = [[int(cell.replace(",", "")) for cell in line.split("|")] for line in lines]
    totals = [sum(column) for column in zip(*columns, strict=True)] or [0] * 7

    names = ("pass", "fail", "warn", "not-judged", "not-applicable", "error")
    assert +Counter(dict(zip(names, totals, strict=False))) == expected(result)


@few
@given(accounts(), st.booleans(), st.sampled_from(["utf-8", "cp1252", "ascii"]))
def test_the_terminal_tells_the_same_sentence(result: RunResult, colour: bool, encoding: str) -> None:
    text = terminal(result, colour=colour, encoding=encoding)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert counts_sentence(result.verdict) in " ".join(plain.split())


@few
@given(accounts())
def test_the_badge_tells_what_passed(result: RunResult) -> None:
    passed = expected(result)[Outcome.PASS]
    message = json.loads(badge_json(result))["message"]

    assert message.startswith(f"{result.verdict.word} {passed}/{result.verdict.judged} ")
    assert message in "".join(ET.fromstring(badge_svg(result)).itertext())


@few
@given(accounts())
def test_every_report_tells_the_same_sentence(result: RunResult) -> None:
    told = {
        json.loads(json_report(result))["verdict"]["sentence"],
        json.loads(sarif(result))["runs"][0]["properties"]["sentence"],
        json.loads(ctrf(result))["results"]["extra"]["counts"],
        *(each.get("value", "") for each in ET.fromstring(junit(result)).iterfind(".//property[@name='counts']")),
    }

    assert told == {counts_sentence(result.verdict)}
    assert f" · {counts_sentence(result.verdict)}\n" in markdown(result)


@few
@given(accounts())
def test_every_report_tells_the_same_of_a_finding(result: RunResult) -> None:
    findings = [finding for row in json.loads(json_report(result))["requirements"] for finding in row["findings"]]
    results = json.loads(sarif(result))["runs"][0]["results"]

    expected = Counter((finding["expected"], finding["actual"]) for finding in findings)
    assert Counter((each.expected, each.actual) for each in finding_views(result)) == expected
    assert len(results) == len(findings)
    messages = [result["message"]["text"] for result in results]
    assert all(any(f"Expected: {asked}. Actual: {came}." in text for text in messages) for asked, came in expected)
