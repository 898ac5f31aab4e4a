"""``diff`` and ``history``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.command import rocketchat_contract
from support.hars import entries, write_har
from support.histories import ANNA, created, registered, returned

CALLS = (registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"))


def night(folder: Path, day: int, *calls: object, **facts: str) -> Path:
    """The folder of a judged capture, put on a day of November."""
    har = write_har(folder / f"{day}.har", entries(*calls))  # type: ignore[arg-type]
    place = folder / "runs" / f"{day}"
    rocketchat_contract("judge", har, "--report-dir", place)
    report = place / "report.json"
    content = json.loads(report.read_text("utf-8"))
    content["header"]["started"] = f"2026-11-{day:02}T02:00:00.000Z"
    content["facts"] += [{"name": name, "value": value, "exchange": 1} for name, value in facts.items()]
    report.write_text(json.dumps(content), "utf-8")
    return place


@pytest.fixture
def nights(tmp_path: Path) -> Path:
    """Three nights; in the last a room came back."""
    night(tmp_path, 1, *CALLS, version="8.2")
    night(tmp_path, 2, *CALLS, version="8.2")
    night(tmp_path, 3, *CALLS, returned(ANNA, "R1"), version="8.3")
    return tmp_path / "runs"


def test_a_regression_is_told_first_with_its_cause(nights: Path) -> None:
    called = rocketchat_contract("diff", nights / "2", nights / "3")

    assert called.code == 1
    assert called.out.splitlines() == [
        "Rocket.Chat: 8.2 → 8.3",
        "",
        "✗ regressions: 1",
        "  an-open-room-is-returned: not-judged → fail (cause: target)",
        "    A visitor with an open room gets that room, never a second one.",
        "    expected the room that came after it, or a new one, got room R1 again, newRoom false",
        "",
        "1 regression.",
    ]


def test_nothing_changed_is_no_regression(nights: Path) -> None:
    called = rocketchat_contract("diff", nights / "1", nights / "2" / "report.json")

    assert (called.code, called.out) == (0, "No requirement changed.\n")


def test_what_is_no_run_is_refused(nights: Path) -> None:
    assert rocketchat_contract("diff", nights / "1", nights).code == 2


def test_the_history_says_since_when(nights: Path) -> None:
    called = rocketchat_contract("history", nights)

    assert called.code == 0
    lines = called.out.splitlines()
    assert lines[:3] == [
        "https://chat.example.com · 3 runs, the last violated, Rocket.Chat 8.3",
        "  ✗ an-open-room-is-returned  ??✗",
        "      broken since 2026-11-03 02:00, never kept; broken in 1 of 1 run",
    ]
    assert re.match(r"      first broken with Rocket.Chat 8.3, suite \S+ [0-9a-f]{8}, contract", lines[3])
    assert any(re.fullmatch(r"  \d+ requirements always kept, \d+ never judged", line) for line in lines)
    assert called.out.splitlines()[-2:] == ["1 requirement broken now, on 1 target.", f"page: {nights}/history.html"]


def test_the_page_lies_beside_the_runs_or_where_it_is_asked_for(nights: Path, tmp_path: Path) -> None:
    rocketchat_contract("history", nights, "--out", tmp_path / "page.html")

    assert not (nights / "history.html").exists()
    assert 'href="runs/3/report.html' in (tmp_path / "page.html").read_text("utf-8")


def killed(nights: Path) -> Path:
    """A run of the same target, killed when something of it was there."""
    place = nights / "killed"
    place.mkdir()
    first, *_ = (nights / "3" / "record.jsonl").read_bytes().splitlines(keepends=True)
    (place / "record.jsonl").write_bytes(first)
    entries = [
        {"event": "run", "format": "1", "run": "killed", "target": "https://chat.example.com"},
        {"event": "token", "name": "$RC_TOKEN_1", "token": "rcc1", "own": "yes"},
    ]
    (place / "ledger.jsonl").write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), "utf-8")
    return place


def test_a_killed_run_is_told_with_the_command_that_sweeps_it(nights: Path) -> None:
    place = killed(nights)

    lines = rocketchat_contract("history", nights).out.splitlines()

    assert lines[0] == "https://chat.example.com · 3 runs, the last violated, Rocket.Chat 8.3"
    assert "killed before it ended, so not judged; it may have left something" in " ".join(" ".join(lines).split())
    assert f"      rocketchat-contract sweep {place}" in lines


@pytest.mark.parametrize("command", ["judge", "bundle"])
def test_a_killed_run_is_neither_judged_nor_bundled(nights: Path, command: str) -> None:
    place = killed(nights)

    called = rocketchat_contract(command, place)

    assert called.code == 2
    told = " ".join(called.err.split())
    assert "its footer is missing, so it is truncated" in told
    assert f"may have left something on its target: rocketchat-contract sweep {place}" in told


def test_an_output_of_few_letters_gets_plain_signs(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = rocketchat_contract("history", nights, environment={"PYTHONIOENCODING": "ascii"})

    assert called.code == 0


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    called = rocketchat_contract("history", tmp_path)

    assert (called.code, called.out) == (2, "")


def test_a_page_that_cannot_be_written_is_refused(nights: Path, tmp_path: Path) -> None:
    assert rocketchat_contract("history", nights, "--out", tmp_path / "none" / "page.html").code == 2


def test_pruning_says_what_would_go_and_does_it_when_told_to(nights: Path) -> None:
    asked = rocketchat_contract("prune", nights, "--keep", "2")
    still_there = (nights / "1").is_dir()
    done = rocketchat_contract("prune", nights, "--keep", "2", "--yes")

    assert still_there
    assert asked.out.splitlines() == [
        f"would remove {nights}/1",
        "would remove 1 run, 2 stay; pass --yes to do it",
    ]
    assert done.out.splitlines() == [f"removed {nights}/1", "removed 1 run, 2 stay"]
    assert sorted(path.name for path in nights.iterdir() if path.is_dir()) == ["2", "3"]
