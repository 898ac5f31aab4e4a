"""YAML text as a JSON value with the line of every place in it.

OpenAPI allows the JSON part of YAML 1.2 only, so a date stays a string and ``no`` is not false.
The events of the parser are read one by one: depth, aliases and double members are refused before they cost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.jsontext import (
    DEPTH_LIMIT,
    PLACES_LIMIT,
    Lines,
    Located,
    refuse_unwritable,
    too_deep,
    too_many_digits,
    twice,
)
from rocketchat_contract.openapi.pointer import Pointer

ALIAS_LIMIT = 100_000

_WORDS: dict[str, Any] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_STRING_TAGS = {"!", "tag:yaml.org,2002:str"}


@dataclass
class _Open:
    """A mapping or sequence not yet ended; ``key`` is set between a member's name and its value."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    key: str | None = None
    size: int = 1
    merges: list[Any] = field(default_factory=list)


def parse_yaml(text: str, name: str, first_line: int = 1) -> Located:
    """Parses one YAML document; raises UsageError with line and column in the page ``name``."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(name, first_line)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{first_line + mark.line}:{mark.column + 1}" if mark else name
        raise UsageError(f"{place}: the YAML is broken: {error.problem}.", "Fix it there.") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{name}: the YAML is broken: {str(error).splitlines()[0]}.", "Fix it.") from None
    refuse_unwritable(builder.root, name)
    return Located(builder.root, builder.lines)


class _Builder:
    def __init__(self, name: str, first_line: int) -> None:
        self.name = name
        self.first_line = first_line
        self.root: Any = None
        self.lines: Lines = {}
        self._open: list[_Open] = []
        self._path: list[str | int] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._aliased = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        match type(event).__name__:
            case "DocumentStartEvent":
                self._start_document(event)
            case "MappingStartEvent":
                self._start({}, event)
            case "SequenceStartEvent":
                self._start([], event)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._end()
            case "ScalarEvent":
                self._scalar(event)
            case "AliasEvent":
                self._alias(event)

    def _line(self, event: Any) -> int:
        return self.first_line + int(event.start_mark.line)

    def _refusal(self, event: Any, problem: str, next_step: str) -> UsageError:
        return UsageError(f"{self.name}:{self._line(event)}: {problem}", next_step)

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._refusal(event, "a second YAML document begins here.", "Keep one document in the file.")

    def _start(self, value: dict[str, Any] | list[Any], event: Any) -> None:
        if self._expects_key():
            raise self._refusal(event, "a member's name is not a string.", "Write the name as a string.")
        self._locate(event)
        self._open.append(_Open(value, event.anchor))
        self._path.append(0)
        if len(self._open) > DEPTH_LIMIT:
            raise too_deep(self.name)

    def _end(self) -> None:
        closed = self._open.pop()
        self._path.pop()
        for merged in closed.merges:
            for key, value in merged.items():
                closed.value.setdefault(key, value)  # type: ignore[union-attr]  # only mappings have merges
        if closed.anchor:
            self._anchors[closed.anchor] = (closed.value, closed.size)
        self._add(closed.value, closed.size)

    def _scalar(self, event: Any) -> None:
        if self._expects_key():
            self._name_member(event)
            return
        self._locate(event)
        value = self._scalar_value(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(value, 1)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise self._refusal(event, f"the alias *{event.anchor} has no finished anchor.", "Write the value out.")
        value, size = self._anchors[event.anchor]
        self._aliased += size
        if self._aliased > ALIAS_LIMIT:
            raise self._refusal(
                event,
                f"the aliases stand for more than {ALIAS_LIMIT} values.",
                "Use $ref in place of aliases.",
            )
        if self._expects_key():
            raise self._refusal(event, "a member's name is an alias.", "Write the name out.")
        self._locate(event)
        self._add(value, size)

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _name_member(self, event: Any) -> None:
        parent = self._open[-1]
        parent.key = str(event.value)
        self._path[-1] = parent.key
        pointer: Pointer = tuple(self._path)
        if pointer in self.lines:
            raise twice(self.name, self._line(event), pointer)
        self.lines[pointer] = self._line(event)

    def _locate(self, event: Any) -> None:
        if len(self.lines) > PLACES_LIMIT:
            raise too_many_digits(self.name)
        self.lines.setdefault(tuple(self._path), self._line(event))

    def _add(self, value: Any, size: int) -> None:
        if not self._open:
            self.root = value
            return
        parent = self._open[-1]
        parent.size += size
        if isinstance(parent.value, list):
            parent.value.append(value)
            self._path[-1] = len(parent.value)
            return
        key, parent.key = parent.key or "", None
        if key == "<<" and _is_mergeable(value):
            parent.merges.extend(value if isinstance(value, list) else [value])
        else:
            parent.value[key] = value

    def _scalar_value(self, event: Any) -> Any:
        if event.tag in _STRING_TAGS or (event.tag is None and event.style in {"'", '"', "|", ">"}):
            return event.value
        if event.tag is not None and not event.tag.startswith("tag:yaml.org,2002:"):
            raise self._refusal(event, f"the tag {event.tag} is not JSON.", "Write the value without a tag.")
        return _plain(event.value)


def _is_mergeable(value: Any) -> bool:
    mappings = value if isinstance(value, list) else [value]
    return all(isinstance(mapping, dict) for mapping in mappings)


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
