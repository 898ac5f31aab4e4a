"""What the contract notices of single changes to a right answer."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.cli.spec import spec
from rocketchat_contract.contract.strength import (
    KINDS,
    Measured,
    mutations,
    reason,
    strength_file,
    strength_of,
    vendored_strength,
)
from rocketchat_contract.judge.strength import Bench, measured
from support.histories import contract, requirements

PUBLISHED = {"wrong type": (71, 71), "null": (71, 71), "removed": (71, 0), "renamed": (68, 0)} | {
    "emptied text": (34, 0),
    "garbled text": (34, 0),
    "flipped": (10, 0),
    "negated": (8, 0),
}
"""Changes of the page's own example by kind, and how many the published schema rejects: 142 of 367."""

SPOKEN_OF = {
    "/room": "a-200-fits-the-full-schema",
    "/newRoom": "newroom-is-false-for-a-returned-room",
    "/success": "success-agrees-with-the-status",
    "/room/_id": "an-open-room-is-returned",
    "/room/t": "a-room-is-a-livechat-room",
    "/room/open": "a-returned-room-is-open",
    "/room/cl": "a-returned-room-is-open",
    "/room/ts": "a-repeat-keeps-the-birth-of-a-room",
    "/room/lm": "room-times-are-iso-8601",
    "/room/_updatedAt": "room-times-are-iso-8601",
    "/room/v": "a-room-is-the-asking-visitors",
    "/room/v/_id": "a-room-is-the-asking-visitors",
    "/room/v/token": "a-room-is-the-asking-visitors",
    "/room/v/lastMessageTs": "room-times-are-iso-8601",
    "/room/lastMessage/ts": "room-times-are-iso-8601",
    "/room/lastMessage/_updatedAt": "room-times-are-iso-8601",
    "/room/lastMessage/rid": "a-last-message-is-the-rooms-own",
    "/room/lastMessage/token": "a-last-message-is-the-rooms-own",
    "/room/metrics/reaction/fd": "room-times-are-iso-8601",
    "/room/metrics/response/fd": "room-times-are-iso-8601",
    "/room/metrics/v/lq": "room-times-are-iso-8601",
    "/room/metrics/servedBy/lr": "room-times-are-iso-8601",
    "/room/servedBy/ts": "room-times-are-iso-8601",
    "/room/fname": "usual-members-are-there",
    "/room/msgs": "usual-members-are-there",
    "/room/usersCount": "usual-members-are-there",
    "/room/v/username": "usual-members-are-there",
    "/room/v/status": "usual-members-are-there",
}
"""The members that requirements speak of, each with one that does."""

ONLY_WHERE_IT_STANDS = {place for place in SPOKEN_OF if place.count("/") > 2 and not place.startswith("/room/v/")} | {
    "/room/v/lastMessageTs"
}
"""Members of which something is promised only when they are there."""

ONLY_ITS_PRESENCE = {place for place, name in SPOKEN_OF.items() if name == "usual-members-are-there"}
"""Members of which only presence and type are promised."""


@cache
def bench() -> Bench:
    return Bench(contract(), requirements())


@cache
def now() -> Measured:
    return measured(contract(), requirements())


def test_the_example_itself_is_right() -> None:
    assert bench().told(bench().right) == (frozenset(), frozenset())


def test_the_published_schema_rejects_142_of_367() -> None:
    assert {each.kind: (each.mutations, each.published) for each in now().kinds} == PUBLISHED
    assert (now().total.published, now().total.mutations) == (142, 367)


def test_the_full_contract_rejects_more_of_every_kind_that_is_no_type() -> None:
    stronger = {each.kind for each in now().kinds if each.full > each.published}

    assert stronger == {"removed", "renamed", "emptied text", "garbled text", "flipped"}


def test_the_numbers_in_spec_are_those_of_now() -> None:
    assert vendored_strength() == now()


def test_a_contract_with_other_overlays_has_no_numbers() -> None:
    assert strength_of(contract()) == now()
    assert strength_of(replace(contract(), overlay_sha256="another")) is None


def test_spec_strength_prints_the_file_in_spec() -> None:
    told = CliRunner().invoke(spec, ["strength", "--format", "json"], catch_exceptions=False)

    assert told.output == strength_file().read_text(encoding="utf-8")


def test_spec_strength_tells_people_the_same_numbers() -> None:
    told = CliRunner().invoke(spec, ["strength"], catch_exceptions=False).output

    assert f"367    142 (39%)    {now().total.full} (" in told
    assert all(len(line) <= 80 for line in told.splitlines())


@pytest.mark.parametrize("place", SPOKEN_OF)
def test_every_change_of_a_member_that_a_requirement_speaks_of_is_noticed(place: str) -> None:
    unnoticed = {kind for kind, places in now().unnoticed.items() if place in places}
    allowed = {"removed", "renamed"} if place in ONLY_WHERE_IT_STANDS else set()
    allowed |= {"emptied text", "garbled text", "negated"} if place in ONLY_ITS_PRESENCE else set()

    assert unnoticed <= allowed


@pytest.mark.parametrize(("place", "requirement"), SPOKEN_OF.items())
def test_a_requirement_notices_a_change_of_the_member_it_speaks_of(place: str, requirement: str) -> None:
    changes = [each for each in mutations(bench().right) if each.place == place]

    assert any(requirement in musts | shoulds for musts, shoulds in (bench().told(each.body) for each in changes))


def test_what_goes_unnoticed_has_a_reason() -> None:
    content = now().to_json()

    assert content["reasons"].keys() == {kind for kind, places in content["unnoticed"].items() if places}
    assert set(now().reasons) == set(content["reasons"].values())
    assert reason("flipped") == "no source promises its value"


def test_numbers_come_back_from_json() -> None:
    assert Measured.from_json(json.loads(json.dumps(now().to_json()))) == now()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_a_mutation_leaves_the_right_body_as_it_is(value: Any) -> None:
    before = copy.deepcopy(value)
    made = list(mutations(value))

    assert value == before
    assert {each.kind for each in made} <= KINDS.keys()


def test_each_kind_changes_a_place_in_its_own_way() -> None:
    made = {(each.kind, each.place): each.body for each in mutations({"a": "x", "b": [True, 2]})}

    assert made == {
        ("wrong type", "/a"): {"a": 7, "b": [True, 2]},
        ("wrong type", "/b"): {"a": "x", "b": {}},
        ("wrong type", "/b/0"): {"a": "x", "b": ["x", 2]},
        ("wrong type", "/b/1"): {"a": "x", "b": [True, "x"]},
        ("null", "/a"): {"a": None, "b": [True, 2]},
        ("null", "/b"): {"a": "x", "b": None},
        ("null", "/b/0"): {"a": "x", "b": [None, 2]},
        ("null", "/b/1"): {"a": "x", "b": [True, None]},
        ("removed", "/a"): {"b": [True, 2]},
        ("removed", "/b"): {"a": "x"},
        ("removed", "/b/0"): {"a": "x", "b": [2]},
        ("removed", "/b/1"): {"a": "x", "b": [True]},
        ("renamed", "/a"): {"aX": "x", "b": [True, 2]},
        ("renamed", "/b"): {"a": "x", "bX": [True, 2]},
        ("emptied text", "/a"): {"a": "", "b": [True, 2]},
        ("garbled text", "/a"): {"a": "xx", "b": [True, 2]},
        ("flipped", "/b/0"): {"a": "x", "b": [False, 2]},
        ("negated", "/b/1"): {"a": "x", "b": [True, -2]},
    }
