"""A generated query as it is written into a URL, structures in the bracket notation that Rocket.Chat reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def parameter_pairs(query: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The parameters of a query, in their order."""
    return [pair for name, value in query.items() for pair in _pairs(name, value)]


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _pairs(f"{name}[{key}]", part)
    elif isinstance(value, list):
        for part in value:
            yield from _pairs(f"{name}[]", part)
    else:
        yield name, value if isinstance(value, str) else str(value)
