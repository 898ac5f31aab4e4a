"""What the judge remembers of a visitor and of its rooms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from rocketchat_contract.judge.fate import Cause
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.model import NEW, STRANGER, State
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.unchanged import AtRest, Look, Restless
from rocketchat_contract.record.redactor import MASKED, TOKEN_ALIAS


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A sentence on why something could not be judged, which makes a run incomplete."""

    sentence: str


class Lost(NamedTuple):
    """A requirement that a call would have shown, and what became of the call instead."""

    requirement: str
    cause: Cause


Judgement = str | Finding | Obstacle | Lost
"""The id of a requirement that was kept, a finding, or why neither can be said."""

Noted = Judgement | Restless | AtRest
"""A judgement, or what one at the end hangs on."""


class JudgedCalls(NamedTuple):
    """What calls that were judged together showed; ``took`` is from the first start to the last end, in nanoseconds."""

    judgements: list[Judgement]
    took: int = 0


class OpenRace(NamedTuple):
    """Simultaneous calls of which one at most got a room and others were refused: the next room shown decides.

    ``room`` is the winner's; None when nobody saw the winner's answer. ``evidence`` holds the winner and a loser.
    ``counts`` says that enough calls were under way at once to show that a promise was kept.
    """

    room: str | None
    evidence: tuple[int, ...]
    counts: bool = True


@dataclass(slots=True)
class KnownRoom:
    """What is remembered of a room: the exchange that first showed it, the one that closed it, its birth."""

    first: int
    token: str
    ts: object = None
    owner: object = None
    closed: int | None = None

    @property
    def life(self) -> tuple[int, ...]:
        """The exchanges that began it and, once it is closed, ended it."""
        return (self.first,) if self.closed is None else (self.first, self.closed)


@dataclass(slots=True)
class Visitor:
    """A visitor as the record shows it so far. Only the judge changes it.

    ``refused`` is the number of the last refused call since the state was last seen; ``evidence`` the last
    exchange that showed the state, for a closed room with the one that showed it first; ``repeats`` what
    the last undisturbed answers showed of the room; ``begun`` the states in which it was met. ``race`` is one that is
    not decided yet, ``agent_refused`` the number of a refused call that named an agent while no room was open.
    ``doubt`` is a close or deletion that was refused because it is done already.
    ``options`` is the number of an OPTIONS call that was sent while no room was open.
    ``blamed`` is the promise that was broken last, while it leaves the state in doubt.
    ``record`` is the id of the visitor's record, as registrations and deletions show it.
    """

    token: str
    states: frozenset[State]
    rooms: dict[str, KnownRoom] = field(default_factory=dict)
    waiting: list[Operation] = field(default_factory=list)
    pending: dict[int, Operation] = field(default_factory=dict)
    ends: int = 0
    refused: int | None = None
    evidence: tuple[int, ...] = ()
    repeats: tuple[Look, ...] = ()
    deleted: bool = False
    begun: frozenset[State] = frozenset()
    race: OpenRace | None = None
    agent_refused: int | None = None
    doubt: Operation | None = None
    blamed: str = ""
    options: int | None = None
    record: str = ""

    def is_used(self, room: str) -> bool:
        """Whether this visitor had the room before."""
        return room in self.rooms

    @property
    def has_open_room(self) -> bool:
        """Whether a room is open, whatever else may be."""
        return all(state.known and state.open is not None for state in self.states)

    @property
    def is_blank(self) -> bool:
        """Whether forgetting the visitor loses nothing that could be broken later: it never had a room or a record."""
        is_as_met = self.states == self.begun or all(state == NEW for state in self.states)
        return is_as_met and not (self.rooms or self.pending or self.deleted)

    @property
    def is_gone(self) -> bool:
        """Whether nothing can come but refusals, until the visitor is registered anew."""
        return self.deleted and not self.pending and all(state == NEW for state in self.states)


class DeletedVisitor(NamedTuple):
    """What is kept of a visitor who was deleted."""

    evidence: tuple[int, ...]
    rooms: tuple[tuple[str, KnownRoom], ...]
    record: str = ""

    @classmethod
    def of(cls, visitor: Visitor) -> DeletedVisitor:
        """The remains of a visitor; the birth of its rooms cannot be asked for any more."""
        for room in visitor.rooms.values():
            room.ts = room.owner = None
        return cls(visitor.evidence, tuple(visitor.rooms.items()), visitor.record)

    def back(self, token: str) -> Visitor:
        """The visitor as it was when it was deleted."""
        rooms = dict(self.rooms)
        return Visitor(token, frozenset({NEW}), rooms, evidence=self.evidence, deleted=True, record=self.record)


def beginning(token: str) -> tuple[State, ...]:
    """The states a visitor may be in before the record shows anything of it.

    A token that this run made is unknown to the server until it is registered, and so is a deviation of it.
    """
    return (NEW,) if not token or TOKEN_ALIAS.search(token) or MASKED in token else STRANGER
