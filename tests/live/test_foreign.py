"""Visitors who were there before the run: whatever tokens it makes up, their rooms stay as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.request import Request, urlopen

from rocketchat_contract.judge.operation import ROOM_PATH, VISITOR_PATH
from rocketchat_contract.target.values import HOSTILE
from support.live import Command, Rocket, rocket

TOKENS = [HOSTILE[kind] for kind in ("undefined", "digits", "object id", "number")] + ["0", "null", "x", "abc"]
"""Tokens that a run asks for although it never registered them, and that a careless widget may well have made."""


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

        ended = suite("run", server.url, "--yes", "--profile", "full")

        assert ended.code == 0
        assert asked_for(ended.targets("core"), rooms) >= {"undefined", "1e400"}
        assert sorted(server.open_rooms) == sorted(rooms.values())
        assert sorted(server.visitors) == sorted(rooms)
        assert "POST" not in {line["request"]["method"] for line in ended.lines if line.get("visitor") in rooms}
