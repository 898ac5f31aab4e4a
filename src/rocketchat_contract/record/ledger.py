"""What a run made on the server, and what it found out about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from shlex import quote
from typing import Any

from rocketchat_contract.config import numbered

LEDGER = "ledger.jsonl"
"""The name of the ledger on disk of a run that may have left something; it holds real tokens."""


VERSION = "version"
"""The fact of which release the target says it is."""


CLOSED_BY_OTHERS = "chats closed by somebody else"
"""The fact that a room of the run was closed, and not by the run."""

SENT_TWICE = "calls sent twice on their way"
"""The fact that something in front of the target repeats calls."""


CUT_SHORT = "Cleaning up was cut short"
"""How a note begins that speaks of the clean-up, and of nothing before it."""


def sweep_of(run: object) -> str:
    """The command that finishes what a run left, by its folder or its id."""
    return f"rocketchat-contract sweep {quote(str(run))}"


@dataclass(frozen=True)
class Ledger:
    """What the run made on the server and what is left of it.

    ``unclear`` names visitors of whom a call was given up that may still take effect, even after the clean-up. Of what
    is ``unconfirmed`` answers say that it is gone, and others contradict them. ``at_least`` says that calls may have
    made rooms which nobody has seen; ``reasons`` tells by name why something could not be removed.
    """

    rooms_created: int = 0
    rooms_closed: int = 0
    rooms_left: tuple[str, ...] = ()
    visitors_created: int = 0
    visitors_deleted: int = 0
    visitors_left: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    rooms_unconfirmed: tuple[str, ...] = ()
    visitors_unconfirmed: tuple[str, ...] = ()
    at_least: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The ledger as JSON; ``from_json`` reads it back."""
        return {name: value for name, value in asdict(self).items() if value or name not in _SOMETIMES}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Ledger:
        """The ledger of ``to_json``."""
        named = [field.name for field in fields(cls) if field.name not in _SOMETIMES or field.name in content]
        members: dict[str, Any] = {name: content[name] for name in named}
        lists = {name: tuple(value) for name, value in members.items() if isinstance(value, list)}
        return cls(**{**members, **lists})

    def masked(self, mask: Callable[[str], str]) -> Ledger:
        """The same with every secret in its texts replaced."""
        texts: dict[str, Any] = {name: value for name, value in vars(self).items() if isinstance(value, tuple)}
        texts = {name: tuple(map(mask, value)) for name, value in texts.items()}
        return replace(self, **texts, reasons={mask(name): mask(why) for name, why in self.reasons.items()})

    @property
    def left(self) -> tuple[str, ...]:
        """Names of all that is known to be left, or not confirmed to be gone: rooms, then visitors."""
        return (*self.rooms_left, *self.rooms_unconfirmed, *self.visitors_left, *self.visitors_unconfirmed)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left, and nothing may come to be."""
        return not (self.left or self.unclear or self.at_least)

    @property
    def sentence(self) -> str:
        """The ledger in one line, as in every report."""
        unclear = f"; of {numbered(len(self.unclear), 'visitor')} a call may still take effect" if self.unclear else ""
        return (
            f"created {numbered(self.rooms_created, 'room')}, closed {self.rooms_closed}, "
            f"{self._rooms_left_sentence}{_unconfirmed(self.rooms_unconfirmed)}; "
            f"{numbered(self.visitors_created, 'visitor')}, deleted {self.visitors_deleted}"
            f"{_unconfirmed(self.visitors_unconfirmed)}{unclear}"
        )

    @property
    def _rooms_left_sentence(self) -> str:
        number = len(self.rooms_left)
        if not self.at_least:
            return f"left {number}"
        return f"left at least {number}" if number else "left 0, perhaps more"


_SOMETIMES = ("unclear", "rooms_unconfirmed", "visitors_unconfirmed", "at_least", "reasons")
"""Members that are written only when there is something in them."""


@dataclass(frozen=True)
class Fact:
    """Something probed about the target; ``exchange`` is the number of the one that proved it, 0 for none."""

    name: str
    value: str
    exchange: int = 0


def _unconfirmed(names: tuple[str, ...]) -> str:
    return f", not confirmed {len(names)}" if names else ""
