"""Everything a report tells, gathered once; all writers are pure functions of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.fate import Fate
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS
from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict, decides
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.generated import NOTHING_GENERATED, Generated
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.report.accepted import NO_BASELINE, Acceptance
from rocketchat_contract.report.allowance import NO_ALLOWANCE, Allowance
from rocketchat_contract.report.known import NOTHING_KNOWN, Knowledge
from rocketchat_contract.report.proof import Proof


@dataclass(frozen=True)
class StrengthSummary:
    """How many single mutations of right bodies a contract rejects."""

    published_rejected: int
    full_rejected: int
    mutations: int


@dataclass(frozen=True)
class RunResult:
    """One run, ready to be told.

    ``header`` is the record's header (``run``, ``target``, ``profile``, ``seed``, ``started`` in ISO 8601,
    ``suite`` {version, sha256}, ``contract`` {page_sha256, sha256, overlay_sha256}, ``versions``).
    ``seconds`` is the wall time of the traffic. ``evidence`` holds the exchanges that findings point to.
    ``bursts`` holds, by the exchange that decides a finding about a lost race, the calls that left together with it.
    ``suspected`` names requirements that are broken if nobody but who is seen in a capture acted on its visitors.
    ``acceptance`` is the baseline held against the run, ``allowance`` what may stay unjudged, ``known`` what releases
    of the target are known for, ``proof`` what is known of the suite itself, ``generated`` how much of the generated
    traffic was made.
    """

    header: RecordHeader
    verdict: Verdict
    traffic: TrafficStats = field(default_factory=TrafficStats)
    ledger: Ledger = field(default_factory=Ledger)
    facts: tuple[Fact, ...] = ()
    evidence: Mapping[int, Exchange] = field(default_factory=dict)
    strength: StrengthSummary | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    paths: Mapping[str, str] = field(default_factory=dict)
    acceptance: Acceptance = NO_BASELINE
    allowance: Allowance = NO_ALLOWANCE
    suspected: tuple[str, ...] = ()
    bursts: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    known: Knowledge = NOTHING_KNOWN
    proof: Proof | None = None
    generated: Generated = NOTHING_GENERATED

    @property
    def exit_code(self) -> ExitCode:
        """The verdict's exit code; what is accepted breaks nothing, an expired or stale entry does."""
        rows = tuple(replace(row, outcome=Outcome.PASS) if self.is_accepted(row) else row for row in self.verdict.rows)
        verdict = replace(self.verdict, rows=rows)
        if self.acceptance.problems and verdict.exit_code is not ExitCode.ERROR:
            return ExitCode.VIOLATED
        return self._allowed(verdict)

    def _allowed(self, verdict: Verdict) -> ExitCode:
        code = verdict.exit_code
        if code is ExitCode.INCOMPLETE and self.allowance.covers(verdict):
            return ExitCode.CONFORMANT
        return ExitCode.INCOMPLETE if code is ExitCode.CONFORMANT and self.allowance.missing(verdict) else code

    def decides(self, row: Row) -> bool:
        """Whether this row alone keeps the exit code from being 0."""
        if "full" not in row.requirement.columns or self.is_accepted(row):
            return False
        if row.outcome is Outcome.NOT_JUDGED and self.allowance.is_given:
            return row.requirement.id in self.allowance.required
        return decides(row, strict=self.verdict.strict)

    def is_accepted(self, row: Row) -> bool:
        """Whether every finding of a requirement is accepted, by the baseline, as known, or some so and some so.

        What only calls could show that broke something accepted is let pass with it: no run can show it there.
        """
        return row.requirement.id in self.acceptance.accepted or self._is_let_pass(row) or self._is_hidden(row)

    @property
    def let_pass(self) -> tuple[Row, ...]:
        """The requirements that are broken, and let pass since releases like the target's are known for it."""
        listed = self.acceptance.accepted
        return tuple(row for row in self.verdict.rows if row.requirement.id not in listed and self._is_let_pass(row))

    @property
    def hidden(self) -> tuple[Row, ...]:
        """The requirements that no call could show, as each broke something else that is let pass."""
        return tuple(row for row in self.verdict.rows if self._is_hidden(row))

    def _is_hidden(self, row: Row) -> bool:
        if not row.causes or row.outcome is not Outcome.NOT_JUDGED or row.requirement.id in self.allowance.required:
            return False
        passed = {*self.acceptance.accepted, *(other.requirement.id for other in self.let_pass)}
        return all(cause.fate is Fate.BROKEN and cause.detail in passed for cause, _ in row.causes)

    def accepted_words(self, row: Row) -> str:
        """Who accepted that a requirement is broken, and why; empty when nobody did, or not all of it."""
        if not self._is_let_pass(row):
            return self.acceptance.words_for(row.requirement.id)
        return "; ".join(dict.fromkeys(map(self.accepted_words_of, row.findings)))

    def accepted_words_of(self, finding: Finding) -> str:
        """Who accepted one finding, whether or not all findings of its requirement are accepted."""
        listed = self.acceptance.words_for_one(finding.requirement, finding.signature)
        return listed or self.known.words_for(finding)

    def _is_let_pass(self, row: Row) -> bool:
        """Whether every kind of finding is accepted, some as known; of more kinds than are kept, nobody is sure."""
        if not self.known.is_accepting or len(row.findings) >= MOST_KEPT_FINDINGS:
            return False
        is_known = any(map(self.known.words_for, row.findings))
        return is_known and all(map(self.accepted_words_of, row.findings))
