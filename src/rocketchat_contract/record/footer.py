"""The last line of a record: how the run ended, what it found out and what it left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rocketchat_contract.record.generated import NOTHING_GENERATED, Generated
from rocketchat_contract.record.ledger import CUT_SHORT, Fact, Ledger
from rocketchat_contract.record.published_schema import wrong_member

_SPENT = "The budget of "
"""How records of earlier versions tell a spent budget among their notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFooter:
    """How a run ended; ``to_json`` and ``from_json`` are the line in the file.

    ``notes`` are sentences about what was left out, ``spent`` those about limits that were reached, ``blocked`` maps
    facts to what the workspace forbids. ``seconds`` is the whole run.
    """

    seconds: float = 0.0
    strict: bool = False
    obstacles: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    spent: tuple[str, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    generated: Generated = NOTHING_GENERATED
    facts: tuple[Fact, ...] = ()
    ended: str = ""

    def to_json(self) -> dict[str, Any]:
        """The members in the order of the file."""
        return {
            **({"ended": self.ended} if self.ended else {}),
            "seconds": self.seconds,
            "strict": self.strict,
            "obstacles": list(self.obstacles),
            "notes": list(self.notes),
            "spent": list(self.spent),
            "errors": list(self.errors),
            "blocked": dict(self.blocked),
            "ledger": self.ledger.to_json(),
            **({"generated": self.generated.to_json()} if self.generated.explored else {}),
            "facts": [[fact.name, fact.value, fact.exchange] for fact in self.facts],
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes that tell neither of a spent budget nor of the clean-up."""
        return tuple(note for note in self.notes if note not in self.spent and not note.startswith(CUT_SHORT))

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RecordFooter:
        """Read a footer; raises ``ValueError`` with the name of the first member that is missing or wrong."""
        if (wrong := wrong_member("footer", content)) is not None:
            raise ValueError(wrong)
        notes = content.get("notes", [])
        spent = content.get("spent", [note for note in notes if note.startswith(_SPENT)])
        return cls(
            seconds=content["seconds"],
            strict=content["strict"],
            obstacles=tuple(content["obstacles"]),
            errors=tuple(content["errors"]),
            notes=tuple(notes),
            spent=tuple(spent),
            blocked=content.get("blocked", {}),
            ledger=Ledger.from_json(content["ledger"]),
            generated=Generated.from_json(content.get("generated", {})),
            facts=tuple(Fact(*fact) for fact in content["facts"]),
            ended=content.get("ended", ""),
        )
