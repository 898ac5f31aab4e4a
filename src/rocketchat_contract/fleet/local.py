"""Judges a fleet on this machine: so many runs at once, each in its own process, one per host at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from rocketchat_contract.fleet.attempt import Judged, judge_here
from rocketchat_contract.fleet.plan import Deployment, FleetPlan
from rocketchat_contract.fleet.queues import Turns, queues_of

Ended = Callable[[Deployment, Judged], None]


def judge_locally(plan: FleetPlan, folder: Path, *, jobs: int, ended: Ended) -> None:
    """Judge every deployment and tell ``ended`` of each; after Ctrl-C those under way clean up, no other begins."""
    turns, stop = Turns(queues_of(plan.deployments)), threading.Event()
    running: dict[Future[Judged], Deployment] = {}
    with ThreadPoolExecutor(jobs) as pool:
        start = partial(_start, pool, running, folder, stop)
        for deployment in turns.first():
            start(deployment)
        while running:
            try:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    following = turns.after(running[future])
                    if following is not None:
                        start(following)
                    ended(running.pop(future), future.result())
            except KeyboardInterrupt:
                stop.set()


def _start(
    pool: ThreadPoolExecutor,
    running: dict[Future[Judged], Deployment],
    folder: Path,
    stop: threading.Event,
    deployment: Deployment,
) -> None:
    running[pool.submit(_judge, deployment, folder, stop)] = deployment


def _judge(deployment: Deployment, folder: Path, stop: threading.Event) -> Judged:
    if stop.is_set():
        return Judged(None, 1, problem="The fleet run was interrupted before its turn.")
    try:
        return judge_here(deployment, folder, stopped=stop.is_set)
    except OSError as error:
        return Judged(None, 1, problem=f"Its run could not be started: {error}.")
