"""Right servers of which one room call is lost on the way: a run has to ask again what it was to show."""

from __future__ import annotations

import random
import re
from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Header, JsonObject, Refusal, ServerCall, ServerReply
from rocketchat_contract.reference.settings import LimitSetting
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Variants
from rocketchat_contract.reference.wrong.seams import ROOM_ROUTE

variants = Variants()
EARLY = 40
"""The call that is lost is one of so many first ones."""

UNUSUAL = 8
"""The call that is blocked is one of so many first ones with unusual values."""

_PLAIN = re.compile(r"[\w$.+@~-]{0,128}", re.ASCII)
"""A value that no firewall blocks."""

_LOST = 418
"""A status that no server of ours has for a room: it marks the call that never reached the API."""


class LosesOneCall(Behaviour):
    """One room call never reaches the API."""

    @cached_property
    def lost(self) -> int:
        """Which room call it is, from 1."""
        return random.randint(1, EARLY)  # noqa: S311 - a fault that comes by chance

    calls = 0

    def counts(self, call: ServerCall) -> bool:  # noqa: ARG002 - others choose
        """Whether a call may be the lost one."""
        return True

    async def get_room(self, call: ServerCall) -> JsonObject:
        """Count the call; the lost one does nothing."""
        self.calls += self.counts(call)
        if self.calls == self.lost and self.counts(call):
            raise Refusal("lost on the way", status=_LOST)
        return await super().get_room(call)


class BlocksOneUnusualCall(LosesOneCall):
    """One room call with an unusual value never reaches the API."""

    @cached_property
    def lost(self) -> int:
        """Which of them it is: there are fewer of these."""
        return random.randint(1, UNUSUAL)  # noqa: S311 - a fault that comes by chance

    def counts(self, call: ServerCall) -> bool:
        """Whether a firewall may take a call for an attack."""
        return not all(isinstance(value, str) and _PLAIN.fullmatch(value) for value in call.query.values())


class _Page(Wire):
    """The lost call is answered with a page of somebody else's."""

    instead = ServerReply(503, b"<html><h1>503</h1></html>", b"text/html", cacheable=True)

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        return self.instead if call.route == ROOM_ROUTE and reply.status == _LOST else reply


class _Blocked(_Page):
    instead = ServerReply(403, b"<html><h1>Forbidden</h1></html>", b"text/html", cacheable=True)


class _Limited(_Page):
    instead = ServerReply(
        429, b"<html><h1>Slow down</h1></html>", b"text/html", ((b"retry-after", b"0"),), cacheable=True
    )


class _Silent(Wire):
    async def write(self, call: ServerCall, status: int, headers: list[Header], payload: bytes) -> None:
        if call.route == ROOM_ROUTE and status == _LOST:
            return await call.channel.keep_silent()
        return await super().write(call, status, headers, payload)


@variants.keeps(warns=("a-call-is-answered",))
def hangs_once(parts: Parts) -> Parts:
    """One room call is never answered."""
    return parts.behaving(LosesOneCall).wired(_Silent)


@variants.keeps(warns=("gateways-pass-calls-on",))
def answers_one_503(parts: Parts) -> Parts:
    """One room call is answered with a gateway's 503."""
    return parts.behaving(LosesOneCall).wired(_Page)


@variants.keeps(warns=("gateways-pass-calls-on",))
def blocks_one_call(parts: Parts) -> Parts:
    """One room call with an unusual value is answered with a firewall's 403 page."""
    return parts.behaving(BlocksOneUnusualCall).wired(_Blocked)


@variants.keeps(warns=("a-429-fits-the-full-schema",))
def refuses_one_call_with_429(parts: Parts) -> Parts:
    """One room call is answered with 429 by something that tells no limit."""
    return parts.behaving(LosesOneCall).wired(_Limited)


variants.set(
    "limits_calls_to_five",
    "The limiter is on: 5 calls in half a second, and no burst of 8 fits in.",
    verdict="incomplete",
    limit=LimitSetting(5, 0.5),
)
