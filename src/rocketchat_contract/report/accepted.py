"""What a baseline makes of a run: which broken promises somebody has accepted beforehand, and until when.

A baseline never changes the verdict, which is about the target. It changes the exit code, which is about the gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EntryStanding(StrEnum):
    """What became of one entry of the baseline."""

    ACCEPTED = "accepted"
    STALE = "stale"
    EXPIRED = "expired"
    UNOBSERVED = "unobserved"
    ELSEWHERE = "elsewhere"


STANDING_MEANINGS: Mapping[EntryStanding, str] = {
    EntryStanding.ACCEPTED: "broken, as listed",
    EntryStanding.STALE: "listed, but kept in this run: remove the entry",
    EntryStanding.EXPIRED: "its time is over: fix the server, or set a new date",
    EntryStanding.UNOBSERVED: "not judged in this run: the entry stays",
    EntryStanding.ELSEWHERE: "about another target, version or setting, or not asked for: the entry stays",
}


_SHORT: Mapping[EntryStanding, str] = {
    EntryStanding.UNOBSERVED: "not judged",
    EntryStanding.ELSEWHERE: "about something else",
}
"""What a count calls a standing that says too little by its name."""


@dataclass(frozen=True)
class Listed:
    """One entry and its standing; ``line`` is its place in the file, ``expires`` a date in ISO 8601."""

    requirement: str
    standing: EntryStanding
    reason: str
    owner: str
    expires: str
    ticket: str = ""
    signature: str = ""
    line: int = 0

    @property
    def words(self) -> str:
        """Why, who and until when, in one line."""
        ticket = f", {self.ticket}" if self.ticket else ""
        return f"{self.reason} (accepted by {self.owner}{ticket}, until {self.expires})"


@dataclass(frozen=True)
class Acceptance:
    """A baseline held against one run.

    ``accepted`` names the requirements whose every finding is listed. ``in_ci`` says that a stale entry fails too.
    """

    path: str
    entries: tuple[Listed, ...] = ()
    accepted: frozenset[str] = frozenset()
    in_ci: bool = False

    def of(self, standing: EntryStanding) -> tuple[Listed, ...]:
        """The entries of one standing."""
        return tuple(entry for entry in self.entries if entry.standing is standing)

    @property
    def problems(self) -> tuple[Listed, ...]:
        """The entries that end a run with exit code 1 by themselves."""
        return (*self.of(EntryStanding.EXPIRED), *(self.of(EntryStanding.STALE) if self.in_ci else ()))

    @property
    def sentence(self) -> str:
        """How many entries have which standing, in one line, as in every report."""
        numbers = [(standing, len(self.of(standing))) for standing in EntryStanding]
        listed = [f"{number} {_SHORT.get(standing, standing)}" for standing, number in numbers if number]
        return f"Baseline {self.path}: {', '.join(listed) or 'no entries'}."

    def words_for(self, requirement: str) -> str:
        """Who accepted that a requirement is broken, and why; empty when nobody did, or not all of it."""
        if requirement not in self.accepted:
            return ""
        return "; ".join(entry.words for entry in self._accepting(requirement))

    def words_for_one(self, requirement: str, signature: str) -> str:
        """Who accepted one finding, and why, whether or not all findings of its requirement are accepted."""
        return "; ".join(entry.words for entry in self._accepting(requirement) if entry.signature in ("", signature))

    def _accepting(self, requirement: str) -> tuple[Listed, ...]:
        return tuple(entry for entry in self.of(EntryStanding.ACCEPTED) if entry.requirement == requirement)


NO_BASELINE = Acceptance("")
"""Nothing was accepted beforehand."""
