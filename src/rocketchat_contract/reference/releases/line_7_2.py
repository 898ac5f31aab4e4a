"""Rocket.Chat 7.2: a look-up, then an insertion, and nothing that holds them together."""

from __future__ import annotations

from typing import Any, ClassVar

from rocketchat_contract.reference.call import JsonObject, coded, mismatch
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.releases.release import MemberNames, Release
from rocketchat_contract.reference.releases.widget_settings import JITSI, WEBRTC

_DELETED = "Expected string, got undefined"


class Line72(Release):
    """As the state of December 2024 was measured; a room may be made behind a refusal."""

    room_order: ClassVar[MemberNames] = (
        "_id",
        "_enforceSingleRoom",
        "cl",
        "contactId",
        "departmentId",
        "estimatedWaitingTimeQueue",
        "fname",
        "lm",
        "msgs",
        "open",
        "priorityWeight",
        "queuedAt",
        "source",
        "t",
        "ts",
        "usersCount",
        "v",
        "verified",
        "waitingResponse",
        "_updatedAt",
    )
    message_order: ClassVar[MemberNames] = (
        "_id",
        "rid",
        "msg",
        "token",
        "alias",
        "ts",
        "u",
        "urls",
        "mentions",
        "channels",
        "md",
        "_updatedAt",
    )
    visitor_order: ClassVar[MemberNames] = (
        "_id",
        "token",
        "_updatedAt",
        "department",
        "host",
        "ip",
        "name",
        "phone",
        "status",
        "ts",
        "userAgent",
        "username",
        "visitorEmails",
    )
    actions: ClassVar[Any] = {"webrtc": WEBRTC, "jitsi": JITSI}

    def optional_parameters(self) -> tuple[str, ...]:
        """List the parameters beside ``token``: the paid edition's two are taken with or without a licence."""
        return ("rid", "agentId", "sla", "priority")

    def routed(
        self, room: JsonObject, query: AskedRoom, agent: JsonObject | None, preferred: JsonObject | None
    ) -> JsonObject:
        """Let a room find its agent; an unknown priority is refused when the room is there already."""
        if self.store.visitor(room["v"]["token"]) is None:
            self.store.stick(room["_id"])
            raise mismatch(_DELETED)
        if query.call.query.get("priority"):
            self.change(room, self.begin)
            self.store.stick(room["_id"])
            raise coded("error-invalid-priority", "Invalid priority", {"function": "livechat.beforeInquiry"})
        return super().routed(room, query, agent, preferred)

    async def save_registered(self, visitor: JsonObject, given: JsonObject) -> JsonObject:
        """Save a visitor with the members in this release's order."""
        kept = {name: visitor[name] for name in self.visitor_order if name in visitor}
        return await super().save_registered({**kept, **visitor}, given)
