"""Safe on this machine too: the embedded server is nobody else's, and what is made up cannot be guessed."""

from __future__ import annotations

import secrets
import socket

import pytest

from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.reference.server import start_server


def test_the_reference_server_listens_on_one_loopback_address_only() -> None:
    with start_server() as server:
        port = int(server.url.rpartition(":")[2])

        assert server.url.startswith("http://127.0.0.1:")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=2)


def test_tokens_come_from_the_systems_own_randomness() -> None:
    assert Actor.__dataclass_fields__["random"].default is secrets.choice


def test_the_servers_password_is_drawn_anew() -> None:
    with start_server() as one, start_server() as two:
        assert one.password != two.password
        assert len(one.password) >= 16
