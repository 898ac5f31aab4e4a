from __future__ import annotations

from typing import Any

from rocketchat_contract.replay.calls import NamedAnswer, NamedCall
from rocketchat_contract.replay.people import agents_shown


def call(body: Any) -> NamedCall:
    return NamedCall(1, "call", "GET", "/", {}, "", NamedAnswer(200, {}, body))


def test_agents_are_those_whom_the_answers_name() -> None:
    served = call({"room": {"servedBy": {"_id": "a", "username": "ann", "ts": "now"}}})
    config = call({"config": {"agent": {"_id": "a", "username": "ann", "name": "Ann", "status": "away"}}})

    (agent,) = agents_shown([served, config])

    assert (agent["_id"], agent["username"], agent["name"], agent["status"]) == ("a", "ann", "Ann", "online")


def test_answers_without_an_agent_show_nobody() -> None:
    assert agents_shown([call({"success": False}), call("text"), call([{"agent": None}])]) == []
