"""The law of the repair: turn every boolean and number of a valid document into a string, repair, and they are back.

Documents are made by chance, from seeds that Hypothesis draws. A value that follows a schema is wrapped in ``Sample``
while the document is made, so that the test knows keyword positions from values without asking the code under test.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rocketchat_contract.openapi.repair import repair
from rocketchat_contract.openapi.validity import invalidities

STRINGS = ["7", "true", "false", "1e5", "-0", "NaN", " 7", "0.5", "plain", "", "null", "2021-07-09T20:12:19.795Z"]
NAMES = [
    "required",
    "example",
    "default",
    "minimum",
    "enum",
    "nullable",
    "items",
    "properties",
    "x-y",
    "additionalProperties",
    "n",
]
INTEGERS = [0, 7, -3, 10**12, 10**30]
NUMBERS = [0.5, -2.25, 1e21, 5e-7, 3, 452.688]
LAW = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # shrinking a whole document takes minutes, and the failing place is in the message
)


@dataclass(frozen=True)
class Sample:
    value: Any


class Maker:
    """Makes one valid document; recursion ends because references are followed by values only so far."""

    def __init__(self, rng: random.Random, *, is_31: bool) -> None:
        self.rng = rng
        self.is_31 = is_31
        self.schemas: dict[str, Any] = {}
        self.names = [f"S{index}" for index in range(rng.randint(1, 4))]

    def some(self, chance: float = 0.4) -> bool:
        return self.rng.random() < chance

    def document(self) -> dict[str, Any]:
        for name in self.names:
            self.schemas[name] = self.object_schema(2, required=False)
        document: dict[str, Any] = {
            "openapi": "3.1.0" if self.is_31 else "3.0.3",
            "info": {"title": "7", "version": "1.0"},
            "servers": [{"url": "http://h:{port}", "variables": {"port": {"enum": ["8443", "443"], "default": "443"}}}],
            "x-limits": {"minimum": "5", "required": "true"},
            "paths": {"/a/{id}": self.path_item("/a/{id}", callbacks=True), "x-note": "true"},
            "security": [{"key": []}, {"oauth": ["7", "true"]}],
        }
        document["components"] = {
            "schemas": self.schemas,
            "parameters": {"Page": self.parameter("page", "query")},
            "headers": {"Rate": self.header()},
            "responses": {"No": self.response()},
            "requestBodies": {"Body": self.request_body()},
            "examples": {"Shared": {"summary": "7", "value": Sample("7")}},
            "securitySchemes": self.security_schemes(),
        }
        return document

    def security_schemes(self) -> dict[str, Any]:
        flow = {"tokenUrl": "https://a", "scopes": {"7": "true", "true": "7"}}
        return {
            "key": {"type": "apiKey", "in": "header", "name": "1"},
            "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}},
        }

    def path_item(self, path: str, *, callbacks: bool) -> dict[str, Any]:
        item: dict[str, Any] = {"get": self.operation(callbacks=callbacks), "x-cost": "7"}
        if "{id}" in path:
            item["parameters"] = [{**self.parameter("id", "path"), "required": True}]
        return item

    def operation(self, *, callbacks: bool) -> dict[str, Any]:
        operation: dict[str, Any] = {
            "parameters": [self.parameter("q", "query"), {"$ref": "#/components/parameters/Page"}],
            "responses": {
                "200": self.response(),
                "400": {"$ref": "#/components/responses/No"},
                "default": self.response(),
            },
        }
        if self.some():
            operation["deprecated"] = self.some()
        if self.some(0.6):
            operation["requestBody"] = (
                self.request_body() if self.some() else {"$ref": "#/components/requestBodies/Body"}
            )
        if callbacks:
            operation["callbacks"] = {"done": {"{$request.body#/url}": self.path_item("/", callbacks=False)}}
        return operation

    def parameter(self, name: str, where: str) -> dict[str, Any]:
        parameter: dict[str, Any] = {"name": name, "in": where, "required": where == "path" or self.some()}
        if where == "query" and self.some(0.3):
            return {**parameter, "content": {"application/json": self.media_type()}}
        for flag in ("deprecated", "explode"):
            if self.some(0.3):
                parameter[flag] = self.some()
        return {**parameter, **self.valued()}

    def header(self) -> dict[str, Any]:
        return {"required": self.some(), "deprecated": self.some(), **self.valued()}

    def response(self) -> dict[str, Any]:
        response: dict[str, Any] = {"description": "true", "content": {"application/json": self.media_type()}}
        if self.some():
            response["headers"] = {"x-rate": {"$ref": "#/components/headers/Rate"}, "X-Left": self.header()}
        if self.some(0.3):
            response["links"] = {"next": {"operationId": "7", "parameters": {"id": "7"}}}
        return response

    def request_body(self) -> dict[str, Any]:
        media = {**self.media_type(), "encoding": {"n": {"explode": self.some(), "headers": {"X-A": self.header()}}}}
        return {"required": self.some(), "content": {"multipart/form-data": media}}

    def media_type(self) -> dict[str, Any]:
        return self.valued()

    def valued(self) -> dict[str, Any]:
        schema = self.schema(3)
        if self.some():
            return {"schema": schema, "example": Sample(self.value(schema))}
        examples: dict[str, Any] = {
            name: {"summary": "7", "value": Sample(self.value(schema))} for name in ("one", "7") if self.some(0.7)
        }
        if schema.get("type") == "string" and not schema.get("enum"):
            examples["shared"] = {"$ref": "#/components/examples/Shared"}
        examples["far"] = {"externalValue": "https://a/7"}
        return {"schema": schema, "examples": examples}

    def schema(self, depth: int) -> dict[str, Any]:
        makers = [self.string_schema, self.number_schema, self.boolean_schema, self.reference]
        if depth > 0:
            makers += [self.object_schema, self.object_schema, self.array_schema, self.all_of, self.one_of]
        schema = self.rng.choice(makers)(depth)
        return (
            schema
            if "$ref" in schema or "allOf" in schema or "oneOf" in schema or "anyOf" in schema
            else self.marked(schema)
        )

    def marked(self, schema: dict[str, Any]) -> dict[str, Any]:
        if self.some(0.2):
            schema["deprecated"] = self.some()
        if self.some(0.2):
            schema["xml"] = {"name": "7", "attribute": self.some(), "wrapped": self.some()}
        if self.some(0.2) and "type" in schema and "enum" not in schema:
            if self.is_31:
                schema["type"] = [schema["type"], "null"]
            else:
                schema["nullable"] = True
        if self.some(0.3):
            word = "examples" if self.is_31 else "example"
            example = self.value(schema)
            schema[word] = [Sample(example)] if self.is_31 else Sample(example)
        if self.some(0.3):
            schema["default"] = Sample(self.value(schema))
        return schema

    def string_schema(self, _: int) -> dict[str, Any]:
        if self.some(0.2):
            return {"type": "string", "enum": [Sample(text) for text in ("7", "true")]}
        return {"type": "string", **({"maxLength": 40, "minLength": 0} if self.some() else {})}

    def number_schema(self, _: int) -> dict[str, Any]:
        type_ = self.rng.choice(["integer", "number"])
        if type_ == "integer" and self.some(0.3):
            return {"type": type_, "enum": [Sample(number) for number in INTEGERS[:3]]}
        schema: dict[str, Any] = {"type": type_}
        if self.some():
            schema |= {"minimum": -1e6, "maximum": 10**31}
        if self.some(0.3):
            schema |= {"exclusiveMinimum": -1e7} if self.is_31 else {"minimum": -1e7, "exclusiveMinimum": self.some()}
        return schema

    def boolean_schema(self, _: int) -> dict[str, Any]:
        if self.is_31 and self.some(0.3):
            return {"type": "boolean", "const": Sample(value=True)}
        return {"type": "boolean", **({"readOnly": False, "writeOnly": False} if self.some(0.2) else {})}

    def reference(self, _: int) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{self.rng.choice(self.names)}"}

    def object_schema(self, depth: int, *, required: bool = True) -> dict[str, Any]:
        names = self.rng.sample(NAMES, self.rng.randint(1, 4))
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {name: self.schema(depth - 1) for name in names},
            "additionalProperties": self.rng.choice([True, False, {"type": "integer"}]),
        }
        if self.some(0.3):
            schema |= {"minProperties": 0, "maxProperties": 9}
        if required and self.some(0.3) and "$ref" not in schema["properties"][names[0]]:
            schema["required"] = [names[0]]
        return schema

    def array_schema(self, depth: int) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "array", "items": self.schema(depth - 1), "maxItems": 9}
        if self.is_31 and self.some(0.3):
            schema["prefixItems"] = [{"type": "boolean"}]
        return schema | ({"uniqueItems": False, "minItems": 0} if self.some() else {})

    def all_of(self, depth: int) -> dict[str, Any]:
        first = {"type": "object", "properties": {"n": self.schema(depth - 1)}}
        second = {"type": "object", "properties": {"required": self.schema(depth - 1)}}
        return {"allOf": [first, second]}

    def one_of(self, depth: int) -> dict[str, Any]:
        if self.some(0.3):
            return {
                self.rng.choice(["oneOf", "anyOf"]): [
                    {"type": "string"},
                    {"type": self.rng.choice(["integer", "boolean"])},
                ]
            }
        if self.some(0.2):
            number = {"type": "object", "properties": {"n": {"type": "integer"}}}
            string = {"type": "object", "properties": {"n": {"type": "string"}, "7": {"type": "integer"}}}
            return {"anyOf": self.rng.sample([number, string], 2)}
        branches = [
            {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "enum": [Sample(kind)]},
                    "n": self.schema(depth - 1),
                    "7": self.rng.choice([{"type": "string"}, {"type": "integer"}]),
                },
            }
            for kind in ("true", "7")
        ]
        return {"oneOf": branches}

    def value(self, schema: dict[str, Any], depth: int = 6) -> Any:
        while "$ref" in schema:
            schema = self.schemas.get(schema["$ref"].rpartition("/")[2], {"type": "object", "properties": {}})
        if "allOf" in schema:
            return {name: each for part in schema["allOf"] for name, each in self.value(part, depth).items()}
        for word in ("oneOf", "anyOf"):
            if word in schema:
                return self.value(self.rng.choice(schema[word]), depth)
        for word in ("enum", "const"):
            if word in schema:
                listed = schema[word] if word == "enum" else [schema[word]]
                return self.rng.choice(listed).value
        return self.typed_value(schema, depth)

    def typed_value(self, schema: dict[str, Any], depth: int) -> Any:
        type_ = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
        if type_ != schema["type"] and self.some(0.3):
            return None
        if type_ == "object":
            return self.object_value(schema, depth)
        if type_ == "array":
            return self.array_value(schema, depth)
        numbers = NUMBERS + ([7.0] if self.is_31 else [])
        options = {"string": STRINGS, "integer": INTEGERS, "number": numbers, "boolean": [True, False]}
        return self.rng.choice(options[type_])

    def object_value(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        value = {
            name: self.value(inner, depth - 1)
            for name, inner in schema["properties"].items()
            if name in required or (depth > 0 and self.some(0.8))
        }
        if isinstance(schema.get("additionalProperties"), dict) and self.some():
            value["more"] = self.rng.choice(INTEGERS)
        return value

    def array_value(self, schema: dict[str, Any], depth: int) -> list[Any]:
        head = [self.some()] if "prefixItems" in schema else []
        return head + [
            self.value(schema["items"], depth - 1) for _ in range(self.rng.randint(0, 2) if depth > 0 else 0)
        ]


def unwrapped(node: Any) -> Any:
    if isinstance(node, Sample):
        return node.value
    if isinstance(node, dict):
        return {name: unwrapped(each) for name, each in node.items()}
    return [unwrapped(each) for each in node] if isinstance(node, list) else node


def stringified(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: stringified(each) for name, each in node.items()}
    if isinstance(node, list):
        return [stringified(each) for each in node]
    return json.dumps(node) if isinstance(node, (bool, int, float)) else node


def leaves(node: Any, place: tuple[Any, ...] = (), *, sample: bool = False) -> dict[tuple[Any, ...], tuple[Any, bool]]:
    if isinstance(node, Sample):
        return leaves(node.value, place, sample=True)
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if steps is None:
        return {place: (node, sample)}
    return {at: leaf for step, each in steps for at, leaf in leaves(each, (*place, step), sample=sample).items()}


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def made(rng: random.Random, *, is_31: bool) -> tuple[dict[str, Any], dict[tuple[Any, ...], tuple[Any, bool]]]:
    wrapped = Maker(rng, is_31=is_31).document()
    return unwrapped(wrapped), leaves(wrapped)


RANDOM = st.integers(0, 2**64 - 1).map(random.Random)


@pytest.mark.parametrize("is_31", [False, True])
def test_made_documents_are_valid_openapi(is_31: bool) -> None:
    for seed in range(12):
        document, _ = made(random.Random(seed), is_31=is_31)

        assert invalidities(document, is_31=is_31) == []


@LAW
@given(rng=RANDOM, is_31=st.booleans())
def test_every_keyword_comes_back_and_every_string_stays(rng: random.Random, is_31: bool) -> None:
    document, wanted = made(rng, is_31=is_31)

    repaired = leaves(repair(stringified(document)).data)

    assert repaired.keys() == wanted.keys()
    for place, (leaf, sample) in wanted.items():
        if not sample or isinstance(leaf, str):
            assert same(repaired[place][0], leaf), place


@LAW
@given(rng=RANDOM, is_31=st.booleans())
def test_a_sound_document_is_left_alone(rng: random.Random, is_31: bool) -> None:
    document, _ = made(rng, is_31=is_31)

    repaired = repair(document)

    assert (repaired.repairs, repaired.unrepaired, repaired.data) == ((), (), document)


@LAW
@given(rng=RANDOM, is_31=st.booleans())
def test_a_repaired_document_needs_no_second_repair(rng: random.Random, is_31: bool) -> None:
    document, _ = made(rng, is_31=is_31)
    once = repair(stringified(document)).data

    assert repair(once).repairs == ()


@pytest.mark.parametrize("is_31", [False, True])
def test_at_least_95_percent_of_sample_scalars_come_back(is_31: bool) -> None:
    scalars = back = 0
    for seed in range(80):
        document, wanted = made(random.Random(seed), is_31=is_31)
        repaired = leaves(repair(stringified(document)).data)
        samples = {
            place: leaf for place, (leaf, sample) in wanted.items() if sample and isinstance(leaf, (bool, int, float))
        }
        scalars += len(samples)
        back += sum(same(repaired[place][0], leaf) for place, leaf in samples.items())

    assert scalars > 1000
    assert back / scalars >= 0.95
