"""The history as one small HTML page, which needs neither script nor network."""

from __future__ import annotations

import base64
import hashlib
import os
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from rocketchat_contract import __version__
from rocketchat_contract.archive.history import DOCUMENT, VERDICT_WORDS, History, Summary, Track, Trend, day
from rocketchat_contract.report.phrases import SIGNS, count
from rocketchat_contract.report.plain import sentence, visible

SHOWN = 60
"""Runs drawn of each requirement; what is told of first and last counts all."""

_NOTHING = "Nothing that was judged is broken now."
_ABSENT = "absent"
STRIP_SIGNS = {outcome.value: sign for outcome, sign in SIGNS.items()} | {DOCUMENT: "~", _ABSENT: "·"}
"""The sign of each run in the strip of a requirement."""


def history_page(history: History, place: Path) -> str:
    """The page as HTML text; ``place`` is the folder that it will lie in."""
    environment = _environment()
    style = _source("style.css") + _source("history.css")

    def link(run: Summary) -> str:
        report = history.folder.resolve() / Path(run.path).with_name("report.html")
        return quote(Path(os.path.relpath(report, place.resolve())).as_posix())

    return environment.get_template("history.html").render(
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
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src {_hash(style)}; img-src data:; base-uri 'none'; form-action 'none'",
        version=__version__,
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


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("rocketchat_contract.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": lambda value: f"{value:,}", "line": sentence}
    return environment


@lru_cache(maxsize=4)
def _source(name: str) -> str:
    loader = _environment().loader
    assert loader is not None  # noqa: S101 - for the type checker
    return loader.get_source(_environment(), name)[0]


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
