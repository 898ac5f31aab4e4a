"""The catalogue, walked: every wrong server is caught by its own requirement, every right one passes.

The servers of the tests that were selected are tried together, several at a time, when the first of them runs. A fault
that needs luck, and had none beside the others, is tried again alone.
``rocketchat-contract prove`` gives right servers more traffic than is affordable here.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from rocketchat_contract.config import PROFILES
from rocketchat_contract.prove.proving import prove
from rocketchat_contract.prove.subjects import all_subjects
from rocketchat_contract.prove.trial import Trial
from support.luck import tried_until_caught, was_unlucky

SUBJECTS = {subject.name: subject for subject in all_subjects()}
SHORT = replace(PROFILES["full"], lives=4, queries=10, pairs=30, volleys=3, returns=3, malformed=8)
"""For right servers: all drivers with each of their calls, fewer repetitions and generated examples."""
JOBS = 1 + (os.cpu_count() or 1)
"""One more than processors, for each trial waits for a while."""


@pytest.fixture(scope="module")
def trials(request: pytest.FixtureRequest) -> dict[str, Trial]:
    """All servers that a selected test asks for, tried once."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    subjects = [SUBJECTS[item.callspec.params["name"]] for item in here]
    tried = prove(subjects, seed=1, jobs=JOBS, tried=lambda _: None, right=SHORT)
    lasting = (tried_until_caught(trial.subject) if was_unlucky(trial) else trial for trial in tried)
    return {trial.subject.name: trial for trial in lasting}


def told(trial: Trial) -> str:
    """What went wrong, for the one who reads the failure."""
    return f"{trial.subject.sentence} {trial.result}: named {', '.join(trial.named) or 'nothing'}"


@pytest.mark.parametrize("name", [each.name for each in SUBJECTS.values() if each.breaks])
def test_a_wrong_server_is_caught_by_its_own_requirement(trials: dict[str, Trial], name: str) -> None:
    assert trials[name].result == "caught", told(trials[name])


@pytest.mark.parametrize("name", [each.name for each in SUBJECTS.values() if not each.breaks])
def test_a_right_server_passes(trials: dict[str, Trial], name: str) -> None:
    assert trials[name].result == "passed", told(trials[name])
