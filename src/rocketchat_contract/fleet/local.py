"""Judges a fleet on this machine: so many runs at once, each in its own process, one per host at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from rocketchat_contract.fleet.attempt import SAID, Judged, attempt_folder, judge_here
from rocketchat_contract.fleet.plan import Deployment, FleetPlan
from rocketchat_contract.fleet.queues import Turns, queues_of

Ended = Callable[[Deployment, Judged], None]

_NEWS_EVERY = 30.0
"""Seconds after which is said how far the runs are, when none has ended meanwhile."""


def judge_locally(
    plan: FleetPlan, folder: Path, *, jobs: int, ended: Ended, notify: Callable[[str], None] = lambda _: None
) -> None:
    """Judge every deployment and tell ``ended`` of each; after Ctrl-C those under way clean up, no other begins.

    ``notify`` hears in words which deployments begin, and now and then how far those under way are.
    """
    turns, stop = Turns(queues_of(plan.deployments)), threading.Event()
    running: dict[Future[Judged], Deployment] = {}
    with ThreadPoolExecutor(jobs) as pool:
        start = partial(_start, pool, running, partial(_judge, folder=folder, stop=stop, notify=notify))
        for deployment in turns.first():
            start(deployment)
        while running:
            try:
                done, _ = wait(running, timeout=_NEWS_EVERY, return_when=FIRST_COMPLETED)
                if not done:
                    notify("\n".join(_news(running.values(), folder)))
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
    judge: Callable[[Deployment], Judged],
    deployment: Deployment,
) -> None:
    running[pool.submit(judge, deployment)] = deployment


def _news(deployments: Iterable[Deployment], folder: Path) -> Iterator[str]:
    """What each deployment's run said last; one that waits for its turn said nothing."""
    for deployment in deployments:
        said = attempt_folder(folder, deployment, 1) / SAID
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines() if said.exists() else []
        if lines:
            yield f"  {deployment.name}: {lines[-1].strip()}"


def _judge(deployment: Deployment, *, folder: Path, stop: threading.Event, notify: Callable[[str], None]) -> Judged:
    if stop.is_set():
        return Judged(None, 1, problem="The fleet run was interrupted before its turn.")
    notify(f"{deployment.name}: begins, {deployment.target}, profile {deployment.profile.name}")
    try:
        return judge_here(deployment, folder, stopped=stop.is_set)
    except OSError as error:
        return Judged(None, 1, problem=f"Its run could not be started: {error}.")
