"""A page or an overlay of a few kilobytes cannot ask for more than seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.contract.vendored import load_contract
from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.audit import audit
from rocketchat_contract.openapi.overlay import applied, load_overlay
from rocketchat_contract.openapi.page import Endpoint

SECONDS = 5.0
"""Of the processor, so that a busy machine fails nothing."""
ROOM = Endpoint("get", "/room")
Document = dict[str, Any]


def document(schema: Any, example: Any = None, **schemas: Any) -> Document:
    media = {"schema": schema, "example": {"a": "a" * 40 + "!"} if example is None else example}
    response = {"description": "x", "content": {"application/json": media}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {"/room": {"get": {"responses": {"200": response}}}},
        "components": {"schemas": schemas},
    }


def ladder(rung: Callable[[dict[str, str]], Any], end: Any = True) -> Document:
    """Forty schemas, each of which names the next one as often as its rung does."""
    schemas = {f"A{n}": rung({"$ref": f"#/components/schemas/A{n + 1}"}) for n in range(40)}
    deep: Any = "x"
    for _ in range(40):
        deep = {"a": deep}
    return document({"$ref": "#/components/schemas/A0"}, deep, **schemas, A40=end)


def many(number: int) -> dict[str, Document]:
    response = {"200": {"description": "x"}}
    paths = {f"/p{n}": {"get": {"responses": response}} for n in range(number)}
    properties = {f"p{n}": {"type": "string"} for n in range(number)}
    return {
        "values of an enumeration": document({"enum": [f"v{n}" for n in range(number)]}),
        "paths": {**document({}), "paths": paths},
        "properties": document({"properties": properties}),
        "alternatives": document({"anyOf": [{"type": "boolean"}] * number}),
        "schemas": document({}, **properties),
        "numbers in an example": document({"items": {"type": "boolean"}}, ["true"] * number),
    }


LADDERS = {
    "all of": ladder(lambda step: {"allOf": [step, step]}),
    "any of": ladder(lambda step: {"anyOf": [step, step]}, {"type": "boolean"}),
    "one of": ladder(lambda step: {"oneOf": [step, step]}),
    "not": ladder(lambda step: {"not": step, "allOf": [step]}),
    "if and then": ladder(lambda step: {"if": step, "then": step, "else": step}),
    "properties": ladder(lambda step: {"properties": {"a": {"allOf": [step, step]}}}),
    "pattern properties": ladder(lambda step: {"patternProperties": {"a": step, "^a": step}}),
    "items": ladder(lambda step: {"items": step, "prefixItems": [step]}),
    "mixed": ladder(lambda step: {"anyOf": [step, {"allOf": [step]}]}),
}


@pytest.mark.parametrize("content", [*LADDERS.values(), *many(60_000).values()], ids=[*LADDERS, *many(1)])
def test_a_document_that_costs_too_much_is_refused_soon(content: Document, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    begin = time.process_time()

    with pytest.raises(UsageError, match=r"page\.json"):
        audit(path)

    assert time.process_time() - begin < SECONDS


def test_a_chain_of_references_is_refused_soon(tmp_path: Path) -> None:
    schemas = {f"A{n}": {"properties": {"a": {"$ref": f"#/components/schemas/A{n + 1}"}}} for n in range(3_000)}
    path = tmp_path / "page.json"
    path.write_text(json.dumps(document({"$ref": "#/components/schemas/A0"}, **schemas, A3000={})), encoding="utf-8")
    begin = time.process_time()

    for operation in (None, ROOM):
        with pytest.raises(UsageError):
            audit(path, operation)

    assert time.process_time() - begin < SECONDS


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}},
        {"properties": {"a": {"type": "string", "pattern": "^(a+)+$", "default": "a" * 40 + "!"}}},
        {"patternProperties": {"^(a+)+$": {"type": "string"}}},
        {"default": {"a" * 40 + "!": 1}, "patternProperties": {"^(a+)+$": {"type": "string"}}},
    ],
)
def test_a_pattern_cannot_hang(schema: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps(document(schema, {"a" * 40 + "!": "x", "a": "a" * 40 + "!"})), encoding="utf-8")
    begin = time.process_time()

    audit(path)

    assert time.process_time() - begin < SECONDS


def overlay(folder: Path, *actions: dict[str, Any]) -> Path:
    path = folder / "house.json"
    content = {"overlay": "1.0.0", "info": {"title": "x", "version": "1"}, "actions": list(actions)}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "target",
    [
        "$" + "..*" * 12,
        "$" + "..*" * 4,
        "$..[?$..[?$..[?$..a]]]",
        "$..[?$..[?$..a == 'x']]",
        "$..[?count($..*) > count($..a)]",
        "$" + "[*, *]" * 40,
        "$" + "..[?@..*]" * 9,
    ],
)
def test_a_target_that_costs_too_much_is_refused_soon(target: str, tmp_path: Path) -> None:
    house, data = load_overlay(overlay(tmp_path, {"target": target, "update": {"x": 1}})), load_contract().full
    begin = time.process_time()

    with pytest.raises(UsageError, match=r"house\.json:1: the target"):
        applied(data, house)

    assert time.process_time() - begin < SECONDS


def test_an_overlay_cannot_let_a_contract_grow_without_end(tmp_path: Path) -> None:
    grow = {"target": "$..[?@.x || @.type]", "update": {"x": {"x": {}, "y": {"x": {}}}}}

    with pytest.raises(UsageError, match=r"house\.json"):
        applied(load_contract().full, load_overlay(overlay(tmp_path, *[grow] * 60)))


@pytest.mark.parametrize("call", ["match(@, '(a+)+b')", "search(@, '^(a+)+$')"])
def test_a_pattern_in_a_target_cannot_hang(call: str, tmp_path: Path) -> None:
    house = load_overlay(overlay(tmp_path, {"target": f"$.x[?{call}]", "update": {}}))
    begin = time.process_time()

    with pytest.raises(UsageError, match="selects nothing"):
        applied({"x": ["a" * 60 + "!"]}, house)

    assert time.process_time() - begin < SECONDS


def test_a_pattern_in_a_target_selects(tmp_path: Path) -> None:
    house = load_overlay(overlay(tmp_path, {"target": "$.x[?match(@.n, 'a+')]", "update": {"found": True}}))

    found = applied({"x": [{"n": "aa"}, {"n": "baa"}]}, house)

    assert found == {"x": [{"n": "aa", "found": True}, {"n": "baa"}]}
