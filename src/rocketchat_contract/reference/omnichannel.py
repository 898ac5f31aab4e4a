"""Get or create: the behaviour behind ``GET livechat/room`` and ``POST livechat/room.close``.

The steps of a call, each a method that a wrong server may override::

    get_room ─ room_query ─ find_visitor ─┬─ get_by_id ─ room_by_id ──────────────────┐
                                          └─ get_or_create ─ find_open_room ──────────┤
                                                └ create_room ─ gate ─ draft_room ─   ├─ render ─ render_room
                                                  assign ─ between_look_up_and_ ─     │
                                                  insertion ─ insert_room ────────────┘

Between ``find_open_room`` and ``insert_room`` other calls run; who comes second finds the store's unique
index in the way (``Taken``), looks again and answers the winner's room.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from rocketchat_contract.reference.agents import Agents
from rocketchat_contract.reference.call import JsonObject, ServerCall, coded, mismatch, plain
from rocketchat_contract.reference.service import seconds_between
from rocketchat_contract.reference.store import Taken, VisitorGone
from rocketchat_contract.reference.visitors import Visitors

_PLAIN_NAME = re.compile(r"[a-z_$][0-9a-z_$.\[\]]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AskedRoom:
    """What ``GET livechat/room`` is asked."""

    token: str
    rid: str
    agent_id: str
    sla: str
    call: ServerCall


def field_path(name: str) -> str:
    """Name a member in a message as Meteor's ``check`` does."""
    if re.fullmatch("[0-9]+", name):
        return f"[{name}]"
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps([name], ensure_ascii=False)


