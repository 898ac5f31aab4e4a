"""The line of 3.7: each call without ``rid`` makes a room, and refusals are serialised exceptions."""

from __future__ import annotations

from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, Refusal, coded, mismatch
from rocketchat_contract.reference.omnichannel import AskedRoom

_SINCE_THEN = ("source", "queuedAt", "priorityWeight", "estimatedWaitingTimeQueue", "contactId", "verified")


class OldOmnichannel(Behaviour):
    """The line of 3.7: no look-up by token, 17-character visitor ids, exceptions as answers."""

    def new_visitor_id(self) -> str:
        """Draw a 17-character id."""
        return self.new_room_id()

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Make another room, whatever is open."""
        return await self.create_room(query, visitor)

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Answer the open room with this id; unknown and closed ids make a room."""
        room = self.store.room(query.rid)
        if room is None or not room.get("open"):
            return await self.create_room(query, visitor)
        if room["v"]["token"] != visitor["token"]:
            raise coded("cannot-access-room")
        return self.render(room, query, new=False)

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        """Make a room with the id the visitor chose, if any, and without what later lines added."""
        room = super().draft_room(query, visitor)
        for name in _SINCE_THEN:
            room.pop(name, None)
        if query.rid and self.store.room(query.rid) is None:
            room["_id"] = query.rid
        return room

    def typed(self, body: JsonObject, required: dict[str, type], optional: dict[str, type]) -> JsonObject:  # type: ignore[override]
        """Check a body as ``check`` does."""
        for name in body:
            if name not in required and name not in optional:
                raise mismatch(f"Unknown key in field {name}")
        for name in required:
            if name not in body:
                raise mismatch(f"Missing key '{name}'")
        return super().typed(body, required, optional)

    def path_of(self, message: str) -> str:  # noqa: ARG002
        """Name the member that a check stumbled over."""
        return ""

    def refusal_body(self, refusal: Refusal) -> JsonObject:
        """Write the exception itself, as it serialised then."""
        if refusal.status != 400 or not refusal.message:
            return super().refusal_body(refusal)
        if refusal.message.startswith("Match error: "):
            inner = {
                "isClientSafe": True,
                "error": 400,
                "reason": "Match failed",
                "message": "Match failed [400]",
            }
            outer = {
                "message": refusal.message,
                "path": self.path_of(refusal.message),
                "sanitizedError": {**inner, "errorType": "Meteor.Error"},
            }
            return {**outer, "errorType": "Match.Error", "success": False}
        code = refusal.code or refusal.message
        reason = refusal.message.removesuffix(f"[{code}]").strip() if refusal.code else ""
        body: JsonObject = {"isClientSafe": True, "error": code}
        body |= {"reason": reason} if reason else {}
        body |= {"details": refusal.details} if refusal.details is not None else {}
        message = f"{reason} [{code}]" if reason else f"[{code}]"
        return {**body, "message": message, "errorType": "Meteor.Error", "success": False}
