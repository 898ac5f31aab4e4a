"""Whom the recorded workspace had: as far as the answers show its agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rocketchat_contract.reference.agents import AGENT
from rocketchat_contract.replay.calls import NamedCall

_SHOWN = ("servedBy", "agent")
"""Members of an answer that describe who serves."""


def agents_shown(calls: Sequence[NamedCall]) -> list[dict[str, Any]]:
    """List the agents whom the answers name, all of them online."""
    agents: dict[str, dict[str, Any]] = {}
    for call in calls:
        for shown in _agents(call.answer.body):
            known = agents.setdefault(shown["_id"], {"name": shown["username"]})
            known.update({name: shown[name] for name in ("_id", "username", "name", "emails") if name in shown})
    online = {"roles": ["user", AGENT], "status": "online", "statusLivechat": "available"}
    return [{**agent, **online} for agent in agents.values()]


def _agents(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for element in value:
            yield from _agents(element)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name in _SHOWN and isinstance(inner, dict) and {"_id", "username"} <= inner.keys():
                yield inner
            yield from _agents(inner)
