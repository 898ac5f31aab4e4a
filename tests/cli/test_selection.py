"""A run limited to some requirements: what is left out is not asked for, whatever shows it."""

from __future__ import annotations

import json

import pytest

from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.vendored import load_contract
from support.live import Command, Ended

RACE = "overlapping-calls-open-one-room"
CATALOGUE = load_catalogue(load_contract())
RID = sum(each.group == "rid" for each in CATALOGUE)


@pytest.fixture
def limited(suite: Command) -> Ended:
    return suite("run", "--edition", "7.10", "--profile", "gate", "--seed", "1", "--only", RACE)


def test_the_exit_code_follows_what_was_asked(suite: Command) -> None:
    kept = suite("run", "--edition", "7.10", "--profile", "gate", "--seed", "1", "--only", "rid", "-q")
    judged = suite("judge", "reports/latest", "--skip", "a-closed-rid-is-refused", "-q")

    assert (kept.code, judged.code) == (0, 0)
    assert f"{RID} requirements, " in kept.out
    assert f" 0 fail; {len(CATALOGUE) - RID} not asked for (--only rid)" in kept.out.replace(" not judged,", "")
    assert f"{RID - 1} requirements, " in judged.out


def test_only_what_shows_it_is_sent(limited: Ended) -> None:
    drivers = {line["driver"] for line in limited.lines if line["type"] == "exchange"}

    assert limited.code == 1
    assert "core" not in drivers


def test_every_report_says_what_was_not_asked(limited: Ended) -> None:
    said = f"1 requirement, 1 judged: 0 pass, 1 fail; {len(CATALOGUE) - 1} not asked for (--only {RACE})"
    names = ("report.html", "summary.md", "junit.xml", "report.json", "report.sarif", "ctrf.json")
    texts = {name: (limited.run / name).read_text(encoding="utf-8").replace("\\", "") for name in names}

    assert [name for name, text in texts.items() if said not in text] == []


def test_a_record_is_judged_as_the_run_was_asked(suite: Command, limited: Ended) -> None:
    judged = suite("judge", "reports/latest", "--format", "json")

    assert json.loads(judged.out) == json.loads((limited.run / "report.json").read_text(encoding="utf-8"))


def test_a_plan_says_what_is_asked(suite: Command) -> None:
    planned = suite("plan", "--profile", "gate", "--only", "rid")

    assert f"asked     {RID} of {len(CATALOGUE)} requirements (--only rid)" in planned.out


def test_a_comparison_leaves_out_what_one_run_was_not_asked(suite: Command, limited: Ended) -> None:
    first = str(limited.run)
    suite("run", "--profile", "gate", "--seed", "1", "--only", "rid")
    compared = suite("diff", first, "reports/latest")

    assert compared.code == 0
    assert "No requirement changed." in compared.out
