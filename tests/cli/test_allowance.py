"""Quick checks: what may stay unjudged, and what has to be judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command import Called, rocketchat_contract
from support.hars import entries, write_har
from support.histories import ANNA, created, registered, returned

KEPT = (registered(ANNA), created(ANNA, "R1"), returned(ANNA, "R1"))
BROKEN = (*KEPT, created(ANNA, "R2"))
SHOWN, UNSHOWN = "an-open-room-is-returned", "a-closed-rid-is-refused"


def judged(folder: Path, *options: str, calls: tuple[object, ...] = KEPT) -> Called:
    har = write_har(folder / "calls.har", entries(*calls))  # type: ignore[arg-type]
    return rocketchat_contract("judge", har, "--alone", "--report-dir", folder / "run", *options)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 3),
        (("--accept-incomplete",), 0),
        (("--require", SHOWN), 0),
        (("--accept-incomplete", "--require", SHOWN), 0),
        (("--require", UNSHOWN), 3),
        (("--accept-incomplete", "--require", UNSHOWN), 3),
    ],
)
def test_the_exit_code_follows_what_is_asked(tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    assert judged(tmp_path, *options).code == code


def test_the_verdict_stays_incomplete(tmp_path: Path) -> None:
    done = judged(tmp_path, "--accept-incomplete")

    report = json.loads((tmp_path / "run" / "report.json").read_text("utf-8"))
    assert (report["verdict"]["word"], report["verdict"]["exit_code"]) == ("incomplete", 0)
    assert "none of what was judged failed, which is accepted here." in " ".join(done.out.split())


def test_what_is_broken_still_fails(tmp_path: Path) -> None:
    assert judged(tmp_path, "--accept-incomplete", calls=BROKEN).code == 1


def test_junit_is_green_with_the_exit_code(tmp_path: Path) -> None:
    judged(tmp_path, "--accept-incomplete")

    text = (tmp_path / "run" / "junit.xml").read_text("utf-8")
    assert "<error" not in text
    assert "<failure" not in text


def test_an_unknown_requirement_is_refused(tmp_path: Path) -> None:
    done = judged(tmp_path, "--require", "an-open-room-is-return")

    assert done.code == 2
    assert f"Did you mean {SHOWN}?" in done.err
