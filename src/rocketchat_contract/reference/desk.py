"""An agent's side of a conversation: answering, and closing."""

from __future__ import annotations

import time

from rocketchat_contract.reference.call import JsonObject, ServerCall, plain
from rocketchat_contract.reference.messages import Messages, parsed

_ATTACHED = ("color", "text", "ts", "title")


def attached(given: JsonObject) -> JsonObject:
    """Write an attachment as it is stored."""
    document = {**given, "ts": "1970-01-01T00:00:00.000Z"}
    return {name: document[name] for name in _ATTACHED if name in document} | document


class Desk(Messages):
    """Everything that agents send."""

    async def post_agent_message(self, call: ServerCall) -> JsonObject:
        """Answer ``POST chat.postMessage`` of the agent who serves a room."""
        agent, body = await self.user_of(call), call.document
        room = self.store.room(str(body.get("roomId")))
        if room is None or not room.get("open"):
            raise plain("invalid-channel")
        now, text = self.now(), str(body.get("text", ""))
        attachments = [attached(one) for one in body.get("attachments", [])]
        message = {"alias": "", "msg": text, "attachments": attachments, "parseUrls": not attachments}
        message |= {"groupable": False, "ts": now, "u": {name: agent[name] for name in ("_id", "username", "name")}}
        message |= {"rid": room["_id"], "_id": self.new_room_id(), "_updatedAt": now}
        message |= {} if attachments else {"urls": self.urls(text)}
        message |= {"mentions": [], "channels": [], "md": self.marked(text)}
        await self.send_message(message)
        return {"ts": round(time.time() * 1000), "channel": room["_id"], "message": message}

    def urls(self, text: str) -> list[JsonObject]:
        """List the addresses in a text."""
        return [{"url": word} for word in text.split() if word.startswith(("http://", "https://"))]

    def marked(self, text: str) -> list[JsonObject]:
        """Read a message's markup."""
        return parsed(text)

    async def post_close_by_user(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/room.closeByUser``."""
        await self.user_of(call)
        body = self.typed(call.document, {"rid": str}, {"comment": str})
        room = self.store.room(body["rid"])
        if room is None or not room.get("open"):
            raise plain("error-invalid-room")
        await self.close_room(body["rid"], room["v"], str(body.get("comment", "")))
        return {}
