"""Driver: malformed percent-encodings, one to a call, after all that other drivers have to show.

Some servers never answer such a call. So it is waited for a few seconds only, proves nothing else, and after the first
silence no other follows.
"""

from __future__ import annotations

from itertools import product

from rocketchat_contract.client.address import query_value
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.values import MALFORMED
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.config import Profile
from rocketchat_contract.rocketchat.paths import ROOM_PATH

NAMES = ("agentId", "rid", "token", "unnamed")
PATIENCE = 5.0
"""Seconds for an answer that may never come."""


def test_malformed_percent_encodings(actor: Actor, profile: Profile) -> None:
    visitor = actor.stranger()
    for what, name in list(product(MALFORMED, NAMES))[: profile.malformed]:
        op = actor.briefly(malformed_call(visitor, name, MALFORMED[what]), f"malformed: {what}", visitor, PATIENCE)
        if op.status is None:
            break


def malformed_call(visitor: RunVisitor, name: str, value: str) -> Call:
    """A call of somebody unknown, so that no answer to it can open a room."""
    token = "" if name == "token" else f"token={query_value(visitor.token)}&"
    return Call("GET", f"{ROOM_PATH}?{token}{name}={value}")
