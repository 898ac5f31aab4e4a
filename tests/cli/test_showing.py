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

    lines = re.findall(r"^ +\d+ +(\S+) +[\d.]+ ms  (GET|POST|DELETE) (/\S+)", ended.err, re.MULTILINE)
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
