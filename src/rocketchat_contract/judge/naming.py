"""The promise that alone explains all answers, named beside one that explains some of them.

A visitor's room is lost in a call that names an agent, or after a refused one: that may be the agent's or the refusal's
doing. Where other such calls were answered as they ought to be, it is as likely neither's; unless that happened more
than once, and never in a call without that circumstance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row

ANOTHER_ROOM = "an-open-room-is-returned"
NO_ROOM = "a-known-visitor-gets-a-room"
CALLED_OLD = "newroom-is-true-for-a-created-room"

CIRCUMSTANCES = ("an-agent-id-changes-no-open-room", "a-refused-call-changes-nothing")
"""Promises that something makes no difference."""


def explained_by(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows, with findings also under the plain promise where the circumstance made no difference elsewhere."""
    by_id = {row.requirement.id: row for row in rows}
    for circumstance in (by_id[name] for name in CIRCUMSTANCES if name in by_id):
        if circumstance.judged > circumstance.broken and circumstance.broken == 1:
            for finding in circumstance.findings:
                plain = by_id.get(_plain(finding))
                if plain is not None and not plain.broken:
                    by_id[plain.requirement.id] = _broken(plain, finding)
    return tuple(by_id.values())


def _plain(finding: Finding) -> str:
    """The promise that is broken if the circumstance made no difference."""
    if finding.signature.startswith("refused"):
        return NO_ROOM
    return CALLED_OLD if finding.expected.startswith("a new room") else ANOTHER_ROOM


def _broken(row: Row, finding: Finding) -> Row:
    outcome = Outcome.FAIL if row.requirement.level == "must" else Outcome.WARN
    found = replace(finding, requirement=row.requirement.id)
    return replace(row, outcome=outcome, judged=row.judged + 1, broken=1, findings=(found,), reason="", causes=())
