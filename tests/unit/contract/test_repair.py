"""The repair of the vendored page, and the places where a look at the string alone would go wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from jsonschema.exceptions import ValidationError
from openapi_spec_validator import validate

from rocketchat_contract.contract.vendored import ROOM, STEM, spec_folder
from rocketchat_contract.openapi.document import load_document
from rocketchat_contract.openapi.pointer import pointer_text, value_at
from rocketchat_contract.openapi.repair import Repaired, repair
from rocketchat_contract.openapi.validity import invalidities

OPERATION = ("paths", ROOM.path, "get")
EXAMPLE = (*OPERATION, "responses", "200", "content", "application/json", "examples", "Success Example", "value")


@pytest.fixture(scope="module")
def page() -> Any:
    return load_document(spec_folder() / f"{STEM}.md")


@pytest.fixture(scope="module")
def repaired(page: Any) -> Repaired:
    return repair(page.data)


def test_the_page_has_twenty_repairs(repaired: Repaired) -> None:
    keywords = [each for each in repaired.repairs if each.of_keyword]
    places = Counter(pointer_text(each.pointer).split("/examples/")[0].split("/")[-3] for each in repaired.repairs)

    assert (len(keywords), len(repaired.repairs), repaired.unrepaired) == (1, 20, ())
    assert places == {"parameters": 1, "200": 18, "400": 1}


def test_the_page_carries_three_types_as_strings(repaired: Repaired) -> None:
    types = Counter(type(each.new).__name__ for each in repaired.repairs)

    assert types == {"bool": 12, "float": 5, "int": 3}


def test_each_repair_keeps_what_it_stands_for(repaired: Repaired) -> None:
    example = value_at(repaired.data, EXAMPLE)

    assert value_at(repaired.data, (*OPERATION, "parameters", 0, "required")) is True
    assert (example["success"], example["newRoom"], example["room"]["msgs"]) == (True, False, 7)
    assert example["room"]["metrics"]["response"]["avg"] == 226.4365


def test_a_repair_knows_its_line_and_its_rule(page: Any, repaired: Repaired) -> None:
    by_line = {page.line(each.pointer): each for each in repaired.repairs}
    lines = page.page.text.split("\n")

    assert by_line[114].rule == "OpenAPI, Parameter Object: required is of type boolean"
    assert by_line[416].rule.endswith("/properties/room/properties/msgs: integer")
    for line, each in by_line.items():
        assert f'"{each.pointer[-1]}": "{each.old}"' in lines[line - 1]


def test_nothing_but_the_repairs_changes(page: Any, repaired: Repaired) -> None:
    changed = {each.pointer for each in repaired.repairs}

    assert {place for place, _ in _differences(page.data, repaired.data)} == changed


def test_the_raw_page_is_rejected_and_the_repaired_one_accepted(page: Any, repaired: Repaired) -> None:
    raw = invalidities(page.data, is_31=False)

    assert [(each.pointer, each.message) for each in raw or ()] == [
        ((*OPERATION, "parameters", 0, "required"), "'true' is not of type 'boolean'")
    ]
    assert invalidities(repaired.data, is_31=False) == []


def test_openapi_spec_validator_itself_agrees(page: Any, repaired: Repaired) -> None:
    with pytest.raises(ValidationError):
        validate(page.data)
    validate(repaired.data)


def _differences(one: Any, other: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, Any]]:
    if isinstance(one, (dict, list)):
        assert (type(one), len(one)) == (type(other), len(other))
        steps = one if isinstance(one, dict) else range(len(one))
        return [each for step in steps for each in _differences(one[step], other[step], (*place, step))]
    return [] if type(one) is type(other) and one == other else [(place, other)]


def value_repaired(
    schema: dict[str, Any], value: Any, *, version: str = "3.0.3", more: dict[str, Any] | None = None
) -> Any:
    """Repairs an example under a schema and gives what it became."""
    document = {
        "openapi": version,
        "components": {"schemas": more or {}, "parameters": {"p": {"schema": schema, "example": value}}},
    }
    return repair(document).data["components"]["parameters"]["p"]["example"]


def same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        ("integer", "7", 7),
        ("integer", "-0", 0),
        ("integer", "9" * 30, int("9" * 30)),
        ("integer", "7.0", "7.0"),
        ("integer", "1e5", "1e5"),
        ("integer", "1_000", "1_000"),
        ("integer", " 7", " 7"),
        ("integer", "7 ", "7 "),
        ("integer", "+7", "+7"),
        ("integer", "07", "07"),
        ("integer", "0x7", "0x7"),
        ("integer", "٧", "٧"),
        ("integer", "9" * 5000, "9" * 5000),
        ("integer", "", ""),
        ("number", "7", 7),
        ("number", "23.821", 23.821),
        ("number", "1e5", 100000.0),
        ("number", "1e999", "1e999"),
        ("number", "NaN", "NaN"),
        ("number", "Infinity", "Infinity"),
        ("number", ".5", ".5"),
        ("number", "5.", "5."),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("boolean", "True", "True"),
        ("boolean", "1", "1"),
        ("boolean", "yes", "yes"),
        ("string", "7", "7"),
        ("string", "true", "true"),
        ("array", "7", "7"),
        ("object", "true", "true"),
    ],
)
def test_a_string_is_read_as_json_writes_it(type_: str, text: str, expected: object) -> None:
    assert same(value_repaired({"type": type_}, text), expected)


@pytest.mark.parametrize(("text", "expected"), [("7.0", 7.0), ("1e5", 100000.0), ("7.5", "7.5")])
def test_a_whole_number_is_an_integer_from_31_on(text: str, expected: object) -> None:
    assert same(value_repaired({"type": "integer"}, text, version="3.1.0"), expected)


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({}, "7", "7"),
        ({"enum": [7, 8]}, "7", 7),
        ({"enum": ["7", 8]}, "7", "7"),
        ({"type": "integer", "nullable": True}, "7", 7),
        ({"type": "integer", "nullable": True}, None, None),
        ({"type": "array", "items": {"type": "integer"}}, ["7", "x", 8], [7, "x", 8]),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, {"a": "true"}, {"a": True}),
        ({"type": "object", "additionalProperties": True}, {"a": "true"}, {"a": "true"}),
        ({"properties": {"required": {"type": "boolean"}}}, {"required": "true"}, {"required": True}),
        ({"properties": {"required": {"type": "string"}}}, {"required": "true"}, {"required": "true"}),
        ({"allOf": [{"type": "integer"}, {"minimum": 1}]}, "7", 7),
        ({"allOf": [{"type": "integer"}, {"type": "string"}]}, "7", "7"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "7", "7"),
        ({"oneOf": [{"type": "boolean"}, {"type": "integer"}]}, "7", 7),
        ({"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]}, ["true"], ["true"]),
        ({"$ref": "#/components/schemas/Tree"}, {"n": "1", "kids": [{"n": "2"}]}, {"n": 1, "kids": [{"n": 2}]}),
    ],
)
def test_the_schema_decides_about_a_value(schema: dict[str, Any], value: Any, expected: Any) -> None:
    kids = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
    tree = {"Tree": {"type": "object", "properties": {"n": {"type": "integer"}, "kids": kids}}}

    assert _typed(value_repaired(schema, value, more=tree)) == _typed(expected)


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _typed(each) for name, each in value.items()}
    return [_typed(each) for each in value] if isinstance(value, list) else (type(value).__name__, value)


def kinds(n: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two objects, told apart by ``kind``, whose ``n`` differs."""
    one = {"required": ["kind"], "properties": {"kind": {"enum": ["a"]}, "n": n}}
    two = {"required": ["kind"], "properties": {"kind": {"enum": ["b"]}, "n": other}}
    return {"oneOf": [one, two]}


