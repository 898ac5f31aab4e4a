"""Visitors who were there before the run: whatever tokens it makes up, their rooms stay as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.request import Request, urlopen

import pytest

from rocketchat_contract.client.values import HOSTILE_VALUES
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject
from rocketchat_contract.rocketchat.paths import ROOM_PATH, VISITOR_PATH
from support.live import Command, Rocket, rocket

TOKENS = [HOSTILE_VALUES[kind] for kind in ("undefined", "digits", "object id", "number")] + ["0", "null", "x", "abc"]
"""Tokens that a run asks for although it never registered them, and that a careless widget may well have made."""


REAL = "token-of-a-real-visitor"


class Merging(Behaviour):
    """Takes whoever registers for the one visitor who is there already, who keeps the name."""

    def match(self, given: JsonObject) -> JsonObject | None:
        return self.store.visitor(REAL) or super().match(given)

    def fill(self, visitor: JsonObject, given: JsonObject) -> None:
        kept = ("name", "token") if visitor.get("name") else ()
        super().fill(visitor, {name: value for name, value in given.items() if name not in kept})


class Renaming(Merging):
    """Takes whoever registers for that visitor too, under the new name."""

    def fill(self, visitor: JsonObject, given: JsonObject) -> None:
        Behaviour.fill(self, visitor, {name: value for name, value in given.items() if name != "token"})


def moved_in(server: Rocket, token: str) -> str:
    """The id of the open room of a visitor who is not the run's."""
    visitor = json.dumps({"visitor": {"token": token, "name": "Somebody"}}).encode()
    urlopen(Request(server.url + VISITOR_PATH, visitor, {"Content-Type": "application/json"})).close()
    with urlopen(f"{server.url}{ROOM_PATH}?token={token}") as answer:
        return str(json.load(answer)["room"]["_id"])


def asked_for(targets: list[str], tokens: Mapping[str, str]) -> set[str]:
    """Which of these visitors the run spoke for, as it happened."""
    return {token for token in tokens if any(f"token={token}&" in f"{target}&" for target in targets)}


def test_rooms_of_others_stay_open(suite: Command) -> None:
    with rocket() as server:
        rooms = {token: moved_in(server, token) for token in TOKENS}

        ended = suite("run", server.url, "--yes", "--profile", "nightly")

        assert ended.code == 0
        assert asked_for(ended.targets("core"), rooms) >= {"undefined", "1e400"}
        assert sorted(server.open_rooms) == sorted(rooms.values())
        assert sorted(server.visitors) == sorted(rooms)
        assert "POST" not in {line["request"]["method"] for line in ended.lines if line.get("visitor") in rooms}


@pytest.mark.parametrize("behaviour", [Merging, Renaming])
def test_a_registration_answered_with_somebody_else_ends_the_run(suite: Command, behaviour: type[Behaviour]) -> None:
    with rocket(behaviour=behaviour) as server:
        room = moved_in(server, REAL)
        server.app.store.save_visitor({**server.app.store.visitor(REAL), "ts": "2001-01-01T00:00:00.000Z"})

        ended = suite("run", server.url, "--yes", "--profile", "smoke")

        assert ended.code == 3
        assert "A registration was answered with a visitor who was there before this run" in ended.out
        assert (server.open_rooms, server.visitors) == ([room], [REAL])
        assert server.app.store.messages(room, 9) == []
