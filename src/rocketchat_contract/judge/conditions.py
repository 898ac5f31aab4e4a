"""Conditions of requirements that only the answers show: settings of the workspace that no call asks for.

A must that a setting makes unreachable does not apply, once the answers have shown that setting. Without such a sign it
stays unjudged: a run that never looked proves nothing.
"""

from __future__ import annotations

from rocketchat_contract.judge.operation import Answer, Kind, Operation

LAST_MESSAGE = "a-last-message-is-the-rooms-own"


class Conditions:
    """Learns from each operation; ``unmet`` names requirements that do not apply, each with the sign of it."""

    def __init__(self) -> None:
        self._spoken: set[str] = set()
        self._silent = 0
        self._stored = False

    def learn(self, op: Operation) -> None:
        """Note an accepted message, and whether a room shows one afterwards."""
        if op.answer is not Answer.OK:
            return
        if op.kind is Kind.MESSAGE and op.rid is not None:
            self._spoken.add(op.rid)
        elif op.is_room_call and op.room is not None and not self._stored:
            self._stored = op.document.get("lastMessage") is not None
            self._silent += op.room in self._spoken and not self._stored

    @property
    def unmet(self) -> dict[str, str]:
        """The requirements that do not apply here."""
        if self._stored or not self._silent:
            return {}
        sign = f"none showed in {self._silent} answers with a room that had messages"
        return {LAST_MESSAGE: f"It speaks only where the workspace stores last messages: {sign}."}
