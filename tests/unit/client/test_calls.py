"""What is read off a call and its answer."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.calls import is_ordinary, may_be_blocked, with_harmless_values
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.visitors import room_call
from support.clients import lost

HOSTILE = room_call([("token", "rcc1"), ("rid[$ne]", "x"), ("agentId", "<script>")])


@pytest.mark.parametrize("pairs", [[("token", "a'b")], [("token", "rcc1"), ("agentId", "../x")], [("x[]", "y")]])
def test_the_same_with_harmless_values_looks_harmless(pairs: list[tuple[str, str]]) -> None:
    assert is_ordinary(with_harmless_values(room_call(pairs)))


def test_the_same_with_harmless_values_opens_no_room() -> None:
    assert with_harmless_values(HOSTILE).target == "/api/v1/livechat/room?token=rcc1&agentId=x&rid=x"


@pytest.mark.parametrize(
    ("call", "reply", "may_be"),
    [
        (HOSTILE, lost("closed"), True),
        (HOSTILE, lost("closed", sent=False), False),
        (HOSTILE, lost("timeout"), False),
        (HOSTILE, Reply(0, 0, 503), True),
        (HOSTILE, Reply(0, 0, 429), True),
        (HOSTILE, Reply(0, 0, 429, (("Retry-After", "3"),)), False),
        (HOSTILE, Reply(0, 0, 403), False),
        (room_call([("token", "rcc1")]), lost("closed"), False),
        (Call("DELETE", "/api/v1/livechat/visitor/rcc1"), Reply(0, 0, 503), False),
    ],
)
def test_what_may_be_a_firewalls_block(call: Call, reply: Reply, may_be: bool) -> None:
    assert may_be_blocked(call, reply) is may_be
