"""Everything a report tells, gathered once; all writers are pure functions of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.reach import Reach
from rocketchat_contract.judge.verdict import Outcome, Verdict
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.report.accepted import NO_BASELINE, Acceptance
from rocketchat_contract.report.proof import Proof


@dataclass(frozen=True)
class Strength:
    """How many single mutations of right bodies a contract rejects."""

    published_rejected: int
    full_rejected: int
    mutations: int


@dataclass(frozen=True)
class Account:
    """One run, ready to be told.

    ``header`` is the record's header (``run``, ``target``, ``profile``, ``seed``, ``started`` in ISO 8601,
    ``suite`` {version, sha256}, ``contract`` {page_sha256, sha256, overlay_sha256}, ``versions``).
    ``seconds`` is the wall time of the traffic. ``evidence`` holds the exchanges that findings point to.
    ``acceptance`` is the baseline held against the run, ``proof`` what is known of the suite itself.
    """

    header: Mapping[str, Any]
    verdict: Verdict
    reach: Reach = field(default_factory=Reach)
    ledger: Ledger = field(default_factory=Ledger)
    facts: tuple[Fact, ...] = ()
    evidence: Mapping[int, Exchange] = field(default_factory=dict)
    strength: Strength | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    paths: Mapping[str, str] = field(default_factory=dict)
    acceptance: Acceptance = NO_BASELINE
    proof: Proof | None = None

    @property
    def exit_code(self) -> ExitCode:
        """The verdict's exit code; what is accepted breaks nothing, an expired or stale entry does."""
        accepted = self.acceptance.accepted
        rows = tuple(
            replace(row, outcome=Outcome.PASS) if row.requirement.id in accepted else row for row in self.verdict.rows
        )
        code = replace(self.verdict, rows=rows).exit_code
        return ExitCode.VIOLATED if self.acceptance.problems and code is not ExitCode.ERROR else code
