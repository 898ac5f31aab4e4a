"""What starts fast imports none of the libraries that generate traffic."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rocketchat_contract.contract.vendored import spec_folder

HEAVY = ("schemathesis", "hypothesis", "pytest")
PAGE = str(spec_folder() / "livechat-room.md")


def imported(*arguments: str, code: int = 0) -> list[str]:
    """Which of the heavy libraries a command imports, in a process of its own, that ends with an exit code."""
    program = (
        f"import json, sys\nfrom rocketchat_contract.cli.commands import cli\ntry:\n    cli({list(arguments)!r})\n"
        f"except SystemExit as end:\n    names = [name for name in {HEAVY!r} if name in sys.modules]\n"
        f"    print(json.dumps([end.code or 0, names]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    ended, names = json.loads(done.stdout.splitlines()[-1])
    assert ended == code, done.stderr
    found: list[str] = names
    return found


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The record of the smallest run."""
    command = [sys.executable, "-m", "rocketchat_contract", "run", "--profile", "smoke", "--report-dir", str(tmp_path)]
    subprocess.run(command, capture_output=True, check=False)
    return next(tmp_path.glob("2*/record.jsonl"))


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported(*arguments) == []


def test_auditing_the_page_imports_nothing_heavy() -> None:
    assert imported("spec", "audit", PAGE, code=1) == []


def test_judging_a_record_imports_nothing_heavy(record: Path) -> None:
    assert imported("judge", str(record), code=3) == []
