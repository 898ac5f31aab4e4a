"""The history as one small HTML page, which needs neither script nor network."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from rocketchat_contract import __version__
from rocketchat_contract.archive.history import History, Track, Trend, day
from rocketchat_contract.archive.summaries import DOCUMENT, VERDICT_WORDS, Summary
from rocketchat_contract.report.page import asset, environment_of, policy
from rocketchat_contract.report.phrases import SIGNS, count

SHOWN = 60
"""Runs drawn of each requirement; what is told of first and last counts all."""

_NOTHING = "Nothing that was judged is broken now."
_ABSENT = "absent"
STRIP_SIGNS = {outcome.value: sign for outcome, sign in SIGNS.items()} | {DOCUMENT: "~", _ABSENT: "·"}
"""The sign of each run in the strip of a requirement."""


def history_page(history: History, place: Path) -> str:
    """The page as HTML text; ``place`` is the folder that it will lie in."""
    style = asset("style.css") + asset("history.css")

    def link(run: Summary) -> str:
        report = history.folder.resolve() / Path(run.path).with_name("report.html")
        return quote(Path(os.path.relpath(report, place.resolve())).as_posix())

    return (
        environment_of("rocketchat_contract.report")
        .get_template("history.html")
        .render(
            history=history,
            tracks=worst_first(history),
            headline=history_headline(history),
            shown=SHOWN,
            signs=STRIP_SIGNS,
            stretches=stretches,
            said=_said,
            link=link,
            day=day,
            count=count,
            style=style,
            policy=policy(style),
            version=__version__,
        )
    )


def worst_first(history: History) -> list[Track]:
    """The targets: those with most that decides a verdict first, then with most broken, then by name."""
    return sorted(history.tracks, key=lambda track: (-_deciding(track), -_broken(track), track.name))


def _deciding(track: Track) -> int:
    return sum(trend.decides for trend in track.trends)


def _broken(track: Track) -> int:
    return sum(trend.is_broken for trend in track.trends)


def history_headline(history: History) -> str:
    """How many requirements are broken now, and on how many targets; what decides no verdict is counted apart."""
    deciding = [_deciding(track) for track in history.tracks]
    aside = sum(map(_broken, history.tracks)) - sum(deciding)
    why = "recommended, or in the published document only"
    beside = f"{count(aside, 'requirement')} broken without deciding a verdict ({why})"
    if not any(deciding):
        return f"Nothing that decides a verdict is broken now; {beside}." if aside else _NOTHING
    text = f"{count(sum(deciding), 'requirement')} broken now, on {count(sum(map(bool, deciding)), 'target')}"
    return f"{text}; {beside}." if aside else f"{text}."


def stretches(trend: Trend, most: int = SHOWN) -> list[tuple[str, int]]:
    """The last outcomes as words with how often each came in a row, oldest first."""
    words = (VERDICT_WORDS.get(letter, _ABSENT) for letter in trend.letters[-most:])
    return [(word, len(list(run))) for word, run in groupby(words)]


def _said(trend: Trend) -> str:
    return ", ".join(f"{number} {word}" for word, number in stretches(trend))
