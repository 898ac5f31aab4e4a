"""All trials of a proof, in worker processes that each try one server after the other."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import repeat
from multiprocessing import connection

from rocketchat_contract.config import PROFILES, Profile
from rocketchat_contract.prove.subjects import Subject, SubjectKind
from rocketchat_contract.prove.trial import Trial, examine


def prove(
    subjects: Sequence[Subject],
    seed: int,
    jobs: int,
    tried: Callable[[Trial], None],
    right: Profile = PROFILES["nightly"],
) -> list[Trial]:
    """Try every subject and tell each trial as it ends; answers them in the subjects' order.

    ``right`` is the profile for servers that break nothing; the others get the full one, up to their fault. The nightly
    one judges every requirement too, with a quarter of the calls: a limiter would make the full one wait for minutes.
    """
    workers = max(1, min(jobs, len(subjects)))
    trials: dict[str, Trial] = {}
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_begin) as pool:
        longest_first = sorted(subjects, key=lambda subject: subject.kind is SubjectKind.WRONG)
        profiles = [PROFILES["full"] if subject.breaks else right for subject in longest_first]
        futures = [pool.submit(examine, *task) for task in zip(longest_first, repeat(seed), profiles, strict=False)]
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
