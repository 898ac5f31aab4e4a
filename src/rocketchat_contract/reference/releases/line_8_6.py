"""Rocket.Chat 8.6: one open room per visitor, and a call that loses the race for it is refused."""

from __future__ import annotations

from typing import Any, ClassVar

from rocketchat_contract.reference.agents import AGENT
from rocketchat_contract.reference.call import TEXT_TYPE, JsonObject, Refusal, ServerCall, ServerReply, plain
from rocketchat_contract.reference.front import FRONT_METHODS, NO_CORS, Front, is_preflight, oversized
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.releases.line_7_2 import Line72
from rocketchat_contract.reference.releases.release import MemberNames, Release
from rocketchat_contract.reference.releases.restivus import RESTIVUS_PAGE, Malformed, decoded_uri
from rocketchat_contract.reference.releases.widget_settings import JITSI
from rocketchat_contract.reference.routes import Route
from rocketchat_contract.reference.wire import Channel, Scope

_ENDED = ServerReply(500, b"", TEXT_TYPE, cacheable=True)
_OPTIONS = b"text/plain;charset=UTF-8"


class Hono(Front):
    """The router of 8.6: paths are decoded, what is no path of the API is a page, ``TRACE`` hangs."""

    closes_unreadable = True

    def find(self, method: str, path: str) -> tuple[Route | None, tuple[str, ...]]:
        """Find a route by its decoded path."""
        found = super().find(method, path)
        if found[0] is not None or "%" not in path:
            return found
        try:
            return super().find(method, decoded_uri(path))
        except Malformed:
            return None, ()

    async def early(self, scope: Scope, channel: Channel, call: ServerCall) -> ServerReply | None:
        """Close on long requests; leave ``TRACE`` without an answer."""
        if oversized(scope) or call.method not in FRONT_METHODS:
            await channel.abort()
            return _ENDED
        if call.method == "TRACE":
            await channel.keep_silent()
            return _ENDED
        return None

    def unrouted(self, call: ServerCall, path: str) -> ServerReply:
        """Answer what no route answers."""
        if not path.startswith(f"{self.settings.prefix}/api/"):
            html = b"<!DOCTYPE html>\n<html><head><title>Rocket.Chat</title></head><body></body></html>"
            return ServerReply(200, html, RESTIVUS_PAGE, cacheable=True)
        if call.method == "OPTIONS":
            preflight = is_preflight(call)
            return ServerReply(405 if preflight else 200, NO_CORS if preflight else b"OK", _OPTIONS, cacheable=True)
        return super().unrouted(call, path)

    def address(self, call: ServerCall) -> str:
        """Take the last address that anybody named, proxy or not."""
        return call.header(b"x-forwarded-for").rpartition(",")[2].strip() or call.address


class Line86(Line72):
    """As 8.6.1 was measured; members without a value are stored as null unless the database is told otherwise."""

    message_order: ClassVar[MemberNames] = (
        "_id",
        "rid",
        "msg",
        "token",
        "alias",
        "ts",
        "u",
        "md",
        "mentions",
        "channels",
        "urls",
        "_updatedAt",
    )
    actions: ClassVar[Any] = {"jitsi": JITSI}

    def optional_parameters(self) -> tuple[str, ...]:
        """List the parameters beside ``token``."""
        return ("rid", "agentId")

    def refusal_body(self, refusal: Refusal) -> JsonObject:
        """Write a refusal's body."""
        return super(Release, self).refusal_body(refusal)

    def stored(self, document: JsonObject, *names: str) -> JsonObject:
        """Write what has no value as the database stores it: as null, or not at all."""
        return document if self.settings.ignore_undefined else {**document, **dict.fromkeys(names)}

    def starter(self, room: JsonObject) -> JsonObject:
        """Name who began a chat, as far as known."""
        return self.stored(super().starter(room), "name")

    def choose_agent(self, preferred: JsonObject | None) -> JsonObject | None:
        """Choose who serves a new room: where chats without agents are accepted, also who is not available."""
        chosen = super().choose_agent(preferred)
        if chosen or self.settings.manual_selection or not self.settings.accept_without_agents:
            return chosen
        return next((user for user in self.store.users() if AGENT in user["roles"]), None)

    async def lose_race(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:  # noqa: ARG002
        """Refuse with the database's words."""
        raise plain(
            "Plan executor error during findAndModify :: caused by :: E11000 duplicate key error collection: "
            f'rocketchat.rocketchat_room index: v.token_1 dup key: {{ v.token: "{visitor["token"]}" }}'
        )

    def routed(
        self, room: JsonObject, query: AskedRoom, agent: JsonObject | None, preferred: JsonObject | None
    ) -> JsonObject:
        """Let a room find its agent, also where its visitor was deleted meanwhile."""
        return super(Line72, self).routed(room, query, agent, preferred)

    def erase(self, visitor: JsonObject) -> bool:
        """Erase a visitor with rooms and messages, but for those that an earlier visitor of the token left."""
        even, mine = self.settings.delete_with_open_rooms, (visitor["_id"], visitor["token"])
        return self.store.delete_visitor(*mine, even_with_open_rooms=even, only_by_id=True)

    def closed_meanwhile(self) -> None:
        """Refuse a close that another one overtook."""
        raise plain("error-room-cannot-be-closed-try-again")

    def unknown_department(self) -> Refusal:
        """Refuse a department that nobody knows."""
        return plain("error-invalid-department")

    def marked(self, text: str) -> list[JsonObject]:
        """Read a message's markup; emoji and line breaks have no value."""
        return [self.valued(part) for part in super().marked(text)]

    def valued(self, part: JsonObject) -> JsonObject:
        """Write what a part of the markup has no value for, and what its parts have none for."""
        if "value" not in part and not self.settings.ignore_undefined:
            return {"type": part["type"], "value": None, **part}
        inner = part.get("value")
        return {**part, "value": [self.valued(one) for one in inner]} if isinstance(inner, list) else part

    async def post_visitor(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/visitor``, noting where it came from."""
        names = {"host": b"host", "ip": b"x-forwarded-for", "userAgent": b"user-agent"}
        self.came = {name: call.header(header) for name, header in names.items() if call.header(header)}
        return await super().post_visitor(call)

    def fill(self, visitor: JsonObject, given: JsonObject) -> None:
        """Write what a registration tells into a visitor, and where it came from."""
        super().fill(visitor, given)
        visitor.update({**self.stored({}, "ip", "userAgent"), **self.came})

    def workspace_config(self) -> JsonObject:
        """Describe the workspace, without custom fields."""
        config = super().workspace_config()
        del config["customFields"]
        return config
