"""The one true reason why each requirement was not judged, from what a run's footer and its judge know.

The nearest reason counts: a setting that forbids what would show it, then what became of the calls that could show it
(bursts that were too narrow or did not overlap among them), then what ended the run, and a hard limit only where
nothing else is the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rocketchat_contract.client.budget import UNCLOSABLE, UNDELETABLE
from rocketchat_contract.client.facts import CLOSING, DELETING, TOGETHER
from rocketchat_contract.judge.fate import Cause, Fate, Why
from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.footer import RecordFooter

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


def explained(verdict: Verdict, ended: RecordFooter, traffic: TrafficStats) -> Verdict:
    """The verdict whose unjudged rows tell the reason that is nearest."""
    return replace(verdict, rows=tuple(_explained(row, verdict.obstacles, ended, traffic) for row in verdict.rows))


def _explained(row: Row, obstacles: Sequence[str], ended: RecordFooter, traffic: TrafficStats) -> Row:
    if row.outcome is not Outcome.NOT_JUDGED:
        return row
    forbidden = [ended.blocked[need] for need in row.requirement.needs if need in ended.blocked]
    if forbidden:
        return replace(row, why=Why.SETTING, reason=" ".join(forbidden), causes=())
    of_bursts = _of_its_bursts(row, traffic, ended)
    if of_bursts is not None:
        why, reason = of_bursts
        return replace(row, why=why, reason=reason, causes=())
    why, reason = _of_the_run(obstacles, ended)
    return row if row.why is Why.LOST or not reason else replace(row, why=why, reason=reason)


def _of_the_run(obstacles: Sequence[str], ended: RecordFooter) -> tuple[Why, str]:
    """The reason that lies in the run, and in no call."""
    if obstacles or ended.remarks:
        return Why.ENDED, " ".join((*obstacles, *ended.remarks))
    spent = next(reversed(ended.spent), "")
    for small, fact in ((UNCLOSABLE, CLOSING), (UNDELETABLE, DELETING)):
        if small in spent:
            return Why.SETTING, " ".join(filter(None, (spent, ended.blocked.get(fact))))
    return Why.BUDGET, spent


def _of_its_bursts(row: Row, traffic: TrafficStats, ended: RecordFooter) -> tuple[Why, str] | None:
    """The reason that lies in bursts that came back whole: too few calls left together, or too few overlapped.

    Where no limiter let fewer calls leave than were to, the wider bursts were never sent: that has a reason of its own.
    """
    causes = [cause for cause, _ in row.causes]
    if not causes:
        is_apart = row.requirement.id in OF_OVERLAP and traffic.volleys and not traffic.volley_overlapped
        return (Why.NO_OVERLAP, f"No calls overlapped{_fastest(traffic)}.") if is_apart else None
    if any(cause.fate not in (Fate.APART, Fate.NARROW) for cause in causes):
        return None
    narrow = [cause for cause in causes if cause.fate is Fate.NARROW]
    number, wanted = max(map(_width_of, narrow or causes))
    if narrow and not any(fact.name == TOGETHER for fact in ended.facts):
        return _of_the_run((), ended)
    if narrow:
        return Why.NARROW, f"Of {wanted} simultaneous calls the limiter let {number} through."
    if number > 1:
        return Why.NO_OVERLAP, f"Of {wanted} simultaneous calls at most {number} overlapped{_fastest(traffic)}."
    return Why.NO_OVERLAP, f"No calls overlapped{_fastest(traffic)}."


def _width_of(cause: Cause) -> tuple[int, int]:
    """How wide a burst was, or overlapped, and how wide it was to be."""
    number, _, wanted = cause.detail.partition(" of ")
    return int(number), int(wanted)


def _fastest(traffic: TrafficStats) -> str:
    return f" (fastest answer {traffic.volley_fastest / 1e6:.1f} ms)" if traffic.volley_fastest else ""
