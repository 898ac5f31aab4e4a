"""Where an answer ends, and whether its body is what its coding says."""

from __future__ import annotations

import gzip

import pytest

from rocketchat_contract.client.answer import HttpAnswer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def read(data: bytes, *, has_body: bool = True) -> HttpAnswer:
    answer = HttpAnswer(has_body=has_body)
    answer.feed(data)
    return answer


@pytest.mark.parametrize("more", [b"<!-- x -->", HEAD + b"Content-Length: 0\r\n\r\n"])
def test_bytes_behind_an_answer_are_noticed(more: bytes) -> None:
    answer = read(HEAD + b"Content-Length: 2\r\n\r\n{}" + more)

    assert (answer.is_over, answer.behind, answer.kept, answer.failure) == (True, True, False, None)


def test_an_answer_to_head_ends_with_its_head() -> None:
    assert (read(HEAD + b"Content-Length: 9\r\n\r\n", has_body=False).is_over) is True


def test_a_body_in_answer_to_head_is_too_much() -> None:
    assert read(HEAD + b"Content-Length: 2\r\n\r\n{}", has_body=False).behind is True


def test_a_body_that_is_not_gzip_is_not_decoded() -> None:
    answer = read(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")

    assert (answer.body(answer.headers), answer.undecoded) == (b"{}", True)


def test_a_body_whose_gzip_ends_early_is_not_decoded() -> None:
    cut = gzip.compress(b"{}")[:-9]
    answer = read(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(cut) + cut)

    assert (answer.body(answer.headers), answer.undecoded) == (cut, True)
