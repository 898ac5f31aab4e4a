"""``--baseline`` of ``run`` and ``judge``, and ``baseline update``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from support.command import Called, rocketchat_contract
from support.hars import entries, write_har
from support.histories import ANNA, created, registered, returned

REPEAT = "an-open-room-is-returned"
WORDS = ("--reason", "known since spring", "--owner", "chat team", "--ticket", "RC-7")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a capture that proves a second open room."""
    calls = (registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"), returned(ANNA, "R1"))
    har = write_har(tmp_path / "a.har", entries(*calls))
    assert rocketchat_contract("judge", har, "--report-dir", tmp_path / "run").code == 1
    return tmp_path / "run"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "baseline.toml"


def update(run: Path, file: Path, *options: object) -> Called:
    return rocketchat_contract("baseline", "update", run, "--baseline", file, *options)


def test_an_accepted_finding_leaves_the_rest_of_the_exit_code(run: Path, file: Path) -> None:
    update(run, file, *WORDS)

    called = rocketchat_contract("judge", run, "--baseline", file)

    assert called.code == 3  # a capture is never judged in full
    assert f"· {REPEAT} (required, broken 1 of 1, accepted): " in called.out
    assert "verdict: violated" in called.out


def test_update_prints_and_writes_a_ready_entry(run: Path, file: Path) -> None:
    called = update(run, file, *WORDS, "--expires", "2099-03-31")

    ready = f"""\
[[accepted]]
requirement = "{REPEAT}"
signature = "came back"
target = "https://chat.example.com"
reason = "known since spring"
owner = "chat team"
ticket = "RC-7"
expires = 2099-03-31
"""
    assert called.code == 0
    assert called.out == f"{ready}{file}: 1 added, 0 stale, 0 expired\n"
    assert file.read_text("utf-8") == ready


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ((), '--reason "…" --owner "…"'),
        (("--reason", "known"), '--owner "…"'),
        (("--reason", " ", "--owner", "ops"), '--reason "…"'),
    ],
)
def test_without_words_nothing_is_printed_or_written(
    run: Path, file: Path, words: tuple[str, ...], missing: str
) -> None:
    called = update(run, file, *words)

    assert (called.code, called.out) == (2, "")
    assert called.err.startswith("Error: 1 finding is not listed yet")
    assert called.err.endswith(f"Nothing was written; repeat with {missing}.\n")
    assert not file.exists()


def test_an_entry_holds_for_ninety_days_unless_told(run: Path, file: Path) -> None:
    update(run, file, *WORDS)

    end = (datetime.now(UTC) + timedelta(days=90)).date()
    assert file.read_text("utf-8").endswith(f"expires = {end}\n")


