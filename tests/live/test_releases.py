"""Gates on releases as measured: what each is found to break, and that nothing stays behind."""

from __future__ import annotations

import pytest

from support.live import Command, Rocket, rocket
from support.truth import is_judged_alike_offline, is_truthful

RACE = "overlapping-calls-open-one-room"
SAME_RACE = {
    "overlapping-calls-report-one-creation",
    "calls-beside-a-close-agree",
    "calls-beside-a-neighbour-agree",
}
"""Where each overlapping call makes a room, these are seen broken too when a burst shows it there."""


def is_empty(server: Rocket) -> bool:
    """Whether nothing that a run made is left in the store."""
    store = server.app.store
    return not (store.visitors() or store.rooms() or store.many("select doc from messages"))


@pytest.mark.parametrize(
    ("edition", "broken"),
    [
        ("6.5", {RACE, "a-call-is-answered"}),
        ("7.2", {RACE, "a-call-is-answered"}),
        ("7.2-rest", {RACE, "no-call-ends-in-a-server-error", "a-status-is-published"}),
        (
            "8.6",
            {
                "a-200-fits-the-full-schema",
                "a-200-fits-the-published-schema",
                "a-racing-call-is-not-refused",
                "nothing-internal-leaks",
            },
        ),
    ],
)
def test_a_gate_finds_what_the_real_one_was_found_to_break(suite: Command, edition: str, broken: set[str]) -> None:
    with rocket(f"edition={edition}") as server:
        ended = suite.run(server.url)

        assert (ended.code, ended.broken - SAME_RACE) == (1, broken), ended.out
        assert is_empty(server)
        is_truthful(ended, server)
        is_judged_alike_offline(ended, suite)


def test_a_gate_on_8_6_is_green_where_nothing_is_null(suite: Command) -> None:
    with rocket("edition=8.6", "ignore_undefined=true") as server:
        ended = suite.run(server.url)

        assert (ended.code, ended.broken) == (0, {"a-racing-call-is-not-refused", "nothing-internal-leaks"}), ended.out
        assert is_empty(server)
        is_truthful(ended, server)


def test_a_gate_on_3_4_finds_that_each_call_makes_a_room(suite: Command) -> None:
    with rocket("edition=3.4") as server:
        ended = suite.run(server.url)

        assert ended.code == 1
        assert ended.broken >= {
            "an-open-room-is-returned",
            RACE,
            "a-closed-rid-is-refused",
            "an-unknown-rid-is-refused",
            "an-agent-id-changes-no-open-room",
            "a-refusal-names-its-error",
            "a-400-fits-the-full-schema",
        }
        assert is_empty(server)
        is_truthful(ended, server)
