"""The vendored contract: its files agree with each other, and its overlay says what servers really answer."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.contract.vendored import ROOM, SOURCE, STEM, Contract, load_contract, spec_folder
from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.audit import audit
from rocketchat_contract.openapi.overlay import load_overlay
from rocketchat_contract.openapi.validity import invalidities
from rocketchat_contract.openapi.vendor import vendor_files

SHA256 = "ae841a45037fb43f0a30dcd26007d0fc8c1f269d41a9ada27bb4ab3c2651e305"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


@pytest.fixture
def room(contract: Contract) -> dict[str, Any]:
    """The 200 example of the document."""
    content = contract.published["paths"][ROOM.path]["get"]["responses"]["200"]["content"]
    return copy.deepcopy(content["application/json"]["examples"]["Success Example"]["value"])


def test_the_page_is_the_published_one(contract: Contract) -> None:
    assert contract.page_sha256 == SHA256
    assert hashlib.sha256((spec_folder() / f"{STEM}.md").read_bytes()).hexdigest() == SHA256


def test_generated_files_are_what_the_page_gives() -> None:
    folder = spec_folder()

    generated = vendor_files(audit(folder / f"{STEM}.md"), SOURCE)

    assert {name: (folder / name).read_bytes() for name in generated} == generated


def test_the_full_document_is_valid_openapi(contract: Contract) -> None:
    assert invalidities(contract.full, is_31=False) == []


def test_each_action_names_its_source() -> None:
    kinds = {"document", "prose", "standard", "server", "observed"}

    for action in load_overlay(spec_folder() / f"{STEM}.overlay.yaml").actions:
        assert action.source is not None
        assert action.source[0] in kinds
        assert action.source[1].startswith("https://")
        assert action.description.endswith(".")


def test_hashes_follow_what_decides(contract: Contract, write: Callable[[str, object], Path]) -> None:
    own = write("o.yaml", "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions: [{target: $, update: {x-a: 1}}]\n")

    other = load_contract(own)

    assert load_contract().sha256 == contract.sha256
    assert {other.sha256, other.overlay_sha256}.isdisjoint({contract.sha256, contract.overlay_sha256})
    assert other.page_sha256 == contract.page_sha256


def test_a_house_rule_is_laid_on_top(write: Callable[[str, object], Path], room: dict[str, Any]) -> None:
    schema = f"$.paths['{ROOM.path}'].get.responses['200'].content['application/json'].schema.properties.room"
    action = {"target": schema, "update": {"required": ["crmData"]}}
    overlay = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [action]}

    contract = load_contract(write("o.json", overlay))

    (error,) = contract.full_bodies.errors(200, room)
    assert (error.pointer, error.keyword) == ("/room/crmData", "required")


def test_a_house_rule_that_is_no_schema_is_refused(write: Callable[[str, object], Path]) -> None:
    schema = f"$.paths['{ROOM.path}'].get.responses['200'].content['application/json'].schema"
    action = {"target": schema, "update": {"minProperties": "three"}}
    overlay = {"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [action]}

    with pytest.raises(UsageError, match="is broken"):
        load_contract(write("o.json", overlay))


def test_both_columns_accept_the_example(contract: Contract, room: dict[str, Any]) -> None:
    assert contract.published_bodies.is_valid(200, room)
    assert contract.full_bodies.is_valid(200, room)


def test_the_published_document_accepts_an_empty_body(contract: Contract) -> None:
    assert contract.published_bodies.is_valid(200, {})
    assert contract.published_bodies.is_valid(400, {})
    assert [error.pointer for error in contract.full_bodies.errors(200, {})] == ["/newRoom", "/room", "/success"]
    assert [error.pointer for error in contract.full_bodies.errors(400, {})] == ["/error", "/success"]


FRESH = {"_id": "r", "t": "l", "open": True, "ts": "2026-01-01T00:00:00.000Z", "v": {"_id": "v", "token": "t"}}


def test_the_least_room_is_enough(contract: Contract) -> None:
    assert contract.full_bodies.is_valid(200, {"room": FRESH, "newRoom": True, "success": True})


@pytest.mark.parametrize(
    "change",
    [
        {"servedBy": {"_id": "a", "username": "a"}},
        {"v": {"_id": "v", "token": "t", "activity": None}},
        {"v": {"_id": "v", "token": "t", "activity": ["2026-01"]}},
        {"sysMes": ["uj", "ul"]},
        {"sysMes": True},
        {"source": {"type": "api"}, "_enforceSingleRoom": True},
        {"lastMessage": {"md": [{"type": "KATEX", "value": "x"}]}},
        {"lastMessage": {"md": [{"type": "LINE_BREAK"}, {"type": "LINE_BREAK", "value": None}]}},
        {
            "lastMessage": {
                "md": [{"type": "PARAGRAPH", "value": [{"type": "LINK", "value": {"src": {}, "label": []}}]}]
            }
        },
        {"lastMessage": {"md": [{"type": "PARAGRAPH", "value": [{"type": "BOLD", "value": [{}]}]}]}},
    ],
)
def test_what_servers_answer_is_kept(contract: Contract, change: dict[str, Any]) -> None:
    body = {"room": {**FRESH, **change}, "newRoom": False, "success": True}

    assert contract.full_bodies.errors(200, body) == ()


@pytest.mark.parametrize(
    ("place", "value", "keyword"),
    [
        ("/success", False, "enum"),
        ("/newRoom", None, "type"),
        ("/room/t", "c", "enum"),
        ("/room/open", False, "enum"),
        ("/room/_id", "", "minLength"),
        ("/room/v/token", "", "minLength"),
        ("/room/v/_id", "", "minLength"),
        ("/room/v/activity", "2026-01", "type"),
        ("/room/ts", "yesterday", "format"),
        ("/room/lm", "2021-07-09", "format"),
        ("/room/_updatedAt", "2021-02-30T00:00:00Z", "format"),
        ("/room/v/lastMessageTs", "", "format"),
        ("/room/lastMessage/ts", "0", "format"),
        ("/room/metrics/v/lq", "0", "format"),
        ("/room/metrics/response/avg", None, "type"),
        ("/room/servedBy/ts", "0", "format"),
        ("/room/sysMes", "true", "anyOf"),
        ("/room/lastMessage/md/0/value", 7, "anyOf"),
        ("/room/msgs", 7.5, "type"),
    ],
)
def test_what_no_server_answers_is_told(
    contract: Contract, room: dict[str, Any], place: str, value: Any, keyword: str
) -> None:
    *path, last = place[1:].split("/")
    node: Any = room
    for part in path:
        node = node[int(part) if part.isdigit() else part]
    node[last] = value

    assert [(error.pointer, error.keyword) for error in contract.full_bodies.errors(200, room)] == [(place, keyword)]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"success": False, "error": "invalid-room"}),
        (400, {"success": False, "error": "[no-agent-online]", "errorType": "no-agent-online", "details": {}}),
        (429, {"success": False, "error": "Error, too many requests."}),
    ],
)
def test_refusals_share_an_envelope(contract: Contract, status: int, body: dict[str, Any]) -> None:
    assert contract.full_bodies.errors(status, body) == ()
    assert len(contract.full_bodies.errors(status, {**body, "success": True})) == 1
    assert len(contract.full_bodies.errors(status, {**body, "error": ""})) == 1
    assert len(contract.full_bodies.errors(status, {**body, "errorType": 7})) == 1


def test_only_the_full_contract_knows_the_limiter(contract: Contract) -> None:
    assert contract.published_bodies.statuses == {"200", "400"}
    assert contract.full_bodies.statuses == {"200", "400", "429"}


def test_the_contract_is_json_all_through(contract: Contract) -> None:
    assert json.loads(json.dumps(contract.full)) == contract.full
