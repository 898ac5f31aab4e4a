"""A connection that is reset although the server is still at work on the call: what comes of it later is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject
from rocketchat_contract.reference.omnichannel import AskedRoom
from support.fronts import Asked, CutError, Fault, Forward, front
from support.live import PATIENCE, Command, rocket

from .test_signals import nth, wait_until


def passed_on_later(wanted: Callable[[Asked], bool], over: threading.Event) -> Fault:
    """Resets the connection of a call at once, and passes the call on when the run is over."""

    def fault(asked: Asked, forward: Forward) -> bytes:
        if not wanted(asked):
            return forward()
        threading.Thread(target=lambda: over.wait(PATIENCE) and forward(), daemon=True).start()
        raise CutError(b"")

    return fault


def test_a_registration_that_takes_effect_after_the_run_is_told_and_swept(suite: Command) -> None:
    over = threading.Event()
    fault = passed_on_later(nth(2, lambda asked: asked.path.endswith("/livechat/visitor")), over)
    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", "smoke")
        before = len(server.visitors)
        over.set()
        wait_until(lambda: bool(server.visitors))
        swept = suite("sweep", str(ended.run))

        assert (before, len(ended.ledger.unclear)) == (0, 1)
        assert "A call that was given up may still take effect on" in ended.err
        assert (swept.code, server.visitors, ended.has_book) == (0, [], False)


class Slow(Behaviour):
    """Makes one room long after it looked the visitor up, and does not look twice, as real servers do not."""

    is_next = False
    over = threading.Event()

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if not Slow.is_next:
            return await super().get_or_create(query, visitor)
        Slow.is_next = False
        while not Slow.over.is_set():
            await asyncio.sleep(0.02)
        room = self.draft_room(query, visitor)
        somebody = {**visitor, "_id": "somebody", "token": ""}
        self.store.save_visitor(somebody)  # whose room it is, as far as the store's own check goes
        self.store.add_room({**room, "v": {**room["v"], "_id": "somebody"}}, enforced=False)
        return self.render(room, query, new=True)


def test_a_room_that_is_made_after_its_visitor_was_deleted_is_told_and_swept(suite: Command) -> None:
    is_wanted = nth(3, lambda asked: asked.is_room_call and "token=rcc" in asked.target and "&" not in asked.target)

    def fault(asked: Asked, forward: Forward) -> bytes:
        if not is_wanted(asked):
            return forward()
        Slow.is_next = True
        threading.Thread(target=forward, daemon=True).start()
        wait_until(lambda: not Slow.is_next)
        raise CutError(b"")

    with rocket(behaviour=Slow) as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", "smoke")
        before = len(server.open_rooms)
        Slow.over.set()
        wait_until(lambda: bool(server.open_rooms))
        swept = suite("sweep", str(ended.run))

        assert (before, len(ended.ledger.unclear)) == (0, 1)
        assert (swept.code, server.open_rooms, server.visitors) == (0, [], [])
