"""Targets that mean harm, from their first room call on: a clear outcome, in bounded time and memory."""

from __future__ import annotations

import json
import re
import resource
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support.fronts import Asked, Endless, Fault, Forward, front
from support.live import Command, Ended, rocket
from support.sockets import response

ESCAPES = "\x1b[2J\x1b]0;owned\x07</script><script>alert(1)</script>\u202e\u0000"


def flood(head: bytes, part: bytes, pause: float = 0.0) -> Fault:
    """Answers room calls without end."""

    def fault(asked: Asked, forward: Forward) -> bytes:
        if not asked.is_room_call:
            return forward()
        return Endless.of(head, part, pause)

    return fault


@contextmanager
def bounded(megabytes: int) -> Iterator[None]:
    """The children of this block stay below so much memory, or below our own: a child starts as our copy."""
    yield
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    megabytes = max(megabytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 + 50)
    assert peak < megabytes, f"{peak:.0f} MB"


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        (flood(OK + b"\r\n{", b" ", 0.02), {"a-body-is-complete"}),
        (flood(OK + b"Content-Length: 1073741824\r\n\r\n", b"x" * 65_536), {"a-body-is-complete"}),
        (flood(OK, b"X-Flood: " + b"y" * 8_000 + b"\r\n"), set()),
    ],
    ids=["slow body", "gigabyte", "header fields"],
)
def test_answers_without_end(suite: Command, fault: Fault, broken: set[str]) -> None:
    with rocket() as server, front(server.port, fault) as served, bounded(400):
        ended = suite("run", served.url, "--yes", "--timeout", "0.3", "--profile", "smoke", "--give-up-after", "3")

        assert ended.code == (1 if broken else 3)
        assert broken <= ended.broken
        assert ended.seconds < 20
        assert server.visitors == []


def test_a_bomb(suite: Command) -> None:
    packing = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    packed = b"".join([*(packing.compress(b"[" * 1_000_000) for _ in range(400)), packing.flush()])
    bomb = response(packed, "200 OK", "Content-Encoding: gzip")

    def fault(asked: Asked, forward: Forward) -> bytes:
        return bomb if asked.is_room_call and asked.number == 8 else forward()

    with rocket() as server, front(server.port, fault) as served, bounded(400):
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 1
        assert "a-body-is-complete" in ended.broken
        assert server.visitors == []


def hostile(body: bytes, *headers: str) -> Fault:
    def fault(asked: Asked, forward: Forward) -> bytes:
        refusal = forward()
        return (
            response(body, "400 Bad Request", *headers) if asked.is_room_call and b" 400 " in refusal[:20] else refusal
        )

    return fault


def texts(ended: Ended) -> dict[str, str]:
    """What people look at."""
    shown = {path.name: path.read_text(errors="replace") for path in ended.run.iterdir() if path.suffix != ".jsonl"}
    return {**shown, "out": ended.out, "err": ended.err}


def test_escapes_and_markup_in_errors_never_reach_a_reader_raw(suite: Command) -> None:
    body = json.dumps({"success": False, "error": ESCAPES}).encode()
    with rocket() as server, front(server.port, hostile(body)) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        control = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202e]")
        assert {name: control.search(text) for name, text in texts(ended).items() if control.search(text)} == {}
        assert "<script>alert" not in texts(ended)["report.html"]
        assert ended.code in (1, 3)


def test_raw_escapes_that_are_not_even_json(suite: Command) -> None:
    with rocket() as server, front(server.port, hostile(ESCAPES.encode())) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 1
        assert "a-body-is-strict-json" in ended.broken
        assert "\x1b" not in "".join(texts(ended).values())


def test_bytes_that_are_not_utf_8(suite: Command) -> None:
    with rocket() as server, front(server.port, hostile(b'{"success":false,"error":"\xff\xfe"}')) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 1
        assert "a-body-is-utf-8" in ended.broken
        assert suite("judge", str(ended.run)).code == 1


def test_cookies_are_neither_kept_nor_shown(suite: Command) -> None:
    body = b'{"success":false,"error":"invalid-token"}'

    with rocket() as server, front(server.port, hostile(body, "Set-Cookie: session=canary4711; Path=/")) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        assert "canary4711" not in (ended.run / "record.jsonl").read_text()


def test_a_redirect_of_room_calls_is_not_followed(suite: Command) -> None:
    with rocket() as other, rocket() as server:
        away = response(b"", "307 Temporary Redirect", f"Location: {other.url}/api/v1/livechat/room")

        def fault(asked: Asked, forward: Forward) -> bytes:
            return away if asked.is_room_call else forward()

        with front(server.port, fault) as served:
            ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 1
        assert "a-status-is-documented" in ended.broken
        assert other.app.calls == 0


def test_an_answer_nested_beyond_all_measure(suite: Command) -> None:
    with rocket() as server, front(server.port, hostile(b"[" * 200_000 + b"]" * 200_000)) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 1
        assert ended.report["verdict"]["errors"] == []
