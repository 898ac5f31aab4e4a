"""What the commands print, whole and at 80 columns, and the codes they end with."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from rocketchat_contract.cli.commands import cli
from support.live import Command, interrupt, rocket
from support.sockets import closed_port


def plain(text: str, *changing: tuple[str, str]) -> str:
    """A text with what differs from run to run named."""
    for pattern, name in (("127\\.0\\.0\\.1:\\d+", "HOST"), ("\\d{8}-\\d{6}-[0-9a-f]{8}", "RUN"), *changing):
        text = re.sub(pattern, name, text)
    return text


def test_plan(suite: Command) -> None:
    with rocket("limit=5/60") as server:
        ended = suite("plan", server.url, "--profile", "smoke")

        assert ended.code == 0
        assert (server.app.store.rooms(), server.app.store.visitors(), server.app.calls) == ([], [], 3)
    assert plain(ended.out) == (
        "target    http://HOST\n"
        "          version: 8.8\n"
        "          livechat enabled: yes\n"
        "          agent online: yes\n"
        "          limiter: 5 room calls per 60 s\n"
        "profile   smoke\n"
        "          the calls that prove most, in under four minutes at 5 calls per minute\n"
        "drivers   core\n"
        "at most   15 room calls, 5 visitors, 10 rooms,\n"
        "          10 messages, closings and deletions\n"
        "          and only to ask again what was lost: 4 room calls and 2 visitors\n"
        "after it  at most 30 calls that close rooms and delete visitors\n"
        "in all    at most 76 requests, about 4 min\n"
        "          (the limiter allows 5 per 60 s of room calls)\n"
    )
    assert not (suite.home / "reports").exists()


def test_plan_of_a_target_that_is_gone(suite: Command) -> None:
    ended = suite("plan", f"http://127.0.0.1:{closed_port()}")

    assert (ended.code, ended.out) == (3, "")
    assert plain(ended.err) == (
        "Error: http://HOST gives no answer: connection refused.\nStart the server, or correct host and port.\n"
    )


def test_config_show(suite: Command) -> None:
    (suite.home / "rocketchat-contract.toml").write_text('timeout = 5\nprofile = "smoke"\n')
    command = Command(suite.home, {**suite.environment, "ROCKETCHAT_CONTRACT_LIMIT": "12/3"})

    ended = command("config", "show", "https://chat.example.com", "--seed", "7")

    shown = [re.split(r"  +", line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert [row for row in shown if row[2] != "default"] == [
        ["target", "https://chat.example.com", "argument URL"],
        ["profile", "smoke", "file rocketchat-contract.toml"],
        ["seed", "7", "flag --seed"],
        ["timeout", "5.0", "file rocketchat-contract.toml"],
        ["limit", "12/3", "environment ROCKETCHAT_CONTRACT_LIMIT"],
        ["header", "X-Edge-Key: (not shown)", "environment ROCKETCHAT_CONTRACT_HEADER"],
    ]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["run", "--profile", "gaet"], "There is no profile 'gaet' (flag --profile).\nDid you mean gate?"),
        (["run", "--edition", "7.1"], "There is no edition '7.1'.\nDid you mean 7.10?"),
        (["run", "--wrong", "forgets_the_rom"], "Did you mean forgets_the_room?"),
        (["run", "--set", "limt=5/60"], "There is no setting 'limt'.\nDid you mean limit?"),
        (["run", "chat.example.com", "--yes"], "is not an http or https URL.\nDid you mean https://chat.example.com?"),
        (["run", "htp://chat.example.com"], "is not an http or https URL.\nDid you mean http://chat.example.com?"),
        (["run", "http://"], "is not an http or https URL.\nGive the base URL"),
        (["run", "https://u:p@h", "--yes"], "The target's URL holds credentials.\nLeave them out"),
        (["run", "--config", "no.toml"], "The file no.toml cannot be read: No such file or directory.\nName another"),
        (["run", "https://h", "--edition", "3.7"], "is for the embedded server, but the target is https://h"),
        (["run", "https://h", "--yes", "--proxy", "socks5://p"], "The proxy is not an http URL of host and port."),
        (["judge", "nowhere"], "The record nowhere cannot be read"),
        (
            ["diff", "nowhere", "there"],
            "The report nowhere cannot be read: No such file or directory.\nName a run's folder",
        ),
        (["bundle", "nowhere"], "There is no run at nowhere.\nName the folder of a run, such as reports/latest."),
        (["verify", "nowhere"], "The bundle nowhere cannot be read: No such file or directory.\nName a zip"),
        (
            ["baseline", "update", "nowhere"],
            "The record nowhere cannot be read: No such file or directory.\nName the folder of a run",
        ),
        (["history", "nowhere"], "There is no folder nowhere.\nName the folder of --report-dir."),
        (["judge"], "Missing argument 'RECORD'.\nSee: rocketchat-contract judge --help"),
        (["judge", "--report-dir", __file__, "x"], "is a file.\nSee: rocketchat-contract judge --help"),
        (["baseline", "updat"], "No such command 'updat'."),
        (["run", "--nowhere"], "\nSee: rocketchat-contract run --help"),
        (["sweep", "nowhere"], "There is no ledger at reports/nowhere/ledger.jsonl"),
    ],
)
def test_mistakes_end_with_exit_2_and_a_next_step(suite: Command, words: list[str], error: str) -> None:
    ended = suite(*words)

    assert ended.code == 2, ended.err
    assert " ".join(error.split()) in ended.said
    assert "Traceback" not in ended.err
    assert ended.runs == []


def test_judge_says_what_run_said(suite: Command) -> None:
    ran = suite("run", "--profile", "gate", "--edition", "3.7", "--seed", "1")
    judged = suite("judge", "reports/latest")

    assert (ran.code, judged.code) == (1, 1)
    assert ran.out.partition("\nreport:")[0] == judged.out.rstrip()


def test_sweep_of_a_run_that_left_nothing(suite: Command) -> None:
    with rocket() as server:
        ran = suite.run(server.url, "--profile", "smoke")
        named = (ran.run.name, f"reports/{ran.run.name}", "reports/latest/record.jsonl")
        swept = [suite("sweep", each) for each in named]

    assert [each.code for each in swept] == [0, 0, 0]
    assert {each.out.splitlines()[-1] for each in swept} == {"nothing is left of this run"}


def test_a_sweep_names_other_runs_with_a_ledger(suite: Command) -> None:
    with rocket() as server:
        ran = suite.run(server.url, "--profile", "smoke")
    other = ran.run.parent / "killed"
    other.mkdir()
    (other / "ledger.jsonl").write_text("")

    swept = suite("sweep", "reports/latest")

    assert swept.err == "Another run has a ledger: rocketchat-contract sweep reports/killed\n"


def test_sweep_of_a_run_without_a_whole_record(suite: Command) -> None:
    with rocket() as server:
        ran = suite.run(server.url, "--profile", "smoke")
    cut = suite.home.parent / "cut"
    cut.mkdir()
    (cut / "record.jsonl").write_bytes((ran.run / "record.jsonl").read_bytes()[:-50])
    swept = suite("sweep", str(cut))

    assert swept.code == 2
    assert "There is no ledger at" in swept.said


def test_sweep_of_a_run_on_the_embedded_server(suite: Command) -> None:
    ran = suite("run", "--profile", "smoke")

    assert (ran.code, suite("sweep", "reports/latest").code) == (3, 0)


def test_sweep_of_a_run_under_way(suite: Command) -> None:
    with rocket("latency=0.2") as server:
        process = suite.start("run", server.url, "--yes")
        while not server.open_rooms:
            assert process.poll() is None
            time.sleep(0.02)
        folder = next(path for path in (suite.home / "reports").iterdir() if path.is_dir())
        swept = suite("sweep", str(folder))
        interrupt(process)
        process.communicate(timeout=120)

        assert (swept.code, process.returncode) == (2, 3)
        assert "is still under way" in swept.said
        assert (server.open_rooms, server.visitors) == ([], [])


def test_the_help_names_every_exit_code(suite: Command) -> None:
    told = " ".join(suite("--help").out.split())

    assert "0 conformant, 1 violated, 2 usage, 3 incomplete or declined, 4 error of the suite." in told


def test_every_command_explains_itself_in_80_columns(suite: Command) -> None:
    commands = ([], ["run"], ["plan"], ["sweep"], ["judge"], ["config"], ["config", "show"], ["serve"])
    for command in commands:
        ended = suite(*command, "--help")

        assert ended.code == 0
        assert max(map(len, ended.out.splitlines())) <= 80


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_output_is_told_in_one_line(tmp_path: Path) -> None:
    for words in (("run", "--profile", "smoke"), ("sweep", "reports/latest")):
        with Path("/dev/full").open("w") as full:
            command = [sys.executable, "-m", "rocketchat_contract", *words]
            ended = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

        assert ended.returncode == 4
        assert "cannot be printed: No space left on device.\nGive standard output a place" in ended.stderr
        assert "Traceback" not in ended.stderr
    assert (tmp_path / "reports" / "latest" / "report.json").exists()


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("run --profile night", "nightly"),
        ("run --edition 7", "7.10"),
        ("run --only get", "get-or-create"),
        ("run --require an-open", "an-open-room-is-returned"),
        ("serve --wrong creates_two", "creates_two_rooms_on_a_race"),
        ("requirements an-open", "an-open-room-is-returned"),
        ("repeat reports/latest an-open", "an-open-room-is-returned"),
    ],
)
def test_the_shell_completes_values(words: str, value: str) -> None:
    *typed, start = words.split()
    completer = ShellComplete(cli, {}, "rocketchat-contract", "_ROCKETCHAT_CONTRACT_COMPLETE")

    assert value in [each.value for each in completer.get_completions(typed, start)]
