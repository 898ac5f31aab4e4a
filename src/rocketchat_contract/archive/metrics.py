"""The last run of each target as a Prometheus text file, for a node exporter's textfile collector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from rocketchat_contract.archive.history import History, Track
from rocketchat_contract.archive.summaries import VERDICT_WORDS, Summary
from rocketchat_contract.inputs.bounded import InputError
from rocketchat_contract.report.stored import read_report

VERDICTS = ("conformant", "violated", "incomplete", "error")
OUTCOMES = ("pass", "fail", "warn", "published-only", "not-judged", "not-applicable", "error")

Sample = tuple[dict[str, str], float]


def metrics(history: History) -> str:
    """The text exposition (format 0.0.4) of a history."""
    tracks = [track for track in history.tracks if track.runs]
    return "".join(_family(name, about, tracks, samples, history) for name, about, samples in _FAMILIES)


def _family(
    name: str,
    about: str,
    tracks: Iterable[Track],
    samples: Callable[[Track, History], Iterable[Sample]],
    history: History,
) -> str:
    lines = [f"# HELP {name} {about}", f"# TYPE {name} gauge"]
    for track in tracks:
        own = {"target": track.target, "deployment": track.deployment, "operation": track.operation}
        lines += [f"{name}{_labels({**own, **more})} {value:.16g}" for more, value in samples(track, history)]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items() if value) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _verdict(track: Track, _: History) -> Iterator[Sample]:
    yield from (({"verdict": word}, float(track.runs[-1].word == word)) for word in VERDICTS)


def _requirements(track: Track, _: History) -> Iterator[Sample]:
    outcomes = [VERDICT_WORDS.get(letter) for letter in track.runs[-1].outcomes]
    yield from (({"outcome": word}, float(outcomes.count(word))) for word in OUTCOMES)


def _duration(track: Track, history: History) -> Iterator[Sample]:
    try:
        yield {}, read_report(history.folder / track.runs[-1].path).seconds
    except InputError:
        return


def _last(track: Track, _: History) -> Iterator[Sample]:
    yield from _time(track.runs[-1])


def _last_good(track: Track, _: History) -> Iterator[Sample]:
    good = [run for run in track.runs if run.word == "conformant"]
    if good:
        yield from _time(good[-1])


def _time(run: Summary) -> Iterator[Sample]:
    try:
        yield {}, datetime.fromisoformat(run.started).timestamp()
    except (ValueError, OverflowError):
        return


_PREFIX = "rocketchat_contract_"
_FAMILIES: tuple[tuple[str, str, Callable[[Track, History], Iterable[Sample]]], ...] = (
    (f"{_PREFIX}verdict", "1 for the verdict of the last run, 0 for the others.", _verdict),
    (f"{_PREFIX}requirements", "Requirements of the last run by outcome.", _requirements),
    (f"{_PREFIX}run_duration_seconds", "Wall time of the last run's traffic.", _duration),
    (f"{_PREFIX}last_run_timestamp_seconds", "Start of the last run that has a report.", _last),
    (f"{_PREFIX}last_conformant_timestamp_seconds", "Start of the last conformant run.", _last_good),
)
