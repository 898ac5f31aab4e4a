"""How a value reads when its own schema decides: which of its strings stand for a boolean or a number.

A reading names, for the strings a schema speaks of, what each of them is: itself where the schema says
string, a boolean or a number where it says so, ``Stuck`` where it says so and the string is none.
Where several schemas speak (``allOf``), string wins. Of alternatives (``oneOf``, ``anyOf``) those count that accept
the value as they read it; where several do, again string wins: what may be a genuine string is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from rocketchat_contract.openapi.conversion import Scalar, converted, is_scalar_type
from rocketchat_contract.openapi.dialect import FORMATS, json_schema_document
from rocketchat_contract.openapi.patterns import is_found
from rocketchat_contract.openapi.pointer import (
    Pointer,
    pointer_text,
    reference_target,
    value_at,
    with_changes,
)

_HOME = "urn:contract"


@dataclass(frozen=True)
class Stuck:
    """A string that the schema says is of another type and that cannot be read as one."""

    expected: str


@dataclass(frozen=True)
class TypedValue:
    """What a string is, and the schema that decided."""

    value: Scalar | Stuck
    schema: Pointer


Reading = dict[Pointer, TypedValue]


@dataclass(frozen=True)
class _Views:
    """One value read twice: ``sure`` is what is told, ``likely`` is one whole reading the schema would accept."""

    sure: Reading
    likely: Reading


def agreed(readings: Iterable[Reading]) -> Reading:
    """Joins readings; where two differ, a string stays a string, and what is stuck stays stuck."""
    joined: Reading = {}
    for reading in readings:
        for place, verdict in reading.items():
            held = joined.get(place)
            if held is None or _weight(verdict) > _weight(held):
                joined[place] = verdict
    return joined


def changes(reading: Reading) -> dict[Pointer, Scalar]:
    """Keeps of a reading what turns out not to be a string."""
    return {place: verdict.value for place, verdict in reading.items() if not isinstance(verdict.value, (str, Stuck))}


def _weight(verdict: TypedValue) -> int:
    return 2 if isinstance(verdict.value, str) else int(isinstance(verdict.value, Stuck))


@dataclass
class TypeReader:
    """Reads values of one document; ``schemas`` are the places of all its schemas."""

    data: dict[str, Any]
    schemas: list[Pointer]
    is_31: bool
    _validators: dict[Pointer, Any] = field(default_factory=dict)
    _registry: Any = None
    _memo: dict[tuple[Pointer, Pointer], _Views] = field(default_factory=dict)
    _without_enum: Pointer | None = None

    def read(self, value: Any, schema: Pointer, *, without_enum: bool = False) -> Reading:
        """Reads one value; ``without_enum`` leaves the schema's own list of values aside."""
        self._memo = {}
        self._without_enum = schema if without_enum else None
        return self._read(value, schema, ()).sure

    def errors(self, value: Any, schema: Pointer) -> Iterable[Any]:
        """Gives what speaks against the value, as jsonschema_rs errors; nothing when the schema is broken."""
        validator = self._validator(schema)
        return () if validator is None else validator.iter_errors(value)

    def _read(self, value: Any, schema: Pointer, place: Pointer) -> _Views:
        key = (place, schema)
        if key not in self._memo:
            self._memo[key] = _Views({}, {})  # what a circle of references finds when it comes back here
            self._memo[key] = self._fresh_views(value, schema, place)
        return self._memo[key]

    def _fresh_views(self, value: Any, schema: Pointer, place: Pointer) -> _Views:
        plain, choices = self._parts(schema)
        views = _joined(self._plain_views(value, each, place) for each in plain)
        for branches in choices:
            views = _joined([views, self._chosen(value, branches, place, views.likely)])
        return views

    def _parts(self, schema: Pointer) -> tuple[list[Pointer], list[list[Pointer]]]:
        """Splits a schema into those that all apply and the lists of alternatives, through references."""
        plain: list[Pointer] = []
        choices: list[list[Pointer]] = []
        seen: set[Pointer] = set()
        waiting = [schema]
        while waiting:
            pointer = waiting.pop()
            node = value_at(self.data, pointer)
            if pointer in seen or not isinstance(node, dict):
                continue
            seen.add(pointer)
            target = self._target(node)
            if target is not None:
                waiting.append(target)
                if not self.is_31:
                    continue
            plain.append(pointer)
            waiting.extend((*pointer, "allOf", index) for index in _indexes(node.get("allOf")))
            choices.extend(
                [(*pointer, word, index) for index in _indexes(node[word])]
                for word in ("oneOf", "anyOf")
                if _indexes(node.get(word))
            )
        return plain, choices

    def _target(self, node: dict[str, Any]) -> Pointer | None:
        reference = node.get("$ref")
        return reference_target(self.data, reference) if isinstance(reference, str) else None

    def _chosen(self, value: Any, branches: list[Pointer], place: Pointer, before: Reading) -> _Views:
        views = [(branch, self._read(value, branch, place)) for branch in branches]
        accepted = [
            view
            for branch, view in views
            if self.accepts(branch, _applied(value, agreed([before, view.likely]), place))
        ]
        if accepted:
            likely = min((view.likely for view in accepted), key=lambda reading: len(changes(reading)))
            return _Views(agreed(view.sure for view in accepted), likely)
        first, *others = [view.sure for _, view in views]
        shared = {at: one for at, one in first.items() if all(_alike(one, other.get(at)) for other in others)}
        return _Views(shared, shared)

    def _plain_views(self, value: Any, schema: Pointer, place: Pointer) -> _Views:
        node = value_at(self.data, schema)
        if isinstance(value, str):
            enum = None if schema == self._without_enum else _constants(node)
            read = _string(value, _types(node, is_31=self.is_31), enum, is_31=self.is_31)
            reading = {} if read is None else {place: TypedValue(read, schema)}
            return _Views(reading, reading)
        return _joined(
            self._read(inner, applying, (*place, step))
            for step, inner in _steps(value)
            for applying in self._inner_schemas(node, schema, step)
        )

    def _inner_schemas(self, node: dict[str, Any], schema: Pointer, step: str | int) -> list[Pointer]:
        if isinstance(step, int):
            prefix = _indexes(node.get("prefixItems")) if self.is_31 else range(0)
            return (
                [(*schema, "prefixItems", step)] if step in prefix else [(*schema, "items")] if "items" in node else []
            )
        named = [(*schema, "properties", step)] if step in _mapping(node.get("properties")) else []
        if self.is_31:
            patterns = _mapping(node.get("patternProperties"))
            named += [(*schema, "patternProperties", pattern) for pattern in patterns if is_found(pattern, step)]
        return named or ([(*schema, "additionalProperties")] if "additionalProperties" in node else [])

    def accepts(self, schema: Pointer, value: Any) -> bool:
        """Tells whether the value is valid under the schema; a broken schema accepts nothing."""
        validator = self._validator(schema)
        try:
            return validator is not None and bool(validator.is_valid(value))
        except ValueError:  # a value the engine cannot hold, such as half of a surrogate pair
            return False

    def _validator(self, schema: Pointer) -> Any:
        if schema not in self._validators:
            self._validators[schema] = self._compiled(schema)
        return self._validators[schema]

    def _compiled(self, schema: Pointer) -> Any:
        draft = jsonschema_rs.Draft202012 if self.is_31 else jsonschema_rs.Draft4
        engine = jsonschema_rs.Draft202012Validator if self.is_31 else jsonschema_rs.Draft4Validator
        try:
            if self._registry is None:
                marks = ("readOnly", "writeOnly")
                document = json_schema_document(self.data, self.schemas, is_31=self.is_31, hidden=marks)
                self._registry = jsonschema_rs.Registry([(_HOME, document)], draft=draft)
            reference = {"$ref": f"{_HOME}#{quote(pointer_text(schema))}"}
            return engine(reference, registry=self._registry, formats=FORMATS, validate_formats=True, offline=True)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
            return None


