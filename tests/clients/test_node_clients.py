"""Two npm clients live a visitor's life: config, register, room, repeat, message, history, close, delete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.reference.server import RunningServer
from support.npm import installed, unpacked

from .conftest import Node

SDK = ("@rocket.chat/sdk@1.0.0-alpha.42",)

# npm cannot install this client: the manifest of its type-only dependency names a patch that only yarn reads.
DDP_CLIENT = (
    "@rocket.chat/ddp-client@1.1.2",
    "@rocket.chat/api-client@0.2.57",
    "@rocket.chat/emitter@0.33.0",
    "query-string@7.1.3",
    "decode-uri-component@0.2.2",
    "filter-obj@1.1.0",
    "split-on-first@1.1.0",
    "strict-uri-encode@2.0.0",
)


@pytest.fixture(params=["sdk.js", "ddp_client.js"])
def life(request: pytest.FixtureRequest, cache: Path, server: RunningServer) -> dict[str, Any]:
    folder = installed(cache, "sdk", SDK) if request.param == "sdk.js" else unpacked(cache, "ddp-client", DDP_CLIENT)
    return Node(folder)(request.param, server.url, "a visitor's token")


def test_a_visitor_lives_through_the_client(life: dict[str, Any]) -> None:
    rooms = [life[step] for step in ("first", "again", "byId")]

    assert {room["_id"] for room in rooms} == {life["first"]["_id"]}
    assert life["config"]["online"] is True
    assert life["first"]["v"]["_id"] == life["visitor"]["_id"] == life["known"]["_id"]
    assert [message["msg"] for message in life["history"]] == ["hello"]
    assert life["message"]["rid"] == life["first"]["_id"]
    assert life["agent"]["username"] == "agent"
    assert life["status"] == "away"
    assert life["closed"]["success"] is True
    assert life["deleted"]["_id"] == life["visitor"]["_id"]


def test_a_refusal_reaches_the_client(life: dict[str, Any]) -> None:
    refusal = life.get("unknown") or life["afterwards"]

    assert refusal == {"status": 400, "data": {"success": False, "error": "invalid-room"}}
