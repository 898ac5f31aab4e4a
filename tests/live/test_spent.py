"""A budget that is spent while a driver is prepared ends that driver, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.run.drivers import run_drivers
from rocketchat_contract.run.engine import Engine


@pytest.mark.parametrize("visitors", [0, 1, 3])
def test_visitors_that_are_spent_in_a_fixture_leave_a_run_incomplete(tmp_path: Path, visitors: int) -> None:
    profile = replace(PROFILES["gate"], visitors=visitors, kept_visitors=0)
    driving = Engine(RunConfig(profile=profile, report_dir=tmp_path))

    run_drivers(driving)

    assert driving.result is not None
    assert (driving.result.verdict.errors, driving.result.verdict.word) == ((), "incomplete")
