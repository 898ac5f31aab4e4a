from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.report.files import WRITERS, tell_github, write_reports, write_whole
from rocketchat_contract.report.run_result import RunResult

from .examples import hostile, violated


def fails(_: RunResult) -> str:
    raise ValueError("no")


def test_all_reports_are_written(tmp_path: Path) -> None:
    written = write_reports(violated(), tmp_path / "run")

    assert {path.name for path in (tmp_path / "run").iterdir()} == set(WRITERS) == set(written.paths)
    assert written.problems == ()


def test_a_hostile_run_is_written_too(tmp_path: Path) -> None:
    assert write_reports(hostile(), tmp_path).problems == ()


def test_a_failing_writer_does_not_take_the_others_along(tmp_path: Path) -> None:
    written = write_reports(violated(), tmp_path, {"a.txt": fails, "junit.xml": WRITERS["junit.xml"]})

    assert written.problems == ("a.txt was not written: ValueError: no",)
    assert [path.name for path in tmp_path.iterdir()] == ["junit.xml"]


def test_github_gets_a_summary_and_annotations(tmp_path: Path) -> None:
    page = tmp_path / "summary"
    page.write_text("before\n")

    told = tell_github(violated(), {"GITHUB_STEP_SUMMARY": str(page), "GITHUB_ACTIONS": "true"}, "ascii")

    assert page.read_text("utf-8").startswith("before\n# ✗ chat.example.com breaks")
    assert told.isascii()
    assert told.startswith("::error title=")


def test_a_page_that_cannot_be_written_is_told_and_hides_nothing(tmp_path: Path) -> None:
    environment = {"GITHUB_STEP_SUMMARY": str(tmp_path / "gone" / "page"), "GITHUB_ACTIONS": "true"}

    first, *others = tell_github(violated(), environment, "utf-8").splitlines()

    assert first == f"The job's page {tmp_path}/gone/page was not written: No such file or directory."
    assert others[0].startswith("::error title=")


def test_elsewhere_github_gets_nothing() -> None:
    assert tell_github(violated(), {}, "utf-8") == ""


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "x", "old")

    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new\ud800")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
