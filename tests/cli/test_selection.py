"""A run limited to some requirements: what is left out is not asked for, whatever shows it."""

from __future__ import annotations

import json

import pytest

from support.live import Command, Ended

RACE = "overlapping-calls-open-one-room"


@pytest.fixture
def limited(suite: Command) -> Ended:
    return suite("run", "--edition", "7.10", "--profile", "gate", "--seed", "1", "--only", RACE)


def test_the_exit_code_follows_what_was_asked(suite: Command) -> None:
    kept = suite("run", "--edition", "7.10", "--profile", "gate", "--seed", "1", "--only", "rid", "-q")
    judged = suite("judge", "reports/latest", "--skip", "a-closed-rid-is-refused", "-q")

    assert (kept.code, judged.code) == (0, 0)
    assert "8 requirements, 8 judged: 8 pass, 0 fail; 60 not asked for (--only rid)" in kept.out
    assert "7 requirements, 7 judged: 7 pass, 0 fail;" in judged.out


def test_only_what_shows_it_is_sent(limited: Ended) -> None:
    drivers = {line["driver"] for line in limited.lines if line["type"] == "exchange"}

    assert limited.code == 1
    assert "core" not in drivers


def test_every_report_says_what_was_not_asked(limited: Ended) -> None:
    said = f"1 requirement, 1 judged: 0 pass, 1 fail; 67 not asked for (--only {RACE})"
    names = ("report.html", "summary.md", "junit.xml", "report.json", "report.sarif", "ctrf.json")
    texts = {name: (limited.run / name).read_text(encoding="utf-8").replace("\\", "") for name in names}

    assert [name for name, text in texts.items() if said not in text] == []


def test_a_record_is_judged_as_the_run_was_asked(suite: Command, limited: Ended) -> None:
    judged = suite("judge", "reports/latest", "--format", "json")

    assert json.loads(judged.out) == json.loads((limited.run / "report.json").read_text(encoding="utf-8"))


def test_a_plan_says_what_is_asked(suite: Command) -> None:
    assert "asked     8 of 68 requirements (--only rid)" in suite("plan", "--profile", "gate", "--only", "rid").out


def test_a_comparison_leaves_out_what_one_run_was_not_asked(suite: Command, limited: Ended) -> None:
    first = str(limited.run)
    suite("run", "--profile", "gate", "--seed", "1", "--only", "rid")
    compared = suite("diff", first, "reports/latest")

    assert compared.code == 0
    assert "No requirement changed." in compared.out
