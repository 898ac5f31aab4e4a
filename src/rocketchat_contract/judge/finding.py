"""One broken promise, with its evidence. Every report shows these same sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What was expected, what came, and the exchanges that show it.

    ``evidence`` holds exchange numbers, the deciding one last.
    ``story`` is the argument in numbered facts, for findings that need several exchanges.
    ``transient`` says that a network or something in front may have caused it: ``--strict`` lets it pass.
    ``signature`` is the same for the same defect in every run: no ids, times or tokens.
    """

    requirement: str
    expected: str
    actual: str
    evidence: tuple[int, ...]
    visitor: str | None = None
    story: tuple[str, ...] = field(default=())
    signature: str = ""
    transient: bool = False

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON; ``from_json`` reads it back."""
        content = {
            "requirement": self.requirement,
            "expected": self.expected,
            "actual": self.actual,
            "evidence": list(self.evidence),
            "visitor": self.visitor,
            "story": list(self.story),
            "signature": self.signature,
        }
        return {**content, "transient": True} if self.transient else content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Finding:
        """The finding of ``to_json``."""
        return cls(
            content["requirement"],
            content["expected"],
            content["actual"],
            tuple(content["evidence"]),
            content["visitor"],
            tuple(content["story"]),
            content["signature"],
            content.get("transient", False),
        )