def _string(text: str, types: list[str] | None, constants: list[Any] | None, *, is_31: bool) -> Scalar | Stuck:
    """Gives what a string is to a plain schema, or None when the schema says nothing about it."""
    if types is None and constants is None:
        return None
    options: list[Scalar] = [text] if types is None or "string" in types else []
    for type_ in ("boolean", "integer", "number"):
        if types is None or type_ in types:
            options.extend(each for each in [converted(text, type_, is_31=is_31)] if each is not None)
    listed = options if constants is None else [each for each in options if any(_same(each, c) for c in constants)]
    if listed or (types is not None and options):
        return (listed or options)[0]
    expected = [type_ for type_ in types or [] if is_scalar_type(type_)]
    return Stuck(" or ".join(expected)) if expected else None


def _joined(views: Iterable[_Views]) -> _Views:
    listed = list(views)
    return _Views(agreed(view.sure for view in listed), agreed(view.likely for view in listed))


def _applied(value: Any, reading: Reading, place: Pointer) -> Any:
    return with_changes(value, {at[len(place) :]: new for at, new in changes(reading).items()})


def _alike(one: TypedValue, other: TypedValue | None) -> bool:
    return other is not None and _same(one.value, other.value)


def _same(one: object, other: object) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _types(node: dict[str, Any], *, is_31: bool) -> list[str] | None:
    types = node.get("type")
    if isinstance(types, list) and is_31:
        return [each for each in types if isinstance(each, str)]
    return [types] if isinstance(types, str) else None


def _constants(node: dict[str, Any]) -> list[Any] | None:
    if isinstance(node.get("enum"), list):
        return list(node["enum"])
    return [node["const"]] if "const" in node else None


def _steps(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _indexes(value: object) -> range:
    return range(len(value)) if isinstance(value, list) else range(0)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
