"""``diff`` and ``history``: what changed from run to run."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rocketchat_contract.cli.saying import say
from rocketchat_contract.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rocketchat_contract.comparison import Change, Comparison
    from rocketchat_contract.history import History, Track

STRIP = 24
"""Runs drawn of a requirement on a terminal."""


@click.command()
@click.argument("a", type=click.Path(exists=True, path_type=Path))
@click.argument("b", type=click.Path(exists=True, path_type=Path))
@click.pass_context
def diff(context: click.Context, a: Path, b: Path) -> None:
    """Compare two runs: what got worse, and why.

    A and B are the folder or the report.json of a run each. Regressions come first. Causes are the contract, the
    suite, the facts that the target told, the profile (where one of the runs looked at less), and the target itself.
    Ends with exit code 1 when there is a regression.
    """
    from rocketchat_contract.comparison import Direction, compare, read_run  # noqa: PLC0415 - keeps --help fast

    found = compare(read_run(a), read_run(b))
    _print(_told(found))
    if found.of(Direction.REGRESSION):
        context.exit(ExitCode.VIOLATED)


def _told(found: Comparison) -> Iterator[str]:
    from rocketchat_contract.comparison import Direction  # noqa: PLC0415

    yield from found.differences
    if not found.changes:
        yield "No requirement changed."
    for direction in Direction:
        changes = found.of(direction)
        if changes:
            yield f"\n{_SIGNS[direction.value]} {direction.value}s: {len(changes)}"
        for change in changes:
            yield from _change(change)


_SIGNS = {"regression": "✗", "improvement": "✓", "other change": "·"}


def _change(change: Change) -> Iterator[str]:
    yield f"  {change.requirement}: {change.before} → {change.after} (cause: {change.cause})"
    yield f"    {change.sentence}"
    if change.detail:
        yield f"    {change.detail}"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("reports"))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The page. [default: FOLDER/history.html]")
def history(folder: Path, out: Path | None) -> None:
    """Show each requirement over all runs in FOLDER.

    When it was first broken and last good, and what had changed then. Also writes a page to open in a browser.
    """
    from rocketchat_contract.history import read_history  # noqa: PLC0415 - keeps --help fast
    from rocketchat_contract.history_page import headline, history_page  # noqa: PLC0415
    from rocketchat_contract.report.files import write_whole  # noqa: PLC0415

    found = read_history(folder)
    path = out or folder / "history.html"
    try:
        write_whole(path, history_page(found, path.parent))
    except OSError as error:
        raise UsageError(f"The page {path} cannot be written: {error.strerror}.", "Choose another --out.") from error
    _print([*_tracks(found), headline(found)])
    say(f"page: {path}")


def _tracks(found: History) -> Iterator[str]:
    from rocketchat_contract.report.wording import count  # noqa: PLC0415

    for track in found.tracks:
        last = track.runs[-1]
        version = last.version or "of unknown version"
        yield f"{track.name} · {count(len(track.runs), 'run')}, the last {last.word}, Rocket.Chat {version}"
        yield from _trends(track)
        yield ""
    if found.unread:
        yield f"{count(len(found.unread), 'report')} could not be read, such as {found.unread[0]}"


def _trends(track: Track) -> Iterator[str]:
    from rocketchat_contract.history_page import stretches  # noqa: PLC0415
    from rocketchat_contract.report.wording import SIGNS  # noqa: PLC0415

    signs = {outcome.value: sign for outcome, sign in SIGNS.items()}
    told = [trend for trend in track.trends if trend.broken]
    width = max((len(trend.requirement) for trend in told), default=0)
    for trend in told:
        strip = "".join(signs.get(word, ".") * number for word, number in stretches(trend, STRIP))
        yield f"  {'✗' if trend.is_broken else '✓'} {trend.requirement:<{width}}  {strip}"
        yield f"      {trend.sentence}"
        yield from (f"      {what} with {run.judged_by}" for what, run in trend.edges)
    never = sum(not trend.judged for trend in track.trends)
    unjudged = f", {never} never judged" if never else ""
    yield f"  {len(track.trends) - len(told) - never} requirements always kept{unjudged}"


def _print(lines: Iterable[str]) -> None:
    """Print lines harmless and encodable, folded to the terminal's width."""
    from textwrap import TextWrapper  # noqa: PLC0415

    from rocketchat_contract.report.plain import visible  # noqa: PLC0415

    width = min(shutil.get_terminal_size((80, 24)).columns, 120) if sys.stdout.isatty() else 80
    fold = TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    for line in "\n".join(lines).split("\n"):
        plain = visible(line)
        fold.subsequent_indent = " " * (len(plain) - len(plain.lstrip(" ")) + 2)
        say(fold.fill(plain))
