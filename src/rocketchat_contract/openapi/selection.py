"""The places that a JSONPath selects, found within a number of steps and without a regular expression that hangs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonpath
from jsonpath.function_extensions import Match, Search

from rocketchat_contract.openapi.patterns import is_found
from rocketchat_contract.openapi.pointer import Pointer

_MOST_STEPS = 100_000
"""Members that all targets of an overlay look at together; to look through a whole contract takes some thousand."""


class SelectionError(Exception):
    """What is wrong with a JSONPath, as the end of a sentence."""


@dataclass
class SelectionSteps:
    """How many members may still be looked at."""

    left: int = _MOST_STEPS

    def take(self, number: int) -> None:
        """Look at so many more; raises ``SelectionError`` when these are too many."""
        self.left -= number + 1
        if self.left < 0:
            raise SelectionError(f"takes more than {_MOST_STEPS:,} steps")


def selected(data: Any, path: str, steps: SelectionSteps) -> list[Pointer]:
    """The places that a JSONPath selects; raises ``SelectionError``."""
    try:
        found = _environment().finditer(path, _counted(data, steps))
        return [tuple(match.parts) for match in found]
    except (jsonpath.JSONPathError, RecursionError) as error:
        problem = str(error).splitlines()[0] if str(error) else "it is too deep"
        raise SelectionError(f"is no JSONPath: {problem}") from None


@lru_cache(maxsize=1)
def _environment() -> jsonpath.JSONPathEnvironment:
    environment = jsonpath.JSONPathEnvironment(strict=True)
    environment.function_extensions |= {"match": _Match(), "search": _Search()}
    return environment


class _Match(Match):
    def __call__(self, value: object, pattern: object) -> bool:
        return isinstance(pattern, str) and is_found(f"^(?:{pattern})$", value)


class _Search(Search):
    def __call__(self, value: object, pattern: object) -> bool:
        return isinstance(pattern, str) and is_found(pattern, value)


class _Mapping(dict[str, Any]):
    steps: SelectionSteps

    def items(self) -> Any:
        self.steps.take(len(self))
        return super().items()


class _Sequence(list[Any]):
    steps: SelectionSteps

    def __iter__(self) -> Iterator[Any]:
        self.steps.take(len(self))
        return super().__iter__()


def _counted(value: Any, steps: SelectionSteps) -> Any:
    """A copy that counts how many of its members are looked at."""
    if isinstance(value, dict):
        mapping = _Mapping({name: _counted(part, steps) for name, part in value.items()})
        mapping.steps = steps
        return mapping
    if isinstance(value, list):
        sequence = _Sequence(_counted(part, steps) for part in value)
        sequence.steps = steps
        return sequence
    return value
