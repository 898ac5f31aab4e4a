"""Judges a fleet on a Dask cluster: each deployment is a task, its reports and its record come back with the result.

Dask gives the tasks of a lost worker to another one by itself. So each task counts its attempts on the scheduler
before it sends anything; an attempt after the first one goes through ``attempt.judge_here``, which tidies up first, or
refuses when the fleet's folder is not shared and nobody can see what was left.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rocketchat_contract.archive import DEPLOYMENTS
from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet.attempt import Judged, judge_here, packed, unpack
from rocketchat_contract.fleet.local import Ended
from rocketchat_contract.fleet.plan import Deployment, FleetPlan
from rocketchat_contract.fleet.queues import Turns, queues_of

CONNECTING = 10.0
"""Seconds for the scheduler to answer."""
WITHOUT_WORKERS = 120.0
"""Seconds that a fleet waits for a worker to come when there is none."""
_LOOK_AGAIN = 2.0
_CLAIMING = 30.0


def judge_on_dask(plan: FleetPlan, folder: Path, *, address: str, ended: Ended) -> None:
    """Judge every deployment on the cluster of that scheduler, and tell ``ended`` of each.

    After Ctrl-C the runs under way end by themselves on their workers; nothing more is begun.
    """
    with _connected(address) as client:
        cluster = Cluster(client, folder)
        try:
            cluster.judge(plan, ended)
        finally:
            cluster.forget(plan)


class Cluster:
    """Tasks under way on a scheduler's workers."""

    def __init__(self, client: Any, folder: Path) -> None:
        self._client = client
        self._folder = folder.resolve()
        self._running: dict[Any, Deployment] = {}
        self._last_seen = time.monotonic()

    def judge(self, plan: FleetPlan, ended: Ended) -> None:
        """Judge all; each host's next deployment is given out when the one before has come back.

        Where nobody knows whether a lost run is still under way, it is not: two would share one limiter.
        """
        turns = Turns(queues_of(plan.deployments))
        self._submit(turns.first())
        while self._running:
            for future in self._done():
                deployment = self._running.pop(future)
                judged = self._result(future, deployment)
                future.release()
                ended(deployment, judged)
                if judged.is_perhaps_alive:
                    _bar(turns.barred(deployment), deployment, ended)
                else:
                    self._submit(filter(None, [turns.after(deployment)]))

    def forget(self, plan: FleetPlan) -> None:
        """Take our marks off the scheduler."""
        if self._client.status == "running":
            self._client.cancel(list(self._running))
            for deployment in plan.deployments:
                _attempts(self._client, self._folder, deployment).delete()

    def _submit(self, deployments: Iterable[Deployment]) -> None:
        for deployment in deployments:
            _attempts(self._client, self._folder, deployment).set(0)
            key = f"rocketchat-contract-{self._folder.name}-{deployment.name}"
            future = self._client.submit(judge_as_task, deployment, str(self._folder), key=key, pure=False)
            self._running[future] = deployment

    def _done(self) -> list[Any]:
        try:
            return list(
                _distributed().wait(list(self._running), timeout=_LOOK_AGAIN, return_when="FIRST_COMPLETED").done
            )
        except TimeoutError:
            return list(self._running) if self._is_deserted() else []

    def _is_deserted(self) -> bool:
        """Whether nobody has been there to judge for long."""
        if self._client.status == "running" and self._client.scheduler_info(n_workers=-1)["workers"]:
            self._last_seen = time.monotonic()
        return time.monotonic() - self._last_seen > WITHOUT_WORKERS

    def _result(self, future: Any, deployment: Deployment) -> Judged:
        if not future.done():
            problem = f"No worker was there for {WITHOUT_WORKERS:.0f} s, so it was given up."
            return Judged(None, 1, problem=problem, is_perhaps_alive=True)
        try:
            judged, archive = future.result()
        except Exception as error:  # whatever a worker raises is told in this deployment's column
            place = self._folder / DEPLOYMENTS / deployment.name
            problem = f"Its task failed: {type(error).__name__}: {error}. What it left, if anything, is in {place}."
            return Judged(None, 1, problem=" ".join(problem.split()), is_perhaps_alive=True)
        unpack(archive, self._folder)
        return Judged(**vars(judged))


def _bar(waiting: Iterable[Deployment], lost: Deployment, ended: Ended) -> None:
    problem = f"It was not judged: the lost run of {lost.name}, on the same host or limiter, may still be under way."
    for deployment in waiting:
        ended(deployment, Judged(None, 1, problem=problem))


def judge_as_task(deployment: Deployment, folder: str) -> tuple[Judged, bytes]:
    """On a worker: judge a deployment, and answer its run packed."""
    place = Path(folder)
    attempts = _attempts(_distributed().get_client(), place, deployment)
    attempt = attempts.get(timeout=_CLAIMING) + 1
    attempts.set(attempt)
    judged = judge_here(deployment, place, attempt)
    return judged, packed(place, judged)


def _attempts(client: Any, folder: Path, deployment: Deployment) -> Any:
    """How many attempts at a deployment were begun, kept by the scheduler: it outlives every worker."""
    return _distributed().Variable(f"rocketchat-contract/{folder.name}/{deployment.name}", client=client)


def _connected(address: str) -> Any:
    try:
        client = _distributed().Client
    except ImportError:
        raise UsageError(
            "--scheduler needs Dask, which is not installed.",
            "Install this suite with its extra, in a clone of it: pip install '.[fleet]'",
        ) from None
    logging.getLogger("distributed").setLevel(logging.ERROR)
    try:
        return client(address, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"There is no Dask scheduler at {address}: {' '.join(str(error).split())}.",
            "Start one with `dask scheduler`, and workers with `dask worker tcp://HOST:8786`.",
        ) from error


def _distributed() -> Any:
    """The optional library; it brings no types."""
    import distributed  # noqa: PLC0415 - an optional extra

    return distributed
