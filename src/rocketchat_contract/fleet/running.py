"""A fleet run: every deployment judged, here or on a cluster, and all of it put together."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from rocketchat_contract import __version__
from rocketchat_contract.contract.suite_hash import suite_sha256
from rocketchat_contract.fleet.attempt import Judged
from rocketchat_contract.fleet.column import DeploymentResult, Judges, Promise, column_of
from rocketchat_contract.fleet.local import Ended
from rocketchat_contract.fleet.merge import Fleet, in_fleet_order
from rocketchat_contract.fleet.plan import Deployment, FleetPlan
from rocketchat_contract.results.baseline import load_baseline
from rocketchat_contract.results.judged_by import JudgedBy, load_judged_by


class Backend(Protocol):
    """Judges the deployments of a plan into a folder, and tells of each that ended."""

    def __call__(self, plan: FleetPlan, folder: Path, *, ended: Ended) -> None:
        """Judge all."""


def run_fleet(
    plan: FleetPlan, folder: Path, engine: Backend, notify: Callable[[DeploymentResult], None] = lambda _: None
) -> Fleet:
    """Judge a fleet; ``notify`` hears of each deployment as it ends, also of one that never ended.

    Raises ``UsageError`` before anything is sent.
    """
    promises = load_judged_by(plan.overlay, plan.contract)
    check_baselines(plan, promises)
    judges, started = judges_of(promises), _now()
    columns: dict[str, DeploymentResult] = {}

    def ended(deployment: Deployment, judged: Judged) -> None:
        columns[deployment.name] = column_of(deployment, judged, folder, judges)
        notify(columns[deployment.name])

    with suppress(KeyboardInterrupt):
        engine(plan, folder, ended=ended)
    for deployment in plan.deployments:
        if deployment.name not in columns:
            ended(deployment, Judged(None, 1, problem="The fleet run was interrupted before its result came back."))
    return Fleet((folder.name,), judges, started, _now(), in_fleet_order(columns.values()))


def check_baselines(plan: FleetPlan, promises: JudgedBy) -> None:
    """Raise ``UsageError`` when a deployment's baseline cannot be read."""
    for deployment in plan.deployments:
        for name, text in deployment.options:
            if name == "baseline":
                load_baseline(Path(text), promises.requirements)


def judges_of(promises: JudgedBy) -> Judges:
    """What this installation judges a fleet with."""
    text = tuple(Promise(each.id, each.group, each.level, each.sentence) for each in promises.requirements)
    contract = promises.contract
    return Judges(__version__, suite_sha256(), contract.sha256, text, str(contract.operation))


def fresh_name() -> str:
    """The id of a fleet run, and the name of its folder."""
    return f"fleet-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
