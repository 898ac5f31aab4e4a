"""Visitors: registering, finding, erasing, and what their browser tells about them."""

from __future__ import annotations

from typing import Any

from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, coded, mismatch, plain
from rocketchat_contract.reference.service import Service, without_members
from rocketchat_contract.reference.store import Taken

_TEXTS = ("name", "email", "department", "phone", "username", "id")


def _kind_of(value: Any) -> str:
    """Name a JSON value's type as JavaScript's ``typeof`` does."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "object"


class Visitors(Service):
    """Everything at ``livechat/visitor``."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        """Find who registered exactly this token; the empty token is nobody's."""
        return self.store.visitor(token) if token else None

    async def known_visitor(self, token: str) -> JsonObject:
        """Find the visitor, or refuse with ``invalid-token``."""
        visitor = await self.find_visitor(token)
        if visitor is None:
            raise plain("invalid-token")
        return visitor

    def render_visitor(self, visitor: JsonObject) -> JsonObject:
        """Shape a visitor for an answer."""
        return without_members(visitor, "contactId")

    async def post_visitor(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/visitor``."""
        body = call.value
        if isinstance(body, list):
            raise mismatch("Expected plain object")
        given = self.registration(body if isinstance(body, dict) else {})
        return {"visitor": self.render_visitor(await self.register(given))}

    def registration(self, body: JsonObject) -> JsonObject:
        """Check the body of a registration: the outer object is exact, the inner one open."""
        unknown = next((name for name in body if name != "visitor"), None)
        if unknown is not None:
            raise mismatch(f"Unknown key in field {unknown}")
        if "visitor" not in body:
            raise mismatch("Missing key 'visitor'")
        given = body["visitor"]
        if not isinstance(given, dict):
            raise mismatch(f"Expected object, got {_kind_of(given)} in field visitor")
        if "token" not in given:
            raise mismatch("Missing key 'token' in field visitor")
        for name in ("token", *(name for name in _TEXTS if given.get(name) is not None)):
            if not isinstance(given[name], str):
                raise mismatch(f"Expected string, got {_kind_of(given[name])} in field visitor.{name}")
        if not given["token"].strip():
            raise coded("error-invalid-token", "Token cannot be empty", {"method": "livechat/visitor"})
        return given

    async def register(self, given: JsonObject) -> JsonObject:
        """Find the visitor meant (by token, by phone, by email) or make one, and keep what is told."""
        known = self.match(given)
        visitor = known or self.draft_visitor(given)
        self.fill(visitor, given)
        visitor = await self.save_registered(visitor, given)
        if known and given.get("name"):
            self.rename_rooms(visitor)
        return visitor

    async def save_registered(self, visitor: JsonObject, given: JsonObject) -> JsonObject:
        """Save a visitor; where someone registered the token since we looked, look again."""
        try:
            self.store.save_visitor(visitor)
        except Taken:
            return await self.register(given)
        return visitor

    def match(self, given: JsonObject) -> JsonObject | None:
        """Find whom a registration means; the phone's owner keeps their token, the email's owner gets yours."""
        visitor = self.store.visitor(given["token"])
        if visitor is None and given.get("phone"):
            visitor = self.store.visitor_by_phone(given["phone"])
        if visitor is None and given.get("email"):
            visitor = self.store.visitor_by_email(given["email"].strip().lower())
            if visitor is not None:
                visitor["token"] = given["token"]
        return visitor

    def draft_visitor(self, given: JsonObject) -> JsonObject:
        """Make a visitor who is not stored yet."""
        username = given.get("username") or f"guest-{self.store.next_number('guest')}"
        return {
            "_id": self.new_visitor_id(),
            "username": username,
            "status": given.get("status") or "online",
            "ts": self.now(),
            "token": given["token"],
            "contactId": self.new_visitor_id(),
        }

    def fill(self, visitor: JsonObject, given: JsonObject) -> None:
        """Write what a registration tells into a visitor."""
        visitor["_updatedAt"] = self.now()
        if given.get("name"):
            visitor["name"] = given["name"]
        if given.get("phone"):
            visitor["phone"] = [{"phoneNumber": given["phone"]}]
        if given.get("email"):
            visitor["visitorEmails"] = [{"address": given["email"].strip().lower()}]
        if given.get("department"):
            department = self.store.department(given["department"])
            if department is None:
                raise self.unknown_department()
            visitor["department"] = department["_id"]

    def unknown_department(self) -> Refusal:
        """Refuse a department that nobody knows."""
        return plain("error-invalid-department")

    def rename_rooms(self, visitor: JsonObject) -> None:
        """Carry a new name into the visitor's open rooms."""
        for room in self.store.rooms(visitor["token"]):
            if room.get("open") and room["fname"] != visitor["name"]:
                self.store.change_room(room["_id"], lambda room: room.update(fname=visitor["name"]))

    async def get_visitor(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/visitor/:token``."""
        visitor = await self.find_visitor(call.values[0])
        if visitor is None:
            raise coded("invalid-token")
        return {"visitor": self.render_visitor(visitor)}

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        """Answer ``DELETE livechat/visitor/:token``."""
        if self.settings.delete_forbidden:
            reason = "User does not have the permissions required for this action [error-unauthorized]"
            raise Refusal(reason, status=403)
        visitor = await self.find_visitor(call.values[0])
        if visitor is None:
            raise coded("invalid-token")
        if not self.erase(visitor):
            raise coded("visitor-has-open-rooms", "Cannot remove visitors with opened rooms")
        return {"visitor": {"_id": visitor["_id"], "ts": self.now()}}

    def erase(self, visitor: JsonObject) -> bool:
        """Erase a visitor with rooms and messages; false when an open room forbids it."""
        even = self.settings.delete_with_open_rooms
        return self.store.delete_visitor(visitor["_id"], visitor["token"], even_with_open_rooms=even)

    async def post_visitor_status(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/visitor.status``."""
        body = self.typed(call.document, {"token": str, "status": str}, {})
        visitor = await self.known_visitor(body["token"])
        self.store.save_visitor({**visitor, "status": body["status"]})
        return {"token": body["token"], "status": body["status"]}
