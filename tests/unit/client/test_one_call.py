"""Several sockets are written to in one system call, where Linux lets us."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Iterator

import pytest

from rocketchat_contract.client import one_call
from rocketchat_contract.client.one_call import write_in_one_call
from rocketchat_contract.client.release import release

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
Pairs = list[tuple[socket.socket, socket.socket]]


@pytest.fixture
def pairs() -> Iterator[Pairs]:
    """Three connections, this end first."""
    with contextlib.ExitStack() as open_ones:
        made = [socket.socketpair() for _ in range(3)]
        for pair in made:
            for end in pair:
                end.settimeout(5)
                open_ones.enter_context(end)
        yield made


@linux
def test_all_bytes_arrive(pairs: Pairs) -> None:
    write_in_one_call([(here, b"%d" % place) for place, (here, _) in enumerate(pairs)], time.monotonic_ns)

    assert [there.recv(9) for _, there in pairs] == [b"0", b"1", b"2"]


@linux
def test_the_moment_lies_between_before_and_after(pairs: Pairs) -> None:
    before = time.monotonic_ns()
    left = write_in_one_call([(here, b".") for here, _ in pairs], time.monotonic_ns) or []

    assert all(isinstance(moment, int) and before <= moment <= time.monotonic_ns() for moment in left)


@linux
def test_one_broken_connection_fails_alone(pairs: Pairs) -> None:
    pairs[1][1].close()
    left = write_in_one_call([(here, b".") for here, _ in pairs], time.monotonic_ns) or []

    assert [type(moment) for moment in left] == [int, BrokenPipeError, int]


@linux
def test_it_works_time_and_again(pairs: Pairs) -> None:
    for _ in range(100):
        assert write_in_one_call([(here, b".") for here, _ in pairs], time.monotonic_ns) is not None


def test_elsewhere_nothing_is_sent(pairs: Pairs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_call, "_NUMBERS", {})
    left = write_in_one_call([(here, b".") for here, _ in pairs], time.monotonic_ns)
    pairs[0][1].setblocking(False)

    assert left is None
    with pytest.raises(BlockingIOError):
        pairs[0][1].recv(1)


@pytest.mark.parametrize("numbers", [None, {}], ids=["in one call", "one by one"])
def test_a_release_answers_for_each_connection(
    numbers: dict[str, object] | None, pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    if numbers is not None:
        monkeypatch.setattr(one_call, "_NUMBERS", numbers)
    pairs[2][1].close()
    left = release([(here, b".") for here, _ in pairs], time.monotonic_ns)

    assert [type(moment) for moment in left] == [int, int, BrokenPipeError]
    assert [there.recv(9) for _, there in pairs[:2]] == [b".", b"."]
