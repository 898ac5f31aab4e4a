"""Places in a JSON document: tuples of member names and indexes, and their RFC 6901 text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

Pointer = tuple[str | int, ...]


def pointer_text(pointer: Pointer) -> str:
    """Gives the RFC 6901 text of a place; the whole document is the empty text."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def value_at(data: Any, pointer: Pointer) -> Any:
    """Gives the value at a place; raises ``KeyError``, ``IndexError`` or ``TypeError`` when there is none."""
    for part in pointer:
        data = data[part]
    return data


def reference_target(data: Any, reference: str) -> Pointer | None:
    """Gives the place a local reference such as ``#/components/schemas/Room`` points to, if it exists."""
    if not reference.startswith("#"):
        return None
    parts = unquote(reference[1:]).split("/")
    if parts[0]:
        return None
    pointer: Pointer = ()
    for part in parts[1:]:
        step = _step(data, part.replace("~1", "/").replace("~0", "~"))
        if step is None:
            return None
        pointer, data = (*pointer, step), data[step]
    return pointer


def with_changes(data: Any, changes: Mapping[Pointer, Any]) -> Any:
    """Gives a copy of the document in which each named place holds its new value; the rest is shared."""
    if not changes:
        return data
    if () in changes:
        return changes[()]
    copy = dict(data) if isinstance(data, dict) else list(data)
    for part, inner in _by_first_part(changes.items()).items():
        copy[part] = with_changes(copy[part], inner)
    return copy


def _by_first_part(changes: Iterable[tuple[Pointer, Any]]) -> dict[Any, dict[Pointer, Any]]:
    grouped: dict[Any, dict[Pointer, Any]] = {}
    for pointer, value in changes:
        grouped.setdefault(pointer[0], {})[pointer[1:]] = value
    return grouped


def _step(data: Any, part: str) -> str | int | None:
    if isinstance(data, dict):
        return part if part in data else None
    if isinstance(data, list) and part.isascii() and part.isdigit() and int(part) < len(data):
        return int(part)
    return None