@pytest.mark.parametrize(("kind", "expected"), [("a", 7), ("b", "7")])
def test_the_alternative_that_fits_decides(kind: str, expected: object) -> None:
    schema = kinds({"type": "integer"}, {"type": "string"})

    assert value_repaired(schema, {"kind": kind, "n": "7"}) == {"kind": kind, "n": expected}


def test_a_string_of_any_fitting_alternative_stays() -> None:
    number = {"properties": {"n": {"type": "integer"}}}
    string = {"properties": {"n": {"type": "string"}, "k": {"type": "integer"}}}

    assert value_repaired({"oneOf": [number, string]}, {"n": "7", "k": "1"}) == {"n": "7", "k": 1}


def test_alternatives_none_of_which_fits_have_to_agree() -> None:
    schema = kinds({"type": "integer"}, {"type": "integer"})

    assert value_repaired(schema, {"kind": "c", "n": "7"}) == {"kind": "c", "n": 7}


@pytest.mark.parametrize(
    ("version", "schema", "expected"),
    [
        ("3.0.3", {"exclusiveMinimum": "true"}, {"exclusiveMinimum": True}),
        ("3.1.0", {"exclusiveMinimum": "5"}, {"exclusiveMinimum": 5}),
        ("3.1.0", {"exclusiveMinimum": "true"}, {"exclusiveMinimum": "true"}),
        ("3.0.3", {"additionalProperties": "false"}, {"additionalProperties": False}),
        ("3.1.0", {"items": "false"}, {"items": False}),
        ("3.0.3", {"items": "false"}, {"items": "false"}),
        ("3.0.3", {"type": "integer", "enum": ["1", "x"]}, {"type": "integer", "enum": [1, "x"]}),
        ("3.0.3", {"enum": ["1", "true"]}, {"enum": ["1", "true"]}),
        ("3.1.0", {"type": ["integer", "null"], "const": "1"}, {"type": ["integer", "null"], "const": 1}),
        ("3.1.0", {"type": "integer", "examples": ["1"]}, {"type": "integer", "examples": [1]}),
        ("3.0.3", {"type": "integer", "default": "1"}, {"type": "integer", "default": 1}),
        ("3.0.3", {"required": ["true", "7"]}, {"required": ["true", "7"]}),
        ("3.0.3", {"x-order": "7", "title": "7"}, {"x-order": "7", "title": "7"}),
        (
            "3.0.3",
            {"properties": {"minimum": {"minimum": "1"}, "default": {"default": "1"}}},
            {"properties": {"minimum": {"minimum": 1}, "default": {"default": "1"}}},
        ),
        (
            "3.0.3",
            {"discriminator": {"propertyName": "7", "mapping": {"true": "7"}}},
            {"discriminator": {"propertyName": "7", "mapping": {"true": "7"}}},
        ),
    ],
)
def test_the_specification_decides_about_a_keyword(
    version: str, schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    document = {"openapi": version, "components": {"schemas": {"S": schema}}}

    assert _typed(repair(document).data["components"]["schemas"]["S"]) == _typed(expected)


def test_a_string_that_is_no_boolean_is_reported() -> None:
    document = {"openapi": "3.0.3", "components": {"parameters": {"p": {"required": "yes"}}}}

    (left,) = repair(document).unrepaired

    assert (left.pointer[-1], left.old, left.expected) == ("required", "yes", "boolean")


def test_a_shared_example_follows_the_schema_that_uses_it() -> None:
    media = {"schema": {"type": "integer"}, "examples": {"a": {"$ref": "#/components/examples/E"}}}
    document = {
        "openapi": "3.0.3",
        "components": {"responses": {"R": {"content": {"a/b": media}}}, "examples": {"E": {"value": "7"}}},
    }

    assert repair(document).data["components"]["examples"]["E"]["value"] == 7


def test_a_shared_example_that_two_schemas_read_differently_stays() -> None:
    shared = {"a": {"$ref": "#/components/examples/E"}}
    parameters = {name: {"schema": {"type": name}, "examples": shared} for name in ("integer", "string")}
    document = {"openapi": "3.0.3", "components": {"parameters": parameters, "examples": {"E": {"value": "7"}}}}

    assert repair(document).data["components"]["examples"]["E"]["value"] == "7"


def test_a_schema_outside_the_components_is_repaired_where_it_is_used() -> None:
    schema = {"type": "integer", "minimum": "1"}
    document = {
        "openapi": "3.0.3",
        "definitions": {"D": schema},
        "components": {"schemas": {"S": {"$ref": "#/definitions/D"}}},
    }

    assert repair(document).data["definitions"]["D"]["minimum"] == 1


def test_the_document_given_stays_as_it_is() -> None:
    document = {"openapi": "3.0.3", "components": {"parameters": {"p": {"required": "true"}}}}

    repair(document)

    assert document["components"] == {"parameters": {"p": {"required": "true"}}}
