"""What an audit tells beside the repairs: rules over any document, and where things stand in any kind of file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rocketchat_contract.contract.vendored import STEM, spec_folder
from rocketchat_contract.openapi.audit import Audit, audit
from rocketchat_contract.openapi.findings import FINDING_KINDS
from rocketchat_contract.openapi.page import Endpoint
from rocketchat_contract.openapi.pointer import pointer_text

Write = Callable[[str, object], Path]


def codes(found: Audit) -> list[str]:
    return [each.kind.code for each in found.others]


def test_the_page_has_four_findings_that_no_repair_mends() -> None:
    found = audit(spec_folder() / f"{STEM}.md")

    assert [(each.line, each.kind.code, each.message) for each in found.others] == [
        (12, "no-security-schemes", "The document has no securitySchemes and no security."),
        (
            118,
            "parameter-example-differs",
            'The example of token is "iNKE8a6k6cjbqWhWd"; the example answer has "8s7e9ony6ctl27e1qf8kue".',
        ),
        (
            139,
            "no-member-is-required",
            "No response member is required at GET /api/v1/livechat/room: {} is a valid 200 and 400.",
        ),
        (139, "single-refusal", "Refusals documented at GET /api/v1/livechat/room: only 400, with one example."),
    ]


def described(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": "d", "content": {"application/json": {"schema": schema, **more}}}


@pytest.fixture
def sound(smallest: dict[str, Any]) -> dict[str, Any]:
    """A document that no rule has anything against."""
    demanding = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    smallest["components"] = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k"}}}
    smallest["paths"]["/a"]["get"] = {
        "parameters": [{"name": "id", "in": "query", "schema": {"type": "string"}, "example": "x"}],
        "responses": {
            "200": described(demanding, example={"id": "x"}),
            "400": described(demanding),
            "404": described(demanding),
        },
    }
    return smallest


def test_a_sound_document_has_no_finding(write: Write, sound: dict[str, Any]) -> None:
    assert audit(write("a.json", sound)).findings == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda doc, get: doc.pop("components"), "no-security-schemes"),
        (lambda doc, get: get["responses"].pop("404"), "single-refusal"),
        (lambda doc, get: [get["responses"].pop(status) for status in ("400", "404")], "single-refusal"),
        (lambda doc, get: get["responses"].update({"400": described({"type": "object"})}), "no-member-is-required"),
        (lambda doc, get: get["responses"].update({"400": described({})}), "no-member-is-required"),
        (lambda doc, get: get["parameters"][0].update(example="y"), "parameter-example-differs"),
        (
            lambda doc, get: get["responses"]["400"]["content"]["application/json"].update(example={}),
            "example-breaks-its-schema",
        ),
        (lambda doc, get: get["parameters"][0].update(deprecated="no"), "string-is-not-readable"),
        (lambda doc, get: doc["info"].pop("title"), "document-is-invalid"),
    ],
)
def test_each_rule_has_a_document_that_breaks_it(write: Write, sound: dict[str, Any], change: Any, code: str) -> None:
    change(sound, sound["paths"]["/a"]["get"])

    assert code in codes(audit(write("a.json", sound)))


def test_a_required_member_may_come_from_a_reference(write: Write, sound: dict[str, Any]) -> None:
    sound["components"]["schemas"] = {"Base": {"type": "object", "required": ["id"]}}
    sound["paths"]["/a"]["get"]["responses"]["400"] = described({"allOf": [{"$ref": "#/components/schemas/Base"}]})

    assert codes(audit(write("a.json", sound))) == []


def test_a_read_only_member_is_not_missed_in_an_example(write: Write, sound: dict[str, Any]) -> None:
    schema = {"required": ["id"], "properties": {"id": {"type": "string", "readOnly": True}}}
    body = {"content": {"application/json": {"schema": schema, "example": {}}}}
    sound["paths"]["/a"]["get"]["requestBody"] = body

    assert codes(audit(write("a.json", sound))) == []


def test_a_text_that_is_not_json_is_no_broken_example(write: Write, sound: dict[str, Any]) -> None:
    xml = {"schema": {"type": "object"}, "example": "<a/>"}
    sound["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/xml"] = xml

    assert codes(audit(write("a.json", sound))) == []


def test_yaml_findings_know_their_lines(write: Write) -> None:
    text = """\
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /a:
    parameters:
      - name: q
        in: query
        required: "true"   # line 8
        schema: {type: integer}
        example: "7"
