"""OpenAPI Overlay 1.0: what actions do, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.overlay import applied, load_overlay

Write = Callable[[str, object], Path]
DOCUMENT = {"paths": {"/a": {"get": {"tags": ["x"], "n": {"type": "string"}}}, "/b": {"get": {"tags": []}}}}
A = "$.paths['/a'].get"


def overlaid(write: Write, *actions: dict[str, Any]) -> Any:
    overlay = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": list(actions)}
    return applied(DOCUMENT, load_overlay(write("o.json", overlay)))["paths"]


def test_an_update_is_merged_member_by_member(write: Write) -> None:
    paths = overlaid(write, {"target": A, "update": {"n": {"minLength": 1}, "new": True}})

    assert paths["/a"]["get"]["n"] == {"type": "string", "minLength": 1}
    assert paths["/a"]["get"]["new"] is True


def test_an_update_replaces_a_scalar_and_lengthens_a_list(write: Write) -> None:
    paths = overlaid(write, {"target": A, "update": {"n": {"type": "number"}, "tags": ["y"]}})

    assert (paths["/a"]["get"]["n"], paths["/a"]["get"]["tags"]) == ({"type": "number"}, ["x", "y"])


def test_an_update_of_a_list_is_appended(write: Write) -> None:
    assert overlaid(write, {"target": f"{A}.tags", "update": {"a": 1}})["/a"]["get"]["tags"] == ["x", {"a": 1}]


def test_a_removal_takes_every_selected_node(write: Write) -> None:
    paths = overlaid(write, {"target": "$.paths.*.get.tags", "remove": True})

    assert ["tags" in paths[path]["get"] for path in ("/a", "/b")] == [False, False]


def test_a_removal_and_an_update_replace_together(write: Write) -> None:
    paths = overlaid(
        write, {"target": f"{A}.n", "remove": True}, {"target": A, "update": {"n": {"anyOf": [{"type": "string"}]}}}
    )

    assert paths["/a"]["get"]["n"] == {"anyOf": [{"type": "string"}]}


def test_a_filter_selects_by_content(write: Write) -> None:
    assert overlaid(write, {"target": "$..[?@.type=='string']", "update": {"x": 1}})["/a"]["get"]["n"]["x"] == 1


def test_the_document_given_stays_as_it_is(write: Write) -> None:
    overlaid(write, {"target": A, "update": {"tags": ["y"]}})

    assert DOCUMENT["paths"]["/a"]["get"]["tags"] == ["x"]


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"target": "$.paths['/c']", "update": {}}, "selects nothing"),
        ({"target": "$.paths[", "update": {}}, "is no JSONPath"),
        ({"target": "paths", "update": {}}, "no target that begins with $"),
        ({"update": {}}, "no target that begins with $"),
        ({"target": A, "updates": {}}, "no member 'updates'"),
        ({"target": A, "remove": "yes"}, "remove is neither"),
        ({"target": "$", "remove": True}, "removes the whole document"),
        ({"target": A, "update": [1]}, "are not both objects"),
        ({"target": f"{A}.n.type", "update": {}}, "are not both objects"),
        ("text", "no target that begins with $"),
    ],
)
def test_a_wrong_action_is_refused_with_its_line(write: Write, action: Any, problem: str) -> None:
    with pytest.raises(UsageError, match=r"^o\.json:\d+: .*") as caught:
        overlaid(write, {"target": "$", "update": {}}, action)

    assert problem in caught.value.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("openapi: 3.0.0\n", "is not an OpenAPI Overlay 1.0 document"),
        ("overlay: 1.1.0\n", "is not an OpenAPI Overlay 1.0 document"),
        ("[]\n", "is not an OpenAPI Overlay 1.0 document"),
        ("overlay: 1.0.0\ninfo: {title: t, version: '1'}\n", "has no actions"),
        ("overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: []\n", "has no actions"),
        ("overlay: 1.0.0\nactions: [{target: $}]\n", "has no info"),
        ("overlay: [\n", "the YAML is broken"),
    ],
)
def test_what_is_no_overlay_is_refused(write: Write, text: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_overlay(write("o.yaml", text))

    assert problem in caught.value.problem
