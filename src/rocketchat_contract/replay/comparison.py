"""How the replay's answer differs from the real one: status, headers that matter, members, their order, types, values.

What each server draws for itself is not compared by value: ids (which have to be the same room's or visitor's all
the same), times, durations, counters of guests and seconds to wait, its address, the name of its database, and how
its pages look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rocketchat_contract.replay.calls import NamedAnswer
from rocketchat_contract.replay.stand_ins import is_id, without_ids

HEADERS = (
    "content-type",
    "cache-control",
    "pragma",
    "allow",
    "location",
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
)
"""Header fields that a client may act on; the others are the instance's or the connection's."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?")
_MONTH = re.compile(r"\d{4}-\d\d")
"""As in ``v.activity``: the months in which a visitor was active."""
_OWN = re.compile(r"(?<=guest-)\d+|(?<=wait )\d+(?= seconds)|127\.0\.0\.1(?::\d+)?|(?<=collection: )\w+")
_YEAR_2001 = 10**12
_PAGE = "<!DOCTYPE html>"


@dataclass(frozen=True, slots=True)
class AnswerDifference:
    """One thing that differs: ``place`` is ``status``, a header, or the path of a member and what of it."""

    place: str
    real: str
    replayed: str

    def __str__(self) -> str:
        return f"{self.place}: really {self.real}, here {self.replayed}"


@dataclass
class AnswerComparison:
    """Two answers laid beside each other."""

    known: Mapping[str, str]
    differences: list[AnswerDifference] = field(default_factory=list)
    learned: dict[str, str] = field(default_factory=dict)
    """Ids seen at the same place of both."""

    @property
    def distance(self) -> tuple[bool, int]:
        """How far the two are from each other: another status is farthest."""
        return any(difference.place == "status" for difference in self.differences), len(self.differences)

    def differ(self, place: str, real: object, replayed: object) -> None:
        """Note one difference."""
        self.differences.append(AnswerDifference(place, _rendered(real), _rendered(replayed)))

    def answers(self, real: NamedAnswer, replayed: NamedAnswer) -> None:
        """Compare status, headers and body."""
        if real.status is None or replayed.status is None or real.status != replayed.status:
            stated = [answer.status or answer.body for answer in (real, replayed)]
            if stated[0] != stated[1]:
                self.differ("status", *stated)
            return
        for name in HEADERS:
            theirs, ours = real.headers.get(name), replayed.headers.get(name)
            if theirs != ours:
                self.differ(name, theirs, ours)
        self.values("body", real.body, replayed.body)

    def values(self, place: str, real: Any, replayed: Any) -> None:
        """Compare two values of the body."""
        if _kind_of(real) != _kind_of(replayed):
            self.differ(f"{place}, type", _kind_of(real), _kind_of(replayed))
        elif isinstance(real, dict):
            self.members(place, real, replayed)
        elif isinstance(real, list):
            self.elements(place, real, replayed)
        elif isinstance(real, str):
            self.texts(place, real, replayed)
        elif real != replayed and not is_time(real, replayed):
            self.differ(place, real, replayed)

    def members(self, place: str, real: dict[str, Any], replayed: dict[str, Any]) -> None:
        """Compare the members of two objects, and their order."""
        theirs, ours = (list(value) for value in (real, replayed))
        if set(theirs) != set(ours):
            only = [name for name in theirs if name not in replayed], [name for name in ours if name not in real]
            self.differ(f"{place}, members", *("also " + ", ".join(names) if names else "none more" for names in only))
        elif theirs != ours:
            self.differ(f"{place}, order", ", ".join(theirs), ", ".join(ours))
        for name in theirs:
            if name in replayed:
                self.values(f"{place}.{name}", real[name], replayed[name])

    def elements(self, place: str, real: list[Any], replayed: list[Any]) -> None:
        """Compare two lists."""
        if len(real) != len(replayed):
            self.differ(f"{place}, length", len(real), len(replayed))
        for number, pair in enumerate(zip(real, replayed, strict=False)):
            self.values(f"{place}[{number}]", *pair)

    def texts(self, place: str, real: str, replayed: str) -> None:
        """Compare two texts: ids have to stand for each other, times only to be some."""
        if real == replayed or any(each.fullmatch(real) and each.fullmatch(replayed) for each in (_TIME, _MONTH)):
            return
        if is_id(real) and is_id(replayed):
            stands_for = {**self.learned, **self.known}.get(real)
            if stands_for not in (None, replayed):
                self.differ(f"{place}, whose", real, "another one's")
            self.learned[real] = replayed
        elif _comparable(real) != _comparable(replayed):
            self.differ(place, real, replayed)


def _kind_of(value: Any) -> str:
    """Name the JSON type of a value."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    names = {str: "string", dict: "object", list: "array", int: "number", float: "number"}
    return names[type(value)]


def is_time(*values: object) -> bool:
    """Whether numbers are durations in seconds, or milliseconds since 1970."""
    return any(isinstance(value, float) for value in values) or all(
        isinstance(value, int) and value > _YEAR_2001 for value in values
    )


def _comparable(text: str) -> str:
    return _PAGE if text.startswith(_PAGE) else _OWN.sub("…", without_ids(_TIME.sub("…", text)))


def _rendered(value: object) -> str:
    text = value if isinstance(value, str) else "none" if value is None else json.dumps(value)
    return text if len(text) <= 120 else f"{text[:120]}…"


def compare_answers(real: NamedAnswer, replayed: NamedAnswer, known: Mapping[str, str]) -> AnswerComparison:
    """Lay two answers beside each other."""
    comparison = AnswerComparison(known)
    comparison.answers(real, replayed)
    return comparison


def answer_pairs(
    real: list[NamedAnswer], replayed: list[NamedAnswer], known: Mapping[str, str]
) -> Iterator[tuple[int, AnswerComparison]]:
    """Pair the answers of calls that were under way together, most alike first; yields the real ones by number."""
    left = list(range(len(replayed)))
    for number, answer in enumerate(real):
        tried = {index: compare_answers(answer, replayed[index], known) for index in left}
        best = min(left, key=lambda index: tried[index].distance)
        left.remove(best)
        yield number, tried[best]
