"""Leaves the target as it was: rooms closed by id, looked for once more, then visitors deleted.

Only what this run made is touched. Whatever an answer claimed, a visitor's open room is asked for again, in the
configuration that the widget gets: so rooms turn up whose creation was never answered, or whose closing was not true.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from rocketchat_contract.judge.operation import Answer, Operation
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.target.client import Client, Purpose
from rocketchat_contract.target.keeper import Keeper
from rocketchat_contract.target.transport import Call
from rocketchat_contract.target.visitors import close_call, delete_call

CONFIG_PATH = "/api/v1/livechat/config"
FAILURES_TO_GIVE_UP = 3
MOST_ROUNDS = 3
"""How often a visitor's open room is closed and asked for again."""


@dataclass
class CleanUp:
    """Closes and deletes all that is left; gives up when the target is gone, and says what is left."""

    client: Client
    keeper: Keeper
    looked: int = 0
    seen_closed: int = 0
    last_look: int = 0
    _answers: int = 0

    def run(self) -> Ledger:
        """Visitor by visitor, so that the limits of the three routes run side by side; the unclear ones last."""
        self.client.failures = 0
        for name in sorted(self.keeper.owners(), key=self.keeper.doubtful.__contains__):
            if self.client.failures >= FAILURES_TO_GIVE_UP:
                break
            self._tidy(name)
        return self.keeper.ledger()

    @property
    def fact(self) -> Fact | None:
        """What asking again showed, with the last exchange that did; None when nothing had to be asked."""
        if not self.looked:
            return None
        value = f"no room open any more: {self.seen_closed} of {self.looked} visitors"
        return Fact("closing read back", value, self.last_look)

    def _tidy(self, name: str) -> None:
        for _ in range(MOST_ROUNDS):
            for room in self.keeper.open_rooms(name):
                self._send(close_call(self.keeper.tokens[name], room), "close", name)
            if self.client.failures >= FAILURES_TO_GIVE_UP or not self._finds_another(name):
                break
        if name in self.keeper.visitors:
            self._send(delete_call(self.keeper.tokens[name]), "delete", name)

    def _finds_another(self, name: str) -> bool:
        """Whether the visitor has an open room nevertheless; it is in the ledger from now on."""
        token = self.keeper.tokens[name]
        op = self._send(Call("GET", f"{CONFIG_PATH}?token={quote(token, safe='')}"), "look for an open room", name)
        config = op.body.get("config")
        if op.answer is not Answer.OK or not isinstance(config, dict) or not config.get("enabled"):
            return False
        room = config.get("room")
        room_id = room.get("_id") if isinstance(room, dict) and room.get("open") is not False else None
        self.looked += 1
        self.last_look = op.number
        if not isinstance(room_id, str):
            self.seen_closed += 1
            return False
        if name in self.keeper.foreign and room_id not in self.keeper.rooms:
            return False
        self.looked -= 1
        self.keeper.found(room_id, name)
        return True

    def _send(self, call: Call, why: str, name: str) -> Operation:
        return self.client.send(call, Purpose("cleanup", why, name, free=True))
