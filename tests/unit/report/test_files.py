from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.report.account import Account
from rocketchat_contract.report.files import WRITERS, write_reports, write_whole

from .examples import hostile, violated


def fails(_: Account) -> str:
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


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "x", "old")

    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new\ud800")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
