from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from rich.cells import cell_len

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.terminal import MOST_BLOCKS, print_terminal, terminal

from .accounts import accounts
from .examples import EXAMPLES, call, conformant, hostile, many, requirement, result, violated


class Stream(io.TextIOWrapper):
    """A stream with a chosen encoding, a terminal or not."""

    def __init__(self, encoding: str, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True, newline="")
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal

    @property
    def text(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_but_commands_is_wider_than_80_columns(name: str) -> None:
    lines = terminal(EXAMPLES[name]()).splitlines()
    assert [line for line in lines if cell_len(line) > 80 and "repeat  " not in line] == []


@settings(max_examples=80, deadline=None)
@given(accounts())
def test_nothing_invisible_is_printed(result: RunResult) -> None:
    assert terminal(result).replace("\n", "").isprintable()


def rows(block: str, width: int = 80) -> int:
    """Rows of a terminal that folds what is longer than it is wide."""
    return sum(max(1, -(-cell_len(line) // width)) for line in block.splitlines())


def test_a_failure_block_of_long_texts_takes_13_rows() -> None:
    words = "many words of a server " * 40
    target = f"/api/v1/livechat/room?token=$RC_TOKEN_1&agentId={'a' * 200}"
    evidence = {1: call(1, 0, 1, ""), 2: call(2, 2, 1, "", target=target)}
    long = requirement("promise-1", "wire", words, quote=words)
    findings = (Finding(long.id, words, words, (1, 2)),) * 3
    made = result(Verdict((Row(long, Outcome.FAIL, 9, 3, findings=findings),)), evidence=evidence)

    block = terminal(made).split("\n\n")[1]

    assert rows(block) == 13
    assert "✗ promise-1 (required, broken 3 of 9; first of 3 findings)" in block
    assert "it creates a room when the visitor has none open" in " ".join(block.split())


@settings(max_examples=80, deadline=None)
@given(accounts())
def test_a_failure_block_takes_at_most_14_rows(result: RunResult) -> None:
    blocks = re.findall(r"^[✗!] promise-\d.*\n(?:    .*\n)*", terminal(result), re.MULTILINE)
    assert all(rows(block) <= 14 for block in blocks)


def test_a_command_that_is_too_long_is_left_to_the_page() -> None:
    target = f"/api/v1/livechat/room?token=$RC_TOKEN_1&agentId={'a' * 900}"
    one = requirement("promise-1", "wire", "Promise 1 holds.")
    made = Verdict((Row(one, Outcome.FAIL, 9, 3, findings=(Finding(one.id, "a", "b", (1,)),)),))

    assert "repeat    see report.html" in terminal(result(made, evidence={1: call(1, 0, 1, "", target=target)}))


def test_what_has_the_same_reason_is_told_once() -> None:
    promises = [
        requirement(f"promise-{n}", "wire", "It holds.", level="should" if n == 3 else "must") for n in (1, 2, 3)
    ]
    text = terminal(result(Verdict(tuple(Row(each, Outcome.NOT_JUDGED, reason="No room.") for each in promises))))

    assert "    2 required and 1 recommended checks: No room.\n      promise-1, promise-2, promise-3\n" in text


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_hostile_run_prints_on_any_pipe(encoding: str) -> None:
    stream = Stream(encoding, is_terminal=False)
    print_terminal(hostile(), stream, {})
    assert "\x1b" not in stream.text


def test_a_terminal_gets_colour() -> None:
    stream = Stream("utf-8", is_terminal=True)
    print_terminal(violated(), stream, {"TERM": "xterm"})
    assert "\x1b[1;31m✗" in stream.text


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_is_left_out_where_it_is_unwanted(environment: dict[str, str]) -> None:
    stream = Stream("utf-8", is_terminal=True)
    print_terminal(violated(), stream, environment)
    assert "\x1b" not in stream.text


def test_colour_changes_no_word() -> None:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", terminal(violated(), colour=True))
    assert plain == terminal(violated())


def test_a_flood_of_findings_is_capped() -> None:
    text = terminal(many())
    assert text.count("expected") == MOST_BLOCKS
    assert f"and {63 - MOST_BLOCKS} more, in report.html" in text


def test_the_files_are_named_at_the_end() -> None:
    paths = {"report.html": "reports/x/report.html", "junit.xml": "reports/x/junit.xml"}
    lines = terminal(replace(violated(), paths=paths)).splitlines()
    assert lines[-6:-4] == ["report: reports/x/report.html", "    beside it: junit.xml"]


def test_a_violated_run_ends_with_what_to_do_next() -> None:
    paths = {"report.html": "reports/x/report.html"}
    lines = terminal(replace(violated(), paths=paths)).splitlines()

    assert lines[-4:] == [
        "next:",
        "    repeat it, clean up  rocketchat-contract repeat reports/x an-open-room-is-returned",
        "    evidence to send     rocketchat-contract bundle reports/x",
        "    accept for a while   rocketchat-contract baseline update reports/x",
    ]


def test_a_conformant_run_has_no_next_step() -> None:
    paths = {"report.html": "reports/x/report.html"}

    assert "next:" not in terminal(replace(conformant(), paths=paths))


def test_an_embedded_target_says_so() -> None:
    embedded = replace(violated(), header=replace(violated().header, embedded="edition=7.10"))
    assert "https://chat.example.com (embedded)" in terminal(embedded)


def test_what_was_left_is_named() -> None:
    assert "left: room xT8mKeRoomTwo" in terminal(violated())
    assert "search for the visitors named contract suite" in terminal(violated())
