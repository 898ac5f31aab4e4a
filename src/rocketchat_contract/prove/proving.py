"""All trials of a proof, in worker processes that each try one server after the other."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import connection

from rocketchat_contract.config import PROFILES, Profile
from rocketchat_contract.prove.subjects import Subject, SubjectKind
from rocketchat_contract.prove.trial import Trial, examine


def whole_profile(subject: Subject) -> Profile:
    """Servers that break something get the full profile, up to their fault; the others get the nightly one.

    That one judges every requirement too, with a quarter of the calls: a limiter would make the full one wait for
    minutes.
    """
    return PROFILES["full" if subject.breaks else "nightly"]


def prove(
    subjects: Sequence[Subject],
    seed: int,
    jobs: int,
    tried: Callable[[Trial], None],
    profile_of: Callable[[Subject], Profile] = whole_profile,
) -> list[Trial]:
    """Try every subject and tell each trial as it ends; answers them in the subjects' order."""
    workers = max(1, min(jobs, len(subjects)))
    trials: dict[str, Trial] = {}
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin) as pool:
        longest_first = sorted(subjects, key=lambda subject: (subject.kind is SubjectKind.WRONG, not subject.needs))
        futures = [pool.submit(examine, subject, seed, profile_of(subject)) for subject in longest_first]
        try:
            for future in as_completed(futures):
                trial = future.result()
                trials[trial.subject.name] = trial
                tried(trial)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [trials[subject.name] for subject in subjects]


def _begin() -> None:
    """Keep what pytest prints about its own sessions out of the proof's table, and outlive nobody who asked for it."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(parent: int) -> None:
    connection.wait([parent])
    os._exit(1)
