"""What a report offers for pasting, pasted into bash against a server of the release line that has the defect."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from rocketchat_contract.report.reproduce import preparation, steps
from rocketchat_contract.report.telling import told_findings

from .examples import HEADER, violated

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


@pytest.fixture
def old_server() -> Iterator[str]:
    """The address of a reference server that lets two racing calls make two rooms."""
    command = [sys.executable, "-m", "rocketchat_contract.reference", "--set=edition=7.10"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())["url"]
        assert process.stdin
        process.stdin.close()


def test_a_race_comes_back_when_its_commands_are_pasted(old_server: str) -> None:
    account = replace(violated(), header={**HEADER, "target": old_server})
    (race,) = [told for told in told_findings(account) if told.requirement.id == "overlapping-calls-open-one-room"]
    commands = [step.command for step in steps(race.exchanges)]
    script = "\n".join([*preparation(account, commands, ["RC_TOKEN_1"]), *commands])

    pasted = (_pasted(script) for _ in range(20))  # a race needs luck

    assert any(output.count('"newRoom":true') > 1 for output in pasted)


def _pasted(script: str) -> str:
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=30)
    return done.stdout
