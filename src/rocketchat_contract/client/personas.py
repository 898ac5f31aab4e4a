"""The visitors of a driver that tells stories: who plays which part, and the rooms that each had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rocketchat_contract.client.address import query_value
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.rocketchat.own_visitors import TOKEN_LEAD
from rocketchat_contract.rocketchat.paths import CONFIG_PATH

UNKNOWN_RID = f"{TOKEN_LEAD}NoSuchRoomHere1"
UNKNOWN_AGENT = f"{TOKEN_LEAD}NoSuchAgentHere"


@dataclass
class Personas:
    """The visitors by their parts, the rooms they had so far, the open one last, and the last room of each in full.

    ``only_plain`` says that the server refused an unusual token, so that no other is tried: each costs a registration.
    ``offered`` is what a registration may name of the workspace, once it was asked for.
    """

    visitors: dict[str, RunVisitor] = field(default_factory=dict)
    rooms: dict[str, list[str]] = field(default_factory=dict)
    shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    only_plain: bool = False
    offered: tuple[dict[str, str], dict[str, Any]] | None = None

    def visitor(
        self,
        actor: Actor,
        who: str,
        *unusual: Callable[[], RunVisitor],
        with_address: bool = False,
        in_department: bool = False,
    ) -> RunVisitor:
        """A visitor, registered when first asked for; ``unusual`` make one whom not every server takes, or the next.

        So does an e-mail address, and perhaps a department.
        """
        if who not in self.visitors:
            made = self._unusual(actor, unusual, with_address=with_address, in_department=in_department)
            self.visitors[who] = made or actor.register()
        return self.visitors[who]

    def _unusual(
        self, actor: Actor, unusual: Iterable[Callable[[], RunVisitor]], *, with_address: bool, in_department: bool
    ) -> RunVisitor | None:
        for make in () if self.only_plain else unusual:
            asked = make()
            more = {"email": actor.address_of(asked)} if with_address else {}
            more |= self.department(actor) if in_department else {}
            visitor = actor.registered(asked, **more)
            self.only_plain = visitor is None
            if visitor is not None:
                return visitor
        return None

    def department(self, actor: Actor) -> dict[str, str]:
        """What registers somebody in the first department that takes chats; nothing where there is none."""
        if self.offered is None:
            department, fields = offered_by(actor)
            self.offered = (
                {"department": department} if department else {},
                {"customFields": fields} if fields else {},
            )
        return self.offered[0]

    def fields(self, actor: Actor) -> dict[str, Any]:
        """What registers somebody with the custom fields that the workspace offers."""
        self.department(actor)
        return self.offered[1] if self.offered is not None else {}

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


FIELD_VALUE = "Zoë & Söhne"


def open_department(actor: Actor) -> str | None:
    """The first department of the workspace, provided that somebody is online in it."""
    return offered_by(actor)[0]


def offered_by(actor: Actor) -> tuple[str | None, list[dict[str, Any]]]:
    """The first department of the workspace that takes chats, and values for its visitors' custom fields."""
    config = actor.send(Call("GET", CONFIG_PATH), "departments and custom fields").body.get("config")
    fields = config.get("customFields") if isinstance(config, dict) else None
    named = [entry for entry in fields if isinstance(entry, dict)] if isinstance(fields, list) else []
    free = [
        entry["_id"] for entry in named if isinstance(entry.get("_id"), str) and entry.get("type") in (None, "input")
    ]
    values = [{"key": name, "value": FIELD_VALUE, "overwrite": True} for name in free[:3]]
    return _department_in(actor, config), values


def _department_in(actor: Actor, config: object) -> str | None:
    listed = config.get("departments") if isinstance(config, dict) else None
    ids = [entry.get("_id") for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    if not ids or not isinstance(ids[0], str):
        return None
    asked = actor.send(Call("GET", f"{CONFIG_PATH}?department={query_value(ids[0])}"), "is the department online")
    config = asked.body.get("config")
    return ids[0] if isinstance(config, dict) and config.get("online") is True else None
