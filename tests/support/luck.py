"""Trials of servers whose fault needs luck to show, and more of it on a busy machine, where no calls leave together."""

from __future__ import annotations

from dataclasses import replace

from rocketchat_contract.config import PROFILES
from rocketchat_contract.prove.subjects import Subject
from rocketchat_contract.prove.trial import Trial, TrialResult, examine

BURSTS = replace(PROFILES["full"], drivers=("volley",))
TRIES = {"race": (30, BURSTS), "haste": (5, PROFILES["full"]), "chance": (5, PROFILES["full"])}
"""How often a fault may be tried, and with which traffic, by what it needs; once is enough where nothing else runs."""


def was_missed(trial: Trial) -> bool:
    """Whether a fault did not show."""
    return trial.result in (TrialResult.MISSED, TrialResult.ELSEWHERE)


def was_unlucky(trial: Trial) -> bool:
    """Whether a fault did not show that may show the next time."""
    return trial.subject.needs in TRIES and was_missed(trial)


def tried_until_caught(subject: Subject) -> Trial:
    """The trial that caught the server, else the last one."""
    tries, profile = TRIES[subject.needs]
    trials = (examine(subject, seed, profile) for seed in range(1, tries + 1))
    last = next(trials)
    while was_unlucky(last) and (another := next(trials, None)):
        last = another
    return last
