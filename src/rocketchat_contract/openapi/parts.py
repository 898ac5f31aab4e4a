"""The parts of an operation, through references: its parameters, responses, media types and their examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rocketchat_contract.openapi.document import followed
from rocketchat_contract.openapi.pointer import Pointer, value_at


def parameters(data: dict[str, Any], operation: Pointer) -> Iterator[Pointer]:
    """Gives the places of an operation's parameters, those of its path included."""
    for owner in (operation, operation[:-1]):
        listed = value_at(data, owner).get("parameters")
        for index in range(len(listed) if isinstance(listed, list) else 0):
            yield from _object(data, (*owner, "parameters", index))


def responses(data: dict[str, Any], operation: Pointer) -> Iterator[tuple[str, Pointer]]:
    """Gives status and place of each response."""
    for status in _members(value_at(data, operation).get("responses")):
        if not status.startswith("x-"):
            for pointer in _object(data, (*operation, "responses", status)):
                yield status, pointer


def media_types(data: dict[str, Any], response: Pointer) -> Iterator[Pointer]:
    """Gives the places of a response's media types; the last part of each is its name."""
    for name in _members(value_at(data, response).get("content")):
        if isinstance(value_at(data, (*response, "content", name)), dict):
            yield (*response, "content", name)


def examples(data: dict[str, Any], owner: Pointer) -> Iterator[tuple[Pointer, Any]]:
    """Gives place and value of the examples of a parameter or a media type."""
    node = value_at(data, owner)
    if "example" in node:
        yield (*owner, "example"), node["example"]
    for name in _members(node.get("examples")):
        for pointer in _object(data, (*owner, "examples", name)):
            if "value" in value_at(data, pointer):
                yield (*pointer, "value"), value_at(data, (*pointer, "value"))


def members_named(values: Iterable[Any], name: object) -> Iterator[Any]:
    """Gives every member of that name, however deep in the values."""
    waiting = list(values)
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, dict):
            if isinstance(name, str) and name in value:
                yield value[name]
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _object(data: dict[str, Any], pointer: Pointer) -> Iterator[Pointer]:
    target = followed(data, pointer)
    if isinstance(value_at(data, target), dict):
        yield target


def _members(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []
