"""``replay``: send the named calls of a real server to an edition of the reference server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.face.console import say

if TYPE_CHECKING:
    from rocketchat_contract.replay.replaying import Replayed


@click.command()
@click.argument("calls", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--edition", default="newest", show_default=True, help="Release line, as serve takes it.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Any other setting, as serve takes it.")
@click.option("--all", "everything", is_flag=True, help="Show also the differences that have a reason.")
@click.pass_context
def replay(ctx: click.Context, calls: Path, edition: str, pairs: tuple[str, ...], everything: bool) -> None:  # noqa: FBT001
    """Compare an edition of the reference server with a real one.

    CALLS is a .jsonl or .jsonl.gz file of named calls and the answers that a real server gave. Each is sent again to
    the edition, in this process; what differs is listed by the name of the call. Differences that stay have a reason in
    spec/replay.toml. Exit codes: 0 each difference has a reason, 1 not each.
    """
    from rocketchat_contract.contract.vendored import spec_folder
    from rocketchat_contract.reference.editions import make_app
    from rocketchat_contract.reference.settings import Settings
    from rocketchat_contract.replay import calls as files
    from rocketchat_contract.replay import replaying, script

    named = files.read_calls(calls)
    known = script.read_script(spec_folder() / "replay.toml", edition, calls.name)
    settings = Settings(edition=edition).with_pairs(known.settings).with_pairs(pairs)
    replayed = replaying.replay(named, make_app(settings), known)
    for one in replayed:
        _tell(one, everything=everything)
    say(summary(replayed))
    ctx.exit(int(ExitCode.VIOLATED if any(one.unexplained for one in replayed) else ExitCode.CONFORMANT))


def _tell(replayed: Replayed, *, everything: bool) -> None:
    for difference, reason in replayed.differences:
        if reason is None or everything:
            say(f"{replayed.call.name} (line {replayed.call.line}): {difference}{f' [{reason.why}]' if reason else ''}")


def summary(replayed: list[Replayed]) -> str:
    """The last line: how many calls differ, and how many without a reason."""
    differ = sum(1 for one in replayed if one.differences)
    unexplained = sum(1 for one in replayed if one.unexplained)
    return f"{len(replayed)} calls replayed, {differ} differ, {unexplained} of them without a reason"
