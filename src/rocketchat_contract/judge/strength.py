"""The strength of the full contract: mutations of a right answer, judged as one answer of a small history.

A visitor is registered, creates a room, asks again, and asks by rid. The second answer about the room is the mutated
one, the others are right: so a history is at stake too, and not one body alone.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rocketchat_contract.contract.coverage import speech_of
from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.contract.strength import Measured, Mutation, Noticed, example_of, hashes_of, measure
from rocketchat_contract.contract.vendored import Contract
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.verdict import Row
from rocketchat_contract.record.exchange import Exchange, Request, Response
from rocketchat_contract.rocketchat.paths import ROOM_PATH, VISITOR_PATH

MS = 1_000_000
_HEADERS = (("content-type", "application/json"), ("cache-control", "no-store"))


Outcomes = tuple[frozenset[str], frozenset[str]]


class Bench:
    """Judges bodies as the answer to a repeat, between a right creation and a right call by rid."""

    def __init__(self, contract: Contract, requirements: Requirements) -> None:
        self._contract = contract
        self._requirements = requirements
        self.right = example_of(contract)
        self._broken_by: dict[str, Outcomes] = {}

    def broken_by(self, body: Any) -> Outcomes:
        """What a body breaks, in the column of the full contract: the ids of musts and of shoulds."""
        key = json.dumps(body)
        if key not in self._broken_by:
            self._broken_by[key] = self._judged(body)
        return self._broken_by[key]

    def _judged(self, body: Any) -> Outcomes:
        judge = Judge(self._requirements, self._contract.published_bodies, self._contract.full_bodies)
        for exchange in self._lived(body):
            judge.feed(judge.read(exchange))
        broken = [row for row in judge.verdict().rows if row.broken and "full" in row.requirement.columns]
        musts, shoulds = (frozenset(_ids(broken, level)) for level in ("must", "should"))
        return musts, shoulds

    def _lived(self, body: Any) -> list[Exchange]:
        visitor = self.right["room"]["v"]
        first = copy.deepcopy(self.right)
        first["newRoom"] = True
        register = Request("POST", VISITOR_PATH, (), json.dumps({"visitor": {"token": visitor["token"]}}))
        ask = Request("GET", f"{ROOM_PATH}?token={visitor['token']}")
        by_rid = Request("GET", f"{ask.target}&rid={self.right['room']['_id']}")
        welcome = {"visitor": visitor, "success": True}
        calls = ((register, welcome), (ask, first), (ask, body), (by_rid, self.right))
        return [_exchange(number, *each) for number, each in enumerate(calls, 1)]


def _ids(rows: Iterable[Row], level: str) -> Iterator[str]:
    return (row.requirement.id for row in rows if row.requirement.level == level)


def _exchange(number: int, request: Request, body: Mapping[str, Any]) -> Exchange:
    text = json.dumps(body)
    start = number * 2 * MS
    answer = Response(200, _HEADERS, text, length=len(text))
    return Exchange(number, "strength", "", None, start, start + MS, request, answer)


def measured(contract: Contract, requirements: Requirements) -> Measured:
    """The strength of a contract of get-or-create, on its own example."""
    bench = Bench(contract, requirements)

    def judged(mutation: Mutation) -> Noticed:
        published = not contract.published_bodies.is_valid(200, mutation.body)
        musts, shoulds = bench.broken_by(mutation.body)
        return Noticed(mutation, published, bool(musts), not musts and bool(shoulds))

    return measure(bench.right, judged, speech_of(requirements), hashes_of(contract))
