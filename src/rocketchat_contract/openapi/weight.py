"""How much a document may cost to judge by: its values counted, and how often its schemas apply each other.

A few lines of ``allOf`` or ``anyOf`` that name the next schema twice, forty times over, ask for more steps than
anybody can wait for. So the steps of a schema are counted before any value is held against it: one for itself, and
those of every schema in it or behind a reference, once for each place that names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.pointer import Pointer, pointer_text, reference_target, value_at

MOST_VALUES = 20_000
"""Values of a document, after it is narrowed to an operation; a page of the documentation has some hundreds."""
_MOST_STEPS = 100_000
"""Steps of one schema."""
MOST_STEPS_OF_ALL = 5_000_000
"""Steps of all values that schemas decide about."""
_DEEPEST = 200
"""Schemas inside or behind each other."""

_ONE = ("not", "if", "then", "else", "items", "contains", "propertyNames", "contentSchema")
_ONE_MORE = ("additionalProperties", "unevaluatedItems", "unevaluatedProperties")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas")


def refuse_large(data: Any, name: str) -> None:
    """Raise ``UsageError`` for a document of more values than can be judged by in good time."""
    number, level = 1, [data]
    while level:
        level = [part for each in level for part in _values(each)]
        number += len(level)
        if number > MOST_VALUES:
            raise UsageError(
                f"{name} holds more than {MOST_VALUES:,} values.", 'Name one operation with --operation "METHOD /path".'
            )


def _values(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def refuse_costly(data: Any, schemas: Iterable[Pointer], applied: Iterable[Pointer], name: str) -> None:
    """Raise ``UsageError`` when a schema, or all that are ``applied`` to values together, take too many steps."""
    steps = _Steps(data, name)
    for schema in schemas:
        steps.of(schema, 0)
    if sum(steps.of(schema, 0) for schema in applied) > MOST_STEPS_OF_ALL:
        raise UsageError(f"The values in {name} take too many steps to be checked.", _NEXT)


_NEXT = "Write its schemas without naming one schema several times."


class _Steps:
    """Counts the steps of schemas, each schema once; a circle of references ends where it closes."""

    def __init__(self, data: Any, name: str) -> None:
        self._data, self._name = data, name
        self._known: dict[Pointer, int] = {}

    def of(self, schema: Pointer, depth: int) -> int:
        """The steps of a schema."""
        if schema not in self._known:
            if depth > _DEEPEST:
                raise UsageError(
                    f"The schemas of {self._name} lie too deep inside each other to be read.", "Flatten them."
                )
            self._known[schema] = 1
            self._known[schema] += sum(self.of(inner, depth + 1) for inner in self._inner(schema))
            if self._known[schema] > _MOST_STEPS:
                place = pointer_text(schema)
                raise UsageError(f"{self._name}: the schema at {place} takes more than {_MOST_STEPS:,} steps.", _NEXT)
        return self._known[schema]

    def _inner(self, schema: Pointer) -> Iterator[Pointer]:
        node = value_at(self._data, schema)
        if not isinstance(node, dict):
            return
        reference = node.get("$ref")
        target = reference_target(self._data, reference) if isinstance(reference, str) else None
        yield from () if target is None else (target,)
        yield from ((*schema, word) for word in (*_ONE, *_ONE_MORE) if word in node)
        for word in _LISTS:
            yield from ((*schema, word, index) for index in range(len(_list(node.get(word)))))
        for word in _MAPS:
            yield from ((*schema, word, member) for member in _mapping(node.get(word)))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
