"""Firewalls in front of a right server: none is accused, the reason names the firewall, and the account is true."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest

from rocketchat_contract.judge.query import is_well_formed
from support.fronts import Asked, CutError, Fault, Forward, front
from support.live import Command, Ended, rocket
from support.sockets import response
from support.truth import is_judged_alike_offline

SIGNS = re.compile(r"[<'\"$\[\0-\x1f]|\.\./")
PAGE = b"<html><h1>Request Rejected</h1></html>"


def is_hostile(asked: Asked) -> bool:
    query = asked.target.partition("?")[2]
    return asked.is_room_call and bool(SIGNS.search(unquote(query)) or not is_well_formed(query))


def closes(asked: Asked, forward: Forward) -> bytes:
    if is_hostile(asked):
        raise CutError(b"")
    return forward()


def says(status: str) -> Fault:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return response(PAGE, status) if is_hostile(asked) else forward()

    return fault


@pytest.mark.parametrize(
    ("fault", "sign"),
    [
        (closes, "connection closed"),
        (says("503 Service Unavailable"), "503 application/json"),
        (says("429 Too Many Requests"), "429 application/json"),
    ],
)
def test_a_block_that_may_be_an_accident_is_named_as_a_firewalls(suite: Command, fault: Fault, sign: str) -> None:
    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        told = " ".join(ended.out.split())
        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert f"answered by a firewall in the server's place ({sign}, " in told
        assert "hostile calls; an ordinary call was answered)" in told
        assert ended.footer["seconds"] < 60
        assert (server.open_rooms, server.visitors) == ([], [])
        assert "take effect" not in told + ended.said
        is_judged_alike_offline(ended, suite)


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (("Server: edge",), "answered by a firewall in the server's place (500 "),
        ((), "by a page in the server's place, which a firewall wrote, or the server as it broke (500 "),
    ],
)
def test_a_block_that_looks_like_a_servers_error_accuses_nobody(
    suite: Command, headers: tuple[str, ...], words: str
) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        return response(PAGE, "500 Internal Server Error", *headers) if is_hostile(asked) else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        assert (ended.code, ended.verdict) == (3, "incomplete")
        assert words in " ".join(ended.out.split())
        assert (server.open_rooms, server.visitors) == ([], [])
        is_judged_alike_offline(ended, suite)


def test_a_server_that_breaks_on_one_kind_of_value_with_a_page_is_found(suite: Command) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        quoted = asked.is_room_call and "'" in unquote(asked.target)
        return response(PAGE, "500 Internal Server Error") if quoted else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        assert ended.code == 1
        assert "no-call-ends-in-a-server-error" in ended.broken


def blocked_now_and_then(status: str) -> Fault:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n".encode()

    def fault(asked: Asked, forward: Forward) -> bytes:
        return forward() if asked.number % 10 else head + (b"" if asked.method == "HEAD" else PAGE)

    return fault


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "400 Bad Request", "403 Forbidden", "405 No", "501 No"])
def test_pages_for_one_call_in_ten_accuse_nobody(suite: Command, status: str) -> None:
    with rocket() as server, front(server.port, blocked_now_and_then(status)) as served:
        ended = suite.run(served.url)

        assert ended.broken <= {"gateways-pass-calls-on"}
        assert ended.code in (0, 3)
        assert (server.open_rooms, server.visitors) == ([], [])
        is_judged_alike_offline(ended, suite)


def test_a_race_is_found_behind_pages_for_one_call_in_ten(
    suite: Command, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Which calls of a burst are lost, and who wins, is chance: one gate of three finds it."""
    homes = (tmp_path_factory.mktemp("gate") for _ in range(3))
    gates = (run_behind_pages(replace(suite, home=each)) for each in homes)

    assert any(ended.code == 1 and "overlapping-calls-open-one-room" in ended.broken for ended in gates)


def run_behind_pages(suite: Command) -> Ended:
    """A gate that meets a front of its own, which counts its calls from the first."""
    with rocket("edition=7.10") as server, front(server.port, blocked_now_and_then("403 Forbidden")) as served:
        return suite.run(served.url)


@pytest.mark.parametrize("profile", ["nightly"])
def test_few_visitors_are_left_where_something_refuses_deletions(suite: Command, profile: str) -> None:
    def refuse(asked: Asked, forward: Forward) -> bytes:
        return response(PAGE, "403 Forbidden", "Content-Type: text/html") if asked.is_delete else forward()

    with rocket() as server, front(server.port, refuse) as served:
        ended = suite.run(served.url, "--profile", profile)

        told = " ".join(ended.said.split())
        assert ended.code == 0
        assert 0 < len(server.visitors) <= 12
        assert len(ended.ledger.visitors_left) == len(server.visitors)
        assert f"{len(server.visitors)} visitors (something in front of the server refuses it: status 403" in told


def resets(asked: Asked, forward: Forward) -> bytes:
    if asked.is_close:
        raise CutError(b"")
    return forward()


def loses(asked: Asked, forward: Forward) -> bytes:
    answer = forward()
    if asked.is_close:
        raise CutError(b"")
    return answer


@pytest.mark.parametrize("fault", [resets, loses])
def test_closings_that_are_dropped_are_named_counted_and_listed(suite: Command, fault: Fault) -> None:
    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        told = " ".join(ended.out.split())
        assert (ended.code, ended.footer["obstacles"]) == (3, [])
        assert "Closing by the visitor does not work: no answer (connection closed), " in told
        assert sorted(ended.ledger.rooms_left) == sorted(server.open_rooms)
        assert len(ended.ledger.visitors_left) == len(server.visitors)
        is_judged_alike_offline(ended, suite)