class Omnichannel(Visitors, Agents):
    """The conversation between visitors and agents."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/room``."""
        query = self.room_query(call)
        visitor = await self.known_visitor(query.token)
        if query.rid:
            return await self.get_by_id(query, visitor)
        return await self.get_or_create(query, visitor)

    # the query

    def optional_parameters(self) -> tuple[str, ...]:
        """List the parameters beside ``token``."""
        return ("rid", "agentId", "sla", "priority") if self.settings.premium else ("rid", "agentId")

    def room_query(self, call: ServerCall) -> AskedRoom:
        """Check the query against the exact pattern: strings only, nothing undeclared."""
        optional = self.optional_parameters()
        texts: dict[str, str] = {}
        for name, value in call.query.items():
            if name != "token" and name not in optional:
                raise mismatch(f"Unknown key in field {field_path(name)}")
            if not isinstance(value, str):
                raise mismatch(f"Expected string, got object in field {name}")
            texts[name] = value
        if "token" not in texts:
            raise mismatch("Missing key 'token'")
        get = texts.get
        return AskedRoom(texts["token"], get("rid", ""), get("agentId", ""), get("sla", ""), call)

    # get

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Answer the visitor's own open room, or refuse with ``invalid-room``."""
        room = await self.room_by_id(query.rid, visitor)
        if room is None:
            raise plain("invalid-room")
        return self.render(room, query, new=False)

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        """Find the open room with exactly this id and this visitor's token."""
        return self.store.open_room_by_id(rid, visitor["token"])

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Answer the visitor's open room, else a new one."""
        room = await self.find_open_room(visitor)
        if room is not None:
            return self.render(room, query, new=False)
        return await self.create_room(query, visitor)

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        """Find the visitor's open room."""
        return self.store.open_room(visitor["token"])

    # create

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Make a room and answer it; whoever loses the race answers the winner's."""
        preferred = await self.preferred_agent(query.agent_id)
        self.gate(query, visitor, preferred)
        agent = self.choose_agent(preferred)
        room = self.assign(self.draft_room(query, visitor), agent)
        await self.between_look_up_and_insertion()
        try:
            self.insert_room(room)
        except Taken:
            return await self.lose_race(query, visitor)
        except VisitorGone:
            raise plain("invalid-token") from None
        return self.render(self.routed(room, query, agent, preferred), query, new=True)

    def routed(
        self,
        room: JsonObject,
        query: AskedRoom,  # noqa: ARG002 - releases look at it
        agent: JsonObject | None,
        preferred: JsonObject | None,
    ) -> JsonObject:
        """Let a stored room find its agent; an agent with no name to the id is refused only now."""
        if agent is not None:
            self.store.count_chat(agent["_id"])
        elif preferred is not None and "username" not in preferred and not self.settings.manual_selection:
            raise mismatch("Missing key 'username'")
        return room

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Look again: the winner's room is there, or closed by now and the place is free."""
        return await self.get_or_create(query, visitor)

    def gate(self, query: AskedRoom, visitor: JsonObject, preferred: JsonObject | None) -> None:  # noqa: ARG002
        """Refuse where no room may be made; open rooms are answered all the same."""
        settings = self.settings
        if not settings.livechat_enabled:
            raise coded("error-omnichannel-is-disabled")
        if settings.contact_blocked:
            raise plain("error-contact-channel-blocked")
        if preferred is None and not settings.accept_without_agents and not self.anyone_online():
            raise coded("no-agent-online", "Sorry, no online agents")
        if query.sla:
            raise coded("error-invalid-sla", "Invalid sla", {"function": "livechat.beforeRoom"})

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Make a room that is not stored yet."""
        now = self.now()
        room = {
            "_id": self.new_room_id(),
            "msgs": 0,
            "usersCount": 1,
            "lm": now,
            "fname": visitor.get("name") or visitor["username"],
            "t": "l",
            "ts": now,
            "v": {name: visitor[name] for name in ("_id", "username", "token", "status")},
            "cl": False,
            "open": True,
            "waitingResponse": True,
            "source": self.source(query.call),
            "queuedAt": now,
            "priorityWeight": 99,
            "estimatedWaitingTimeQueue": 9999999,
            "contactId": visitor["contactId"],
            "verified": False,
            "_updatedAt": now,
        }
        if self.edition.one_open_room:
            room["_enforceSingleRoom"] = True
        if visitor.get("department"):
            room["departmentId"] = visitor["department"]
        return room

    def source(self, call: ServerCall) -> JsonObject:
        """Tell where a room comes from."""
        return {"type": "widget", "destination": call.header(b"host")} if call.from_widget else {"type": "api"}

    def insert_room(self, room: JsonObject) -> None:
        """Store a new room; raises ``Taken`` when there is one, ``VisitorGone`` when the visitor was erased."""
        self.store.add_room(room, enforced=self.edition.one_open_room)

    def assign(self, room: JsonObject, agent: JsonObject | None) -> JsonObject:
        """Let an agent serve a new room; nobody online leaves it unserved."""
        if agent is None:
            return room
        served_by = {"_id": agent["_id"], "username": agent["username"], "ts": room["ts"]}
        return {**room, "servedBy": served_by, "usersCount": 2}

    # answer

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        """Shape the answer of ``GET livechat/room``; ``success`` comes last and is added outside."""
        return {"room": self.render_room(room, query), "newRoom": new}

    def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:  # noqa: ARG002 - wrong servers look at it
        """Shape a room: the whole stored document."""
        return room

    # close

    async def post_close(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/room.close``."""
        body = self.typed(call.document, {"rid": str, "token": str}, {})
        if not self.settings.visitors_may_close:
            raise plain("error-not-allowed-to-close-conversation")
        visitor = await self.known_visitor(body["token"])
        self.own_open_room(body["rid"], visitor)
        comment = "Closed by visitor"
        await self.close_room(body["rid"], visitor, comment)
        return {"rid": body["rid"], "comment": comment}

    def own_open_room(self, rid: str, visitor: JsonObject) -> JsonObject:
        """Find the visitor's own open room, or refuse with ``invalid-room`` or ``room-closed``."""
        room = self.store.room(rid)
        if room is None or room["v"]["token"] != visitor["token"]:
            raise plain("invalid-room")
        if not room.get("open"):
            raise plain("room-closed")
        return room

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        """Close a room for good and note it among its messages."""
        closed_at = self.now()
        closed_by = {"_id": visitor["_id"], "username": visitor["username"]}
        note = {"_id": self.new_room_id(), "rid": rid, "t": "livechat-close", "msg": comment}

        def close(room: JsonObject) -> None:
            if not room.pop("open", False):
                raise plain("room-closed")
            room.pop("waitingResponse", None)
            metrics = {**room.get("metrics", {}), "chatDuration": seconds_between(room["ts"], closed_at)}
            room.update(closedAt=closed_at, closer="visitor", closedBy=closed_by, _updatedAt=closed_at)
            room.update(metrics=metrics, msgs=room["msgs"] + 1)

        with self.store.transaction():
            if self.store.change_room(rid, close) is None:
                raise plain("invalid-room")
            self.store.add_message({**note, "ts": closed_at, "u": closed_by, "_updatedAt": closed_at})
