"""Calls that are answered as if they came a second time, although they are the first of their kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.rocketchat.error_codes import GONE, ROOM_CLOSED

_FEW = 2
"""How often a first close or deletion is answered as a second one before something in front is said to repeat calls."""

_SECOND = {Kind.CLOSE: frozenset({ROOM_CLOSED}), Kind.DELETE: GONE}
_CALLED = {Kind.CLOSE: "close", Kind.DELETE: "deletion"}


@dataclass
class Firsts:
    """First closes of rooms and first deletions of registered visitors, and those answered as if they came second.

    A room that is closed already, and not by us, was closed by an agent, a bot or a timer of the server; when none of
    many first calls was answered as one, something in front sends them twice.
    """

    asked: set[tuple[Kind, str]] = field(default_factory=set)
    done: Counter[Kind] = field(default_factory=Counter)
    late: Counter[Kind] = field(default_factory=Counter)
    latest: int = 0

    def learn(self, op: Operation) -> bool:
        """Take note of a call; whether it was a first one that was answered as a second."""
        if op.kind is Kind.REGISTER and op.answer is Answer.OK and op.token is not None:
            self.asked.discard((Kind.DELETE, op.token))
        subject = op.rid if op.kind is Kind.CLOSE else op.token
        if op.kind not in _SECOND or subject is None or op.answer is Answer.NOTHING:
            return False
        is_first = (op.kind, subject) not in self.asked
        self.asked.add((op.kind, subject))
        is_late = is_first and op.error in _SECOND[op.kind]
        self.done[op.kind] += op.answer is Answer.OK
        self.late[op.kind] += is_late
        self.latest = op.number if is_late else self.latest
        return is_late

    @property
    def phrase(self) -> tuple[str, int] | None:
        """What shows that calls are sent twice, with the last exchange that does."""
        kinds = [kind for kind in _SECOND if self.late[kind] >= _FEW and not self.done[kind]]
        if not kinds:
            return None
        shown = (f"each first {_CALLED[kind]} is answered as a second one, {self.late[kind]} times" for kind in kinds)
        return f"{'; '.join(shown)}: something in front of the server repeats calls", self.latest
