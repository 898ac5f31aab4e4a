"""``judge``: the verdict of a record, or of somebody else's capture, offline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rocketchat_contract.cli.outcome import tell
from rocketchat_contract.cli.showing import printing, showing_of, showing_options
from rocketchat_contract.errors import UsageError
from rocketchat_contract.face.written import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from rocketchat_contract.judge.operation import Operation
    from rocketchat_contract.report.run_result import RunResult


@click.command()
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), help="Also write the reports here.")
@click.option("--overlay", type=click.Path(dir_okay=False, path_type=Path), help="Your own OpenAPI overlay on top.")
@click.option("--contract", type=click.Path(path_type=Path), help="The --contract of the run.", metavar="FOLDER")
@click.option(
    "--baseline", type=click.Path(dir_okay=False, path_type=Path), help="Broken promises that somebody accepts."
)
@click.option("--accept-known", is_flag=True, help="What releases like the target's are known for fails nothing.")
@click.option(
    "--accept-incomplete",
    is_flag=True,
    help="A required check that was not judged does not fail the run; obstacles do.",
)
@click.option("--require", multiple=True, metavar="ID", help="A requirement that has to be judged for exit code 0.")
@click.option("--only", multiple=True, metavar="GROUP|ID", help="A requirement or group to judge; the others are not.")
@click.option("--skip", multiple=True, metavar="GROUP|ID", help="A requirement or a group that is not judged.")
@click.option("--target", metavar="URL", help="Of a HAR file with calls of several servers: the one to judge.")
@click.option("--keep-personal", is_flag=True, help="Of a HAR file: keep names, addresses, phones, message texts.")
@click.option("--alone", is_flag=True, help="Of a HAR file: nobody acted on its visitors but who is seen there.")
@click.option("-v", "--verbose", is_flag=True, help="Print each request with its status and time.")
@showing_options
def judge(  # noqa: PLR0913, PLR0917 - one parameter per option
    record: Path,
    report_dir: Path | None,
    overlay: Path | None,
    contract: Path | None,
    baseline: Path | None,
    accept_known: bool,  # noqa: FBT001
    accept_incomplete: bool,  # noqa: FBT001
    require: tuple[str, ...],
    only: tuple[str, ...],
    skip: tuple[str, ...],
    target: str | None,
    keep_personal: bool,  # noqa: FBT001
    alone: bool,  # noqa: FBT001
    **shown: Any,
) -> None:
    """Judge a record or a HAR file; nothing is sent.

    RECORD is the folder or the record.jsonl of a run, which gets the same verdict again, or a HAR file of a browser,
    a proxy or another tool. A HAR file shows a part of what happened, so some requirements are listed as not judged,
    each with the reason.
    """
    from rocketchat_contract.config.writable import refuse_unwritable_folder
    from rocketchat_contract.contract.selection import Selection
    from rocketchat_contract.record.har_file import is_har
    from rocketchat_contract.results.baseline import allowance_of, baseline_of, held
    from rocketchat_contract.results.result import limited

    if report_dir is not None:
        refuse_unwritable_folder(report_dir, "--report-dir")
    accepted = baseline_of(baseline, contract)
    allowance = allowance_of(require, accepts_unjudged=accept_incomplete, contract=contract)
    path = record / "record.jsonl" if record.is_dir() else record
    showing = showing_of(shown)
    seen = printing(verbose=showing.verbose)
    asked = Asked(path, report_dir, overlay, contract, target, alone, keep_personal, seen)
    judged = limited(_har(asked) if is_har(path) else _record(asked), Selection(only, skip), contract)
    result = held(judged, accepted, accept_known=accept_known, allowance=allowance)
    if report_dir is None and not _has_reports(path):
        click.echo("No files are written; --report-dir FOLDER keeps those that are named here.", err=True)
    tell(write(result, report_dir) if report_dir else result, showing)


def _has_reports(record: Path) -> bool:
    """Whether it is the record of a run that has its reports beside it."""
    return record.name == "record.jsonl" and (record.parent / "report.html").exists()


@dataclass(frozen=True)
class Asked:
    """What is to be judged, and how."""

    path: Path
    folder: Path | None
    overlay: Path | None
    contract: Path | None
    target: str | None
    alone: bool
    keep_personal: bool
    seen: Callable[[Operation], None]


def _har(asked: Asked) -> RunResult:
    from rocketchat_contract.results.har_import import judge_har

    if asked.contract is not None:
        raise UsageError("A HAR file is judged by the suite's own contract.", "Leave --contract out.")
    return judge_har(
        asked.path,
        asked.folder,
        target=asked.target,
        alone=asked.alone,
        overlay=asked.overlay,
        keep_personal=asked.keep_personal,
        seen=asked.seen,
    )


def _record(asked: Asked) -> RunResult:
    from rocketchat_contract.results.result import judge_record

    if asked.target or asked.alone or asked.keep_personal:
        names = "--target, --alone and --keep-personal mean"
        raise UsageError(f"{asked.path} is no HAR file, so {names} nothing.", "Leave them out.")
    return judge_record(asked.path, asked.overlay, asked.contract, asked.seen)
