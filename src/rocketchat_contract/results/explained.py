"""The one true reason why each requirement was not judged, from what a run's footer and its judge know.

The nearest reason counts: a setting that forbids what would show it, then what became of the calls that could show it,
then that none overlapped, then what ended the run, and a hard limit only where nothing else is the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rocketchat_contract.client.budget import UNCLOSABLE
from rocketchat_contract.client.facts import CLOSING
from rocketchat_contract.judge.fate import Why
from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict

OF_OVERLAP = frozenset(
    {
        "overlapping-calls-open-one-room",
        "overlapping-calls-report-one-creation",
        "calls-beside-a-close-agree",
        "calls-beside-a-neighbour-agree",
        "a-racing-call-is-not-refused",
    }
)
"""Requirements that only calls show that are under way at once."""

_SPENT = "The budget of "
"""How records of earlier versions tell a spent budget among their notes."""


@dataclass(frozen=True)
class RunEnd:
    """How a run ended: ``blocked`` maps facts to what the workspace forbids, ``spent`` are the limits it reached."""

    notes: Sequence[str] = ()
    spent: Sequence[str] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)


def ended_of(footer: Mapping[str, Any]) -> RunEnd:
    """How a run ended, by its record's footer."""
    notes = list(footer.get("notes", ()))
    spent = footer.get("spent")
    if spent is None:
        spent = [note for note in notes if note.startswith(_SPENT)]
    return RunEnd([note for note in notes if note not in spent], spent, footer.get("blocked", {}))


def explained(verdict: Verdict, ended: RunEnd, traffic: TrafficStats) -> Verdict:
    """The verdict whose unjudged rows tell the reason that is nearest."""
    return replace(verdict, rows=tuple(_explained(row, verdict.obstacles, ended, traffic) for row in verdict.rows))


def _explained(row: Row, obstacles: Sequence[str], ended: RunEnd, traffic: TrafficStats) -> Row:
    if row.outcome is not Outcome.NOT_JUDGED:
        return row
    forbidden = [ended.blocked[need] for need in row.requirement.needs if need in ended.blocked]
    if forbidden:
        return replace(row, why=Why.SETTING, reason=" ".join(forbidden), causes=())
    why, reason = _of_the_run(row, obstacles, ended, traffic)
    return row if row.why is Why.LOST or not reason else replace(row, why=why, reason=reason)


def _of_the_run(row: Row, obstacles: Sequence[str], ended: RunEnd, traffic: TrafficStats) -> tuple[Why, str]:
    """The reason that lies in the run, and in no call."""
    if row.requirement.id in OF_OVERLAP and traffic.volleys and not traffic.volley_overlapped:
        return Why.NO_OVERLAP, _no_overlap(traffic)
    if obstacles or ended.notes:
        return Why.ENDED, " ".join((*obstacles, *ended.notes))
    spent = next(reversed(ended.spent), "")
    if UNCLOSABLE in spent:
        return Why.SETTING, " ".join(filter(None, (spent, ended.blocked.get(CLOSING))))
    return Why.BUDGET, spent


def _no_overlap(traffic: TrafficStats) -> str:
    bursts = f"{traffic.volleys} burst" if traffic.volleys == 1 else f"{traffic.volleys} bursts"
    return f"None of the {traffic.volley_calls} simultaneous calls of {bursts} overlapped another."
