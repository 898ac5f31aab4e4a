"""What is asked again, and in which order, follows from the musts that are still open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rocketchat_contract.contract.requirements import load_requirements
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.errors import SuiteError
from rocketchat_contract.run import again
from rocketchat_contract.run.again import WAYS_FILE, Ways, ways
from rocketchat_contract.run.driver_order import core_order

SMALL = Ways({"one": 1, "two": 2, "both": 2, "dear": 9}, {"a": ("one", "both", "dear"), "b": ("two", "both")})
ALL = frozenset(SMALL.calls)


@pytest.mark.parametrize(
    ("still_open", "plays", "calls", "best"),
    [
        ({"a"}, {}, 12, "one"),
        ({"a", "b"}, {}, 12, "both"),
        ({"a", "b"}, {"one": 1}, 12, "both"),
        ({"a"}, {"one": 3, "both": 3}, 12, "dear"),
        ({"a"}, {"one": 3, "both": 3}, 8, None),
        ({"c"}, {}, 12, None),
    ],
)
def test_the_next_test_shows_most_per_call(
    still_open: set[str], plays: dict[str, int], calls: int, best: str | None
) -> None:
    assert SMALL.best(still_open, plays, ALL, calls) == best


def test_tests_that_are_not_there_are_not_run() -> None:
    assert SMALL.best({"a"}, {}, {"dear"}, 12) == "dear"


def test_a_must_has_an_unplayed_way() -> None:
    assert [SMALL.has_unplayed("b", played) for played in ({"two"}, {"two", "both"})] == [True, False]


def test_what_tests_show_is_known() -> None:
    assert SMALL.shown_by({"two"}) == {"b"}


def test_every_way_is_a_test_of_known_cost() -> None:
    assert {test for tests in ways().tests.values() for test in tests} == set(ways().calls)


def test_every_way_of_the_core_has_a_place_in_the_order() -> None:
    core = {test for test in ways().calls if not test.startswith(VOLLEYS)}

    assert core <= set(core_order())


VOLLEYS = (
    "test_a_fresh_visitor_asks",
    "test_a_room_with_messages_under_way_is_closed",
    "test_two_visitors_ask_for_one_rid_at_once",
    "test_a_visitor_asks_beside",
    "test_a_visitor_who_closed_a_room_asks",
    "test_an_open_room_is_asked_for_at_once",
    "test_calls_go_on_while",
    "test_a_visitor_without_a_room_is_deleted",
)


def test_ways_speak_of_known_requirements() -> None:
    known = {record.id for record in load_requirements(spec_folder() / "requirements.toml")}

    assert set(ways().tests) <= known


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"calls": 1, "ways": {}}'])
def test_damaged_data_is_an_error_of_the_suite(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / WAYS_FILE).write_text(content, encoding="utf-8")
    monkeypatch.setattr(again, "spec_folder", lambda: tmp_path)

    with pytest.raises(SuiteError, match="The ways to show requirements cannot be read"):
        ways.__wrapped__()


def test_the_data_is_dated() -> None:
    assert json.loads((spec_folder() / WAYS_FILE).read_text(encoding="utf-8"))["date"]
