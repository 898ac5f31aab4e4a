"""``sweep``: finish the clean-up of a run that ended badly."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from rocketchat_contract.cli.options import options_of
from rocketchat_contract.errors import ExitCode
from rocketchat_contract.face.asked import config_of
from rocketchat_contract.face.console import say_folded
from rocketchat_contract.record.ledger import LEDGER, sweep_of
from rocketchat_contract.rocketchat.own_visitors import name_in_search


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@options_of("sweep")
def sweep(run: Path, **flags: Any) -> None:
    """Close the rooms and delete the visitors that RUN left behind; RUN is its folder, its record or its id.

    The target's address is in the run's ledger; how to reach it is taken from the same options as for `run`. Exit
    code 0 when nothing is left, 3 when something is.
    """
    from rocketchat_contract.report.phrases import left_by_kind
    from rocketchat_contract.run.sweep import sweep_up

    config = config_of(None, flags)
    named = run if run.exists() or len(run.parts) > 1 else config.report_dir / run
    folder = named.parent if named.is_file() else named
    swept = sweep_up(folder, config)
    say_folded(f"{swept.target}: {swept.ledger.sentence}")
    others = _others(folder.resolve())
    for other in others:
        say_folded(f"Another run has a ledger: {sweep_of(folder.parent / other)}", err=True)
    if swept.cut:
        say_folded(f"Passed over in the ledger, as a crash cut them: {_lines(swept.cut)}.", err=True)
    if swept.is_clean:
        more = f"; {len(others)} other runs may have left something" if len(others) > 1 else ""
        say_folded(f"nothing is left of this run{more or ('; 1 other run may have left something' if others else '')}")
        return
    for text in left_by_kind(swept.ledger):
        say_folded(f"left: {text}")
    if swept.unreadable:
        say_folded(f"{_lines(swept.unreadable)} of {folder / LEDGER} cannot be read, so more may be left.")
        say_folded(f"Look for visitors named {name_in_search(swept.run)} by hand, then remove the file.")
    if not swept.ledger.is_clean:
        say_folded(f"{swept.why}\nWhen that is fixed, sweep again: {sweep_of(folder)}")
    sys.exit(int(ExitCode.INCOMPLETE))


def _lines(numbers: Sequence[int]) -> str:
    noun = "line" if len(numbers) == 1 else "lines"
    return f"{noun} {', '.join(map(str, numbers[:20]))}"


def _others(folder: Path) -> list[str]:
    """Names of the runs beside this one that left something, or are under way: ``latest`` may not be the one meant."""
    return sorted(path.parent.name for path in folder.parent.glob(f"*/{LEDGER}") if path.parent.resolve() != folder)
