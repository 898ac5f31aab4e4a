"""Two answers that show the same room, side by side: the members in which they differ."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rocketchat_contract.judge.operation import Operation, read
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.report.plain import sentence

MOST_COMPARED = 30
"""Members that are shown; the record holds the whole answers."""

NO_VALUE = "nothing"
"""Stands for the value of a member that is not there."""

_LONGEST_NAME, _LONGEST_VALUE = 80, 160


@dataclass(frozen=True, slots=True)
class DifferentMember:
    """A member by its way into the body, such as ``room.v.status``, with its value in both answers as JSON."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ComparedAnswers:
    """The answers of two exchanges, by their numbers; ``same`` and ``more`` count members that are not shown.

    Those of ``same`` are alike in both, those of ``more`` are not.
    """

    before: int
    after: int
    members: tuple[DifferentMember, ...]
    same: int
    more: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The same as text, a line for each member."""
        more = (f"and {self.more} more",) if self.more else ()
        return (*(f"{member.name}: {member.before} → {member.after}" for member in self.members), *more)


def side_by_side(exchanges: Iterable[Exchange], deciding: int) -> ComparedAnswers | None:
    """The deciding answer beside the one before it that shows the same room.

    None where there are no two such answers, or no member in which they differ.
    """
    shown = [op for op in map(read, exchanges) if op.room is not None]
    after = next((op for op in shown if op.number == deciding), None)
    if after is None:
        return None
    earlier = [op for op in shown if op.room == after.room and op.number < after.number]
    return _compared(max(earlier, key=lambda op: op.number), after) if earlier else None


def _compared(before: Operation, after: Operation) -> ComparedAnswers | None:
    old, new = dict(_members(before.body)), dict(_members(after.body))
    names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    if not names:
        return None
    members = tuple(_different(name, old, new) for name in names[:MOST_COMPARED])
    same = len(old.keys() | new.keys()) - len(names)
    return ComparedAnswers(before.number, after.number, members, same, len(names) - len(members))


def _different(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> DifferentMember:
    before, after = (sentence(values.get(name, NO_VALUE), _LONGEST_VALUE) for values in (old, new))
    return DifferentMember(sentence(name, _LONGEST_NAME), before, after)


def _members(body: Mapping[str, Any], lead: str = "") -> Iterator[tuple[str, str]]:
    """Each member's way and its value as JSON; objects by their own members, lists whole."""
    for name, value in body.items():
        if isinstance(value, dict) and value:
            yield from _members(value, f"{lead}{name}.")
        else:
            yield f"{lead}{name}", json.dumps(value, ensure_ascii=False)
