"""How often each requirement was judged and broken, with the first few distinct findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from rocketchat_contract.contract.requirements import Requirement, Requirements
from rocketchat_contract.judge.fate import Cause, Why
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row

MOST_KEPT_FINDINGS = 5
"""Distinct findings kept per requirement; the counts go on."""

NO_CONDITIONS: Mapping[str, str] = MappingProxyType({})
NO_CAUSES: Mapping[Cause, int] = MappingProxyType({})

MUCH_SHORTER = 2
"""How many times shorter the request of a later example is that takes the place of an earlier one."""


@dataclass(slots=True)
class Count:
    """How often a requirement was judged, of these how often it was broken, and of these by what passes.

    ``took`` is how long the calls took that it was judged on, in nanoseconds.
    """

    judged: int = 0
    broken: int = 0
    transient: int = 0
    took: int = 0


class Tally:
    """Collects judgements; ``rows`` tells what became of each requirement."""

    def __init__(self, requirements: Requirements) -> None:
        self._requirements = requirements
        self._counts = {requirement.id: Count() for requirement in requirements}
        self._findings: dict[str, dict[str, Finding]] = {requirement.id: {} for requirement in requirements}
        self._lengths: dict[tuple[str, str], int] = {}
        self._lost: dict[str, Counter[Cause]] = {}

    def count_of(self, requirement: str) -> Count:
        """The count of one requirement, to go on with."""
        return self._counts[requirement]

    def kept(self, requirement: str, took: int = 0) -> None:
        """Count a requirement as judged and kept, on calls that took so long (ns)."""
        count = self._counts[requirement]
        count.judged += 1
        count.took += took

    def broken(self, finding: Finding, length: int = 0, took: int = 0) -> None:
        """Count a requirement as judged and broken; the first few distinct findings are kept.

        ``length`` is that of the request of a finding that one answer shows: who has to read and repeat it is better
        off with a much shorter one. 0 keeps the first example.
        """
        count = self._counts[finding.requirement]
        count.judged += 1
        count.broken += 1
        count.took += took
        count.transient += finding.transient
        known = self._findings[finding.requirement]
        key = finding.requirement, finding.signature
        is_new = finding.signature not in known and len(known) < MOST_KEPT_FINDINGS
        if is_new or 0 < length * MUCH_SHORTER <= self._lengths.get(key, 0):
            known[finding.signature] = finding
            self._lengths[key] = length

    def lost(self, requirement: str, cause: Cause) -> None:
        """Count a call that would have shown a requirement, by what became of it."""
        self._lost.setdefault(requirement, Counter())[cause] += 1

    def judged(self, requirement: str) -> int:
        """How often it was judged."""
        return self._counts[requirement].judged

    def rows(
        self,
        reasons: Iterable[str] = (),
        unmet: Mapping[str, str] = NO_CONDITIONS,
        otherwise: Mapping[Cause, int] = NO_CAUSES,
        named: Callable[[Cause], Cause] = lambda cause: cause,
    ) -> tuple[Row, ...]:
        """One row per requirement, in their order; ``reasons`` explain what could not be judged.

        ``unmet`` names the requirements that do not apply to this target, each with the sign of it. ``otherwise`` are
        the causes for those of which no call is known that could have shown them. ``named`` gives a cause its name,
        once it is known how other calls fared.
        """
        ended = " ".join(reasons)
        causes = {each.id: _named(self._lost.get(each.id) or otherwise, named) for each in self._requirements}
        return tuple(self._row(each, ended, unmet.get(each.id, ""), causes[each.id]) for each in self._requirements)

    def _row(self, requirement: Requirement, ended: str, unmet: str, lost: Counter[Cause]) -> Row:
        count = self._counts[requirement.id]
        findings = tuple(self._findings[requirement.id].values())
        outcome = _outcome(requirement, count, is_exempt=bool(unmet))
        row = Row(
            requirement,
            outcome,
            count.judged,
            count.broken,
            findings=findings,
            transient=count.transient,
            seconds=count.took / 1e9,
        )
        if outcome is Outcome.NOT_APPLICABLE:
            return replace(row, reason=unmet or f"It speaks only when {requirement.only_when}.")
        if outcome is not Outcome.NOT_JUDGED:
            return row
        causes = lost.most_common()
        why = Why.LOST if causes else Why.ENDED if ended else Why.NOT_SHOWN
        return replace(row, reason="" if causes else ended, why=why, causes=tuple(causes))


def _named(causes: Mapping[Cause, int], named: Callable[[Cause], Cause]) -> Counter[Cause]:
    by_name = Counter[Cause]()
    for cause, number in causes.items():
        by_name[named(cause)] += number
    return by_name


def _outcome(requirement: Requirement, count: Count, *, is_exempt: bool) -> Outcome:
    if count.broken:
        return Outcome.FAIL if requirement.level == "must" else Outcome.WARN
    if count.judged:
        return Outcome.PASS
    return Outcome.NOT_APPLICABLE if requirement.only_when or is_exempt else Outcome.NOT_JUDGED
