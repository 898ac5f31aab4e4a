"""Driver: queries that schemathesis generates from the repaired document, positive and negative.

Generated tokens are nobody's, so tokens and rids of living visitors are mixed in: else no query would reach a room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from rocketchat_contract.config import Profile, RunConfig
from rocketchat_contract.target.visitors import Actor, Visitor

MIXES = ("as generated", "known token", "known token, no rid", "own rid", "foreign rid", "fresh visitor")
POOL = 4


@dataclass
class Pool:
    """Living visitors whose tokens and rids are mixed into generated queries."""

    actor: Actor
    visitors: list[Visitor] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)

    def fill(self) -> None:
        """Register the visitors and open their rooms."""
        self.visitors = [self.actor.register() for _ in range(POOL)]
        self.rooms = [self.actor.get_or_create(visitor, "a room to mix in").room or "" for visitor in self.visitors]

    def mixed(self, query: dict[str, Any], mix: str, who: int) -> tuple[dict[str, Any], Visitor | None]:
        """The generated query with what ``mix`` names put in, and the visitor it now speaks for."""
        if mix == "as generated":
            return query, None
        visitor = self.actor.register() if mix == "fresh visitor" else self.visitors[who]
        known = query | {"token": visitor.token}
        if mix in ("known token, no rid", "fresh visitor"):
            known.pop("rid", None)
        elif mix in ("own rid", "foreign rid"):
            known["rid"] = self.rooms[who if mix == "own rid" else (who + 1) % POOL]
        return known, visitor


def pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A generated value as query parameters, structures in the bracket notation that the server reads."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from pairs(f"{name}[{key}]", part)
    elif isinstance(value, list):
        for part in value:
            yield from pairs(f"{name}[]", part)
    else:
        yield name, value if isinstance(value, str) else str(value)


@pytest.fixture
def pool(actor: Actor) -> Pool:
    pool = Pool(actor)
    pool.fill()
    return pool


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["positive", "negative"])
def test_generated_queries(
    pool: Pool,
    operation: Any,
    mode: GenerationMode,
    profile: Profile,
    check: Callable[[], None],
    run_config: RunConfig,
) -> None:
    mixes = st.sampled_from(MIXES if mode is GenerationMode.POSITIVE else MIXES[:3])

    @seed(run_config.seed)
    @settings(
        max_examples=profile.queries // (1 if mode is GenerationMode.POSITIVE else 2),
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, *([Phase.shrink] if run_config.shrink else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), mixes, st.integers(0, POOL - 1))
    def sends(case: Any, mix: str, who: int) -> None:
        query, visitor = pool.mixed(dict(case.query or {}), mix, who)
        flat = [pair for name, value in query.items() for pair in pairs(name, value)]
        if repr(flat) not in pool.kept:
            pool.actor.room(flat, f"{mode.value}, {mix}", visitor)
            check()
            pool.kept.add(repr(flat))

    sends()
