"""The report as one HTML file: readable without script and without network, also in five years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from rocketchat_contract.contract.requirements import Column
from rocketchat_contract.judge.operation import Kind, read
from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.report import accepting, circumstances, phrases
from rocketchat_contract.report import unjudged as reasons
from rocketchat_contract.report.accepted import STANDING_MEANINGS
from rocketchat_contract.report.captured import uncaptured
from rocketchat_contract.report.finding_view import FindingView, finding_views
from rocketchat_contract.report.page import asset, environment_of, policy
from rocketchat_contract.report.races import RaceDrawing, drawing_of
from rocketchat_contract.report.reproduce import REGISTERS, RepeatLine, preparation, reproduction, together, variables
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.transcript import TranscriptLine, events

MOST_DRAWN = 30
"""Findings shown with their evidence."""

MOST_BRIEF = 200
"""Further findings shown as one row each; all of them are in report.json."""


@dataclass(frozen=True)
class DrawnFinding:
    """A finding with everything that the page draws of it."""

    view: FindingView
    lines: tuple[TranscriptLine, ...]
    race: RaceDrawing | None
    preparation: tuple[str, ...]
    steps: tuple[RepeatLine, ...]
    unpasteable: tuple[int, ...]
    rooms: tuple[str, ...]

    @property
    def effects(self) -> tuple[str, ...]:
        """What the commands change on the target."""
        first = [REGISTERS] if any(line.startswith("curl") for line in self.preparation) else []
        view = dict.fromkeys([*first, *(effect for step in self.steps for effect in step.effects)])
        return tuple(each for each in view if not any(other != each and other.startswith(each) for other in view))


@dataclass(frozen=True)
class FactCell:
    """One entry of the strip of facts; ``more`` is shown small below."""

    name: str
    value: str
    more: str = ""


@dataclass(frozen=True)
class Slice:
    """One outcome's part of the bar of counts."""

    outcome: Outcome
    number: int
    start: int


@dataclass(frozen=True)
class ColumnCard:
    """The verdict of one column with its counts."""

    name: str
    word: str
    sign: str
    promise: str
    tally: str


@dataclass(frozen=True)
class Group:
    """A group of requirements; those that do not apply are listed elsewhere."""

    name: str
    sentence: str
    rows: tuple[Row, ...]
    summary: str


def html(result: RunResult) -> str:
    """The report as HTML text."""
    view = finding_views(result)
    style, script = asset("style.css"), asset("script.js")
    return (
        environment_of("rocketchat_contract.report")
        .get_template("report.html")
        .render(
            result=result,
            verdict=result.verdict,
            words=phrases,
            accepting=accepting,
            circumstances=circumstances,
            reasons=reasons,
            style=style,
            script=script,
            policy=policy(style, script),
            entries=_entries(result),
            cards=list(_cards(result.verdict)),
            slices=_slices(result.verdict),
            findings=[_shown(each, result) for each in view[:MOST_DRAWN]],
            brief=view[MOST_DRAWN : MOST_DRAWN + MOST_BRIEF],
            hidden=max(0, len(view) - MOST_DRAWN - MOST_BRIEF),
            anchors=_anchors(view[:MOST_DRAWN]),
            groups=_groups(result),
            unjudged=_rows_of(result.verdict, Outcome.NOT_JUDGED, Outcome.ERROR),
            unjudged_by_reason=_unjudged_by_reason(result.verdict),
            broken=_broken(view),
            inapplicable=_rows_of(result.verdict, Outcome.NOT_APPLICABLE),
            drivers=_drivers(result),
            acceptance=result.acceptance,
            standings=STANDING_MEANINGS,
            hashes=_hashes(result),
            versions=_versions(result),
        )
    )


def _entries(result: RunResult) -> list[FactCell]:
    header, traffic, ledger = result.header, result.traffic, result.ledger
    day, clock = _when(phrases.recorded(header, "started"))
    contract = phrases.recorded(header, "contract", "sha256")
    suite = phrases.recorded(header, "suite", "sha256")
    return [
        FactCell("Target", phrases.target_name(result), phrases.embedded(result)),
        FactCell("Rocket.Chat", phrases.server_version(result)),
        FactCell("When", day, f"{clock}, traffic took {result.seconds:.1f} s"),
        FactCell("Profile", phrases.recorded(header, "profile"), f"seed {phrases.recorded(header, 'seed')}"),
        FactCell("Room calls", f"{traffic.room_calls:,}", f"of {traffic.exchanges:,} requests"),
        FactCell("Answered 200", f"{traffic.ok:,}", f"{phrases.share(traffic.ok, traffic.room_calls)} room calls"),
        FactCell("Rooms", f"{ledger.rooms_created:,} created", _rooms_after(result)),
        FactCell("Suite", phrases.recorded(header, "suite", "version"), f"sha256 {suite[:12]}"),
        FactCell("Contract", f"{contract[:12]}", "sha256 of the full contract"),
    ]


def _rooms_after(result: RunResult) -> str:
    return f"{result.ledger.rooms_closed:,} closed, {len(result.ledger.rooms_left):,} left"


def _when(started: str) -> tuple[str, str]:
    try:
        moment = datetime.fromisoformat(started)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return started, "time not recorded"
    return f"{moment.day} {moment:%B %Y}", f"{moment:%H:%M:%S}{' UTC' if moment.tzinfo else ''}"


