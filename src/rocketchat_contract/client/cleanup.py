"""Leaves the target as it was: rooms closed by id, looked for once more, then visitors deleted.

Only what this run made is touched. Whatever an answer claimed, a visitor's open room is asked for again, in the
configuration that the widget gets: so rooms turn up whose creation was never answered, or whose closing was not true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from rocketchat_contract.client.client import MOST_TRIES, Client, Purpose
from rocketchat_contract.client.keeper import Keeper
from rocketchat_contract.client.relay import Relay, Step, Story
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import close_call, delete_call, registration_call
from rocketchat_contract.judge.operation import Answer, Operation
from rocketchat_contract.record.ledger import Fact, Ledger

CONFIG_PATH = "/api/v1/livechat/config"
FAILURES_TO_GIVE_UP = 3
AGAIN = "contract suite, cleaning up"
"""The name of a visitor who is registered once more because a room may have outlived the deletion."""

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

    def run(self) -> Ledger:
        """Visitor by visitor, so that the limits of the three routes run side by side; the unclear ones last."""
        self.client.failures = 0
        Relay(self.client, self._stories(), MOST_TRIES).run()
        return self.keeper.ledger()

    @property
    def fact(self) -> Fact | None:
        """What asking again showed, with the last exchange that did; None when nothing had to be asked."""
        if not self.looked:
            return None
        value = f"no room open any more: {self.seen_closed} of {self.looked} visitors"
        return Fact("closing read back", value, self.last_look)

    def _stories(self) -> Iterator[Story]:
        for name in sorted(self.keeper.owners(), key=self.keeper.doubtful.__contains__):
            if self._is_in_vain:
                break
            yield self._tidying(name)

    @property
    def _is_in_vain(self) -> bool:
        return self.client.failures >= FAILURES_TO_GIVE_UP

    def _tidying(self, name: str) -> Story:
        token = self.keeper.tokens[name]
        if name in self.keeper.raced:
            self.keeper.raced.discard(name)
            yield _step(registration_call(token, AGAIN), "is there a room that outlived the deletion", name)
        refused = set[str]()
        for _ in range(MOST_ROUNDS):
            for room in [room for room in self.keeper.open_rooms(name) if room not in refused]:
                closing = yield _step(close_call(token, room), "close", name)
                refused |= {room} if closing.answer is Answer.REFUSED else set()
            if self._is_in_vain or name in self.keeper.whose.foreign:
                break
            look = Call("GET", f"{CONFIG_PATH}?token={quote(token, safe='')}")
            shows_another = self._shows_another((yield _step(look, "look for an open room", name)), name)
            if not shows_another or refused.issuperset(self.keeper.open_rooms(name)):
                break
        if name in self.keeper.visitors:
            yield _step(delete_call(token), "delete", name)

    def _shows_another(self, op: Operation, name: str) -> bool:
        """Whether the visitor has an open room nevertheless; it is in the ledger from now on."""
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
        self.looked -= 1
        self.keeper.found(room_id, name)
        return True


def _step(call: Call, why: str, name: str) -> Step:
    return call, Purpose("cleanup", why, name, free=True)
