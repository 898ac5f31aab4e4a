"""A name's addresses are tried one beside the other: one that drops what it gets costs a moment only."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rocketchat_contract.client.dial import dial
from support.sockets import LOOPBACK, closed_port

Port = int


@pytest.fixture
def dropping() -> Iterator[Port]:
    """A port whose queue is full, so that the kernel drops who knocks."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server((LOOPBACK, 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        time.sleep(0.05)
        yield listening.getsockname()[1]


@pytest.fixture
def open_port() -> Iterator[Port]:
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield listening.getsockname()[1]


def resolve(monkeypatch: pytest.MonkeyPatch, *ports: Port) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (LOOPBACK, port)) for port in ports]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)


def test_an_address_that_drops_costs_a_moment(monkeypatch: pytest.MonkeyPatch, dropping: Port, open_port: Port) -> None:
    resolve(monkeypatch, dropping, open_port)
    began = time.monotonic()

    with dial("two.test", 80, lambda: 20.0) as connection:
        assert connection.getpeername()[1] == open_port
        assert time.monotonic() - began < 5


def test_an_address_that_refuses_costs_nothing(monkeypatch: pytest.MonkeyPatch, open_port: Port) -> None:
    resolve(monkeypatch, closed_port(), closed_port(), open_port)

    with dial("three.test", 80, lambda: 20.0) as connection:
        assert connection.getpeername()[1] == open_port


def test_the_first_address_wins_when_both_answer(monkeypatch: pytest.MonkeyPatch, open_port: Port) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        resolve(monkeypatch, open_port, other.getsockname()[1])

        with dial("both.test", 80, lambda: 20.0) as connection:
            assert connection.getpeername()[1] == open_port


def test_nobody_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, closed_port(), closed_port())

    with pytest.raises(ConnectionRefusedError):
        dial("none.test", 80, lambda: 20.0)


def test_all_addresses_drop(monkeypatch: pytest.MonkeyPatch, dropping: Port) -> None:
    resolve(monkeypatch, dropping, dropping)
    until = time.monotonic() + 0.4

    def left() -> float:
        if time.monotonic() >= until:
            raise TimeoutError
        return until - time.monotonic()

    with pytest.raises(TimeoutError):
        dial("hole.test", 80, left)
    assert time.monotonic() < until + 5


def test_families_take_turns(monkeypatch: pytest.MonkeyPatch, open_port: Port) -> None:
    six = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", closed_port(), 0, 0))] * 3
    four = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (LOOPBACK, open_port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: six + four)

    with dial("six.test", 80, lambda: 20.0) as connection:
        assert connection.family == socket.AF_INET
