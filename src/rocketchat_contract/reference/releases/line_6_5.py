"""Rocket.Chat 6.5: an agent who is named has to be online; racing registrations make several visitors."""

from __future__ import annotations

from typing import ClassVar

from rocketchat_contract.reference.call import JsonObject, ServerCall, coded
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.releases.line_7_2 import Line72
from rocketchat_contract.reference.releases.release import MemberNames, Release, in_release_order
from rocketchat_contract.reference.service import seconds_between, without_members
from rocketchat_contract.reference.store import Store


class SeveralVisitors(Store):
    """A store whose visitors may share a token."""

    unique_tokens = False


class Line65(Line72):
    """As 6.5.3 was measured."""

    begun = 1
    room_order: ClassVar[MemberNames] = (
        "_id",
        "msgs",
        "usersCount",
        "lm",
        "fname",
        "t",
        "ts",
        "departmentId",
        "v",
    )
    message_order: ClassVar[MemberNames] = (
        "_id",
        "rid",
        "msg",
        "token",
        "alias",
        "ts",
        "u",
        "_updatedAt",
        "urls",
        "mentions",
        "channels",
    )
    visitor_order: ClassVar[MemberNames] = (
        "_id",
        "username",
        "status",
        "ts",
        "token",
        "_updatedAt",
        "phone",
        "name",
        "visitorEmails",
    )
    guest_order: ClassVar[MemberNames] = ("_id", "name", "username", "token")
    agent_order: ClassVar[MemberNames] = ("_id", "name", "username", "status", "emails")
    chat_order: ClassVar[MemberNames] = ("_id", "servedBy", "open")
    author_order: ClassVar[MemberNames] = ("_id", "username", "name")

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Make a room without a contact."""
        return without_members(super().draft_room(query, visitor), "contactId", "verified")

    def source(self, call: ServerCall) -> JsonObject:
        """Tell where a room comes from, not from which site."""
        return without_members(super().source(call), "destination")

    def gate(self, query: AskedRoom, visitor: JsonObject, preferred: JsonObject | None) -> None:
        """Refuse an agent who is named and not online, whoever else is."""
        super().gate(query, visitor, preferred)
        online = {agent["_id"] for agent in self.store.online_agents()}
        if preferred is not None and preferred["_id"] not in online:
            raise coded("no-agent-online", "Sorry, no online agents")

    def started(self, room: JsonObject) -> JsonObject:
        """Make the message that a chat begins with."""
        now = self.now()
        message = {"t": "livechat-started", "msg": "", "groupable": False, "ts": now, "u": self.starter(room)}
        message |= {"rid": room["_id"], "_id": self.new_room_id(), "_updatedAt": now}
        return {**message, "urls": [], "mentions": [], "channels": []}

    def starter(self, room: JsonObject) -> JsonObject:
        """Name who began a chat."""
        return {**super().starter(room), "name": room["fname"]}

    def begin(self, room: JsonObject) -> None:
        """Write into a room that its visitor began the chat, which counts as an answer."""
        super().begin(room)
        now = self.now()
        waited = seconds_between(room["ts"], now)
        first = {"fd": now, "ft": waited}
        room["metrics"] = {"response": {"avg": waited, **first, "total": 1, "tt": waited}}
        room["metrics"]["reaction"] = {**first, "tt": waited}

    def closed_meanwhile(self) -> None:
        """Let a close that another one overtook end well."""

    def registration(self, body: JsonObject) -> JsonObject:
        """Check the body of a registration; a token may be empty."""
        token = (body.get("visitor") or {}).get("token") if isinstance(body.get("visitor"), dict) else None
        if not isinstance(token, str) or token.strip():
            return super().registration(body)
        return {**super().registration({"visitor": {**body["visitor"], "token": "x"}}), "token": token}

    async def save_registered(self, visitor: JsonObject, given: JsonObject) -> JsonObject:
        """Save a visitor; an id that the caller chose comes where it was written."""
        if not given.get("id"):
            return await super().save_registered(visitor, given)
        document = in_release_order(visitor, self.visitor_order)
        kept = {name: document[name] for name in ("username", "status", "ts", "token", "_id") if name in document}
        return await Release.save_registered(self, kept | document, given)

    def draft_visitor(self, given: JsonObject) -> JsonObject:
        """Make a visitor, with the id that the caller chose if any."""
        visitor = super().draft_visitor(given)
        return {**visitor, "_id": given["id"]} if given.get("id") else visitor

    async def get_agents(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/users/agent``."""
        document = await super().get_agents(call)
        names = ("_id", "username", "status", "statusLivechat", "name", "emails")
        shown = [{name: user[name] for name in names if name in user} for user in document["users"]]
        return {**document, "users": [{**user, "livechat": None, "departments": []} for user in shown]}

    def not_allowed(self) -> None:
        """Say that visitors may not notify everybody."""
        details = {"method": "filterATAllTag", "action": "Notify_all_in_this_room"}
        raise coded("error-action-not-allowed", "Notify all in this room not allowed", details)

    async def get_info(self, call: ServerCall) -> JsonObject:
        """Answer ``GET /api/info``."""
        return without_members(await super().get_info(call), "cloudWorkspaceId")

    def known_settings(self) -> dict[str, str]:
        """List the settings: whether visitors may close came later."""
        return without_members(super().known_settings(), "Omnichannel_allow_visitors_to_close_conversation")

    def widget_settings(self) -> JsonObject:
        """List the settings of the widget."""
        return without_members(super().widget_settings(), "livechatLogo", "hideWatermark", "visitorsCanCloseChat")

    def theme(self) -> JsonObject:
        """Describe the widget's looks."""
        return without_members(super().theme(), "position")
