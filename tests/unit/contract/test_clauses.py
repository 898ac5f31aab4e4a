"""Every clause of the page's operation is held by a requirement, or left out for a reason."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from rocketchat_contract.contract.requirements import load_requirements
from rocketchat_contract.contract.vendored import spec_folder

CLAUSES = tomllib.loads((spec_folder() / "clauses.toml").read_text(encoding="utf-8"))["clause"]
RECORDS = load_requirements(spec_folder() / "requirements.toml")
REQUIREMENTS = {record.id for record in RECORDS}


def document() -> Any:
    return json.loads((spec_folder() / "livechat-room.openapi.json").read_text(encoding="utf-8"))


def clauses_of(document: Mapping[str, Any]) -> Iterator[str]:
    """Where the document says anything, as ``spec/clauses.toml`` names the places."""
    ((_, methods),) = document["paths"].items()
    ((_, operation),) = methods.items()
    yield from ("path", "method", "servers")
    for key, value in operation.items():
        if key == "parameters":
            for parameter in value:
                yield from of_parameter(parameter)
        elif key == "responses":
            for status, response in value.items():
                yield from of_response(status, response)
        elif key == "description":
            yield from (f"description {n}" for n, _ in enumerate(re.findall(r"[^.]+\.", value), start=1))
        else:
            yield key


def of_parameter(parameter: Mapping[str, Any]) -> Iterator[str]:
    """The name with its place, schema and example are one clause; all else is one each."""
    name = f"parameter {parameter['name']}"
    yield name
    yield from (f"{name} {key}" for key in parameter if key not in ("name", "in", "schema", "example"))


def of_response(status: str, response: Mapping[str, Any]) -> Iterator[str]:
    yield (name := f"response {status}")
    for media_type, content in response["content"].items():
        yield f"{name} {media_type}"
        yield f"{name} schema"
        yield from (f"{name} schema {member}" for member in content["schema"]["properties"])
        yield from (f"{name} {key}" for key in content if key != "schema")
    yield from (f"{name} {key}" for key in response if key not in ("description", "content"))


def test_every_clause_of_the_page_has_an_entry_and_no_other_has() -> None:
    assert [clause["at"] for clause in CLAUSES] == list(dict.fromkeys(clause["at"] for clause in CLAUSES))
    assert {clause["at"] for clause in CLAUSES} == set(clauses_of(document()))


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["at"])
def test_a_clause_has_requirements_that_exist_or_a_reason(clause: Mapping[str, Any]) -> None:
    assert clause.keys() in ({"at", "requirements"}, {"at", "excluded"})
    assert set(clause.get("requirements", ())) <= REQUIREMENTS
    assert clause.get("requirements") or clause["excluded"].endswith(".")


def test_every_requirement_from_the_page_belongs_to_a_clause() -> None:
    from_the_page = {record.id for record in RECORDS if record.source in ("document", "prose")}

    assert from_the_page <= {each for clause in CLAUSES for each in clause.get("requirements", ())}


def test_a_new_clause_on_the_page_is_noticed() -> None:
    changed = document()
    operation = changed["paths"]["/api/v1/livechat/room"]["get"]
    operation["parameters"].append({"name": "department", "in": "query", "schema": {"type": "string"}})
    operation["deprecated"] = True

    assert set(clauses_of(changed)) - {clause["at"] for clause in CLAUSES} == {"parameter department", "deprecated"}
