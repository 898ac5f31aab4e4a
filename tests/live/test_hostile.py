"""Targets that mean harm, from their first room call on: a clear outcome, in bounded time and memory."""

from __future__ import annotations

import itertools
import json
import re
import resource
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from support.fronts import Asked, Endless, Fault, Forward, front
from support.live import Command, Ended, rocket
from support.sockets import response
from support.truth import is_plain

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
    """The children that begin in this block stay below so much memory, or below our own: a child starts as our copy."""
    older, peaks, is_over = {child.pid for child in psutil.Process().children()}, [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            peaks.extend(peak_of(child.pid) for child in psutil.Process().children() if child.pid not in older)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
    most = max(megabytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 + 50)
    assert 0 < max(peaks) < most, f"{max(peaks)} MB"


def peak_of(process: int) -> int:
    """The most megabytes that a process has held so far; 0 when it is no more."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text("ascii", "replace"))
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "fault",
    [
        flood(OK + b"\r\n{", b" ", 0.02),
        flood(OK + b"\r\n[", b"1," * 30_000),
        flood(OK + b"Content-Length: 1073741824\r\n\r\n", b"x" * 65_536),
        flood(OK, b"X-Flood: " + b"y" * 8_000 + b"\r\n"),
    ],
    ids=["slow body", "endless body", "gigabyte", "header fields"],
)
def test_answers_without_end(suite: Command, fault: Fault) -> None:
    cold, flags = replace(suite, cold=True), ("--timeout", "0.7", "--profile", "smoke", "--give-up-after", "3")
    with rocket() as server, front(server.port, fault) as served, bounded(400):
        ended = cold("run", served.url, "--yes", *flags)

        assert ended.code == 3
        assert "a-call-is-answered" in ended.broken
        assert ended.seconds < 100
        assert server.visitors == []
        is_plain(ended)


def test_trailer_fields_without_end(suite: Command) -> None:
    cold, flags = replace(suite, cold=True), ("--timeout", "3", "--profile", "smoke", "--give-up-after", "3")
    fault = flood(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X-T: " + b"y" * 8_000 + b"\r\n")
    with rocket() as server, front(server.port, fault) as served, bounded(250):
        ended = cold("run", served.url, "--yes", *flags)

        assert ended.code in (1, 3)
        assert (ended.run / "record.jsonl").stat().st_size < 2_000_000
        assert server.visitors == []
        is_plain(ended)


def test_a_bomb(suite: Command) -> None:
    packing = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    packed = b"".join([*(packing.compress(b"[" * 1_000_000) for _ in range(400)), packing.flush()])
    bomb = response(packed, "200 OK", "Content-Encoding: gzip")

    count = itertools.count(1)

    def fault(asked: Asked, forward: Forward) -> bytes:
        return bomb if asked.is_room_call and next(count) == 4 else forward()

    with rocket() as server, front(server.port, fault) as served, bounded(400):
        ended = replace(suite, cold=True).run(served.url, "--profile", "smoke")

        assert ended.code == 3
        assert ended.broken >= {"a-call-is-answered", "an-answer-is-not-coded-unasked"}
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


def is_harmless_to_read(ended: Ended) -> None:
    """Nothing that a terminal or a browser would obey."""
    control = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202e]")
    assert {name: control.search(text) for name, text in texts(ended).items() if control.search(text)} == {}
    assert "<script>alert" not in texts(ended)["report.html"]


def test_escapes_and_markup_in_errors_never_reach_a_reader_raw(suite: Command) -> None:
    body = json.dumps({"success": False, "error": ESCAPES}).encode()
    with rocket() as server, front(server.port, hostile(body)) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        is_harmless_to_read(ended)
        assert ended.code in (1, 3)


def test_escapes_and_markup_in_a_room_never_reach_a_reader_raw(suite: Command) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        answer = forward()
        if not asked.is_room_call or asked.method != "GET" or b"200 OK" not in answer[:20]:
            return answer
        body = json.loads(answer.partition(b"\r\n\r\n")[2])
        body["room"] |= {"t": ESCAPES, "fname": ESCAPES, ESCAPES: ESCAPES}
        return response(json.dumps(body).encode(), "200 OK")

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        assert ended.code == 1
        is_harmless_to_read(ended)


def test_escapes_and_markup_in_the_version_never_reach_a_reader_raw(suite: Command) -> None:
    info = json.dumps({"version": f"8.8{ESCAPES}{'y' * 500}", "success": True}).encode()

    def fault(asked: Asked, forward: Forward) -> bytes:
        return response(info) if asked.path == "/api/info" else forward()

    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", "smoke")
        planned = suite("plan", served.url)

        is_harmless_to_read(ended)
        is_plain(planned)
        assert max(map(len, planned.out.splitlines())) <= 80


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


@pytest.mark.parametrize("scheme", ["http:", "", "https:", "ftp:", "file:"], ids=lambda scheme: scheme or "none")
def test_a_redirect_of_room_calls_is_not_followed(suite: Command, scheme: str) -> None:
    with rocket() as other, rocket() as server:
        place = other.url.replace("http:", scheme)
        away = response(b"", "307 Temporary Redirect", f"Location: {place}/api/v1/livechat/room")

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
