"""Which findings a release of Rocket.Chat is known for, and what a gate that accepts them lets pass.

What is known never changes the verdict, which is about the target. ``--accept-known`` changes the exit code, for gates
that guard a deployment and not Rocket.Chat itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rocketchat_contract.contract.known import Deviation, KnownDeviations, VersionStanding
from rocketchat_contract.judge.finding import Finding

ACCEPT = "--accept-known"


@dataclass(frozen=True)
class Knowledge:
    """What is known beforehand; ``version`` is what the target told, empty for nothing."""

    deviations: KnownDeviations = field(default_factory=KnownDeviations)
    version: str = ""
    is_accepting: bool = False

    def of(self, finding: Finding) -> tuple[Deviation, ...]:
        """The deviations that a finding is made of; none for what is not known."""
        return self.deviations.of(finding.requirement, finding.signature, self.version)

    def words_for(self, finding: Finding) -> str:
        """Why a finding is let pass; empty when it is not, or is not known of the target's version."""
        found = self.of(finding)
        if not (self.is_accepting and found and all(self._stands(each) for each in found)):
            return ""
        return f"{'; '.join(self.sentence(each) for each in found)} ({ACCEPT})"

    def sentence(self, deviation: Deviation) -> str:
        """Which versions it is known of, beside the target's own: ``known in 7.10, gone in 8.3``."""
        match deviation.standing(self.version):
            case VersionStanding.KNOWN:
                return self._known(deviation)
            case VersionStanding.UNTOLD:
                return f"known {_span(deviation)}, and the target reports no version"
            case VersionStanding.GONE | VersionStanding.EARLIER:
                return f"known {_span(deviation)} only, so not expected in {self.version}"

    def _known(self, deviation: Deviation) -> str:
        where = f"in {self.version}" if self.version else "in every release"
        return f"known {where}, {f'gone in {deviation.gone}' if deviation.gone else 'not fixed in any release so far'}"

    def _stands(self, deviation: Deviation) -> bool:
        return deviation.standing(self.version) is VersionStanding.KNOWN


def _span(deviation: Deviation) -> str:
    since = f"since {deviation.since}" if deviation.since else ""
    before = f"before {deviation.gone}" if deviation.gone else ""
    return " and ".join(filter(None, (since, before)))


NOTHING_KNOWN = Knowledge()
"""For contracts of other operations."""
