"""``diff`` and ``history``: what changed from run to run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rocketchat_contract.cli.options import format_option
from rocketchat_contract.cli.showing import amount_options
from rocketchat_contract.errors import ExitCode, UsageError
from rocketchat_contract.face.console import say, say_folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rocketchat_contract.archive.diff import RequirementChange, RunComparison
    from rocketchat_contract.archive.history import History, Track

STRIP = 24
"""Runs drawn of a requirement on a terminal."""

MOST_UNFINISHED = 10
"""Runs without reports that are named of a target."""


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@format_option("As text for people, or as JSON.", "json")
@amount_options("Print the number of changes alone.", "Also list what did not change.")
@click.pass_context
def diff(context: click.Context, a: Path, b: Path, format_: str, quiet: bool, verbose: bool) -> None:  # noqa: FBT001, PLR0913, PLR0917 - one parameter per option
    """Compare two runs: what got worse, and why.

    A and B are the folder or the report.json of a run each. Regressions come first. Causes are the contract, the
    suite, the facts about the target, the profile (where one of the runs looked at less), and the target itself. Ends
    with exit code 1 when there is a regression, and with 3 when a required check is only judged no longer.
    """
    from rocketchat_contract.archive.diff import Direction, compare_runs, read_run

    found = compare_runs(read_run(a), read_run(b))
    if format_ == "json":
        say(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    elif quiet:
        say_folded(found.sentence)
    else:
        say_folded("\n".join(_comparison_lines(found, is_whole=verbose)))
    if found.of(Direction.REGRESSION):
        context.exit(ExitCode.VIOLATED)
    if found.of(Direction.UNJUDGED):
        context.exit(ExitCode.INCOMPLETE)


def _comparison_lines(found: RunComparison, *, is_whole: bool) -> Iterator[str]:
    from rocketchat_contract.archive.diff import Direction

    yield from found.differences
    for direction in Direction:
        changes = found.of(direction)
        if changes:
            yield f"\n{_SIGNS[direction]} {_TITLES[direction]}: {len(changes)}"
        for change in changes:
            yield from _change(change)
    if is_whole and found.unchanged:
        yield f"\nunchanged: {len(found.unchanged)}"
        yield from (f"  {requirement}: {outcome}" for requirement, outcome in found.unchanged)
    yield ("\n" if found.changes or is_whole else "") + found.sentence


_SIGNS = {"regression": "✗", "no longer judged": "?", "improvement": "✓", "other change": "·"}
_TITLES = {each: each if each == "no longer judged" else f"{each}s" for each in _SIGNS}


def _change(change: RequirementChange) -> Iterator[str]:
    yield f"  {change.requirement}: {change.before} → {change.after} (cause: {change.cause})"
    yield f"    {change.sentence}"
    if change.detail:
        yield f"    {change.detail}"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("reports"))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The page. [default: FOLDER/history.html]")
@format_option("As text for people, or as JSON.", "json")
@amount_options("Print the last line alone.", "Also list what was always kept.")
def history(folder: Path, out: Path | None, format_: str, quiet: bool, verbose: bool) -> None:  # noqa: FBT001
    """Show each requirement over all runs in FOLDER.

    When it was first broken and last good, and what had changed then. Also writes a page to open in a browser.
    """
    from rocketchat_contract.archive.history import read_history
    from rocketchat_contract.archive.history_page import history_headline, history_page
    from rocketchat_contract.report.files import write_whole

    found = read_history(folder)
    path = out or folder / "history.html"
    try:
        write_whole(path, history_page(found, path.parent))
    except OSError as error:
        raise UsageError(f"The page {path} cannot be written: {error.strerror}.", "Choose another --out.") from error
    if format_ == "json":
        say(json.dumps([_as_data(track) for track in found.tracks], indent=2, ensure_ascii=False))
        return
    if quiet:
        say_folded(history_headline(found))
        return
    say_folded("\n".join([*_tracks(found, is_whole=verbose), history_headline(found)]))
    say(f"page: {path}")


def _as_data(track: Track) -> dict[str, Any]:
    """A target with its runs, oldest first, and each requirement as it stands now."""
    from rocketchat_contract.archive.summaries import VERDICT_WORDS

    runs = [
        {"run": run.run, "started": run.started, "verdict": run.word, "version": run.version, "report": run.path}
        for run in track.runs
    ]
    trends = [
        {
            "requirement": trend.requirement,
            "broken_now": trend.is_broken,
            "decides": trend.decides,
            "first_broken": trend.first_broken.run if trend.first_broken else None,
            "last_kept": trend.last_good.run if trend.last_good else None,
            "outcomes": [VERDICT_WORDS.get(letter) for letter in trend.letters],
        }
        for trend in track.trends
    ]
    own = {"target": track.target, "deployment": track.deployment, "operation": track.operation}
    return {**own, "runs": runs, "unfinished": [run.path for run in track.unfinished], "requirements": trends}


def _tracks(found: History, *, is_whole: bool) -> Iterator[str]:
    from rocketchat_contract.archive.history_page import worst_first
    from rocketchat_contract.report.phrases import count

    for track in worst_first(found):
        yield f"{track.name} · {count(len(track.runs), 'run')}{_last(track)}"
        if track.runs:
            yield from _trends(track, is_whole=is_whole)
        yield from _unfinished(track, found.folder)
        yield ""
    if found.unread:
        yield f"{count(len(found.unread), 'report')} could not be read, such as {found.unread[0]}"


def _last(track: Track) -> str:
    if not track.runs:
        return ""
    last = track.runs[-1]
    if last.obstacle:
        return f", the last {last.word}: {last.obstacle}"
    return f", the last {last.word}, Rocket.Chat {last.version or 'of unknown version'}"


def _unfinished(track: Track, folder: Path) -> Iterator[str]:
    """Runs without reports, the newest first; those that may have left something before any other."""
    from rocketchat_contract.archive.history import day
    from rocketchat_contract.report.phrases import count

    found = sorted(track.unfinished, key=lambda run: (run.leaves, run.started), reverse=True)
    for run in found[:MOST_UNFINISHED]:
        yield f"  ? {day(run)} {run.phrase}"
        if run.command(folder):
            yield f"      {run.command(folder)}"
    if found[MOST_UNFINISHED:]:
        yield f"  ? {count(len(found) - MOST_UNFINISHED, 'more run')} without reports"


def _trends(track: Track, *, is_whole: bool) -> Iterator[str]:
    from rocketchat_contract.archive.history_page import STRIP_SIGNS, stretches

    text = [trend for trend in track.trends if trend.broken or is_whole]
    width = max((len(trend.requirement) for trend in text), default=0)
    for trend in text:
        strip = "".join(STRIP_SIGNS[word] * number for word, number in stretches(trend, STRIP))
        yield f"  {trend.sign} {trend.requirement:<{width}}  {strip}"
        yield f"      {trend.sentence}"
        yield from (f"      {what} with {run.judged_by}" for what, run in trend.edges)
    never = sum(not trend.judged for trend in track.trends)
    unjudged = f", {never} never judged" if never else ""
    yield f"  {len(track.trends) - len(text) - never} requirements always kept{unjudged}"
