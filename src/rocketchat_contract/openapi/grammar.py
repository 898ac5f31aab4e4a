"""Where the OpenAPI specification fixes the type of a keyword, and where a value follows a schema beside it.

The tables name, for each kind of object, the members that matter. A walk over a document with them gives its
sites: every keyword of fixed type, every value with the schema that decides about it, every schema, every
reference. What the tables do not name (``x-`` extensions, names of properties, mappings, scopes) is no site.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rocketchat_contract.openapi.pointer import Pointer, reference_target, value_at

Table = dict[str, dict[str, str]]

_BOOLEAN, _INTEGER, _NUMBER = "boolean", "integer", "number"

_PARAMETER = {
    "required": _BOOLEAN,
    "deprecated": _BOOLEAN,
    "allowEmptyValue": _BOOLEAN,
    "explode": _BOOLEAN,
    "allowReserved": _BOOLEAN,
    "schema": "one schema",
    "content": "map media type",
    "example": "value schema",
    "examples": "examples schema",
}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_OBJECTS: Table = {
    "document": {"paths": "patterned path item", "components": "one components", "webhooks": "map path item"},
    "components": {
        "schemas": "map schema",
        "responses": "map response",
        "parameters": "map parameter",
        "requestBodies": "map request body",
        "headers": "map header",
        "links": "map link",
        "callbacks": "map callback",
        "pathItems": "map path item",
    },
    "path item": {"parameters": "list parameter", **dict.fromkeys(_METHODS, "one operation")},
    "operation": {
        "parameters": "list parameter",
        "requestBody": "one request body",
        "responses": "patterned response",
        "callbacks": "map callback",
        "deprecated": _BOOLEAN,
    },
    "parameter": _PARAMETER,
    "header": _PARAMETER,
    "request body": {"required": _BOOLEAN, "content": "map media type"},
    "response": {"headers": "map header", "content": "map media type", "links": "map link"},
    "media type": {
        "schema": "one schema",
        "encoding": "map encoding",
        "example": "value schema",
        "examples": "examples schema",
    },
    "encoding": {"headers": "map header", "explode": _BOOLEAN, "allowReserved": _BOOLEAN},
    "link": {},
    "callback": {},
    "xml": {"attribute": _BOOLEAN, "wrapped": _BOOLEAN},
}

_SCHEMA = {
    "maximum": _NUMBER,
    "minimum": _NUMBER,
    "multipleOf": _NUMBER,
    "maxLength": _INTEGER,
    "minLength": _INTEGER,
    "maxItems": _INTEGER,
    "minItems": _INTEGER,
    "maxProperties": _INTEGER,
    "minProperties": _INTEGER,
    "uniqueItems": _BOOLEAN,
    "readOnly": _BOOLEAN,
    "writeOnly": _BOOLEAN,
    "deprecated": _BOOLEAN,
    "xml": "one xml",
    "properties": "map schema",
    "items": "one schema",
    "allOf": "list schema",
    "anyOf": "list schema",
    "oneOf": "list schema",
    "not": "one schema",
    "enum": "values",
    "default": "value",
    "example": "value",
}

_SCHEMA_30 = {
    **_SCHEMA,
    "nullable": _BOOLEAN,
    "exclusiveMaximum": _BOOLEAN,
    "exclusiveMinimum": _BOOLEAN,
    "additionalProperties": "one schema or boolean",
}

_SCHEMA_31 = {
    **{name: rule.replace(" schema", " schema or boolean") for name, rule in _SCHEMA.items()},
    "exclusiveMaximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "maxContains": _INTEGER,
    "minContains": _INTEGER,
    "const": "value",
    "examples": "values",
    **dict.fromkeys(
        (
            "additionalProperties",
            "contains",
            "contentSchema",
            "else",
            "if",
            "propertyNames",
            "then",
            "unevaluatedItems",
            "unevaluatedProperties",
        ),
        "one schema or boolean",
    ),
    **dict.fromkeys(("$defs", "definitions", "dependentSchemas", "patternProperties"), "map schema or boolean"),
    "prefixItems": "list schema or boolean",
}

_TABLE_30: Table = {**_OBJECTS, "schema": _SCHEMA_30}
_TABLE_31: Table = {
    **{
        kind: {
            name: "one schema or boolean"
            if rule == "one schema"
            else rule.replace("map schema", "map schema or boolean")
            for name, rule in members.items()
        }
        for kind, members in _OBJECTS.items()
    },
    "schema": _SCHEMA_31,
}


@dataclass(frozen=True)
class KeywordSite:
    """A member whose type the OpenAPI specification fixes; ``owner`` is the kind of object it belongs to."""

    pointer: Pointer
    type: str
    owner: str


@dataclass(frozen=True)
class ValueSite:
    """A value that a schema decides about: an example, a default, a constant, a member of a list of values."""

    pointer: Pointer
    schema: Pointer
    keyword: str
    media_type: str | None = None


@dataclass(frozen=True)
class Reference:
    """A ``$ref``; ``target`` is None when it points outside the document or nowhere."""

    pointer: Pointer
    text: str
    target: Pointer | None


@dataclass
class Sites:
    """What a walk over a document found, each place once."""

    keywords: list[KeywordSite] = field(default_factory=list)
    values: list[ValueSite] = field(default_factory=list)
    schemas: list[Pointer] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


def sites(data: dict[str, Any], *, is_31: bool, whole: dict[str, Any] | None = None) -> Sites:
    """Walks a document from its root and along its references, looked up in ``whole`` when given."""
    walk = _Walk(data if whole is None else whole, _TABLE_31 if is_31 else _TABLE_30)
    walk.run(data)
    return walk.found


_Visit = tuple[str, Any, Pointer]


class _Walk:
    """Keeps what is still to visit in a list, so that neither depth nor a circle of references can hurt."""

    def __init__(self, whole: dict[str, Any], table: Table) -> None:
        self.whole = whole
        self.table = table
        self.found = Sites()
        self._seen: set[tuple[object, ...]] = set()

    def run(self, data: dict[str, Any]) -> None:
        waiting: list[_Visit] = [("document", data, ())]
        while waiting:
            kind, node, pointer = waiting.pop()
            if self._first("visit", kind, pointer):
                waiting.extend(reversed(list(self._visit(kind, node, pointer))))

    def _visit(self, kind: str, node: Any, pointer: Pointer) -> Iterator[_Visit]:
        if kind == "schema or boolean" and isinstance(node, str):
            self._keyword(pointer, _BOOLEAN, "schema")
        if not isinstance(node, dict):
            return
        kind = kind.removesuffix(" or boolean")
        if kind == "schema" and self._first("schema", pointer):
            self.found.schemas.append(pointer)
        yield from self._reference(kind, node, pointer)
        if kind == "callback":
            yield from _patterned("path item", node, pointer)
        for name, rule in self.table[kind].items():
            if name in node:
                yield from self._member(kind, rule, node, (*pointer, name))

    def _member(self, kind: str, rule: str, node: dict[str, Any], pointer: Pointer) -> Iterator[_Visit]:
        value = node[str(pointer[-1])]
        shape, _, inner = rule.partition(" ")
        match shape:
            case "boolean" | "integer" | "number":
                self._keyword(pointer, shape, kind)
            case "one":
                yield inner, value, pointer
            case "list" if isinstance(value, list):
                yield from ((inner, each, (*pointer, index)) for index, each in enumerate(value))
            case "map" if isinstance(value, dict):
                yield from ((inner, each, (*pointer, name)) for name, each in value.items())
            case "patterned" if isinstance(value, dict):
                yield from _patterned(inner, value, pointer)
            case "value" | "values" | "examples":
                self._values(shape, inner, node, pointer)

    def _values(self, shape: str, inner: str, node: dict[str, Any], pointer: Pointer) -> None:
        owner, value = pointer[:-1], node[str(pointer[-1])]
        if inner and not isinstance(node.get("schema"), dict):
            return
        schema = (*owner, "schema") if inner else owner
        media_type = str(owner[-1]) if len(owner) > 1 and owner[-2] == "content" else None
        if shape == "value":
            self._value(ValueSite(pointer, schema, str(pointer[-1]), media_type))
        elif shape == "values" and isinstance(value, list):
            for index in range(len(value)):
                self._value(ValueSite((*pointer, index), schema, str(pointer[-1])))
        elif shape == "examples" and isinstance(value, dict):
            for name in value:
                self._example((*pointer, name), value[name], schema, media_type)

    def _example(self, pointer: Pointer, example: Any, schema: Pointer, media_type: str | None) -> None:
        circle: set[Pointer] = set()
        while isinstance(example, dict) and isinstance(example.get("$ref"), str):
            reference = self._note_reference(example["$ref"], pointer)
            if reference.target is None or reference.target in circle:
                return
            circle.add(reference.target)
            pointer, example = reference.target, value_at(self.whole, reference.target)
        if isinstance(example, dict) and "value" in example:
            self._value(ValueSite((*pointer, "value"), schema, "example", media_type))

    def _reference(self, kind: str, node: dict[str, Any], pointer: Pointer) -> Iterator[_Visit]:
        if isinstance(node.get("$ref"), str):
            reference = self._note_reference(node["$ref"], pointer)
            if reference.target is not None:
                yield kind, value_at(self.whole, reference.target), reference.target

    def _note_reference(self, text: str, pointer: Pointer) -> Reference:
        reference = Reference((*pointer, "$ref"), text, reference_target(self.whole, text))
        self.found.references.append(reference)
        return reference

    def _keyword(self, pointer: Pointer, type_: str, owner: str) -> None:
        if self._first("keyword", pointer):
            self.found.keywords.append(KeywordSite(pointer, type_, owner))

    def _value(self, site: ValueSite) -> None:
        if self._first("value", site.pointer, site.schema):
            self.found.values.append(site)

    def _first(self, *key: object) -> bool:
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def _patterned(kind: str, node: dict[str, Any], pointer: Pointer) -> Iterator[_Visit]:
    return ((kind, each, (*pointer, name)) for name, each in node.items() if not name.startswith("x-"))
