"""All trials of a proof, in worker processes that each try one server after the other."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from rocketchat_contract.prove.subjects import Kind, Subject
from rocketchat_contract.prove.trial import Trial, examine


def prove(subjects: Sequence[Subject], seed: int, jobs: int, tried: Callable[[Trial], None]) -> list[Trial]:
    """Try every subject and tell each trial as it ends; answers them in the subjects' order."""
    workers = max(1, min(jobs, len(subjects)))
    trials: dict[str, Trial] = {}
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_silence) as pool:
        longest_first = sorted(subjects, key=lambda subject: subject.kind is Kind.WRONG)
        futures = [pool.submit(examine, subject, seed) for subject in longest_first]
        try:
            for future in as_completed(futures):
                trial = future.result()
                trials[trial.subject.name] = trial
                tried(trial)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [trials[subject.name] for subject in subjects]


def _silence() -> None:
    """Keep what pytest prints about its own sessions out of the proof's table."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)
