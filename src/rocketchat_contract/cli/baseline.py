"""``baseline update``: the only writer of the baseline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rocketchat_contract.config.writable import refuse_unwritable_folder
from rocketchat_contract.errors import ExitCode, UsageError
from rocketchat_contract.face.console import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rocketchat_contract.report.run_result import RunResult
    from rocketchat_contract.results.baseline import Baseline, BaselineEntry

DAYS = 90
_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def baseline() -> None:
    """Accept broken promises, each with an end."""


@baseline.command("update")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--baseline", "file", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--overlay", type=click.Path(dir_okay=False, path_type=Path), help="The overlay of the run.")
@click.option("--contract", type=click.Path(file_okay=False, path_type=Path), help="The contract of the run.")
@click.option("--reason", default="", help="Why new entries are accepted.")
@click.option("--owner", default="", help="Who answers for them.")
@click.option("--ticket", default="", help="Where the fix is planned.")
@click.option(
    "--expires", type=_DATE, metavar="DATE", help=f"Their last day, and that of expired ones. [default: in {DAYS} days]"
)
@click.option("--prune", is_flag=True, help="Remove the entries that this run shows to be stale.")
def update(  # noqa: PLR0913, PLR0917 - one parameter per option
    run: Path,
    file: Path | None,
    overlay: Path | None,
    contract: Path | None,
    reason: str,
    owner: str,
    ticket: str,
    expires: datetime | None,
    prune: bool,  # noqa: FBT001
) -> None:
    """Add an entry for each finding of RUN that fails it and is not listed yet.

    Entries that are there keep every word. New entries need --reason and --owner.
    """
    from rocketchat_contract.report.files import write_whole
    from rocketchat_contract.results import baseline as baselines

    path = file or Path(baselines.BASELINE_FILE)
    refuse_unwritable_folder(path.parent, "--baseline")
    known = (baselines.baseline_of(path, contract) if path.exists() else None) or baselines.Baseline(path)
    result = _account(run, overlay, contract, known)
    end = expires.date() if expires else (datetime.now(UTC) + timedelta(days=DAYS)).date()
    words = baselines.Words(reason, owner, end, ticket)
    added = baselines.ready_entries(result, known, words)
    _refuse_unowned(added, reason, owner)
    if added:
        say(baselines.entries_text(added).rstrip())
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    renew = expires.date() if expires else None
    after = baselines.updated(text, result, added, prune=prune, renew=renew)
    if after != text:
        write_whole(path, after)
    _tell(path, result, len(added), renewed=renew is not None, pruned=prune)


def _refuse_unowned(added: Sequence[BaselineEntry], reason: str, owner: str) -> None:
    missing = [f'--{name} "…"' for name, value in (("reason", reason), ("owner", owner)) if not value.strip()]
    if added and missing:
        are = "1 finding is" if len(added) == 1 else f"{len(added)} findings are"
        raise UsageError(
            f"{are} not listed yet, and an entry says why it is accepted and who answers for it.",
            f"Nothing was written; repeat with {' '.join(missing)}.",
        )


def _account(run: Path, overlay: Path | None, contract: Path | None, known: Baseline) -> RunResult:
    from rocketchat_contract.results.baseline import held
    from rocketchat_contract.results.result import judge_record

    result = held(judge_record(run / "record.jsonl" if run.is_dir() else run, overlay, contract), known)
    if result.exit_code is ExitCode.ERROR:
        raise UsageError("The suite failed in that run, and its own errors are never accepted.", "Run again.")
    return result


def _tell(path: Path, result: RunResult, added: int, *, renewed: bool, pruned: bool) -> None:
    from rocketchat_contract.report.accepted import EntryStanding

    stale = result.acceptance.of(EntryStanding.STALE)
    expired = result.acceptance.of(EntryStanding.EXPIRED)
    say(f"{path}: {added} added, {len(stale)} stale, {len(expired)} expired")
    for entry in stale:
        say(f"  {entry.requirement} is {'removed' if pruned else 'stale: remove it with --prune'}")
    for entry in expired:
        text = "has a new end" if renewed else f"ended on {entry.expires}: set a new end with --expires"
        say(f"  {entry.requirement} {text}")
