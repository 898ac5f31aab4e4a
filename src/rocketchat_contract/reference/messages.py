"""Messages: what ``POST livechat/message`` stores and what a room shows of it afterwards."""

from __future__ import annotations

import re
from typing import Any

from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, plain
from rocketchat_contract.reference.omnichannel import Omnichannel
from rocketchat_contract.reference.service import seconds_between
from rocketchat_contract.reference.store import Taken

_SPECIAL = re.compile(r"(https?://[^\s<>\"]+)|(?<!\w)@([\w.-]+)")


def parsed(text: str) -> list[JsonObject]:
    """Read a message's markup: a paragraph per line; links and mentions are objects inside it."""
    return [{"type": "PARAGRAPH", "value": _inline(line)} for line in text.split("\n")]


def _inline(line: str) -> list[JsonObject]:
    parts: list[JsonObject] = []
    at = 0
    for found in _SPECIAL.finditer(line):
        if found.start() > at:
            parts.append(_plain_text(line[at : found.start()]))
        parts.append(_link(found[1]) if found[1] else {"type": "MENTION_USER", "value": _plain_text(found[2])})
        at = found.end()
    return [*parts, _plain_text(line[at:])] if at < len(line) or not parts else parts


def _plain_text(text: str) -> JsonObject:
    return {"type": "PLAIN_TEXT", "value": text}


def _link(url: str) -> JsonObject:
    return {"type": "LINK", "value": {"src": _plain_text(url), "label": [_plain_text(url)]}}


class Messages(Omnichannel):
    """Everything at ``livechat/message``."""

    async def post_message(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/message``."""
        body = self.typed(call.document, {"token": str, "rid": str, "msg": str}, {"_id": str, "agent": dict})
        visitor = await self.known_visitor(body["token"])
        self.own_open_room(body["rid"], visitor)
        if 0 < self.settings.message_limit < len(body["msg"]):
            raise plain("message-length-exceeds-character-limit")
        message = await self.send_message(self.draft_message(body, visitor))
        if self.settings.agent_answers:
            await self.answer_message(body["rid"])
        return {"message": message}

    def draft_message(self, body: JsonObject, visitor: JsonObject) -> JsonObject:
        """Make a visitor's message that is not stored yet."""
        now, name = self.now(), visitor.get("name") or visitor["username"]
        return {
            "_id": body.get("_id") or self.new_room_id(),
            "rid": body["rid"],
            "msg": body["msg"],
            "token": visitor["token"],
            "alias": name,
            "ts": now,
            "u": {"_id": visitor["_id"], "username": visitor["username"], "name": name},
            "_updatedAt": now,
            "urls": [{"url": found[1]} for found in _SPECIAL.finditer(body["msg"]) if found[1]],
            "mentions": self.mentions(body["msg"]),
            "channels": [],
            "md": parsed(body["msg"]),
            "newRoom": False,
            "showConnecting": False,
        }

    def mentions(self, text: str) -> list[JsonObject]:
        """List the users a text mentions."""
        users = (self.store.user_named(found[2]) for found in _SPECIAL.finditer(text) if found[2])
        return [{"_id": user["_id"], "username": user["username"], "type": "user"} for user in users if user]

    async def send_message(self, message: JsonObject) -> JsonObject:
        """Store a message and show it in its room."""

        def show(room: JsonObject) -> None:
            if not room.get("open"):
                raise plain("room-closed")
            self.show_message(room, message)

        with self.store.transaction():
            try:
                self.store.add_message(message)
            except Taken:
                raise Refusal("") from None
            if self.store.change_room(message["rid"], show) is None:
                raise plain("invalid-room")
        return message

    def show_message(self, room: JsonObject, message: JsonObject) -> None:
        """Write into a room what a message changes: count, last message, times."""
        now = message["ts"]
        room.update(msgs=room["msgs"] + 1, lm=now, _updatedAt=now)
        if self.settings.store_last_message:
            room["lastMessage"] = message
        metrics = room.setdefault("metrics", {})
        if "token" in message:
            room["v"].update(lastMessageTs=now, activity=[now[:7]])
            metrics["v"] = {"lq": now}
            room["waitingResponse"] = True
        else:
            self.show_answer(room, message, metrics)

    def show_answer(self, room: JsonObject, message: JsonObject, metrics: dict[str, Any]) -> None:
        """Write into a room what an agent's answer changes: who answered and how fast, in seconds."""
        now = message["ts"]
        waited = seconds_between(metrics.get("v", {}).get("lq", room["ts"]), now)
        if room.pop("waitingResponse", False):
            before = metrics.get("response", {"total": 0, "tt": 0.0})
            total, time = before["total"] + 1, round(before["tt"] + waited, 3)
            first = {"fd": before.get("fd", now), "ft": before.get("ft", waited)}
            metrics["response"] = {"avg": time / total, **first, "total": total, "tt": time}
        metrics.setdefault("reaction", {"fd": now, "ft": waited, "tt": waited})
        metrics["servedBy"] = {"lr": now}
        first_response = room.get("responseBy", {}).get("firstResponseTs", now)
        answered = {"_id": message["u"]["_id"], "username": message["u"]["username"]}
        room["responseBy"] = {**answered, "firstResponseTs": first_response, "lastMessageTs": now}

    async def answer_message(self, rid: str) -> None:
        """Let the agent who serves a room answer."""
        room = self.store.room(rid)
        if room is None or "servedBy" not in room:
            return
        agent = room["servedBy"]
        now, text = self.now(), "Thank you, I am looking into it."
        user = {"_id": agent["_id"], "username": agent["username"], "name": agent["username"]}
        message = {
            "_id": self.new_room_id(),
            "rid": rid,
            "msg": text,
            "ts": now,
            "u": user,
            "_updatedAt": now,
        }
        await self.send_message({**message, "urls": [], "mentions": [], "channels": [], "md": parsed(text)})

    async def get_history(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/messages.history/:rid``, newest first."""
        token = call.query.get("token")
        visitor = await self.known_visitor(token if isinstance(token, str) else "")
        room = self.store.room(call.values[0])
        if room is None or room["v"]["token"] != visitor["token"]:
            raise plain("invalid-room")
        limit = call.query.get("limit")
        most = int(limit) if isinstance(limit, str) and limit.isascii() and limit.isdigit() else 20
        return {"messages": self.store.messages(room["_id"], min(most, 1000))}
