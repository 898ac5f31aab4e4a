from __future__ import annotations

import json
import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.judge.strictjson import MAX_DEPTH, Parsed, parse_strict

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_json_is_read(value: object) -> None:
    assert parse_strict(json.dumps(value)) == Parsed(value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("NaN", "NaN is not a JSON number"),
        ("[Infinity]", "Infinity is not a JSON number"),
        ('{"a":-Infinity}', "-Infinity is not a JSON number"),
        ("", "Expecting value at character 1"),
        ("  ", "Expecting value at character 3"),
        ('{"a":1', "Expecting ',' delimiter at character 7"),
        ("{} x", "Extra data at character 4"),
        ("{'a':1}", "Expecting property name enclosed in double quotes at character 2"),
        ("[1,]", "Expecting value at character 4"),
        ('"a\nb"', "Invalid control character at at character 3"),
        ("01", "Extra data at character 2"),
        ("\ufeff{}", "Unexpected UTF-8 BOM (decode using utf-8-sig) at character 1"),
    ],
)
def test_what_is_no_json_is_told(text: str, problem: str) -> None:
    found = parse_strict(text)

    assert re.sub(r" \(decode.*\)", " (decode using utf-8-sig)", found.problem) == problem
    assert found.value is None


@pytest.mark.parametrize(
    ("text", "twice", "value"),
    [
        ('{"a":1,"a":2}', "a", {"a": 2}),
        ('{"x":{"c":2,"b":1,"b":3}}', "b", {"x": {"c": 2, "b": 3}}),
        ('[{"a":1},{"a":1}]', "", [{"a": 1}, {"a": 1}]),
        ('{"a":{"b":1,"b":2},"c":1,"c":2}', "b", {"a": {"b": 2}, "c": 2}),
    ],
)
def test_the_first_name_that_comes_twice_is_told(text: str, twice: str, value: object) -> None:
    assert parse_strict(text) == Parsed(value, twice=twice)


def test_many_names_twice_are_read_in_no_time() -> None:
    assert parse_strict("{" + ",".join(f'"{n % 50_000}":1' for n in range(100_000)) + "}").twice == "0"


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_has_a_limit(depth: int, opening: str, closing: str) -> None:
    found = parse_strict(opening * depth + "1" + closing * depth)

    assert found.problem == ("" if depth == MAX_DEPTH else f"nested deeper than {MAX_DEPTH} levels")


def test_what_stands_beside_does_not_add_to_the_nesting() -> None:
    deepest = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)

    assert parse_strict(f"[{{}},{deepest}]").problem == ""
    assert parse_strict(f"[{{}},[{deepest}]]").problem == f"nested deeper than {MAX_DEPTH} levels"


@pytest.mark.parametrize("rest", ['\\"' * 200_000, "\\" * 300_001], ids=["escaped quotes", "backslashes"])
def test_a_string_without_an_end_costs_little(rest: str) -> None:
    started = time.process_time()

    assert parse_strict("[" * (MAX_DEPTH + 1) + '"' + rest).value is None
    assert time.process_time() - started < 5


def test_brackets_in_texts_are_no_nesting() -> None:
    text = json.dumps(['"' + "[{" * 400, "\\", ["}" * 9]])

    assert parse_strict(text).value == json.loads(text)


def test_many_shallow_values_are_no_nesting() -> None:
    assert parse_strict("[" + "[],{}," * 400 + "[]]").problem == ""


def test_a_number_of_any_length_is_a_number() -> None:
    assert parse_strict("[" + "9" * 4300 + "]").value == [int("9" * 4300)]
    assert parse_strict("[" + "9" * 5000 + "]") == Parsed([math.inf])
    assert parse_strict("[1e999]").value == [math.inf]


def test_half_of_a_surrogate_pair_is_json() -> None:
    assert parse_strict('"\\ud800"').value == "\ud800"
