"""What a second page promises at once: wire, schema, envelope and robustness, under the ids of the catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from operation.conftest import PAGE, SOURCE, Judged
from rocketchat_contract.config import PROFILES, Credentials, RunConfig
from rocketchat_contract.contract.requirements import load_requirements
from rocketchat_contract.contract.vendored import ROOM, load_contract, spec_folder
from rocketchat_contract.errors import UsageError
from rocketchat_contract.judge.operation_profile import GET_OR_CREATE, OPERATION_PROFILES, operation_profile_of
from rocketchat_contract.openapi.audit import audit
from rocketchat_contract.openapi.vendor import vendor_files, write_files
from rocketchat_contract.record.exchange import Exchange, Request
from rocketchat_contract.results.judged_by import JudgedBy, load_judged_by
from rocketchat_contract.run.effective_profile import effective_profile, refuse_undrivable

SCHEMA_200 = {"a-200-fits-the-published-schema", "a-200-fits-the-full-schema"}
SCHEMA_400 = {"a-400-fits-the-published-schema", "a-400-fits-the-full-schema"}
RIGHT = {"config": {"enabled": True, "departments": [], "online": False}, "success": True}


def vendored(tmp_path: Path, document: dict[str, Any]) -> Path:
    page = tmp_path / "page.json"
    page.write_text(json.dumps(document))
    write_files(vendor_files(audit(page)), tmp_path / "spec")
    return tmp_path / "spec"


def document(path: str, method: str, **responses: object) -> dict[str, Any]:
    operation = {"responses": responses or {"200": {"description": "ok"}}}
    steps = [step for step in path.split("/") if step.startswith("{")]
    operation |= {"parameters": [{"name": s[1:-1], "in": "path", "required": True, "schema": {}} for s in steps]}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {path: {method: operation}}}


def test_all_ids_are_of_the_catalogue(promises: JudgedBy) -> None:
    catalogue = load_requirements(spec_folder() / "requirements.toml")

    assert {each.id for each in promises.requirements} <= set(catalogue.ids)
    assert promises.requirements.groups.keys() == {"wire", "schema", "envelope", "robustness"}


def test_what_the_document_promises_is_quoted_from_its_own_page(promises: JudgedBy) -> None:
    lines = PAGE.read_text().split("\n")
    quoted = [each for each in promises.requirements if each.source == "document"]

    assert len(quoted) == 11
    assert {(each.page, each.address) for each in quoted} == {(PAGE.name, SOURCE)}
    assert all(each.quote in lines[each.page_line - 1] for each in quoted)


def test_every_requirement_has_a_check(promises: JudgedBy) -> None:
    assert {each.id for each in promises.requirements} <= promises.operation_profile.checks.keys()


def test_strings_of_the_page_are_repaired(promises: JudgedBy) -> None:
    (token, _) = promises.contract.published["paths"]["/api/v1/livechat/config"]["get"]["parameters"]

    assert token["required"] is False


def test_a_right_answer_keeps_all_that_speaks(judged: Judged) -> None:
    kept = judged(RIGHT)

    assert set(kept.values()) == {True}
    assert {
        "a-200-fits-the-published-schema",
        "success-agrees-with-the-status",
        "ordinary-calls-end-well",
    } <= kept.keys()


@pytest.mark.parametrize(
    ("body", "status", "broken"),
    [
        ({"config": {"enabled": "true"}, "success": True}, 200, SCHEMA_200),
        ({"config": {}, "success": False}, 200, {"success-agrees-with-the-status"}),
        ({"config": {}, "success": True}, 201, {"a-status-is-published", "a-status-is-documented"}),
        ({"success": False, "error": " "}, 400, {"a-refusal-names-its-error"}),
        ({"success": False, "error": 7}, 400, {*SCHEMA_400, "a-refusal-names-its-error"}),
        ('{"success": true, "success": true}', 200, {"member-names-are-unique"}),
        ("NaN", 200, {"a-body-is-strict-json"}),
        ("\ufeff{}", 200, {"a-body-has-no-byte-order-mark", "success-agrees-with-the-status"}),
        ("", 500, {"a-status-is-published", "ordinary-calls-end-well"}),
        ("", 502, {"gateways-pass-calls-on"}),
    ],
)
def test_a_wrong_answer_is_named(judged: Judged, body: object, status: int, broken: set[str]) -> None:
    assert {name for name, kept in judged(body, status).items() if not kept} == broken


@pytest.mark.parametrize(
    ("query", "requirement"), [("token=a", "ordinary-calls-end-well"), ("rid=a", "no-call-ends-in-a-server-error")]
)
def test_parameters_are_those_of_its_own_document(judged: Judged, query: str, requirement: str) -> None:
    assert requirement in judged(RIGHT, query=query)


def test_other_calls_are_not_judged(judged: Judged) -> None:
    assert judged("nonsense", 500, path="room") == {}


def test_get_or_create_is_a_plug_of_its_own(promises: JudgedBy) -> None:
    assert OPERATION_PROFILES == {ROOM: GET_OR_CREATE}
    assert operation_profile_of(load_contract()) is GET_OR_CREATE
    assert not promises.operation_profile.is_stateful


def test_a_path_with_parameters_is_recognised(tmp_path: Path) -> None:
    folder = vendored(tmp_path, document("/api/v1/livechat/agent.info/{rid}/{token}", "get"))
    operation_profile = load_judged_by(folder=folder).operation_profile

    def is_ours(target: str) -> bool:
        return operation_profile.read(Exchange(1, "", "", None, 0, 1, Request("GET", target))).query is not None

    assert [is_ours(f"/api/v1/livechat/agent.info/{rest}") for rest in ("a/b", "a/b?c=d", "a", "a/b/c")] == [
        True,
        True,
        False,
        False,
    ]


def test_each_documented_status_has_its_schema(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"type": "object"}}}
    answers = {status: {"description": "x", "content": content} for status in ("200", "404", "default")}

    requirements = load_judged_by(folder=vendored(tmp_path, document("/api/v1/a", "get", **answers))).requirements

    assert [each.id for each in requirements if each.group == "schema"] == [
        "a-200-fits-the-published-schema",
        "a-404-fits-the-published-schema",
        "a-200-fits-the-full-schema",
        "a-404-fits-the-full-schema",
    ]


def test_an_operation_with_effects_is_not_driven(tmp_path: Path) -> None:
    folder = vendored(tmp_path, document("/api/v1/livechat/message", "post"))

    with pytest.raises(UsageError, match="changes something on a server"):
        refuse_undrivable(load_judged_by(folder=folder).contract, RunConfig())


def test_its_corpus_is_replayed_too(folder: Path, tmp_path: Path) -> None:
    config = RunConfig(contract=folder, corpus=tmp_path, profile=PROFILES["gate"])

    assert effective_profile(config).profile.drivers == ("corpus", "operation")
    assert effective_profile(effective_profile(config)) == effective_profile(config)


def with_header(tmp_path: Path, **header: str) -> JudgedBy:
    content = document("/api/v1/livechat/rooms", "get")
    named = {"name": "X-Auth-Token", "in": "header", "schema": {"type": "string"}, **header}
    content["paths"]["/api/v1/livechat/rooms"]["get"]["parameters"] = [named]
    return load_judged_by(folder=vendored(tmp_path, content))


@pytest.mark.parametrize("header", [{}, {"required": "false"}, {"name": "X-Visitor", "required": "true"}])
def test_an_operation_that_demands_no_user_needs_no_credentials(tmp_path: Path, header: dict[str, str]) -> None:
    refuse_undrivable(with_header(tmp_path, **header).contract, RunConfig())


@pytest.mark.parametrize("name", ["X-Auth-Token", "X-User-Id", "x-user-id"])
def test_an_operation_for_users_needs_credentials(tmp_path: Path, name: str) -> None:
    promises = with_header(tmp_path, name=name, required="true")

    refuse_undrivable(promises.contract, RunConfig(credentials=Credentials("me", "secret")))

    with pytest.raises(UsageError, match="for users who have logged in"):
        refuse_undrivable(promises.contract, RunConfig())