def test_a_stale_entry_fails_in_ci_only(run: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    update(run, file, *WORDS)
    with file.open("a") as more:
        more.write(
            file.read_text().replace(REPEAT, "a-room-is-a-livechat-room").replace('signature = "came back"\n', "")
        )

    monkeypatch.chdir(file.parent)  # a long path is cut
    here = rocketchat_contract("judge", run, "--baseline", file.name)
    in_ci = rocketchat_contract("judge", run, "--baseline", file.name, environment={"CI": "true"})

    assert (here.code, in_ci.code) == (3, 1)
    assert f"Baseline {file.name}: 1 accepted, 1 stale." in " ".join(here.out.split())


def test_stale_entries_are_removed_when_asked(run: Path, file: Path) -> None:
    update(run, file, *WORDS)
    good = write_har(run.parent / "b.har", entries(created(ANNA, "R1"), created(ANNA, "R2")))
    rocketchat_contract("judge", good, "--report-dir", run.parent / "good")
    file.write_text(file.read_text().replace(REPEAT, "a-room-is-a-livechat-room").replace('"came back"', '"x"'))

    told, pruned = update(run.parent / "good", file), update(run.parent / "good", file, "--prune")

    assert "a-room-is-a-livechat-room is stale: remove it with --prune" in told.out
    assert "a-room-is-a-livechat-room is removed" in pruned.out
    assert file.read_text() == ""


def test_an_expired_entry_fails_everywhere(run: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    update(run, file, *WORDS, "--expires", "2020-01-01")

    monkeypatch.chdir(file.parent)  # a long path is cut
    called = rocketchat_contract("judge", run, "--baseline", file.name)

    assert called.code == 1
    assert "is expired; its time is over" in " ".join(called.out.split())


def test_an_expired_entry_gets_a_new_end_by_name(run: Path, file: Path) -> None:
    update(run, file, *WORDS, "--expires", "2020-01-01")

    told, renewed = update(run, file), update(run, file, "--expires", "2031-01-01")

    assert "ended on 2020-01-01: set a new end with --expires" in told.out
    assert "has a new end" in renewed.out
    assert "expires = 2031-01-01" in file.read_text()


def test_a_missing_baseline_is_refused(run: Path, file: Path) -> None:
    called = rocketchat_contract("judge", run, "--baseline", file)

    assert (called.code, called.err.splitlines()[-1]) == (2, "Fix it, or make one with: baseline update RUN.")


def test_every_report_tells_what_was_accepted(run: Path, file: Path) -> None:
    update(run, file, *WORDS)
    rocketchat_contract("judge", run, "--baseline", file, "--report-dir", run.parent / "out")
    told = {path.name: path.read_text("utf-8") for path in (run.parent / "out").iterdir()}

    report, sarif = json.loads(told["report.json"]), json.loads(told["report.sarif"])
    assert report["baseline"]["accepted"] == [REPEAT]
    assert (report["verdict"]["word"], report["verdict"]["exit_code"]) == ("violated", 3)
    assert [each["standing"] for each in report["baseline"]["entries"]] == ["accepted"]
    assert sarif["runs"][0]["results"][0]["suppressions"][0]["kind"] == "external"
    assert '<section id="baseline"' in told["report.html"]
    assert "## Baseline" in told["summary.md"]
    assert all(
        "known since spring" in told[name] for name in ("report.html", "summary.md", "junit.xml", "report.sarif")
    )


def test_an_accepted_case_is_skipped_with_its_reason(run: Path, file: Path) -> None:
    update(run, file, *WORDS)
    rocketchat_contract("judge", run, "--baseline", file, "--report-dir", run.parent / "out")

    case = ET.parse(run.parent / "out" / "junit.xml").find(f".//testcase[@name='{REPEAT}']")

    assert case is not None
    skipped = case.find("skipped")
    assert skipped is not None
    assert "Accepted: known since spring (accepted by chat team, RC-7, until" in skipped.get("message", "")


def test_an_expired_entry_is_a_red_case(run: Path, file: Path) -> None:
    update(run, file, *WORDS, "--expires", "2020-01-01")
    rocketchat_contract("judge", run, "--baseline", file, "--report-dir", run.parent / "out")

    cases = ET.parse(run.parent / "out" / "junit.xml").findall(".//testsuite[@name='run']/testcase")

    assert [(case.get("name"), case.find("error") is not None) for case in cases] == [("baseline-1", True)]


def test_a_run_is_held_against_its_baseline(tmp_path: Path) -> None:
    options = ("--edition", "3.7", "--profile", "smoke", "--seed", "1", "--report-dir", tmp_path)
    plain = rocketchat_contract("run", *options)
    file = tmp_path / "b.toml"
    update(tmp_path / "latest", file, *WORDS)

    accepted = rocketchat_contract("run", *options, "--baseline", file)

    assert plain.code == 1
    assert accepted.code in (0, 3)
    assert "verdict: violated" in accepted.out


def test_a_wrong_baseline_stops_a_run_before_any_traffic(tmp_path: Path) -> None:
    file = tmp_path / "b.toml"
    file.write_text("[[accepted]]\n")

    called = rocketchat_contract("run", "--profile", "smoke", "--report-dir", tmp_path / "out", "--baseline", file)

    assert (called.code, (tmp_path / "out").exists()) == (2, False)
