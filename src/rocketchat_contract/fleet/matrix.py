"""A fleet split over CI jobs: deployments of one host stay in one job, because they share its limiter."""

from __future__ import annotations

import json

from rocketchat_contract.fleet.plan import FleetPlan
from rocketchat_contract.fleet.queues import Queue, queues_of, shared

MOST_GITHUB_JOBS = 256
MOST_GITLAB_JOBS = 200
JOB, MERGING = "rocketchat-contract-fleet", "rocketchat-contract-merge"


def github_matrix(plan: FleetPlan, jobs: int | None = None) -> str:
    """One line of JSON for ``strategy.matrix: ${{ fromJSON(…) }}``."""
    piles = _piles(plan, jobs, MOST_GITHUB_JOBS)
    rows = [{"job": number, "deployments": _names(pile)} for number, pile in enumerate(piles, 1)]
    return json.dumps({"include": rows}, separators=(",", ":"))


def gitlab_matrix(plan: FleetPlan, jobs: int | None = None) -> str:
    """A child pipeline in YAML, for the hidden jobs of our template: one job for every pile, and one that merges."""
    import yaml  # noqa: PLC0415 - only this format needs it

    rows = [{"FLEET_DEPLOYMENTS": _names(pile)} for pile in _piles(plan, jobs, MOST_GITLAB_JOBS)]
    pipeline = {
        JOB: {"extends": f".{JOB}", "parallel": {"matrix": rows}},
        MERGING: {"extends": f".{MERGING}", "needs": [JOB]},
    }
    return str(yaml.safe_dump(pipeline, sort_keys=False))


def _piles(plan: FleetPlan, jobs: int | None, most: int) -> list[Queue]:
    queues = queues_of(plan.deployments)
    return shared(queues, min(jobs or most, most, len(queues)))


def _names(pile: Queue) -> str:
    return ",".join(deployment.name for deployment in pile)
