"""Keeps the ledger while a run lives: which rooms and visitors it made, and which of them are gone again."""

from __future__ import annotations

from dataclasses import dataclass, field

from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.record.ledger import Ledger


@dataclass
class Keeper:
    """Reads the ledger off the answers themselves. Rooms map to the name of their visitor's token."""

    rooms: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    visitors: dict[str, None] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)

    def note(self, op: Operation) -> None:
        """Take note of one operation."""
        if op.answer is not Answer.OK or op.token is None:
            return
        if op.is_room_call and op.room is not None:
            if op.new is True or _owner(op) == op.token:
                self.rooms.setdefault(op.room, op.token)
        elif op.kind is Kind.REGISTER:
            self.visitors[op.token] = None
            self.deleted.discard(op.token)
        elif op.kind is Kind.CLOSE and op.rid is not None:
            self.closed.add(op.rid)
        elif op.kind is Kind.DELETE:
            self.deleted.add(op.token)

    def open_rooms(self) -> list[tuple[str, str]]:
        """Rooms to close, with the names of their visitors' tokens."""
        return [
            (room, token) for room, token in self.rooms.items() if room not in self.closed and token not in self.deleted
        ]

    def present_visitors(self) -> list[str]:
        """Names of the tokens of visitors to delete."""
        return [token for token in self.visitors if token not in self.deleted]

    def ledger(self) -> Ledger:
        """The account as it stands."""
        left = tuple(room for room, _ in self.open_rooms())
        return Ledger(
            rooms_created=len(self.rooms),
            rooms_closed=len(self.rooms) - len(left),
            rooms_left=left,
            visitors_created=len(self.visitors),
            visitors_deleted=len(self.visitors) - len(self.present_visitors()),
            visitors_left=tuple(self.present_visitors()),
        )


def _owner(op: Operation) -> object:
    """Whose room it says it is: a foreign room, returned by mistake, is never closed."""
    visitor = op.document.get("v")
    return visitor.get("token") if isinstance(visitor, dict) else None