"""

    found = audit(write("a.yaml", text))

    assert [(each.line, pointer_text(each.pointer), each.new) for each in found.repairs] == [
        (8, "/paths/~1a/parameters/0/required", True),
        (10, "/paths/~1a/parameters/0/example", 7),
    ]


def test_yaml_is_read_as_openapi_has_it(write: Write, smallest: dict[str, Any]) -> None:
    smallest["x-values"] = "replace"
    text = yaml.safe_dump(smallest).replace("'200'", "200")
    text = text.replace("x-values: replace", "x-values: [2021-07-09, no, 0o17, 1:30, ~, 1.5, 7, 'true', !!str 7]")

    data = audit(write("a.yml", text)).document.data

    assert data["x-values"] == ["2021-07-09", "no", "0o17", "1:30", None, 1.5, 7, "true", "7"]
    assert list(data["paths"]["/a"]["get"]["responses"]) == ["200"]


def test_yaml_aliases_and_merges_are_followed(write: Write) -> None:
    text = """\
openapi: 3.0.0
info: &info {title: t, version: "1"}
paths: {}
x-copy: {<<: *info, title: other}
x-same: *info
"""

    data = audit(write("a.yaml", text)).document.data

    assert data["x-copy"] == {"title": "other", "version": "1"}
    assert data["x-same"] == {"title": "t", "version": "1"}


def test_a_page_may_hold_yaml_and_windows_line_ends(write: Write) -> None:
    page = "# T\r\n\r\n```yaml\r\nopenapi: 3.0.0\r\ninfo: {title: t, version: '1'}\r\npaths: {}\r\n```\r\n"

    assert audit(write("a.md", page.encode())).document.block_line == 4


def test_a_byte_order_mark_is_no_hindrance(write: Write, smallest: dict[str, Any]) -> None:
    path = write("a.json", b"\xef\xbb\xbf" + json.dumps(smallest).encode())

    assert audit(path).operations == (Endpoint("get", "/a"),)


@pytest.fixture
def pair(sound: dict[str, Any]) -> dict[str, Any]:
    """Two operations, each with a component of its own."""
    operation = sound["paths"]["/a"]["get"]
    sound["components"]["schemas"] = {
        "Mine": {"$ref": "#/components/schemas/Deep"},
        "Deep": {"type": "object", "required": ["id"], "minProperties": "1"},
        "Other": {"type": "object", "minProperties": "1"},
    }
    responses = {"responses": {"200": described({"$ref": "#/components/schemas/Other"})}}
    sound["paths"]["/a"] = {"get": operation, "post": responses}
    operation["responses"]["200"] = described({"$ref": "#/components/schemas/Mine"})
    return sound


def test_an_operation_narrows_the_document_to_what_it_reaches(write: Write, pair: dict[str, Any]) -> None:
    found = audit(write("a.json", pair), Endpoint("get", "/a"))

    assert [pointer_text(each.pointer) for each in found.repairs] == ["/components/schemas/Deep/minProperties"]
    assert list(found.repaired["components"]["schemas"]) == ["Mine", "Deep"]
    assert list(found.repaired["paths"]["/a"]) == ["get"]
    assert "securitySchemes" in found.repaired["components"]


def test_a_narrowed_document_keeps_the_paths_it_refers_to(write: Write, pair: dict[str, Any]) -> None:
    target = "#/paths/~1a/post/responses/200"
    pair["paths"]["/b"] = {"get": {"responses": {"200": {"$ref": target}}}}

    found = audit(write("a.json", pair), Endpoint("get", "/b"))

    assert found.has_errors
    assert set(found.repaired["paths"]) == {"/a", "/b"}


def test_one_block_of_several_is_chosen_by_operation(write: Write, smallest: dict[str, Any]) -> None:
    text = json.dumps(smallest)
    other = text.replace('"/a"', '"/b"')
    page = f"````json GET /a\n{text}\n````\n\n````json GET /b\n{other}\n````\n"

    assert audit(write("a.md", page), Endpoint("get", "/b")).operations == (Endpoint("get", "/b"),)


def test_kinds_of_findings_have_their_own_codes() -> None:
    assert len({kind.code for kind in FINDING_KINDS}) == len(FINDING_KINDS)
