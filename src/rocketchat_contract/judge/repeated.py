"""Signs that something in front sends calls twice: our own first close or deletion is answered as a second one."""

from __future__ import annotations

from collections import Counter

from rocketchat_contract.judge.model import may_be_done
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.rocketchat.error_codes import INVALID_TOKEN

REPEATED_FACT = "calls repeated in front"
LOOKS_REPEATED = "newroom-is-true-for-a-created-room"
"""What a get-or-create breaks that was sent twice: the first copy made the room, the second is answered."""

_MAY_BE_REPEATED = frozenset(
    {
        LOOKS_REPEATED,
        "a-known-visitor-gets-a-room",
        "an-open-room-is-returned",
        "overlapping-calls-report-one-creation",
        "calls-beside-a-close-agree",
        "calls-beside-a-neighbour-agree",
        "a-refused-call-changes-nothing",
    }
)

_FEW = 2
"""So many deletions answered as if done before are a sign; one may be of a token that a router reads otherwise."""

_WHY = "something in front repeats calls, somebody else closes these chats, or backends answer that share no database"


class Repeats:
    """Counts first closes and deletions of what this history opened, and those that were done before their answer."""

    def __init__(self) -> None:
        self._asked: set[tuple[Kind, str]] = set()
        self._ours: set[str] = set()
        self._first = 0
        self._done: Counter[Kind] = Counter()
        self._contradictory = False
        self.exchange = 0

    def learn(self, op: Operation) -> None:
        """Note what an operation makes, closes and deletes, and a registered visitor who is said not to be there."""
        is_denied = op.is_room_call and op.answer is Answer.REFUSED and op.error == INVALID_TOKEN
        self._contradictory |= is_denied and op.token in self._ours and (Kind.DELETE, op.token) not in self._asked
        if op.answer is Answer.OK and op.room is not None:
            self._ours.add(op.room)
        if op.answer is Answer.OK and op.kind is Kind.REGISTER and op.token:
            self._ours.add(op.token)
            self._asked.discard((Kind.DELETE, op.token))
        subject = {Kind.CLOSE: op.rid, Kind.DELETE: op.token}.get(op.kind)
        if subject is None or subject not in self._ours or op.answer is Answer.NOTHING:
            return
        if (op.kind, subject) not in self._asked and op.answer in (Answer.OK, Answer.REFUSED):
            self._first += 1
            self._done[op.kind] += may_be_done(op)
            self.exchange = self.exchange or (op.number if may_be_done(op) else 0)
        self._asked.add((op.kind, subject))

    @property
    def sentence(self) -> str:
        """What the signs say; empty when there are none, or when answers contradict each other anyway."""
        if self._contradictory or (not self._done[Kind.CLOSE] and self._done[Kind.DELETE] < _FEW):
            return ""
        return (
            f"{self._done.total()} of {self._first} first closes and deletions were answered as if done before: {_WHY}."
        )

    def hint(self, requirement: str) -> str:
        """What repeated calls have to do with a finding; empty when nothing."""
        if requirement in _MAY_BE_REPEATED and self.sentence:
            return self.sentence
        return "A call that something in front sent twice would look the same." if requirement == LOOKS_REPEATED else ""
