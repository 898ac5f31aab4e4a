"""Driver: a Hypothesis state machine that lives visitors' lives, several of them interleaved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, get_state_machine_test, rule

from rocketchat_contract.client.personas import UNKNOWN_AGENT, UNKNOWN_RID
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.config import Profile
from rocketchat_contract.run.exploration import Explorer

UNKNOWN_RIDS = st.sampled_from([UNKNOWN_RID, "x", "null", "undefined", "0"])
AGENTS = st.sampled_from(["", UNKNOWN_AGENT, "undefined"])


def life(actor: Actor, check: Callable[[], None]) -> type[RuleBasedStateMachine]:
    """The machine, bound to an actor. Tokens are minted outside Hypothesis, fresh for each example."""

    class Life(RuleBasedStateMachine):
        visitors: Bundle[RunVisitor] = Bundle("visitors")
        rooms: Bundle[tuple[RunVisitor, str]] = Bundle("rooms")
        closed: Bundle[tuple[RunVisitor, str]] = Bundle("closed")
        gone: Bundle[RunVisitor] = Bundle("gone")

        @rule(target=visitors)
        def register(self) -> RunVisitor:
            return actor.register()

        @rule(visitor=visitors, target=rooms)
        def ask(self, visitor: RunVisitor) -> tuple[RunVisitor, str]:
            return visitor, actor.get_or_create(visitor).room or ""

        @rule(visitor=visitors, agent=AGENTS)
        def ask_for_an_agent(self, visitor: RunVisitor, agent: str) -> None:
            actor.get_or_create(visitor, "with agentId", agentId=agent)

        @rule(room=rooms)
        def ask_by_own_rid(self, room: tuple[RunVisitor, str]) -> None:
            actor.by_rid(*room, why="own rid")

        @rule(visitor=visitors, room=rooms)
        def ask_by_any_rid(self, visitor: RunVisitor, room: tuple[RunVisitor, str]) -> None:
            actor.by_rid(visitor, room[1], "rid of some room")

        @rule(room=closed)
        def ask_by_closed_rid(self, room: tuple[RunVisitor, str]) -> None:
            actor.by_rid(*room, why="closed rid")

        @rule(visitor=visitors, rid=UNKNOWN_RIDS)
        def ask_by_unknown_rid(self, visitor: RunVisitor, rid: str) -> None:
            actor.by_rid(visitor, rid, "unknown rid")

        @rule(room=rooms, text=st.sampled_from(["hi", "a *bold* https://example.org link", "🙂"]))
        def say(self, room: tuple[RunVisitor, str], text: str) -> None:
            actor.message(*room, text=text)

        @rule(room=consumes(rooms), target=closed)
        def close(self, room: tuple[RunVisitor, str]) -> tuple[RunVisitor, str]:
            actor.close(*room)
            return room

        @rule(visitor=consumes(visitors), target=gone)
        def delete(self, visitor: RunVisitor) -> RunVisitor:
            actor.delete(visitor)
            return visitor

        @rule(visitor=gone)
        def ask_when_gone(self, visitor: RunVisitor) -> None:
            actor.get_or_create(visitor, "perhaps deleted")

        @rule(visitor=consumes(gone), target=visitors)
        def come_back(self, visitor: RunVisitor) -> RunVisitor:
            return actor.register(visitor)

        def teardown(self) -> None:
            check()

    return Life


def test_visitors_live(actor: Actor, profile: Profile, explorer: Explorer) -> None:
    if not profile.lives:
        pytest.skip("the profile has no lives")
    machine = partial(get_state_machine_test, life(actor, explorer.check))
    explorer.explore(
        lambda settings: machine(settings=settings),
        "life",
        "visitor simulations",
        profile.lives,
        stateful_step_count=profile.steps,
    )
