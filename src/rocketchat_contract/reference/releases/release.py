"""What all measured releases have in common: a chat begins with a message, visitors remember their last chat.

A room is made unserved; then the visitor's ``livechat-started`` is noted, then an agent takes it, each of which
raises ``msgs``. What differs from release to release is a value or a small method of its class.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, ServerReply, coded, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.releases import widget_settings
from rocketchat_contract.reference.releases.markup import marked
from rocketchat_contract.reference.store import Taken

MemberNames = tuple[str, ...]
_URL = re.compile(r"https?://[^\s<>\")]+")


def in_release_order(document: JsonObject, names: tuple[str, ...]) -> JsonObject:
    """Write the members that there are in this order; others come behind."""
    return {name: document[name] for name in names if name in document} | document


class Release(Behaviour):
    """A release line as its own code was measured."""

    begun: ClassVar[int] = 2
    """How many messages a room has when nobody serves it yet."""
    taken: ClassVar[int] = 2
    """How many more an agent makes who takes it."""
    room_order: ClassVar[MemberNames] = ()
    message_order: ClassVar[MemberNames] = ()
    guest_order: ClassVar[MemberNames] = ("_id", "token", "name", "username")
    agent_order: ClassVar[MemberNames] = ("_id", "status", "username", "name", "emails")
    chat_order: ClassVar[MemberNames] = ("_id", "open", "servedBy")
    author_order: ClassVar[MemberNames] = ("_id", "username")
    actions: ClassVar[Any] = {}

    def seed(self, password: str) -> None:
        """Begin without a department, as a workspace is installed."""
        super().seed(password)
        self.store.db.execute("delete from departments")

    def refusal_body(self, refusal: Refusal) -> JsonObject:
        """Write a refusal's body: callers who are nobody are told so without more."""
        return dict(refusal.extra) if refusal.status == 401 else super().refusal_body(refusal)

    def refuse(self, refusal: Refusal) -> ServerReply:
        """Answer a refusal; none of them leaves before the API adds its headers."""
        return ServerReply(refusal.status, self.refusal_body(refusal))

    # rooms

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Make a room, in the workspace's only department where neither visitor nor agent is for another."""
        room = super().draft_room(query, visitor)
        departments = self.store.departments()
        if len(departments) == 1 and not query.agent_id and self.anyone_online():
            room.setdefault("departmentId", departments[0]["_id"])
        return in_release_order(room, self.room_order)

    def assign(self, room: JsonObject, agent: JsonObject | None) -> JsonObject:  # noqa: ARG002
        """Leave the room unserved until it is stored."""
        return room

    def insert_room(self, room: JsonObject) -> None:
        """Store a room, whether or not its visitor was deleted since the look-up."""
        self.store.add_room(room, enforced=self.edition.one_open_room, orphaned=True)

    def routed(
        self, room: JsonObject, query: AskedRoom, agent: JsonObject | None, preferred: JsonObject | None
    ) -> JsonObject:
        """Note that the chat began, then let an agent take it."""
        visitor = self.store.visitor(room["v"]["token"])
        if visitor is not None:
            now = self.now()
            self.store.save_visitor({**visitor, "_updatedAt": now, "lastChat": {"_id": room["_id"], "ts": now}})
        begun = self.change(room, self.begin)
        super().routed(begun, query, agent, preferred)
        return begun if agent is None else self.change(begun, lambda room: self.take(room, agent))

    def change(self, room: JsonObject, change: Callable[[JsonObject], None]) -> JsonObject:
        """Change a stored room and read it again."""
        return self.store.change_room(room["_id"], change) or room

    def begin(self, room: JsonObject) -> None:
        """Write into a room that its visitor began the chat."""
        message = self.started(room)
        self.store.add_message(message)
        room.update(msgs=self.begun, lm=message["ts"], _updatedAt=self.now())
        if self.settings.store_last_message:
            room["lastMessage"] = message

    def take(self, room: JsonObject, agent: JsonObject) -> None:
        """Write into a room that an agent took it."""
        now = self.now()
        for note in self.taking(room, agent):
            self.store.add_message(note)
        room.update(msgs=room["msgs"] + self.taken, usersCount=2, _updatedAt=now)
        room["servedBy"] = {"_id": agent["_id"], "username": agent["username"], "ts": now}

    def taking(self, room: JsonObject, agent: JsonObject) -> list[JsonObject]:
        """Make the messages of an agent who takes a room."""
        return [self.note(room, agent, "command", "connected"), self.note(room, agent, "uj", "")]

    def note(self, room: JsonObject, agent: JsonObject, kind: str, text: str) -> JsonObject:
        """Make a message that nobody wrote."""
        now, author = self.now(), {name: agent[name] for name in self.author_order}
        note = {"_id": self.new_visitor_id(), "t": kind, "rid": room["_id"], "ts": now, "msg": text, "u": author}
        return {**note, "groupable": False, "_updatedAt": now}

    def started(self, room: JsonObject) -> JsonObject:
        """Make the message that a chat begins with."""
        now, visitor = self.now(), room["v"]
        return {
            "_id": self.new_visitor_id(),
            "t": "livechat-started",
            "rid": room["_id"],
            "ts": now,
            "msg": "",
            "u": self.starter(room),
            "groupable": False,
            "token": visitor["token"],
            "_updatedAt": now,
        }

    def starter(self, room: JsonObject) -> JsonObject:
        """Name who began a chat."""
        return {name: room["v"][name] for name in ("_id", "username")}

    # closing

    async def close_room(self, rid: str, visitor: JsonObject, comment: str) -> None:
        """Close a room; who comes second while that is under way is told that the inquiry cannot be removed."""
        if self.store.is_stuck(rid):
            raise plain("Error removing inquiry")
        await self.between_look_up_and_insertion()
        try:
            await super().close_room(rid, visitor, comment)
        except Refusal:
            self.closed_meanwhile()

    def closed_meanwhile(self) -> None:
        """Refuse a close that another one overtook."""
        raise plain("Error removing inquiry")

    # visitors

    async def save_registered(self, visitor: JsonObject, given: JsonObject) -> JsonObject:  # noqa: ARG002
        """Take a database's time to save a visitor; whoever loses a race is refused with its words."""
        await self.between_look_up_and_insertion()
        try:
            self.store.save_visitor(visitor)
        except Taken:
            raise plain(
                "Plan executor error during findAndModify :: caused by :: "
                "Performing an update on the path '_id' would modify the immutable field '_id'"
            ) from None
        return visitor

    def unknown_department(self) -> Refusal:
        """Refuse a department that nobody knows."""
        return coded("error-invalid-department", "The provided department is invalid")

    # messages

    def draft_message(self, body: JsonObject, visitor: JsonObject) -> JsonObject:
        """Make a visitor's message; to all is for those who may."""
        self.refuse_all(body["msg"])
        message = super().draft_message(body, visitor)
        del message["newRoom"], message["showConnecting"]
        message["urls"] = self.urls(body["msg"])
        message["md"] = self.marked(body["msg"])
        if not body["msg"]:
            del message["md"]
        return in_release_order(message, self.message_order)

    def urls(self, text: str) -> list[JsonObject]:
        """List the addresses in a text."""
        return [{"url": url, "meta": {}} for url in _URL.findall(text)]

    def marked(self, text: str) -> list[JsonObject]:
        """Read a message's markup."""
        return marked(text)

    def refuse_all(self, text: str) -> None:
        """Refuse a message to everybody in the room."""
        if "@all" in text.split():
            self.not_allowed()

    def not_allowed(self) -> None:
        """Say that visitors may not notify everybody."""
        details = {"action": "Notify all in this room"}
        raise coded("error-action-not-allowed", "Notify all in this room not allowed", details)

    def show_message(self, room: JsonObject, message: JsonObject) -> None:
        """Write into a room what a message changes; a visitor is active once somebody answers."""
        before = room["v"].get("activity")
        super().show_message(room, message)
        if "token" in message:
            room["v"].pop("activity")
            room.pop("responseBy", None)
            room["v"].update({"activity": before} if before else {})
        else:
            room["v"]["activity"] = [message["ts"][:7]]

    # the widget

    async def get_info(self, call: ServerCall) -> JsonObject:  # noqa: ARG002
        """Answer ``GET /api/info``."""
        clients = {"desktop": "3.9.6", "mobile": "4.39.0"}
        return {"version": self.edition.version, "minimumClientVersions": clients, "cloudWorkspaceId": ""}

    def workspace_config(self) -> JsonObject:
        """Describe the workspace as it is installed."""
        document = super().workspace_config()
        config = {**document, "settings": self.widget_settings(), "theme": self.theme()}
        config["resources"] = widget_settings.RESOURCES
        config["customFields"] = config.pop("customFields")
        return config

    def widget_settings(self) -> JsonObject:
        """List the settings of the widget."""
        more: JsonObject = {
            "clearLocalStorageWhenChatEnded": False,
            "limitTextLength": self.settings.message_limit or False,
        }
        more |= {"livechatLogo": {}, "hideWatermark": False}
        may_close = {"visitorsCanCloseChat": self.settings.visitors_may_close}
        return {**widget_settings.SETTINGS, "agentHiddenInfo": not self.settings.show_agent_info, **more, **may_close}

    def theme(self) -> JsonObject:
        """Describe the widget's looks."""
        return {**widget_settings.THEME, "position": "right", "actionLinks": self.actions}

    def guest_config(self, visitor: JsonObject) -> JsonObject:
        """Describe a known visitor to their widget: the room first."""
        document = super().guest_config(visitor)
        guest = {name: visitor[name] for name in self.guest_order if name in visitor}
        room = {"room": in_release_order(document["room"], self.chat_order)} if "room" in document else {}
        agent = {"agent": document["agent"]} if "agent" in document else {}
        return {**room, "guest": guest, **agent}

    def agent_info(self, room: JsonObject) -> JsonObject | None:
        """Describe the agent who serves a room."""
        agent = self.store.user(room["servedBy"]["_id"]) if "servedBy" in room else None
        return agent and {name: agent[name] for name in self.agent_order if name in agent}
