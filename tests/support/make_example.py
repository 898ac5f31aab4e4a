"""Makes ``reports/example``: a run on the edition 7.10, which loses the race of two simultaneous calls.

    .venv/bin/python tests/support/make_example.py

The screenshot needs Debian's chromium; a test compares the example's shape with what the suite writes today.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rocketchat_contract.archive.history import EXAMPLE

FOLDER = Path(__file__).resolve().parents[2] / "reports" / "example"
ARGUMENTS = ("run", "--edition", "7.10", "--profile", "gate", "--seed", "1")
VIOLATED = 1
TRIES = 10
"""A race needs luck, and more of it on a busy machine."""
MARK = "history and prune leave out the run in a folder with this file\n"
KEPT = (
    "record.jsonl",
    "report.html",
    "report.json",
    "report.sarif",
    "junit.xml",
    "ctrf.json",
    "summary.md",
    "badge.svg",
    "badge.json",
)


def make(folder: Path) -> None:
    """Run the suite and keep its reports, without paths of this machine."""
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "rocketchat_contract", *ARGUMENTS, "--report-dir", made]
        runs = (subprocess.run(command, check=False, capture_output=True, text=True) for _ in range(TRIES))
        done = next(runs)
        while not done.returncode and (another := next(runs, None)):
            done = another
        if done.returncode != VIOLATED:
            raise SystemExit(f"The run ended with {done.returncode} instead of {VIOLATED}:\n{done.stdout}{done.stderr}")
        folder.mkdir(parents=True, exist_ok=True)
        for name in KEPT:
            shutil.copyfile(Path(made, "latest", name), folder / name)
        (folder / EXAMPLE).write_text(MARK, "utf-8")


def shoot(folder: Path) -> None:
    """Take the picture that README shows."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this needs a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1100, "height": 1300})
        page.goto((folder / "report.html").as_uri())
        page.screenshot(path=folder / "report.png")
        browser.close()


if __name__ == "__main__":
    make(FOLDER)
    shoot(FOLDER)
