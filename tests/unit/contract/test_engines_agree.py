"""The fast engine and the reference give the same answer, on right bodies and on bodies broken in every way."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.contract.vendored import ROOM, Contract, load_contract
from rocketchat_contract.openapi.validators import BodySchemas

VALUES = [
    None, True, False, 0, -1, 3.0, 2.5, 1e300, 10**30, "", "l", "true", "7", "2021-07-09T20:12:19.795Z",
    "2021-02-30T00:00:00Z", [], {}, [[]], [{"type": "x", "value": 7}], {"a": None}, "\ud83d\ude00", "\x00",
]  # fmt: skip
EXAMPLES = 4000


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="module")
def rights(contract: Contract) -> list[tuple[int, Any]]:
    content = contract.published["paths"][ROOM.path]["get"]["responses"]["200"]["content"]["application/json"]
    room = content["examples"]["Success Example"]["value"]
    md = [{"type": "PARAGRAPH", "value": [{"type": "LINK", "value": {"src": {}, "label": []}}]}, {"value": "x"}]
    more = copy.deepcopy(room)
    more["room"]["lastMessage"]["md"] = md
    more["room"]["v"]["activity"] = None
    return [
        (200, room),
        (200, more),
        (400, {"success": False, "error": "invalid-token"}),
        (429, {"success": False, "error": "x"}),
    ]


def agree(bodies: BodySchemas, status: int, body: Any) -> bool:
    """Gives the answer both engines share."""
    schema = bodies._schemas.get(bodies.documented_as(status) or "")
    if schema is None:
        return True
    fast, reference = schema.is_valid(body), next(schema.reference.iter_errors(body), None) is None
    assert fast is reference, body
    return fast


def broken(rng: random.Random, body: Any) -> Any:
    """Changes up to three places of a body: another value, a member less, a member more, a member renamed."""
    body = copy.deepcopy(body)
    for _ in range(rng.randint(1, 3)):
        node, step = rng.choice(list(steps(body)) or [(body, "new")])
        kind = rng.randrange(4)
        if kind == 0 or isinstance(node, list):
            node[step] = copy.deepcopy(rng.choice(VALUES))
        elif kind == 1:
            node.pop(step, None)
        elif kind == 2:
            node[f"{step}2"] = copy.deepcopy(rng.choice(VALUES))
        else:
            node[f"{step}_"] = node.pop(step, None)
    return body


def steps(node: Any) -> Iterator[tuple[Any, Any]]:
    for step, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield node, step
        yield from steps(inner)


def test_engines_agree_on_thousands_of_bodies(contract: Contract, rights: list[tuple[int, Any]]) -> None:
    rng = random.Random(1)
    answers: dict[bool, int] = {True: 0, False: 0}

    for index in range(EXAMPLES):
        status, right = rights[index % len(rights)]
        body = right if index < len(rights) else broken(rng, right)
        for bodies in (contract.published_bodies, contract.full_bodies):
            answers[agree(bodies, status, body)] += 1

    assert min(answers.values()) > EXAMPLES // 10


JSON = st.recursive(
    st.sampled_from(VALUES) | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["room", "success", "error", "v", "_id", "t", "open", "ts", "md"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(status=st.sampled_from([200, 400, 429]), body=JSON)
def test_engines_agree_on_any_json(status: int, body: Any) -> None:
    agree(FULL, status, body)


SCHEMAS: list[tuple[str, dict[str, Any]]] = [
    ("3.0.3", {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True}),
    ("3.0.3", {"oneOf": [{"type": "number"}, {"type": "string", "format": "date-time", "nullable": True}]}),
    ("3.0.3", {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2}),
    ("3.0.3", {"type": "array", "items": {"enum": [0, "7", None, False]}, "uniqueItems": True}),
    ("3.0.3", {"not": {"type": "number"}, "maxLength": 2}),
    ("3.1.0", {"type": ["integer", "null"], "exclusiveMinimum": 0}),
    ("3.1.0", {"prefixItems": [{"const": 0}], "items": False, "contains": {"type": "integer"}}),
    ("3.1.0", {"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": ["number", "object"]}}),
]


def _one(version: str, schema: dict[str, Any]) -> BodySchemas:
    response = {"description": "d", "content": {"application/json": {"schema": schema}}}
    return BodySchemas.of({"openapi": version, "paths": {"/a": {"get": {"responses": {"200": response}}}}}, "/a", "get")


FULL = load_contract().full_bodies
DIALECTS = [_one(version, schema) for version, schema in SCHEMAS]


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(bodies=st.sampled_from(DIALECTS), body=JSON)
def test_engines_agree_in_each_dialect(bodies: BodySchemas, body: Any) -> None:
    agree(bodies, 200, body)
