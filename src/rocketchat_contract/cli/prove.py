"""``prove``: try the suite on servers that are known to be right or wrong."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rocketchat_contract.errors import ExitCode, UsageError
from rocketchat_contract.face.console import say

if TYPE_CHECKING:
    from rocketchat_contract.prove.trial import Trial


@click.command()
@click.option("--only", default="*", metavar="GLOB", help="Servers, by name or family. [all]")
@click.option("--jobs", type=click.IntRange(min=1), help="Servers tried at a time. [as many as processors]")
@click.option("--seed", type=int, help="Of generated traffic. [random]")
@click.option("--each", is_flag=True, help="Show every server, not only those with a wrong result.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Also write the proof here.")
@click.pass_context
def prove(ctx: click.Context, only: str, jobs: int | None, seed: int | None, each: bool, file: Path | None) -> None:  # noqa: FBT001, PLR0913, PLR0917 - one parameter per option
    """Try the suite on wrong servers, and on right ones that differ.

    Each wrong server has one fault, which the suite has to name; right servers have to pass. Nothing but loopback is
    touched. Exit codes: 0 all results are as expected, 1 not all.
    """
    from rocketchat_contract.prove import proving, stored, subjects, table

    chosen = subjects.matching(only)
    seed = secrets.randbelow(2**31) if seed is None else seed
    started = time.monotonic()
    trials = proving.prove(chosen, seed, jobs or os.cpu_count() or 1, _progress(len(chosen)))
    seconds = time.monotonic() - started
    say("\n".join(table.table_lines(trials, each=each)))
    if file is not None:
        _write(file, stored.proof_data(trials, date=f"{datetime.now(UTC):%Y-%m-%d}", seed=seed, seconds=seconds))
    say(f"\n{table.proof_summary(trials, seconds)} (seed {seed})")
    ctx.exit(int(ExitCode.CONFORMANT if all(trial.is_as_expected for trial in trials) else ExitCode.VIOLATED))


def _progress(total: int) -> Callable[[Trial], None]:
    done = 0

    def tried(trial: Trial) -> None:
        nonlocal done
        done += 1
        if not trial.is_as_expected:
            click.echo(f"  {trial.subject.name}: {trial.result.value}", err=True)
        if done % 50 == 0 or done == total:
            click.echo(f"  {done} of {total} servers tried", err=True)

    return tried


def _write(file: Path, data: dict[str, object]) -> None:
    try:
        file.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The proof cannot be written to {file}: {error.strerror}.", "Name another file.") from error
