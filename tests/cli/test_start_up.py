"""What starts fast imports none of the libraries that generate traffic."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("schemathesis", "hypothesis", "pytest")


def imported(*arguments: str) -> list[str]:
    """Which of the heavy libraries a command imports, in a process of its own."""
    code = (
        f"import json, sys\nfrom rocketchat_contract.cli import cli\ntry:\n    cli({list(arguments)!r})\n"
        f"except SystemExit:\n    print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The record of the smallest run."""
    command = [sys.executable, "-m", "rocketchat_contract", "run", "--profile", "smoke", "--report-dir", str(tmp_path)]
    subprocess.run(command, capture_output=True, check=False)
    return next(tmp_path.glob("2*/record.jsonl"))


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["spec", "audit"]], ids=" ".join)
def test_nothing_heavy_is_imported(arguments: list[str]) -> None:
    assert imported(*arguments) == []


def test_judging_a_record_imports_nothing_heavy(record: Path) -> None:
    assert imported("judge", str(record)) == []
