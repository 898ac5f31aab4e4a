"""``repeat`` makes the calls of a finding again and cleans up."""

from __future__ import annotations

import pytest

from support.live import Command, rocket


def test_a_finding_comes_back_and_nothing_is_left(suite: Command) -> None:
    with rocket("wrong=forgets_the_room") as server:
        suite.run(server.url, "--profile", "smoke", "--yes", "--seed", "1", "--report-dir", "first")
        ended = suite("repeat", "first/latest", "an-open-room-is-returned", "--yes")

        assert (ended.code, ended.verdict) == (1, "violated")
        assert (server.app.store.rooms(), server.app.store.visitors()) == ([], [])


def test_a_fixed_server_passes(suite: Command) -> None:
    with rocket("wrong=forgets_the_room") as server:
        suite.run(server.url, "--profile", "smoke", "--yes", "--seed", "1", "--report-dir", "first")
        port = server.url.rpartition(":")[2]
    with rocket(port=int(port)):
        ended = suite("repeat", "first/latest", "an-open-room-is-returned", "--yes")

    assert ended.code == 0, ended.out + ended.err


def test_an_embedded_run_starts_its_server_again(suite: Command) -> None:
    suite("run", "--wrong", "forgets_the_room", "--profile", "smoke", "--seed", "1", "--report-dir", "first")

    assert suite("repeat", "first/latest", "an-open-room-is-returned").code == 1


@pytest.mark.parametrize("words", [(), ("an-open-room-is-returned",)])
def test_a_run_without_findings_has_nothing_to_repeat(suite: Command, words: tuple[str, ...]) -> None:
    suite("run", "--profile", "smoke", "--seed", "1", "--report-dir", "first")

    ended = suite("repeat", "first/latest", *words)

    assert ended.code == 2
    assert "holds no calls that repeat a finding" in ended.said
