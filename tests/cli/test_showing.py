"""How results are shown: quiet, with each request, as JSON, in colour."""

from __future__ import annotations

import json
import re

import pytest

from support.live import Command, rocket


def test_quiet_prints_the_verdict_alone(suite: Command) -> None:
    ended = suite("run", "--profile", "gate", "--wrong", "forgets_the_room", "--seed", "1", "-q")

    sign, verdict = ended.out.splitlines()
    assert (ended.code, ended.err) == (1, "")
    assert sign.startswith("✗ The embedded reference server breaks the contract")
    assert verdict.startswith("verdict: violated")


def test_verbose_prints_each_request(suite: Command) -> None:
    with rocket() as server:
        ended = suite.run(server.url, "--profile", "smoke", "--yes", "-v")

    lines = re.findall(r"^ +\d+ +(\S+) +[\d.]+ ms  ([A-Z]+) (/\S+)", ended.err, re.MULTILINE)
    assert len(lines) == len([line for line in ended.lines if line["type"] == "exchange"])
    assert not any(token in ended.err for token in server.made.tokens)


def test_run_and_judge_print_the_same_json(suite: Command) -> None:
    ran = suite("run", "--profile", "smoke", "--seed", "1", "--format", "json", "-q")
    judged = suite("judge", "reports/latest", "--format", "json")

    assert json.loads(ran.out) == json.loads(judged.out) == json.loads((ran.run / "report.json").read_text())


@pytest.mark.parametrize(("color", "is_coloured"), [("auto", False), ("always", True), ("never", False)])
def test_colour_follows_the_option(suite: Command, color: str, is_coloured: bool) -> None:
    suite("run", "--profile", "smoke", "--seed", "1")
    judged = suite("judge", "reports/latest", "--color", color)

    assert ("\x1b[" in judged.out) == is_coloured


@pytest.mark.parametrize(
    ("words", "member"),
    [
        (("diff", "reports/latest", "reports/latest"), "changes"),
        (("config", "show"), "profile"),
        (("plan",), "seconds"),
    ],
)
def test_others_print_json_too(suite: Command, words: tuple[str, ...], member: str) -> None:
    suite("run", "--profile", "smoke", "--seed", "1")
    ended = suite(*words, "--format", "json")

    assert member in json.loads(ended.out)


def test_history_prints_json(suite: Command) -> None:
    suite("run", "--profile", "smoke", "--seed", "1")
    ended = suite("history", "reports", "--format", "json")

    (track,) = json.loads(ended.out)
    assert [run["verdict"] for run in track["runs"]] == ["incomplete"]


def test_diff_says_how_much_changed_alone(suite: Command) -> None:
    suite("run", "--profile", "smoke", "--seed", "1")

    assert suite("diff", "reports/latest", "reports/latest", "-q").out == "No requirement changed.\n"
    assert "unchanged: " in suite("diff", "reports/latest", "reports/latest", "-v").out


def test_history_lists_what_was_kept_when_asked(suite: Command) -> None:
    suite("run", "--profile", "smoke", "--seed", "1")
    quiet, verbose = suite("history", "-q"), suite("history", "-v")

    assert len(quiet.out.splitlines()) == 1
    assert "an-open-room-is-returned" in verbose.out


def test_a_plan_shows_its_requests_and_its_sum(suite: Command) -> None:
    planned = suite("plan", "-q", "-v")

    assert re.fullmatch(r"at most [\d,]+ requests, usually about 7,000 in .*\n", planned.out)
    assert len(re.findall(r"ms  GET ", planned.err)) == 3


def test_config_shows_only_what_was_changed(suite: Command) -> None:
    shown = suite("config", "show", "-q", "--timeout", "7")

    assert [line.split()[0] for line in shown.out.splitlines()] == ["timeout", "header"]
    assert "Seconds that one call may take." in suite("config", "show", "-v").out


def test_judge_prints_each_request(suite: Command) -> None:
    ran = suite("run", "--profile", "smoke", "--seed", "1")
    judged = suite("judge", "reports/latest", "-q", "-v")

    lines = [line for line in ran.lines if line["type"] == "exchange"]
    assert len(re.findall(r" ms  [A-Z]+ /", judged.err)) == len(lines)


def test_a_log_is_not_cut(suite: Command) -> None:
    told = suite("run", "--edition", "7.10", "--profile", "gate", "--seed", "1").out

    assert "..." not in told


def test_repeat_leaves_latest_alone(suite: Command) -> None:
    ran = suite("run", "--edition", "7.10", "--profile", "gate", "--seed", "1", "--only", "get-or-create")
    again = suite("repeat", "reports/latest", "overlapping-calls-open-one-room", "-q")

    assert "1 requirement, 1 judged" in again.out
    assert " not asked for (--only overlapping-calls-open-one-room)" in again.out
    assert (ran.home / "reports" / "latest").resolve().name in ran.out
