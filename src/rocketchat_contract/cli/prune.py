"""``prune``: old runs go, and since when something is broken stays known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rocketchat_contract.face.console import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rocketchat_contract.archive.prune import Pruning


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("reports"))
@click.option("--keep", type=click.IntRange(1), default=30, show_default=True, help="Newest runs of each target.")
@click.option("--yes", is_flag=True, help="Remove; without it, only say what would go.")
def prune(folder: Path, keep: int, *, yes: bool) -> None:
    """Remove old runs in FOLDER, but never an answer to "since when".

    Of each target, and of each deployment of a fleet, the newest runs stay, and for each requirement the run that
    last kept it and the one that first broke it. Fleets go as a whole. Runs that were killed go when they are old; one
    that may have left something on its target stays.
    """
    from rocketchat_contract.archive.history import read_history
    from rocketchat_contract.archive.prune import plan_pruning, remove

    found = plan_pruning(read_history(folder), keep)
    if yes:
        remove(found)
    say("\n".join(_pruning_lines(found, "removed" if yes else "would remove")))


def _pruning_lines(found: Pruning, verb: str) -> Iterator[str]:
    from rocketchat_contract.report.phrases import count

    yield from (f"{verb} {found.folder / unit.path}" for unit in found.going)
    yield from (f"kept {found.folder / unit.path}: {unit.why}" for unit in found.held)
    gone = count(found.runs, "run") if found.runs else "nothing"
    stay = f"{found.staying:,} stay{'s' if found.staying == 1 else ''}"
    yield f"{verb} {gone}, {stay}" + ("; pass --yes to do it" if verb != "removed" and found.going else "")
