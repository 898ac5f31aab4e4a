"""The proof told in lines: a row per family, and one for each server that is not as expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from rocketchat_contract.prove.subjects import SubjectKind
from rocketchat_contract.prove.trial import Trial, TrialResult

_HEAD = ("", "of", "caught", "elsewhere", "missed", "room calls", "wall")
_ORDER = {SubjectKind.EDITION: 0, SubjectKind.VARIANT: 1, SubjectKind.WRONG: 2}


def table_lines(trials: Sequence[Trial], *, each: bool) -> Iterator[str]:
    """The table; ``each`` adds a row per server."""
    yield from _aligned([_HEAD, *_families(trials)])
    shown = trials if each else [trial for trial in trials if not trial.is_as_expected]
    if shown:
        yield ""
        yield from _aligned([_row(trial) for trial in shown])
    for trial in shown:
        if not trial.is_as_expected:
            yield from _lines_of(trial)


def proof_summary(trials: Sequence[Trial], seconds: float) -> str:
    """The last line: what was caught, and how long it took."""
    wrong = [trial.result for trial in trials if trial.subject.kind is SubjectKind.WRONG]
    old = [trial.result for trial in trials if trial.subject.kind is not SubjectKind.WRONG and trial.subject.breaks]
    right = [trial.result for trial in trials if not trial.subject.breaks]
    text = [f"caught {wrong.count(TrialResult.CAUGHT)} of {len(wrong)} wrong servers"] if wrong else []
    text += [f"caught {old.count(TrialResult.CAUGHT)} of {len(old)} old editions"] if old else []
    text += [f"let {right.count(TrialResult.PASSED)} of {len(right)} right ones pass"] if right else []
    return f"{', '.join(text)}, in {seconds:.0f} s"


def _families(trials: Sequence[Trial]) -> Iterator[tuple[str, ...]]:
    families = dict.fromkeys(trial.subject.family for trial in sorted(trials, key=lambda t: _ORDER[t.subject.kind]))
    for family in families:
        group = [trial for trial in trials if trial.subject.family == family]
        results = Counter(trial.result for trial in group)
        calls = [trial.calls for trial in group if trial.calls is not None]
        bad = results[TrialResult.MISSED] + results[TrialResult.ERROR] + results[TrialResult.FALSE_ALARM]
        yield (
            family,
            str(len(group)),
            str(results[TrialResult.CAUGHT] + results[TrialResult.PASSED]),
            str(results[TrialResult.ELSEWHERE]),
            str(bad),
            f"{median(calls):.0f}, at most {max(calls)}" if calls else "",
            f"{sum(trial.seconds for trial in group):.0f} s",
        )


def _row(trial: Trial) -> tuple[str, ...]:
    calls = "" if trial.calls is None else f"{trial.calls} calls"
    return trial.result.value, trial.subject.family, trial.subject.name, calls, f"{trial.seconds:.1f} s"


def _lines_of(trial: Trial) -> Iterator[str]:
    yield ""
    yield f"{trial.subject.name}: {trial.subject.sentence}"
    expected = trial.subject.breaks or trial.subject.allows
    yield f"  expected  {', '.join(expected) or 'nothing'}"
    yield f"  named     {', '.join(trial.named) or 'nothing'}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
