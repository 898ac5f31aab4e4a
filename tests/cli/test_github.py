"""Every face tells GitHub Actions: the summary stands on the job's page, what is wrong is annotated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.live import Command, Ended

from .test_pytest_face import pytest_of

FLEET = '[[deployment]]\nname = "one"\nserver = ["edition=3.7"]\nprofile = "smoke"\n'
BROKEN = ("--profile", "smoke", "--edition", "3.7", "--seed", "1")


def by_run(job: Command) -> Ended:
    return job("run", *BROKEN)


def by_judge(job: Command) -> Ended:
    Command(job.home)("run", *BROKEN)
    return job("judge", "reports/latest")


def by_pytest(job: Command) -> Ended:
    return pytest_of(job, *BROKEN, "-q")


def by_fleet(job: Command) -> Ended:
    (job.home / "fleet.toml").write_text(FLEET, encoding="utf-8")
    return job("fleet", "run", "fleet.toml")


@pytest.fixture
def job(tmp_path: Path) -> Command:
    """Runs commands as a step of a job."""
    home = tmp_path / "home"
    home.mkdir()
    return Command(home, {"GITHUB_STEP_SUMMARY": str(tmp_path / "page.md"), "GITHUB_ACTIONS": "true"})


@pytest.mark.parametrize("face", [by_run, by_judge, by_pytest, by_fleet], ids=lambda face: face.__name__)
def test_a_face_fills_the_jobs_page_and_annotates(face: Callable[[Command], Ended], job: Command) -> None:
    ended = face(job)
    page = (job.home.parent / "page.md").read_text(encoding="utf-8")

    headline = page.splitlines()[0]
    assert ended.code == 1, ended.err
    assert (headline.startswith("#"), page.count(headline)) == (True, 1)
    assert "an-open-room-is-returned" in page
    assert any(line.startswith("::error title=") for line in ended.out.splitlines())
