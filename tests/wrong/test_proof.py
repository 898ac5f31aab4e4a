"""The catalogue, walked: every wrong server is caught by its own requirement, every right one passes.

The servers of the tests that were selected are tried together, several at a time, when the first of them runs. Each
gets as little traffic as may be enough. A fault that it does not show gets all that ``rocketchat-contract prove``
sends, and one that needs luck, and had none beside the others, is tried again alone.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from rocketchat_contract.config import PROFILES, Profile
from rocketchat_contract.prove.proving import prove, whole_profile
from rocketchat_contract.prove.subjects import Subject, SubjectKind, all_subjects
from rocketchat_contract.prove.trial import Trial
from support.luck import BURSTS, tried_until_caught, was_missed, was_unlucky

SUBJECTS = {subject.name: subject for subject in all_subjects()}
SHORT = replace(PROFILES["full"], lives=2, steps=15, queries=5, pairs=10, volleys=2, returns=2, malformed=8)
"""All drivers with each of their calls, fewer repetitions and generated examples."""
ONCE = replace(SHORT, lives=1, queries=3, pairs=5, volleys=1, returns=1, malformed=4)
"""What a right server gets, which is asked everything: nothing in it waits for luck."""
JOBS = 1 + (os.cpu_count() or 1)
"""One more than processors, for each trial waits for a while."""


def short_profile(subject: Subject) -> Profile:
    """Traffic that shows nearly every fault: simultaneous calls alone where nothing else can show it."""
    if subject.kind is SubjectKind.VARIANT:
        return ONCE
    return BURSTS if subject.needs == "race" else SHORT


@pytest.fixture(scope="module")
def trials(request: pytest.FixtureRequest) -> dict[str, Trial]:
    """All servers that a selected test asks for, tried until they are caught."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    subjects = [SUBJECTS[item.callspec.params["name"]] for item in here]
    first = {trial.subject.name: trial for trial in prove(subjects, 1, JOBS, lambda _: None, short_profile)}
    missed = [trial.subject for trial in first.values() if was_missed(trial)]
    again = {trial.subject.name: trial for trial in prove(missed, 1, JOBS, lambda _: None, whole_profile)}
    return {name: caught_alone(trial) for name, trial in {**first, **again}.items()}


def caught_alone(trial: Trial) -> Trial:
    """The trial, or one that had more luck."""
    return tried_until_caught(trial.subject) if was_unlucky(trial) else trial


def told(trial: Trial) -> str:
    """What went wrong, for the one who reads the failure."""
    return f"{trial.subject.sentence} {trial.result}: named {', '.join(trial.named) or 'nothing'}"


@pytest.mark.parametrize("name", [each.name for each in SUBJECTS.values() if each.breaks])
def test_a_wrong_server_is_caught_by_its_own_requirement(trials: dict[str, Trial], name: str) -> None:
    assert trials[name].result == "caught", told(trials[name])


@pytest.mark.parametrize("name", [each.name for each in SUBJECTS.values() if not each.breaks])
def test_a_right_server_passes(trials: dict[str, Trial], name: str) -> None:
    assert trials[name].result == "passed", told(trials[name])
