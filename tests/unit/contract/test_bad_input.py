"""Whatever is not a readable contract ends with exit code 2, one sentence, one next step, and nothing written."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGE = "# T\n\n````json GET /a\n{body}\n````\n"
MEBIBYTE = 1024 * 1024
NONSENSE = random.Random(0).randbytes(4 * MEBIBYTE).hex()

BAD: dict[str, tuple[str, str | bytes, str]] = {
    "empty": ("a.md", "", "is empty"),
    "blank": ("a.md", " \n\n", "is empty"),
    "no fence": ("a.md", "# Title\n\nText.\n", "holds no OpenAPI document"),
    "a fence of something else": ("a.md", "```json\n{}\n```\n", "holds no OpenAPI document"),
    "an open fence": ("a.md", '````json GET /a\n{"openapi": "3.0.0"}\n', "a.md:1: the fenced block that begins here"),
    "broken JSON in a page": ("a.md", PAGE.replace("{body}", '{"openapi": "3.0.0",\n "x": tru}'), "a.md:5:7: the JSON"),
    "broken JSON in a file": ("a.json", '{"openapi": "3.0.0",\n}', "a.json:2:1: the JSON is broken"),
    "NaN": ("a.json", '{"openapi": "3.0.0",\n "x": NaN}', "a.json:2:7: the JSON is broken: NaN"),
    "a number without end": ("a.json", '{"openapi": "3.0.0", "x": ' + "9" * 5000 + "}", "a number of 5000 digits"),
    "a number beyond measure": ("a.json", '{"openapi": "3.0.0", "x": 1e999}', "a number too large"),
    "broken YAML": ("a.yaml", "openapi: 3.0.0\ninfo: [", "a.yaml:3:1: the YAML is broken"),
    "two YAML documents": ("a.yaml", "openapi: 3.0.0\n---\nopenapi: 3.0.0\n", "a.yaml:2: a second YAML document"),
    "an odd YAML tag": ("a.yaml", "openapi: !py 3.0.0\n", "a.yaml:1: the tag !py"),
    "an odd YAML key": ("a.yaml", "openapi: 3.0.0\n? [a]\n: 1\n", "a.yaml:2: a member's name is not a string"),
    "a member twice in JSON": ("a.json", '{"openapi": "3.0.0",\n "x": {"b": 1,\n "b": 2}}', "a.json:3: /x names"),
    "a member twice in YAML": ("a.yaml", "openapi: 3.0.0\nx: 1\nx: 2\n", "a.yaml:3: the document names the member 'x'"),
    "Swagger": ("a.json", '{"swagger": "2.0", "paths": {}}', "Swagger 2.0"),
    "Swagger in a page": ("a.md", PAGE.replace("{body}", '{"swagger": "2.0"}'), "Swagger 2.0"),
    "not OpenAPI": ("a.json", '{"name": "package"}', "is not an OpenAPI document"),
    "not an object": ("a.json", '["openapi"]', "is not an OpenAPI document"),
    "OpenAPI inside": ("a.yaml", "x:\n  openapi: 3.0.0\n", "is not an OpenAPI document"),
    "another version": ("a.json", '{"openapi": "3.2.0", "paths": {}}', "openapi='3.2.0'"),
    "not UTF-8": ("a.md", b"caf\xe9", "byte 3"),
    "UTF-16": ("a.json", '{"openapi": "3.0.0"}'.encode("utf-16"), "not UTF-8"),
    "half of a pair": ("a.json", '{"openapi": "3.0.0", "x": "\\ud800"}', "half of a surrogate pair"),
    "deep JSON": ("a.json", '{"openapi":' + "[" * 200 + "]" * 200 + "}", "deeper than 64 levels"),
    "very deep JSON": ("a.json", '{"openapi":' + "[" * MEBIBYTE, "deeper than 64 levels"),
    "deep YAML": ("a.yaml", "openapi: " + "[" * MEBIBYTE, "deeper than 64 levels"),
    "an alias before its anchor": ("a.yaml", "openapi: 3.0.0\nx: *a\n", "a.yaml:2: the alias *a"),
    "an alias inside itself": ("a.yaml", "openapi: 3.0.0\nx: &a [*a]\n", "the alias *a has no finished anchor"),
    "nonsense": ("a.md", NONSENSE, "holds no OpenAPI document"),
    "nonsense as JSON": ("a.json", NONSENSE, "is not an OpenAPI document"),
    "nonsense as YAML": ("a.yaml", NONSENSE, "is not an OpenAPI document"),
}


@pytest.mark.parametrize(("name", "content", "problem"), BAD.values(), ids=BAD.keys())
def test_bad_content_is_refused_in_one_line(
    write: Callable[[str, object], Path], run_spec: Any, name: str, content: str | bytes, problem: str
) -> None:
    outcome = run_spec("audit", write(name, content))

    assert (outcome.code, outcome.out) == (2, "")
    assert problem in outcome.problem
    assert "\n" not in outcome.problem
    assert len(outcome.problem) < 400


def test_a_missing_file_is_named(run_spec: Any, tmp_path: Path) -> None:
    outcome = run_spec("audit", tmp_path / "none.md")

    assert (outcome.code, "There is no file" in outcome.problem) == (2, True)


def test_a_folder_is_no_page(run_spec: Any, tmp_path: Path) -> None:
    outcome = run_spec("audit", tmp_path)

    assert (outcome.code, "is a folder" in outcome.problem) == (2, True)


def test_a_device_is_no_page(run_spec: Any) -> None:
    outcome = run_spec("audit", "/dev/zero")

    assert (outcome.code, "is not a regular file" in outcome.problem) == (2, True)


def test_an_unreadable_file_says_why(write: Any, run_spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a.md", "text")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    outcome = run_spec("audit", path)

    assert (outcome.code, "cannot be read: Permission denied" in outcome.problem) == (2, True)


def test_fifty_megabytes_are_refused_at_once(run_spec: Any, tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    with path.open("wb") as file:
        file.truncate(50 * MEBIBYTE)
    began = time.process_time()

    outcome = run_spec("audit", path)

    assert (outcome.code, "is larger than 16 MiB" in outcome.problem) == (2, True)
    assert time.process_time() - began < 2


def test_aliases_that_multiply_are_refused(write: Any, run_spec: Any) -> None:
    bomb = "openapi: 3.0.0\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(
        f"{this}: &{this} [{', '.join(['*' + last] * 10)}]\n" for last, this in zip("abcdefgh", "bcdefghi", strict=True)
    )

    outcome = run_spec("audit", write("a.yaml", bomb))

    assert (outcome.code, "aliases stand for more than" in outcome.problem) == (2, True)


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("#/components/schemas/None", "which is not in the document"),
        ("#name", "which is not in the document"),
        ("http://127.0.0.1:1/a.json#/A", "nothing is ever fetched"),
        ("other.yaml#/A", "nothing is ever fetched"),
        ("file:///etc/passwd", "nothing is ever fetched"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_with_its_line(
    write: Any, run_spec: Any, smallest: dict[str, Any], reference: str, problem: str
) -> None:
    smallest["components"] = {"schemas": {"A": {"$ref": reference}}}

    outcome = run_spec("audit", write("a.json", smallest))

    assert outcome.code == 2
    assert problem in outcome.problem
    assert "a.json:21: the $ref at /components/schemas/A/$ref points" in outcome.problem


def test_references_in_examples_are_values(write: Any, run_spec: Any, smallest: dict[str, Any]) -> None:
    smallest["components"] = {
        "schemas": {"A": {"type": "object", "example": {"$ref": "http://127.0.0.1:1/"}}},
        "examples": {"E": {"value": {"$ref": "http://127.0.0.1:1/"}}},
    }

    assert run_spec("audit", write("a.json", smallest)).code == 0


def test_several_blocks_are_named(write: Any, run_spec: Any) -> None:
    page = "````json GET /a\n{}\n````\n\n```yaml\nopenapi: 3.0.0\n```\n"

    outcome = run_spec("audit", write("a.md", page))

    assert outcome.code == 2
    assert "has 2 blocks that hold an OpenAPI document: GET /a, the block at line 5." in outcome.problem


def test_an_operation_that_no_block_has_is_refused(write: Any, run_spec: Any) -> None:
    page = "````json GET /a\n{}\n````\n\n````json GET /b\n{}\n````\n"

    outcome = run_spec("audit", write("a.md", page), "--operation", "POST /a")

    assert outcome.problem == "a.md has no block for POST /a. Choose one of: GET /a, GET /b."


def test_an_operation_that_the_document_lacks_is_refused(write: Any, run_spec: Any, smallest: Any) -> None:
    outcome = run_spec("audit", write("a.json", smallest), "--operation", "POST /a")

    assert outcome.problem == "a.json has no operation POST /a. Choose one of: GET /a."


@pytest.mark.parametrize("text", ["", "GET", "/a", "FETCH /a", "GET a"])
def test_an_operation_is_a_method_and_a_path(write: Any, run_spec: Any, smallest: Any, text: str) -> None:
    outcome = run_spec("audit", write("a.json", smallest), "--operation", text)

    assert (outcome.code, "is not a method and a path" in outcome.problem) == (2, True)


def test_a_refused_page_leaves_no_file(write: Any, run_spec: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"

    outcome = run_spec("vendor", write("a.md", "text"), "--out", out)

    assert (outcome.code, out.exists()) == (2, False)


def test_files_are_written_all_or_none(write: Any, run_spec: Any, tmp_path: Path, smallest: Any) -> None:
    out = tmp_path / "out"
    (out / "a.findings.json").mkdir(parents=True)

    outcome = run_spec("vendor", write("a.json", smallest), "--out", out)

    assert (outcome.code, [path.name for path in out.iterdir()]) == (2, ["a.findings.json"])


def test_an_output_that_is_a_file_is_refused(write: Any, run_spec: Any, smallest: Any) -> None:
    page = write("a.json", smallest)

    outcome = run_spec("vendor", page, "--out", page)

    assert (outcome.code, "cannot be written" in outcome.problem) == (2, True)


def test_schemas_deep_inside_each_other_are_refused(write: Any, run_spec: Any, smallest: Any) -> None:
    chain = {f"S{n}": {"anyOf": [{"$ref": f"#/components/schemas/S{n + 1}"}]} for n in range(2000)}
    smallest["components"] = {"schemas": {**chain, "S2000": {"type": "integer"}}}
    smallest["components"]["schemas"]["S0"]["example"] = "7"

    outcome = run_spec("audit", write("a.json", smallest))

    assert (outcome.code, "too deep inside each other" in outcome.problem) == (2, True)


def test_a_value_at_the_depth_limit_is_read(write: Any, run_spec: Any, smallest: Any) -> None:
    tree = {"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"n": {"$ref": "#/components/schemas/T"}}}]}
    value: Any = "7"
    for _ in range(58):
        value = {"n": value}
    smallest["components"] = {"schemas": {"T": {**tree, "example": value}}}

    assert "1 error," in run_spec("audit", write("a.json", smallest)).out


def test_a_circle_of_bare_references_is_refused(write: Any, run_spec: Any, smallest: Any) -> None:
    schemas = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    smallest["components"] = {"schemas": schemas}

    outcome = run_spec("audit", write("a.json", smallest))

    assert (outcome.code, "from reference to reference" in outcome.problem) == (2, True)


def test_a_circle_of_schemas_ends(write: Any, run_spec: Any, smallest: Any) -> None:
    circle = {"allOf": [{"$ref": "#/components/schemas/A"}], "example": "7", "default": "7", "enum": ["7"]}
    smallest["components"] = {"schemas": {"A": circle}}

    assert run_spec("audit", write("a.json", smallest)).code == 0
