"""``fleet run``, ``fleet plan`` and ``fleet merge``: many deployments, one report."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from rocketchat_contract.cli.options import format_option
from rocketchat_contract.config.writable import refuse_unwritable_folder
from rocketchat_contract.errors import TargetError, UsageError
from rocketchat_contract.face.console import say, say_folded

if TYPE_CHECKING:
    from rocketchat_contract.fleet.column import DeploymentResult
    from rocketchat_contract.fleet.merge import Fleet
    from rocketchat_contract.fleet.plan import Deployment, FleetPlan
    from rocketchat_contract.fleet.running import Backend

_FILE = click.argument("file", type=click.Path(path_type=Path))
_ONLY = click.option("--only", metavar="NAMES", help="These deployments alone, with commas between.")


@click.group()
def fleet() -> None:
    """Judge many deployments and report them together."""


@fleet.command("run")
@_FILE
@_ONLY
@click.option("--jobs", type=click.IntRange(1, 512), default=4, show_default=True, help="Runs at once on this machine.")
@click.option("--scheduler", metavar="ADDRESS", help="Of a Dask cluster that judges instead, such as tcp://HOST:8786.")
@click.option(
    "--report-dir", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True
)
@click.option("--yes", is_flag=True, help="Ask no question before live servers are touched.")
def run_command(file: Path, only: str | None, report_dir: Path, *, yes: bool, **engine: Any) -> None:
    """Judge all deployments of FILE; those of one host one after another, because they share its limiter.

    Ends with the worst exit code of all: 4, then 1, then 3, then 0.
    """
    from rocketchat_contract.fleet.running import fresh_name, run_fleet

    _refuse_other_systems(os.name)
    refuse_unwritable_folder(report_dir, "--report-dir")
    plan = _plan(file, only)
    _agree(plan, yes=yes)
    signal.signal(signal.SIGTERM, _interrupt)
    folder = report_dir / fresh_name()
    text = partial(_progress, [], len(plan.deployments))
    _tell(run_fleet(plan, folder, _engine(plan, **engine), text), folder)


def _refuse_other_systems(name: str) -> None:
    """Runs that outlive their holder are found by locks, and ended by signals, that only POSIX systems have."""
    if name != "posix":
        raise UsageError(
            "A fleet can be run on Linux, macOS and other POSIX systems only.",
            "Use WSL or a container here; fleet plan and fleet merge work everywhere.",
        )


def _engine(plan: FleetPlan, jobs: int, scheduler: str | None) -> Backend:
    if scheduler is not None:
        from rocketchat_contract.fleet.dask import judge_on_dask

        return partial(judge_on_dask, address=scheduler)
    from rocketchat_contract.fleet.local import judge_locally

    _refuse_missing_secrets(plan.deployments)
    return partial(judge_locally, jobs=jobs, notify=_printed)


@fleet.command("plan")
@_FILE
@_ONLY
@click.option("--jobs", type=click.IntRange(1, 256), help="The most CI jobs. [as many as there are hosts]")
@format_option("For people, or as the matrix of a CI system.", "github-matrix", "gitlab-matrix")
def plan_command(file: Path, only: str | None, jobs: int | None, format_: str) -> None:
    """Say what a fleet run would cost at most, or split it over CI jobs; sends nothing."""
    from rocketchat_contract.fleet.matrix import github_matrix, gitlab_matrix

    plan = _plan(file, only)
    if format_ == "human":
        say_folded("\n".join(_lines(plan)))
    elif format_ == "github-matrix":
        click.echo(github_matrix(plan, jobs))
    else:
        click.echo(gitlab_matrix(plan, jobs), nl=False)


@fleet.command("merge")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where the report goes.")
def merge_command(folders: tuple[Path, ...], out: Path) -> None:
    """Join the fleet runs found below FOLDERS into one report, with their records.

    Runs by different suites or contracts are refused.
    """
    from rocketchat_contract.fleet.folder import VALUE, merge_folders

    found = [path.parent for folder in folders for path in sorted(folder.rglob(VALUE)) if not path.is_symlink()]
    if not found:
        names = ", ".join(map(str, folders))
        raise UsageError(f"There is no fleet run below {names}.", f"Name folders with a {VALUE} in them.")
    _tell(merge_folders(found, out), out)


def _plan(file: Path, only: str | None) -> FleetPlan:
    from rocketchat_contract.fleet.plan import read_plan

    plan = read_plan(file)
    return plan if only is None else plan.only(name.strip() for name in only.split(","))


def _lines(plan: FleetPlan) -> list[str]:
    from rocketchat_contract.fleet.duration import duration, longest
    from rocketchat_contract.fleet.queues import queues_of

    queues = queues_of(plan.deployments)
    lines = [f"{queue[0].host}: {', '.join(_cost(each) for each in queue)}; {duration(queue)}" for queue in queues]
    whole = f"{_whole(plan.deployments)}, hosts judged side by side: {len(queues)}; in all {longest(queues)}"
    return [*lines, whole]


def _cost(deployment: Deployment) -> str:
    return f"{deployment.name} ({deployment.profile.name}, {deployment.profile.most_room_calls:,} room calls)"


def _whole(deployments: tuple[Deployment, ...]) -> str:
    calls = sum(deployment.profile.most_room_calls for deployment in deployments)
    visitors = sum(deployment.profile.most_visitors for deployment in deployments)
    number = f"{len(deployments)} deployment{'' if len(deployments) == 1 else 's'}"
    return f"{number}, at most {calls:,} room calls and {visitors:,} visitors"


def _agree(plan: FleetPlan, *, yes: bool) -> None:
    live = tuple(deployment for deployment in plan.deployments if deployment.url)
    if yes or not live:
        return
    cost = f"This run creates rooms on live servers, and closes and deletes them again: {_whole(live)}."
    if not sys.stdin.isatty():
        raise UsageError(cost, "Pass --yes to allow it.")
    say_folded(cost, err=True)
    if not click.confirm("Go on?", err=True):
        raise TargetError("Nothing was created: the run was not agreed to.", "Pass --yes to run without a question.")


def _refuse_missing_secrets(deployments: tuple[Deployment, ...]) -> None:
    for deployment in deployments:
        for option, variable in deployment.secrets:
            if not os.environ.get(variable):
                raise UsageError(
                    f"Deployment {deployment.name}: the environment variable {variable} ({option}) is not set.",
                    "Set it, or leave that deployment out with --only.",
                )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _progress(done: list[str], whole: int, column: DeploymentResult) -> None:
    done.append(column.name)
    click.echo(f"[{len(done)}/{whole}] {column.name}: {column.word}", err=True)


def _printed(text: str) -> None:
    say(text, err=True)


def _tell(fleet: Fleet, folder: Path) -> NoReturn:
    from rocketchat_contract.fleet.folder import write_fleet
    from rocketchat_contract.fleet.report import lines

    path = write_fleet(fleet, folder)
    say_folded("\n".join(lines(fleet)))
    say(f"report: {path}")
    _tell_github(fleet)
    sys.exit(int(fleet.exit_code))


def _tell_github(fleet: Fleet) -> None:
    from rocketchat_contract.fleet.report import fleet_annotations, fleet_summary
    from rocketchat_contract.report.files import add_to_page

    text = add_to_page(os.environ, fleet_summary(fleet))
    text += fleet_annotations(fleet) if os.environ.get("GITHUB_ACTIONS") == "true" else ""
    if text:
        say(text.rstrip())
