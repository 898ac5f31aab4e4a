"""What may stay unjudged in a run that is wanted as a quick check, and what may not."""

from __future__ import annotations

from dataclasses import dataclass

from rocketchat_contract.judge.verdict import Verdict

_ACCEPT = "--accept-incomplete"
REQUIRE = "--require"


@dataclass(frozen=True)
class Allowance:
    """``accepts_unjudged`` lets required checks stay unjudged, but for those of ``required``, by their ids.

    With ``required`` alone the same holds: what is listed has to be judged, the rest may stay unjudged.
    """

    accepts_unjudged: bool = False
    required: tuple[str, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether anything was asked for."""
        return self.accepts_unjudged or bool(self.required)

    def missing(self, verdict: Verdict) -> tuple[str, ...]:
        """What is required and was not judged."""
        judged = {row.requirement.id for row in verdict.rows if row.judged}
        return tuple(each for each in self.required if each not in judged)

    def covers(self, verdict: Verdict) -> bool:
        """Whether an incomplete verdict passes: all that is required was judged, and nothing stood in the way."""
        return self.is_given and bool(verdict.judged) and not verdict.obstacles and not self.missing(verdict)

    def sentence(self, verdict: Verdict) -> str:
        """What follows from it, for a reader; empty when nothing was asked for."""
        if not self.is_given:
            return ""
        asked = _ACCEPT if self.accepts_unjudged else REQUIRE
        if self.missing(verdict):
            return f"Not judged although {REQUIRE} names it: {', '.join(self.missing(verdict))}."
        if verdict.obstacles:
            return f"{asked} accepts checks that were not judged, but not what stood in the way of the run."
        return f"{asked} accepts what was not judged. It changes the exit code and never the verdict."


NO_ALLOWANCE = Allowance()
