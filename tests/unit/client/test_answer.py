"""One HTTP answer, put together from bytes: what is whole, what is not, and what is too much."""

from __future__ import annotations

import gzip
import zlib

import pytest

from rocketchat_contract.client.answer import KEPT_OF_TOO_MUCH, MAX_BODY, MAX_HEAD, HttpAnswer
from rocketchat_contract.record.exchange import Failure

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def read(*parts: bytes, end: bool = True) -> HttpAnswer:
    answer = HttpAnswer()
    for part in parts:
        if answer.feed(part):
            break
    if end:
        answer.end()
    return answer


def body_of(answer: HttpAnswer) -> bytes:
    return answer.body(answer.headers)


def test_answer_with_a_length_is_over_at_its_end() -> None:
    answer = read(HEAD + b"Content-Length: 2\r\n\r\n{}", end=False)

    assert (answer.is_over, answer.kept, answer.status, body_of(answer)) == (True, True, 200, b"{}")


def test_answer_comes_byte_by_byte() -> None:
    whole = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"

    answer = read(*(whole[n : n + 1] for n in range(len(whole))), end=False)

    assert (answer.failure, body_of(answer)) == (None, b"{}")


def test_answer_without_a_length_ends_with_the_connection() -> None:
    answer = read(HEAD + b"\r\n{}")

    assert (answer.failure, answer.kept, body_of(answer)) == (None, False, b"{}")


def test_announcements_before_the_answer_are_passed_over() -> None:
    answer = read(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}", end=False)

    assert (answer.status, answer.headers[0][0], body_of(answer)) == (200, "Content-Type", b"{}")


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"", "closed", None),
        (b"HTTP/1.1 200 OK\r\nContent-", "closed", None),
        (HEAD + b"Content-Length: 20\r\n\r\n{}", "closed", 200),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "closed", 200),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "malformed", 200),
        (b"<html>hello</html>", "malformed", None),
        (b"\x16\x03\x01\x02", "malformed", None),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "malformed", None),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "malformed", None),
    ],
)
def test_broken_answers_are_failures_after_sending(sent: bytes, kind: str, status: int | None) -> None:
    answer = read(sent)

    assert answer.failure is not None
    assert (answer.failure.kind, answer.failure.sent, answer.status) == (kind, True, status)


def test_bytes_beyond_the_length_cost_the_connection_only() -> None:
    answer = read(HEAD + b"Content-Length: 2\r\n\r\n{}trailing", end=False)

    assert (answer.failure, answer.kept, body_of(answer)) == (None, False, b"{}")


def test_a_second_answer_costs_the_connection_only() -> None:
    whole = HEAD + b"Content-Length: 2\r\n\r\n"

    answer = read(whole + b"{}" + whole + b"[]", end=False)

    assert (answer.failure, answer.kept, body_of(answer)) == (None, False, b"{}")


def test_a_flood_of_header_fields_is_cut_off() -> None:
    answer = HttpAnswer()
    flood = b"X-Flood: " + b"x" * 1000 + b"\r\n"

    fed = 0
    while not answer.feed(HEAD + flood if not fed else flood):
        fed += len(flood)

    assert answer.failure == Failure("too-large", sent=True, detail=f"more than {MAX_HEAD} bytes of header fields")
    assert fed < MAX_HEAD + 2 * len(flood)


def test_an_endless_body_is_cut_off() -> None:
    answer = HttpAnswer()
    answer.feed(HEAD + b"\r\n")

    fed = 0
    while not answer.feed(b"x" * 65_536):
        fed += 65_536

    assert answer.failure is not None
    assert answer.failure.kind == "too-large"
    assert fed <= MAX_BODY + 65_536


def test_a_body_that_nobody_asked_to_be_packed_is_unpacked() -> None:
    packed = gzip.compress(b'{"success":true}')

    answer = read(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)

    assert body_of(answer) == b'{"success":true}'


def test_a_bomb_is_unpacked_no_further_than_allowed() -> None:
    packed = zlib.compress(b"\0" * (MAX_BODY * 4))
    answer = read(HEAD + b"Content-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)

    body = body_of(answer)

    assert len(body) == KEPT_OF_TOO_MUCH
    assert answer.failure == Failure("too-large", sent=True, detail=f"more than {MAX_BODY} bytes when unpacked")


def test_packed_garbage_stays_as_it_is() -> None:
    answer = read(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\ngarbage")

    assert (answer.failure, body_of(answer)) == (None, b"garbage")


def test_an_empty_body_said_to_be_packed_is_whole() -> None:
    answer = read(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n")

    assert (body_of(answer), answer.undecoded) == (b"", False)


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"


@pytest.mark.parametrize(
    "part", [b"X-T: " + b"a" * 1000 + b"\r\n", b"a" * 1000, b"a: b\r\n"], ids=["fields", "one field", "short fields"]
)
def test_trailer_fields_without_end_are_cut_off(part: bytes) -> None:
    answer = HttpAnswer()
    answer.feed(CHUNKED)
    fed = next(count for count in range(1, MAX_HEAD) if answer.feed(part))

    assert answer.failure is not None
    assert (answer.failure.kind, answer.status) == ("too-large", 200)
    assert fed * len(part) <= MAX_HEAD + len(part)


def test_a_few_trailer_fields_are_no_failure() -> None:
    answer = read(CHUNKED, b"X-Checksum: 12\r\n", b"\r\n", end=False)

    assert (answer.failure, answer.is_over, body_of(answer)) == (None, True, b"{}")
