"""``spec watch``: what a newly downloaded page says otherwise than the vendored one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.contract.vendored import STEM, spec_folder
from rocketchat_contract.openapi.difference import PlaceChange, differences

PAGE = spec_folder() / f"{STEM}.md"
TEXT = PAGE.read_text(encoding="utf-8")
CONFIG = Path(__file__).parents[2] / "data" / "livechat-config.md"

Told = dict[str, Any]

USERS_COUNT = '"usersCount": {\n                          "type": "integer"'
RID = '          {\n            "name": "rid",'
DEPARTMENT = '          {"name": "department", "in": "query", "schema": {"type": "string"}},\n'


@pytest.fixture
def told(run_spec: Any, write: Callable[..., Path]) -> Callable[..., Told]:
    """Watches the page with one place replaced, and checks that the exit code agrees."""

    def watch(old: str, new: str) -> Told:
        assert old in TEXT
        outcome = run_spec("watch", write("new.md", TEXT.replace(old, new, 1)), "--format", "json")
        content: Told = json.loads(outcome.out)
        assert outcome.code == int(content["changed"])
        return content

    return watch


def moved(told: Told) -> list[tuple[str, str]]:
    return [(each["change"], each["what"]) for each in told["document"]]


def requirements(told: Told, *, lost: bool) -> list[str]:
    return [each["id"] for each in told["requirements"] if each["losesItsQuote"] is lost]


def test_the_same_page_is_no_change(run_spec: Any) -> None:
    outcome = run_spec("watch", PAGE)

    assert outcome.code == 0
    assert outcome.out.startswith("livechat-room.md is, byte for byte, the vendored livechat-room.md\n")


def test_other_line_ends_are_no_change(run_spec: Any, write: Callable[..., Path]) -> None:
    outcome = run_spec("watch", write("new.md", TEXT.replace("\n", "\r\n").encode()))

    assert outcome.code == 0
    assert "has other bytes and says the same" in outcome.out


def test_a_new_type_is_told_by_pointer_and_member(told: Callable[..., Told]) -> None:
    found = told(USERS_COUNT, USERS_COUNT.replace("integer", "string"))

    assert found["document"][0] == {
        "change": "changed",
        "part": "member",
        "what": "member room.usersCount of 200: type",
        "pointer": "/paths/~1api~1v1~1livechat~1room/get/responses/200/content/application~1json"
        "/schema/properties/room/properties/usersCount/type",
        "line": 215,
        "old": "integer",
        "new": "string",
    }


def test_the_document_is_compared_after_repair(told: Callable[..., Told]) -> None:
    found = told(USERS_COUNT, USERS_COUNT.replace("integer", "string"))

    assert moved(found)[1:] == [("changed", "example room.usersCount of 200")]
    assert [each["what"] for each in found["repairs"]] == ["example room.usersCount of 200"]


def test_a_mended_value_changes_repairs_only(told: Callable[..., Told]) -> None:
    found = told('"msgs": "7"', '"msgs": 7')

    assert found["document"] == []
    assert found["repairs"] == [
        {"change": "removed", "what": "example room.msgs of 200", "line": 416, "old": "7", "new": None}
    ]


def test_a_repair_of_another_string_is_told(told: Callable[..., Told]) -> None:
    found = told('"msgs": "7"', '"msgs": "8"')

    assert moved(found) == [("changed", "example room.msgs of 200")]
    assert [(each["change"], each["old"], each["new"]) for each in found["repairs"]] == [("changed", "7", "8")]


def test_a_new_parameter_moves_no_other(told: Callable[..., Told]) -> None:
    found = told(RID, DEPARTMENT + RID)

    assert moved(found) == [("added", "parameter department")]
    assert requirements(found, lost=False) == []


def test_a_parameter_that_goes_takes_its_requirement_along(told: Callable[..., Told]) -> None:
    found = told('"name": "agentId"', '"name": "agent"')

    assert moved(found) == [("removed", "parameter agentId"), ("added", "parameter agent")]
    assert requirements(found, lost=True) == ["unknown-parameters-change-nothing"]


def test_a_new_status_concerns_those_who_list_statuses(told: Callable[..., Told]) -> None:
    found = told('          "400": {', '          "404": {"description": "Not Found"},\n          "400": {')

    assert moved(found) == [("added", "status 404")]
    assert {"a-status-is-published", "a-status-is-documented"} <= set(requirements(found, lost=False))


def test_a_requirement_that_loses_its_quote_is_named(told: Callable[..., Told]) -> None:
    found = told('"description": "The room ID."', '"description": "A room ID."')

    assert requirements(found, lost=True) == ["an-own-open-rid-is-returned"]


def test_a_quote_that_stands_elsewhere_too_is_not_lost(told: Callable[..., Told]) -> None:
    found = told(
        '"newRoom": "false",\n                      "success"', '"newRoom": "true",\n                      "success"'
    )

    assert moved(found) == [("changed", "example newRoom of 200")]
    assert requirements(found, lost=False) == ["newroom-is-false-for-a-returned-room"]


def test_a_changed_sentence_of_the_page_is_prose(told: Callable[..., Told]) -> None:
    found = told("# Get or Create Omnichannel Rooms", "# Get or Create Rooms")

    assert found["document"] == []
    assert [(each["change"], each["line"], each["text"]) for each in found["text"]] == [
        ("removed", 5, "# Get or Create Omnichannel Rooms"),
        ("added", 5, "# Get or Create Rooms"),
    ]


def test_an_overlay_action_that_selects_nothing_is_told(told: Callable[..., Told]) -> None:
    found = told('"sysMes": {', '"systemMessages": {')

    assert [(each["name"], "sysMes" in each["target"]) for each in found["overlay"]] == [
        ("livechat-room.overlay.yaml", True)
    ]


def test_an_order_of_members_is_no_change(run_spec: Any, write: Callable[..., Path], smallest: Any) -> None:
    smallest["info"] |= {"x-a": [3, 1, 2]}
    run_spec("vendor", write("a.json", smallest), "--out", write("b.json", smallest).parent / "spec")
    shuffled = {name: smallest[name] for name in reversed(smallest)} | {
        "info": {"version": "1", "title": "t", "x-a": [1, 2, 3]}
    }

    outcome = run_spec("watch", write("a.json", shuffled), "--against", write("c", "").parent / "spec")

    assert outcome.code == 0


def test_another_operation_is_watched_in_its_folder(run_spec: Any, tmp_path: Path, write: Callable[..., Path]) -> None:
    run_spec("vendor", CONFIG, "--out", tmp_path / "spec")
    page = write("new.md", CONFIG.read_text().replace('"400": {', '"422": {'))

    outcome = run_spec("watch", page, "--against", tmp_path / "spec", "--format", "json")

    told = json.loads(outcome.out)
    assert moved(told) == [("removed", "status 400"), ("added", "status 422")]
    assert "a-400-fits-the-published-schema" in requirements(told, lost=True)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("<html><title>Sign in</title></html>", "no OpenAPI document"),
        ("", "is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (TEXT[:5000], "never closed"),
        (TEXT.replace('"paths": {', '"paths": [', 1), "new.md:"),
    ],
)
def test_what_is_no_page_ends_with_two(
    run_spec: Any, write: Callable[..., Path], content: str | bytes, problem: str
) -> None:
    outcome = run_spec("watch", write("new.md", content))

    assert outcome.code == 2
    assert problem in outcome.problem


@pytest.mark.parametrize("content", ["missing", "empty", "two pages", "changed"])
def test_a_folder_without_its_page_ends_with_two(run_spec: Any, tmp_path: Path, content: str) -> None:
    folder = tmp_path / "spec"
    if content != "missing":
        folder.mkdir()
    if content in ("two pages", "changed"):
        run_spec("vendor", CONFIG, "--out", folder)
    if content == "two pages":
        run_spec("vendor", PAGE, "--out", folder)
    if content == "changed":
        (folder / CONFIG.name).write_text("x")

    outcome = run_spec("watch", PAGE, "--against", folder)

    assert outcome.code == 2
    assert "spec" in outcome.problem


def test_the_table_fits_a_terminal(run_spec: Any, write: Callable[..., Path]) -> None:
    text = TEXT.replace(USERS_COUNT, USERS_COUNT.replace("integer", "string")).replace(RID, DEPARTMENT + RID)
    text = text.replace("If a room doesn't exist", "When a room doesn't exist").replace(
        '"newRoom": "false"', '"newRoom": false'
    )

    outcome = run_spec("watch", write("new.md", text))

    assert max(map(len, outcome.out.split("\n"))) <= 80
    assert re.findall(r"^(.*): \d+$", outcome.out, re.MULTILINE) == [
        "What the document says",
        "What the page says around it",
        "Repairs",
        "Requirements that lose their quote",
        "Requirements that rest on what moved",
    ]
    assert outcome.out.endswith("lose their quote.\n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "in", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(JSON)
def test_a_document_does_not_differ_from_itself(value: Any) -> None:
    assert list(differences(value, json.loads(json.dumps(value)))) == []


@settings(deadline=None)
@given(
    st.dictionaries(st.text("ab", max_size=2), JSON, max_size=4),
    st.dictionaries(st.text("ab", max_size=2), JSON, max_size=4),
)
def test_differences_the_other_way_round_are_the_mirror(old: Any, new: Any) -> None:
    mirror = {
        PlaceChange.ADDED: PlaceChange.REMOVED,
        PlaceChange.REMOVED: PlaceChange.ADDED,
        PlaceChange.CHANGED: PlaceChange.CHANGED,
    }

    there = {(each.change, each.old_pointer) for each in differences(old, new)}
    back = {(mirror[each.change], each.new_pointer) for each in differences(new, old)}

    assert there == back
