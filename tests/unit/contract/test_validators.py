"""Bodies against schemas: which schema speaks for a status, in which dialect, and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.dialect import is_date, is_date_time, is_uuid
from rocketchat_contract.openapi.mediatype import is_json
from rocketchat_contract.openapi.validators import BodySchemas, SchemaError


def bodies(schema: Any, *, version: str = "3.0.3", media: str = "application/json", more: Any = None) -> BodySchemas:
    """The schemas of an operation that answers 200 with one schema."""
    response = {"description": "d", "content": {media: {"schema": schema}}}
    return BodySchemas.of(
        {"openapi": version, "paths": {"/a": {"get": {"responses": {"200": response}}}}, "components": more or {}},
        "/a",
        "GET",
    )


def statuses(*names: str) -> BodySchemas:
    responses = {
        name: {"description": "d", "content": {"application/json": {"schema": {"enum": [name]}}}} for name in names
    }
    return BodySchemas.of({"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": responses}}}}, "/a", "get")


@pytest.mark.parametrize(
    ("status", "documented"),
    [(404, "404"), (400, "4XX"), (499, "4XX"), (200, "2xx"), (500, "default"), (301, "default")],
)
def test_the_nearest_documented_status_speaks(status: int, documented: str) -> None:
    schemas = statuses("404", "4XX", "2xx", "default")

    assert schemas.documented_as(status) == documented
    assert schemas.is_valid(status, documented)
    assert not schemas.is_valid(status, "other")


def test_an_undocumented_status_has_nothing_to_break() -> None:
    schemas = statuses("200")

    assert (schemas.documented_as(503), schemas.is_valid(503, "<html>"), schemas.errors(503, 7)) == (None, True, ())


@pytest.mark.parametrize(
    ("schema", "version", "body", "valid"),
    [
        ({"type": "integer"}, "3.0.3", 3, True),
        ({"type": "integer"}, "3.0.3", 3.0, False),
        ({"type": "integer"}, "3.1.0", 3.0, True),
        ({"type": "integer"}, "3.0.3", True, False),
        ({"type": "integer"}, "3.0.3", 10**30, True),
        ({"type": "number"}, "3.0.3", 3, True),
        ({"type": "string", "nullable": True}, "3.0.3", None, True),
        ({"type": "string", "nullable": False}, "3.0.3", None, False),
        ({"type": "string", "nullable": True}, "3.1.0", None, False),
        ({"type": ["string", "null"]}, "3.1.0", None, True),
        ({"type": "string", "nullable": True, "enum": ["a"]}, "3.0.3", None, False),
        ({"minimum": 3, "exclusiveMinimum": True}, "3.0.3", 3, False),
        ({"exclusiveMinimum": 3}, "3.1.0", 3, False),
        ({"properties": {"nullable": {"type": "string"}}}, "3.0.3", {"nullable": None}, False),
        ({"required": ["a"], "properties": {"a": {"writeOnly": True}}}, "3.0.3", {}, True),
        ({"required": ["a"], "properties": {"a": {"readOnly": True}}}, "3.0.3", {}, False),
        ({"type": "string", "format": "date-time"}, "3.0.3", "2021-07-09T20:12:19.795Z", True),
        ({"type": "string", "format": "date-time"}, "3.1.0", "2021-07-09", False),
        ({"type": "string", "format": "email"}, "3.0.3", "not an address", True),
        ({"type": "string", "format": "uuid"}, "3.0.3", "7", False),
    ],
)
def test_schemas_are_read_in_their_own_dialect(schema: Any, version: str, body: object, valid: bool) -> None:
    schemas = bodies(schema, version=version)

    assert schemas.is_valid(200, body) is valid
    assert (schemas.errors(200, body) == ()) is valid


def test_references_are_followed_through_components() -> None:
    tree = {"type": "object", "properties": {"kids": {"items": {"$ref": "#/components/schemas/Tree"}}}}
    schemas = bodies({"$ref": "#/components/schemas/Tree"}, more={"schemas": {"Tree": tree}})

    assert schemas.is_valid(200, {"kids": [{"kids": []}]})
    assert [error.pointer for error in schemas.errors(200, {"kids": [{"kids": [7]}]})] == ["/kids/0/kids/0"]


def test_a_shared_response_is_found() -> None:
    responses = {"R": {"description": "d", "content": {"application/json": {"schema": {"type": "string"}}}}}
    document = {
        "openapi": "3.0.3",
        "paths": {"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/R"}}}}},
        "components": {"responses": responses},
    }

    assert not BodySchemas.of(document, "/a", "get").is_valid(200, 7)


def test_a_circle_of_references_says_nothing() -> None:
    circle = {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}

    assert bodies({"$ref": "#/components/schemas/A"}, more={"schemas": circle}).errors(200, 7) == ()


def test_an_error_inside_a_circle_is_still_told() -> None:
    circle = {"A": {"type": "string", "allOf": [{"$ref": "#/components/schemas/A"}]}}

    (error,) = bodies({"$ref": "#/components/schemas/A"}, more={"schemas": circle}).errors(200, 7)

    assert "string" in error.actual


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_body_nested_without_end_is_judged(version: str) -> None:
    tree = {"Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}
    body: list[Any] = []
    for _ in range(5000):
        body = [body]

    assert len(bodies({"type": "object"}, version=version).errors(200, body)) == 1
    assert bodies({"$ref": "#/components/schemas/Tree"}, version=version, more={"schemas": tree}).is_valid(200, body)


def test_half_of_a_surrogate_pair_is_judged() -> None:
    assert bodies({"type": "string"}).is_valid(200, "\ud800")
    assert not bodies({"type": "integer"}).is_valid(200, "\ud800")


@pytest.mark.parametrize("schema", [{"type": "text"}, {"minimum": "a"}, {"pattern": "("}, {"$ref": "#/none"}])
def test_a_broken_schema_is_refused(schema: Any) -> None:
    with pytest.raises(UsageError, match="The schema at /paths/~1a/get/"):
        bodies(schema)


def test_a_missing_operation_is_refused() -> None:
    with pytest.raises(UsageError, match="no operation POST /a"):
        BodySchemas.of({"openapi": "3.0.3", "paths": {"/a": {}}}, "/a", "POST")


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        ({"type": "boolean"}, "false", SchemaError("", "type", "boolean", '"false"')),
        ({"required": ["a/b"]}, {}, SchemaError("/a~1b", "required", "a member", 'no "a/b" member')),
        ({"enum": ["l"]}, "c", SchemaError("", "enum", '"l"', '"c"')),
        ({"enum": [True, False]}, 0, SchemaError("", "enum", "true or false", "0")),
        ({"type": "string", "minLength": 1}, "", SchemaError("", "minLength", "a string that is not empty", '""')),
        ({"format": "date-time"}, "x", SchemaError("", "format", "a date-time", '"x"')),
        ({"maximum": 3}, 7, SchemaError("", "maximum", "maximum 3", "7")),
        (
            {"anyOf": [{"type": "boolean"}, {"type": "array"}]},
            "x",
            SchemaError("", "anyOf", "boolean or array", '"x"'),
        ),
        (
            {"additionalProperties": False},
            {"a": 1},
            SchemaError("", "additionalProperties", "no further member", '{"a": 1}'),
        ),
    ],
)
def test_an_error_says_what_is_expected_and_what_is_there(schema: Any, body: object, expected: SchemaError) -> None:
    assert bodies(schema).errors(200, body) == (expected,)


def test_long_values_are_shortened() -> None:
    (error,) = bodies({"type": "integer"}).errors(200, "x" * 1000)

    assert len(error.actual) == 80


def test_errors_come_in_order_and_end_at_the_limit() -> None:
    schemas = bodies({"additionalProperties": {"type": "integer"}})
    body = dict.fromkeys("hgfedcba", "x")

    assert [error.pointer for error in schemas.errors(200, body, limit=3)] == ["/a", "/b", "/c"]


@pytest.mark.parametrize(
    "media", ["application/json;charset=utf-8", "application/problem+json", "*/*", "application/*"]
)
def test_json_has_several_names(media: str) -> None:
    assert not bodies({"type": "integer"}, media=media).is_valid(200, "x")


def test_a_schema_of_something_else_is_not_used() -> None:
    assert bodies({"type": "integer"}, media="text/plain").is_valid(200, "x")
    assert not is_json("text/plain")


@pytest.mark.parametrize(
    "text",
    [
        "2021-07-09T20:12:19.795Z",
        "2021-07-09t20:12:19z",
        "2021-07-09T20:12:19+05:30",
        "2016-12-31T23:59:60Z",
        "2024-02-29T00:00:00Z",
    ],
)
def test_a_date_time_is_what_rfc_3339_says(text: str) -> None:
    assert is_date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021-07-09",
        "2021-07-09T20:12:19",
        "2021-07-09 20:12:19Z",
        "2021-07-09T24:00:00Z",
        "2021-07-09T20:60:00Z",
        "2021-13-09T20:12:19Z",
        "2023-02-29T00:00:00Z",
        "2021-07-09T20:12:19.Z",
        "2021-07-09T20:12:19+25:00",
        "2021-07-09T20:12:19Z\n",
        "２021-07-09T20:12:19Z",
        "1625861539795",
    ],
)
def test_anything_else_is_no_date_time(text: str) -> None:
    assert not is_date_time(text)


def test_formats_speak_of_strings_only() -> None:
    assert [check(7) for check in (is_date_time, is_date, is_uuid)] == [True, True, True]
    assert [is_date("2021-07-09"), is_date("20210709"), is_date("2021-02-30")] == [True, False, False]
    assert is_uuid("123e4567-e89b-12d3-a456-426614174000")
