"""Malformed percent-encodings are sent last and alone; a server that never answers them costs no must."""

from __future__ import annotations

import re
import threading
from urllib.parse import unquote_to_bytes

import pytest

from support.fronts import Asked, Forward, front
from support.live import Command, Ended, rocket

NOT_A_CODE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def is_malformed(query: str) -> bool:
    """Whether a query decodes to no text."""
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return True
    return NOT_A_CODE.search(query) is not None


class NeverAnswersMalformed:
    """What releases up to 7.2 do, as a whole application."""

    def __init__(self) -> None:
        self.never = threading.Event()

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        if asked.is_room_call and is_malformed(asked.target.partition("?")[2]):
            self.never.wait(60)
            raise OSError
        return forward()


def malformed(ended: Ended) -> list[bool]:
    """Which of a run's room calls come from the driver that sends them, in their order."""
    exchanges = [line for line in ended.lines if line["type"] == "exchange"]
    return [line["driver"] == "malformed" for line in exchanges if "/livechat/room?" in line["request"]["target"]]


@pytest.mark.parametrize("profile", ["gate", "nightly"])
def test_a_server_that_never_answers_them_is_asked_once(profile: str, suite: Command) -> None:
    fault = NeverAnswersMalformed()
    with rocket() as server, front(server.port, fault) as served:
        ended = suite.run(served.url, "--profile", profile, "--timeout", "3", "--give-up-after", "1")
        fault.never.set()

    assert (ended.code, ended.verdict) == (0, "conformant")
    assert (ended.statuses.count(None), malformed(ended).count(True), malformed(ended)[-1]) == (1, 1, True)


def test_a_gate_sends_one_of_them_last(suite: Command) -> None:
    with rocket() as server:
        ended = suite.run(server.url)

    assert (malformed(ended).count(True), malformed(ended)[-1]) == (1, True)


class DropsWhatLooksHostile:
    """A firewall that answers nothing to markup, brackets, control characters and long queries."""

    sign = re.compile(r"%3C|%00|%5B|\[|%0D|x{99}", re.IGNORECASE)

    def __call__(self, asked: Asked, forward: Forward) -> bytes:
        if asked.is_room_call and self.sign.search(asked.target):
            raise OSError
        return forward()


def test_hostile_calls_that_are_dropped_do_not_end_a_run(suite: Command) -> None:
    with rocket() as server, front(server.port, DropsWhatLooksHostile()) as served:
        ended = suite.run(served.url, "--give-up-after", "2")

    assert not [text for text in ended.footer["obstacles"] if "gave no answer" in text]
    assert ended.code in (0, 3)
    assert "the-missing-token-is-named" not in ended.broken
