"""Driver: queries that schemathesis generates from the repaired document, positive and negative.

Generated tokens are nobody's, so tokens and rids of living visitors are mixed in: else no query would reach a room.
Generating a query costs several times what sending it does. So each is sent in every mix that makes another query of
it, and in the end its values meet those of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle, product
from random import Random
from typing import Any

import pytest

from rocketchat_contract.client.query import parameter_pairs
from rocketchat_contract.client.visitors import Actor, RunVisitor, room_call
from rocketchat_contract.config import Profile, RunConfig
from rocketchat_contract.run.exploration import Explorer
from rocketchat_contract.run.generation import CHOICES, MODES, Queries, planned_queries, query_name

MIXED_IN = ("token", "rid")

Query = Mapping[str, Any]
Mix = tuple[str, Query, RunVisitor | None]


@dataclass
class Values:
    """Generated values by how they are written: rids, and what else there was in a query."""

    rids: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Query] = field(default_factory=dict)

    def learn(self, query: Query) -> None:
        """Keep the values of a query."""
        other = {name: value for name, value in query.items() if name not in MIXED_IN}
        self.others.setdefault(repr(other), other)
        if "rid" in query:
            self.rids.setdefault(repr(query["rid"]), query["rid"])

    def pairs(self, most: int, seed: int) -> list[Query]:
        """So many queries without token, each a rid of one generated query with the rest of another."""
        everything = list(product(self.rids.values(), self.others.values()))
        chosen = Random(seed).sample(everything, min(most, len(everything)))
        return [{**other, "rid": rid} for rid, other in chosen]


@dataclass
class Pool:
    """Living visitors whose tokens and rids are mixed into generated queries, each query sent once."""

    actor: Actor
    visitors: list[RunVisitor] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)

    def fill(self) -> None:
        """Register the visitors and open their rooms."""
        self.visitors = [self.actor.register() for _ in range(CHOICES)]
        self.rooms = [self.actor.get_or_create(visitor, "a room to mix in").room or "" for visitor in self.visitors]

    def mixes(self, query: Query, who: int) -> Iterator[Mix]:
        """What is mixed in, the query that comes of it, and the visitor whom it speaks for, each time another."""
        yield "as generated", query, None
        first, second, third, fourth = (self.visitors[(who + turn) % CHOICES] for turn in range(CHOICES))
        rest = {name: value for name, value in query.items() if name != "rid"}
        yield "known token", {**query, "token": first.token}, first
        yield "known token, no rid", {**rest, "token": second.token}, second
        yield "own rid", {**query, "token": third.token, "rid": self.room_of(third)}, third
        yield "foreign rid", {**query, "token": fourth.token, "rid": self.room_of(first)}, fourth

    def room_of(self, visitor: RunVisitor) -> str:
        """The room that the visitor had first."""
        return self.rooms[self.visitors.index(visitor)]

    def send(self, mixes: Iterable[Mix]) -> set[str]:
        """Send queries unless they were sent before; answers how they are remembered once they broke nothing."""
        written = [(parameter_pairs(query), why, visitor) for why, query, visitor in mixes]
        keyed = [(repr(pairs), pairs, why, visitor) for pairs, why, visitor in written]
        self.actor.pipeline(
            (room_call(pairs), why, visitor) for key, pairs, why, visitor in keyed if key not in self.sent
        )
        return {key for key, *_ in keyed}

    def send_first(self, why: str, query: Query) -> str:
        """Like ``send``, for a fresh visitor who has no room yet."""
        other = {name: value for name, value in query.items() if name not in MIXED_IN}
        key = f"first {parameter_pairs(other)!r}"
        if key not in self.sent:
            visitor = self.actor.register()
            self.actor.room(parameter_pairs({"token": visitor.token, **other}), why, visitor)
        return key


@pytest.fixture
def pool(actor: Actor) -> Pool:
    pool = Pool(actor)
    pool.fill()
    return pool


@pytest.fixture(scope="module")
def values() -> Values:
    return Values()


@pytest.mark.parametrize("mode", MODES)
def test_generated_queries(
    pool: Pool, values: Values, queries: Queries, mode: str, profile: Profile, explorer: Explorer
) -> None:
    def sends(query: Query, who: int) -> None:
        keys = pool.send((f"{mode}, {mix}", mixed, visitor) for mix, mixed, visitor in pool.mixes(query, who))
        if mode == "positive" and who % 2 == 0:
            keys.add(pool.send_first(f"{mode}, fresh visitor", query))
        explorer.check()
        pool.sent |= keys
        values.learn(query)

    planned = planned_queries(profile, mode)
    explorer.explore(
        lambda settings: settings(queries.test(mode, sends)),
        query_name(mode),
        "queries",
        planned,
        queries.ahead(mode, planned, sends),
    )


def test_generated_values_meet(
    pool: Pool, values: Values, profile: Profile, run_config: RunConfig, explorer: Explorer
) -> None:
    if not profile.pairs:
        pytest.skip("the profile has no values that meet")
    queries = values.pairs(profile.pairs, run_config.seed)
    visited = (
        (parameter_pairs({**query, "token": who.token}), who) for query, who in zip(queries, cycle(pool.visitors))
    )
    calls = ((room_call(pairs), "generated values meet", who) for pairs, who in visited)
    with closing(explorer.counted(calls, "recombined queries", profile.pairs)) as counted:
        pool.actor.pipeline(counted)
