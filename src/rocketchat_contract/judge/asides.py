"""HEAD and OPTIONS at the room's path: which promises they are held to, and whether HEAD opens rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rocketchat_contract.judge import framing, identity, secrecy
from rocketchat_contract.judge.check import Broken, CheckContext, CheckResult
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.rules import OPENS_NO_ROOM

ASIDE_FACT = "HEAD"


def answers_without_a_room(op: Operation, _: CheckContext) -> CheckResult:
    """OPTIONS is answered with no room."""
    if op.kind is not Kind.OPTIONS or not isinstance(op.body.get("room"), dict):
        return None
    return Broken("an answer without a room", f"status {op.status} with a room", "answered")


ASIDE_CHECKS: Mapping[str, Callable[[Operation, CheckContext], CheckResult]] = {
    "nothing-follows-an-answer": framing.nothing_follows,
    "no-other-visitor-shows": identity.no_other_visitor_shows,
    "no-secret-shows": secrecy.no_secret_shows,
    OPENS_NO_ROOM: answers_without_a_room,
}
"""What an answer to another method shows by itself."""


class Asides:
    """Learns whether HEAD opens a room, as GET would: a fact, for HTTP lets it."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}
        self._housed: set[str] = set()
        self.sentence = ""
        self.exchange = 0

    def learn(self, op: Operation) -> None:
        """Note HEAD for a visitor without a room, and the room shown next."""
        if op.token is None:
            return
        if op.kind is Kind.HEAD and op.exchange.response is not None and op.token not in self._housed:
            self._asked[op.token] = op.number
        elif op.kind in (Kind.CLOSE, Kind.DELETE):
            self._housed.discard(op.token)
        elif op.room is not None and op.answer is Answer.OK:
            self._housed.add(op.token)
            head = self._asked.pop(op.token, None)
            if head is not None:
                self.sentence, self.exchange = _OPENS[op.new is True], head


_OPENS = {True: "opens no room", False: "opens a room, as GET does"}
