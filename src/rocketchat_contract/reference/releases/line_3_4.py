"""Rocket.Chat 3.4: each call makes a room, and what goes wrong is told as the exception it was."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, coded
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.releases.line_3_7 import OldOmnichannel
from rocketchat_contract.reference.releases.line_6_5 import Line65
from rocketchat_contract.reference.releases.release import MemberNames, in_release_order
from rocketchat_contract.reference.releases.widget_settings import OLD_ACTIONS
from rocketchat_contract.reference.service import without_members

_PATH = re.compile(r"(?:in field |Unknown key in field )(?P<path>\S+)$")
_CHANNEL = "GENERAL"
"""The id of the channel that every workspace begins with."""


class Line34(OldOmnichannel, Line65):
    """As 3.4.0 was measured: no message begins a chat, an agent's taking it is the first."""

    taken = 1
    author_order: ClassVar[MemberNames] = ("_id", "username")
    visitor_order: ClassVar[MemberNames] = ("username", "_updatedAt", "_id", "token", "phone", "visitorEmails", "name")
    actions: ClassVar[Any] = OLD_ACTIONS
    config_order: ClassVar[MemberNames] = (
        "enabled",
        "settings",
        "theme",
        "messages",
        "survey",
        "triggers",
        "departments",
        "resources",
        "online",
        "guest",
        "room",
        "agent",
    )

    def optional_parameters(self) -> tuple[str, ...]:
        """List the parameters beside ``token``."""
        return ("rid", "agentId", "priority")

    async def get_room(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/room``; an unknown agent is an exception that nobody expected."""
        query = self.room_query(call)
        if call.query.get("priority"):
            raise coded("error-invalid-priority", "Invalid priority", {"function": "livechat.beforeRoom"})
        visitor = await self.known_visitor(query.token)
        if query.agent_id and self.store.user(query.agent_id) is None:
            raise Refusal("")
        return await (self.get_by_id(query, visitor) if query.rid else self.get_or_create(query, visitor))

    async def known_visitor(self, token: str) -> JsonObject:
        """Find the visitor, or refuse with a Meteor error."""
        visitor = await self.find_visitor(token)
        if visitor is None:
            raise coded("invalid-token")
        return visitor

    async def create_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Make a room; the id of a channel is taken, and the database says so."""
        if query.rid == _CHANNEL:
            raise Refusal("", extra=duplicate_key(self.draft_room(query, visitor)))
        return await super().create_room(query, visitor)

    def begin(self, room: JsonObject) -> None:
        """Note nothing."""

    def taking(self, room: JsonObject, agent: JsonObject) -> list[JsonObject]:
        """Make the message of an agent who takes a room."""
        note = self.note(room, agent, "command", "connected")
        return [{**without_members(note, "_id"), "_id": self.new_room_id()}]

    def refusal_body(self, refusal: Refusal) -> JsonObject:
        """Write the exception itself."""
        if "errmsg" in refusal.extra:
            return {**refusal.extra, "success": False}
        return super().refusal_body(refusal)

    def path_of(self, message: str) -> str:
        """Name the member that a check stumbled over."""
        found = _PATH.search(message)
        return found["path"] if found else ""

    # visitors

    def match(self, given: JsonObject) -> JsonObject | None:
        """Find whom a registration means; two visitors may have one phone."""
        return super().match(without_members(given, "phone"))

    def render_visitor(self, visitor: JsonObject) -> JsonObject:
        """Shape a visitor for an answer."""
        return without_members(super().render_visitor(visitor), "status", "ts", "lastChat")

    def unknown_department_is_fine(self, given: JsonObject) -> bool:
        """Whether a department that nobody knows is left out."""
        return bool(given.get("department")) and self.store.department(given["department"]) is None

    def fill(self, visitor: JsonObject, given: JsonObject) -> None:
        """Write what a registration tells into a visitor; a department that nobody knows is left out."""
        super().fill(visitor, without_members(given, "department") if self.unknown_department_is_fine(given) else given)

    async def get_visitor(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/visitor/:token``; nobody is nobody."""
        visitor = await self.find_visitor(call.values[0])
        return {"visitor": self.render_visitor(visitor)} if visitor else {}

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        """Answer ``DELETE livechat/visitor/:token``: open rooms go with their visitor."""
        visitor = await self.find_visitor(call.values[0])
        if visitor is None:
            raise Refusal("", extra={"error": "invalid-token"})
        self.store.delete_visitor(visitor["_id"], visitor["token"], even_with_open_rooms=True)
        return {"visitor": {"_id": visitor["_id"], "ts": self.now()}}

    # messages

    def draft_message(self, body: JsonObject, visitor: JsonObject) -> JsonObject:
        """Make a visitor's message without its markup."""
        message = without_members(super().draft_message(body, visitor), "md")
        return message if message["urls"] else without_members(message, "urls")

    def urls(self, text: str) -> list[JsonObject]:
        """List the addresses in a text."""
        return [without_members(url, "meta") for url in super().urls(text)]

    def not_allowed(self) -> None:
        """Say nothing about why."""
        raise Refusal("")

    # the widget

    async def get_info(self, call: ServerCall) -> JsonObject:  # noqa: ARG002
        """Answer ``GET /api/info``."""
        return {"version": self.edition.version}

    async def get_versioned_info(self, call: ServerCall) -> JsonObject:  # noqa: ARG002
        """Answer ``GET /api/v1/info``."""
        return {"info": {"version": self.edition.version}}

    def widget_settings(self) -> JsonObject:
        """List the settings of the widget."""
        return without_members(super().widget_settings(), "clearLocalStorageWhenChatEnded", "limitTextLength")

    async def get_config(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/config``."""
        config = (await super().get_config(call))["config"]
        return {"config": in_release_order(without_members(config, "customFields"), self.config_order) | config}


def duplicate_key(room: JsonObject) -> JsonObject:
    """Write the exception of a database that has this id already."""
    taken = f'index: _id_ dup key: {{ _id: "{room["_id"]}" }}'
    text = f"E11000 duplicate key error collection: rocketchat.rocketchat_room {taken}"
    failed = {"index": 0, "code": 11000, "errmsg": text, "op": room}
    counts = {"nInserted": 1, "nUpserted": 0, "nMatched": 0, "nModified": 0, "nRemoved": 0, "upserted": []}
    result = {
        "ok": 1,
        "writeErrors": [{"code": 11000, "index": 0, "errmsg": text, "op": room}],
        "writeConcernErrors": [],
        "insertedIds": [{"index": 0, "_id": room["_id"]}],
        **counts,
    }
    return {**failed, "name": "BulkWriteError", "driver": True, "err": failed, "result": result}
