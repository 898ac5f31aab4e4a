"""What a run made on the server, and what it found out about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from shlex import quote
from typing import Any

LEDGER = "ledger.jsonl"
"""The name of the account on disk of a run that may have left something; it holds real tokens."""


VERSION = "version"
"""The fact of which release the target says it is."""


def sweep_of(run: object) -> str:
    """The command that finishes what a run left, by its folder or its id."""
    return f"rocketchat-contract sweep {quote(str(run))}"


@dataclass(frozen=True)
class Ledger:
    """What the run made on the server and what is left of it.

    ``unclear`` names visitors of whom a call was given up that may still take effect, even after the clean-up.
    """

    rooms_created: int = 0
    rooms_closed: int = 0
    rooms_left: tuple[str, ...] = ()
    visitors_created: int = 0
    visitors_deleted: int = 0
    visitors_left: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The ledger as JSON; ``from_json`` reads it back."""
        return {name: value for name, value in asdict(self).items() if value or name != "unclear"}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Ledger:
        """The ledger of ``to_json``."""
        named = [field.name for field in fields(cls) if field.name != "unclear" or field.name in content]
        members: dict[str, Any] = {name: content[name] for name in named}
        lists = {name: tuple(value) for name, value in members.items() if isinstance(value, list)}
        return cls(**{**members, **lists})

    @property
    def left(self) -> tuple[str, ...]:
        """Names of all that is known to be left: rooms, then visitors."""
        return (*self.rooms_left, *self.visitors_left)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left, and nothing may come to be."""
        return not (self.left or self.unclear)

    @property
    def sentence(self) -> str:
        """The account in one line, as in every report."""
        unclear = f"; of {_count(len(self.unclear), 'visitor')} a call may still take effect" if self.unclear else ""
        return (
            f"created {_count(self.rooms_created, 'room')}, closed {self.rooms_closed}, "
            f"left {len(self.rooms_left)}; "
            f"{_count(self.visitors_created, 'visitor')}, deleted {self.visitors_deleted}{unclear}"
        )


@dataclass(frozen=True)
class Fact:
    """Something probed about the target; ``exchange`` is the number of the one that proved it, 0 for none."""

    name: str
    value: str
    exchange: int = 0


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