def _cards(verdict: Verdict) -> Iterable[ColumnCard]:
    """A card for each column that something was asked of."""
    for column, name in phrases.COLUMNS.items():
        rows = [row for row in verdict.rows if column in row.requirement.columns]
        if rows:
            word = verdict.word_of(column)
            yield ColumnCard(name, word.value, phrases.VERDICT_SIGNS[word], _COLUMN_PROMISES[column], _tally(rows))


_COLUMN_PROMISES: dict[Column, str] = {
    "published": "What the vendor's OpenAPI document says by itself: statuses, media type, schema. "
    "It does not decide the exit code.",
    "full": "The document and the overlay, the prose, the standards, and what holds from call to call. "
    "It decides the exit code.",
}


def _tally(rows: Sequence[Row]) -> str:
    numbers = phrases.counts(rows)
    view = [outcome for outcome, number in numbers.items() if number or outcome is Outcome.PASS]
    return ", ".join(f"{numbers[outcome]} {phrases.WORDS[outcome]}" for outcome in view)


def _slices(verdict: Verdict) -> list[Slice]:
    slices, start = [], 0
    for outcome, number in phrases.counts(verdict.rows).items():
        slices.append(Slice(outcome, number, start))
        start += number
    return slices


def _shown(view: FindingView, result: RunResult) -> DrawnFinding:
    steps = tuple(step for step in view.steps if step.command)
    missing = tuple(number for step in view.steps if not step.command for number in step.exchanges)
    commands = [step.command for step in steps]
    return DrawnFinding(
        view=view,
        lines=events(view.exchanges, view.decisive_exchange),
        race=drawing_of(view.exchanges, view.decisive_exchange),
        preparation=preparation(result, commands, _registered(view)),
        steps=steps,
        unpasteable=missing,
        rooms=uncaptured(tuple(together(view.exchanges))),
    )


def _registered(view: FindingView) -> Iterable[str]:
    """Variables of visitors that existed before the first exchange of the evidence."""
    registering = [each for each in view.exchanges if _is_first_to_speak(each, view.exchanges)]
    acting = [reproduction(each).command for each in view.exchanges if each.visitor]
    fresh = variables(reproduction(each).command for each in registering)  # their own command registers them
    return [name for name in variables(acting) if name not in fresh]


def _is_first_to_speak(registering: Exchange, exchanges: Iterable[Exchange]) -> bool:
    """Whether a registration has no call of the same visitor before it; else the visitor existed already."""
    if read(registering).kind is not Kind.REGISTER:
        return False
    return not any(each.visitor == registering.visitor and each.ended < registering.started for each in exchanges)


def _broken(view: Iterable[FindingView]) -> list[FindingView]:
    """The first finding of each promise that decides, for the head of the page."""
    deciding = [each for each in view if each.deciding]
    return list({each.requirement.id: each for each in reversed(deciding)}.values())[::-1]


def _anchors(view: Iterable[FindingView]) -> dict[str, list[str]]:
    anchors: dict[str, list[str]] = {}
    for each in view:
        anchors.setdefault(each.requirement.id, []).append(each.anchor)
    return anchors


def _groups(result: RunResult) -> list[Group]:
    rows = [row for row in result.verdict.rows if row.outcome is not Outcome.NOT_APPLICABLE]
    names = dict.fromkeys(row.requirement.group for row in rows)
    return [_group(name, result, [row for row in rows if row.requirement.group == name]) for name in names]


def _group(name: str, result: RunResult, rows: Sequence[Row]) -> Group:
    numbers = phrases.counts(rows)
    view = [f"{number} {phrases.WORDS[outcome]}" for outcome, number in numbers.items() if number]
    judgements = phrases.count(sum(row.judged for row in rows), "judgement")
    return Group(name, result.groups.get(name, ""), tuple(rows), f"{', '.join(view)}; {judgements}")


def _rows_of(verdict: Verdict, *outcomes: Outcome) -> list[Row]:
    return [row for row in verdict.rows if row.outcome in outcomes]


def _unjudged_by_reason(verdict: Verdict) -> list[tuple[str, list[Row]]]:
    """Errors of the suite, then what was not judged, each reason with its requirements."""
    return [
        each
        for outcome in (Outcome.ERROR, Outcome.NOT_JUDGED)
        for each in reasons.by_reason(_rows_of(verdict, outcome), strict=verdict.strict).items()
    ]


def _drivers(result: RunResult) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Column names, and per driver its name and numbers."""
    view = result.traffic.by_driver
    found = {name for numbers in view.values() for name in numbers}
    names = [each.name for each in fields(TrafficStats) if each.name in found]
    names += sorted(found.difference(names))
    return [name.replace("_", " ") for name in names], [
        (driver, [f"{numbers.get(name, 0):,}" for name in names]) for driver, numbers in view.items()
    ]


def _hashes(result: RunResult) -> list[tuple[str, str]]:
    places = {
        "suite": ("suite", "sha256"),
        "published page": ("contract", "page_sha256"),
        "full contract": ("contract", "sha256"),
        "overlay": ("contract", "overlay_sha256"),
    }
    hashes = [(name, phrases.recorded(result.header, *place)) for name, place in places.items()]
    return [(name, value) for name, value in hashes if name != "overlay" or value != "not recorded"]


def _versions(result: RunResult) -> list[tuple[str, str]]:
    return list(result.header.versions.items())
