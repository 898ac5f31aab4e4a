"""What differs between two JSON documents, place by place, whatever the order of members and of named elements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rocketchat_contract.openapi.pointer import Pointer


class PlaceChange(StrEnum):
    """What became of a place."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class PlaceDifference:
    """One place that differs, with its values; what came or went as a whole is one difference at its top.

    The pointers are its places in either document; where it is missing, the place that it would have by its name.
    """

    change: PlaceChange
    old_pointer: Pointer
    new_pointer: Pointer
    old: Any = None
    new: Any = None


def differences(old: Any, new: Any, at_old: Pointer = (), at_new: Pointer = ()) -> Iterator[PlaceDifference]:
    """Compares two documents; ``true`` and ``1`` differ, ``1`` and ``1.0`` do not."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _compared(dict(old), dict(new), {}, {}, at_old, at_new)
    elif isinstance(old, list) and isinstance(new, list):
        before, after = _named(old, new)
        olds = {name: old[index] for name, index in before.items()}
        news = {name: new[index] for name, index in after.items()}
        yield from _compared(olds, news, before, after, at_old, at_new)
    elif isinstance(old, bool) != isinstance(new, bool) or old != new:
        yield PlaceDifference(PlaceChange.CHANGED, at_old, at_new, old, new)


def _compared(  # noqa: PLR0913, PLR0917 - two sides, each with values, steps and place
    old: dict[Any, Any],
    new: dict[Any, Any],
    before: dict[str, int],
    after: dict[str, int],
    at_old: Pointer,
    at_new: Pointer,
) -> Iterator[PlaceDifference]:
    for name in old | new:
        was, now = (*at_old, before.get(name, name)), (*at_new, after.get(name, name))
        if name not in new:
            yield PlaceDifference(PlaceChange.REMOVED, was, now, old=old[name])
        elif name not in old:
            yield PlaceDifference(PlaceChange.ADDED, was, now, new=new[name])
        else:
            yield from differences(old[name], new[name], was, now)


def _named(old: list[Any], new: list[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Names for the elements of two lists, by which they find each other: their own where they have one."""
    for namer in (_own_name, _as_text):
        before, after = ({namer(value): index for index, value in enumerate(values)} for values in (old, new))
        if "" not in before | after and len(before) == len(old) and len(after) == len(new):
            return before, after
    return {str(index): index for index in range(len(old))}, {str(index): index for index in range(len(new))}


def _own_name(value: Any) -> str:
    """How OpenAPI tells elements of a list apart: parameters by place and name, servers by address, references."""
    if not isinstance(value, dict):
        return ""
    parts = [str(value[key]) for key in ("in", "name", "url", "$ref") if key in value]
    return " ".join(parts)


def _as_text(value: Any) -> str:
    """A plain value as its own name; what has an inside is compared by its index."""
    return "" if isinstance(value, (dict, list)) else json.dumps(value)
