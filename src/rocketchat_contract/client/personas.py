"""The visitors of a driver that tells stories: who plays which part, and the rooms that each had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rocketchat_contract.client.address import query_value
from rocketchat_contract.client.outcome import CONFIG_PATH
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.judge.operation import Operation

UNKNOWN_RID = "rccNoSuchRoomHere1"
UNKNOWN_AGENT = "rccNoSuchAgentHere"


@dataclass
class Personas:
    """The visitors by their parts, the rooms they had so far, the open one last, and the last room of each in full.

    ``only_plain`` says that the server refused an unusual token, so that no other is tried: each costs a registration.
    """

    visitors: dict[str, RunVisitor] = field(default_factory=dict)
    rooms: dict[str, list[str]] = field(default_factory=dict)
    shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    only_plain: bool = False

    def visitor(self, actor: Actor, who: str, unusual: Callable[[], RunVisitor] | None = None) -> RunVisitor:
        """A visitor, registered when first asked for; ``unusual`` makes one whom not every server takes."""
        if who not in self.visitors:
            self.visitors[who] = self._unusual(actor, unusual) or actor.register()
        return self.visitors[who]

    def _unusual(self, actor: Actor, unusual: Callable[[], RunVisitor] | None) -> RunVisitor | None:
        if unusual is None or self.only_plain:
            return None
        visitor = actor.registered(unusual())
        self.only_plain = visitor is None
        return visitor

    def keep(self, who: str, op: Operation) -> None:
        """Remember the room of an answer."""
        self.rooms.setdefault(who, []).append(op.room or UNKNOWN_RID)
        self.shown[who] = op.document

    def home(self, actor: Actor, who: str) -> str:
        """The id of the visitor's open room, opened when there is none."""
        visitor = self.visitor(actor, who)
        if who not in self.rooms:
            self.keep(who, actor.get_or_create(visitor, "open a room"))
        return self.rooms[who][-1]

    def leave(self, actor: Actor, who: str) -> str:
        """Close the visitor's room; answers its id."""
        rid = self.home(actor, who)
        actor.close(self.visitors[who], rid)
        return rid

    def other_agent(self, who: str) -> str | None:
        """The id of an agent who serves somebody else's room and not this visitor's, as far as rooms tell one."""
        own = agent_of(self.shown[who])
        known = (agent_of(room) for room in self.shown.values())
        return next((agent for agent in known if agent not in (own, None)), None)

    def forget(self, who: str) -> RunVisitor:
        """Let somebody else play this part from now on; answers who did."""
        self.rooms.pop(who, None)
        return self.visitors.pop(who)


def agent_of(room: Mapping[str, Any]) -> str | None:
    """The id of the agent who serves a room, as far as it tells one."""
    agent = room.get("servedBy")
    known = agent.get("_id") if isinstance(agent, dict) else None
    return known if isinstance(known, str) else None


def open_department(actor: Actor) -> str | None:
    """The first department of the workspace, provided that somebody is online in it."""
    config = actor.send(Call("GET", CONFIG_PATH), "departments").body.get("config")
    listed = config.get("departments") if isinstance(config, dict) else None
    ids = [entry.get("_id") for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    if not ids or not isinstance(ids[0], str):
        return None
    asked = actor.send(Call("GET", f"{CONFIG_PATH}?department={query_value(ids[0])}"), "is the department online")
    config = asked.body.get("config")
    return ids[0] if isinstance(config, dict) and config.get("online") is True else None
