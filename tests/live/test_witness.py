"""An agent's view whose answers have members of other types: told as a fact, never an error of the suite."""

from __future__ import annotations

import pytest

from support.fronts import Asked, Fault, Forward, front
from support.live import Command, rocket
from support.sockets import response
from support.truth import is_plain

CREDENTIALS = {"ROCKETCHAT_CONTRACT_USER_ID": "somebody", "ROCKETCHAT_CONTRACT_AUTH_TOKEN": "something"}


def answers(path: str, body: bytes) -> Fault:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return response(body) if asked.path.endswith(path) else forward()

    return fault


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/livechat/users/agent", b'{"users":5,"success":true}'),
        ("/livechat/users/agent", b'{"users":{"a":1},"success":true}'),
        ("/livechat/users/agent", b'{"users":[5,{"status":[]},{"status":NaN}],"success":true}'),
        ("/livechat/rooms", b'{"rooms":7,"success":true}'),
        ("/livechat/rooms", b'{"rooms":[{"_id":{},"v":{"token":["x"]}},{"v":3}],"success":true}'),
        ("/livechat/rooms", b"[" * 100_000),
    ],
)
def test_members_of_other_types(suite: Command, path: str, body: bytes) -> None:
    with rocket() as server, front(server.port, answers(path, body)) as served:
        suite.environment = {**suite.environment, **CREDENTIALS}
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 3, ended.err
        assert ended.footer["errors"] == []
        is_plain(ended)
