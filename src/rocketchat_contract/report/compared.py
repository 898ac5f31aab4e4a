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
_LEAD = 20
"""Characters that long values have in common and that are shown before their first difference."""

_Way = tuple[str, ...]


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
    ways = [way for way in dict.fromkeys((*old, *new)) if old.get(way) != new.get(way)]
    if not ways:
        return None
    members = tuple(_different(way, old.get(way, NO_VALUE), new.get(way, NO_VALUE)) for way in ways[:MOST_COMPARED])
    same = len(old.keys() | new.keys()) - len(ways)
    return ComparedAnswers(before.number, after.number, members, same, len(ways) - len(members))


def _different(way: _Way, before: str, after: str) -> DifferentMember:
    """A member in which answers differ; of long values what stands around their first difference."""
    is_long = max(len(before), len(after)) > _LONGEST_VALUE
    start = max(0, _first_difference(before, after) - _LEAD) if is_long else 0
    values = (sentence(f"{'…' if start else ''}{text[start:]}", _LONGEST_VALUE) for text in (before, after))
    return DifferentMember(sentence(".".join(way), _LONGEST_NAME), *values)


def _first_difference(before: str, after: str) -> int:
    pairs = enumerate(zip(before, after, strict=False))
    return next((place for place, (old, new) in pairs if old != new), min(len(before), len(after)))


def _members(value: Mapping[str, Any], way: _Way = ()) -> Iterator[tuple[_Way, str]]:
    """Each member's way and its value as JSON; objects by their own members, lists whole."""
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _members(inner, (*way, name))
        else:
            yield (*way, name), json.dumps(inner, ensure_ascii=False)
