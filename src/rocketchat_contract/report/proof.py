"""What is known of the suite itself: how many wrong servers it caught when it was last tried on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HASH = 8
"""Characters of the suite's hash that are shown."""


@dataclass(frozen=True)
class Proof:
    """The outcome of ``rocketchat-contract prove``, as reports tell it.

    ``families`` holds caught and all wrong servers per family, ``right`` the editions and variants that keep the
    contract. ``stale`` says that the suite is not any more the one that was proved.
    """

    date: str
    suite: str
    caught: int
    wrong: int
    passed: int
    right: int
    families: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    stale: bool = False

    @property
    def sentence(self) -> str:
        """The proof in one sentence, the same in every report."""
        told = (
            f"this suite catches {self.caught} of {self.wrong} wrong servers and lets {self.passed} of {self.right} "
            f"right ones pass; proof of {self.date}, suite {self.suite[:HASH]}"
        )
        return f"{told}; the suite has changed since, so this may no longer hold" if self.stale else told

    def to_json(self) -> dict[str, Any]:
        """The proof as reports hold it."""
        return {
            "date": self.date,
            "suite": self.suite,
            "caught": self.caught,
            "wrong": self.wrong,
            "passed": self.passed,
            "right": self.right,
            "families": {name: list(counts) for name, counts in self.families.items()},
            "stale": self.stale,
            "sentence": self.sentence,
        }
