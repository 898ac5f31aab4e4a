"""Users, agents, presence and logins, as far as ``agentId`` and an administrator need them."""

from __future__ import annotations

import hashlib
import hmac

from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, coded, plain, unauthorized
from rocketchat_contract.reference.service import Service

AGENT = "livechat-agent"


def _digest(password: str) -> str:
    """Hash a password as Rocket.Chat's clients do."""
    return hashlib.sha256(password.encode(errors="replace")).hexdigest()


class Agents(Service):
    """Who can log in, and who can take a chat."""

    def seed(self, password: str) -> None:
        """Make sure of an admin, one agent and one department."""
        with self.store.transaction():
            admin = self.store.user_named("admin") or self.draft_user("admin", "Administrator", ["user", "admin"])
            self.store.save_user(admin, _digest(password))
            if self.store.user_named("agent") is None:
                self.store.save_user(self.draft_agent(), "")
                self.store.save_department(self.draft_department("Support"))

    def draft_agent(self) -> JsonObject:
        """Make the agent who is online from the start, unless the settings say otherwise."""
        agent = self.draft_user("agent", "Agent", ["user", AGENT])
        online = {"status": "online", "statusLivechat": "available"}
        return {**agent, **online} if self.settings.agent_online else agent

    def draft_user(self, username: str, name: str, roles: list[str]) -> JsonObject:
        """Make a user who is not stored yet."""
        user = {"_id": self.new_room_id(), "username": username, "name": name, "roles": roles, "active": True}
        return {**user, "type": "user", "status": "offline", "statusLivechat": "not-available"}

    def draft_department(self, name: str) -> JsonObject:
        """Make a department that is not stored yet."""
        flags = {"enabled": True, "showOnRegistration": True, "showOnOfflineForm": True, "numAgents": 1}
        return {"_id": self.new_visitor_id(), "name": name, "email": "support@example.com", **flags}

    # routing

    async def preferred_agent(self, agent_id: str) -> JsonObject | None:
        """Find the user a visitor asks for: any user, by id only; unknown ids are ignored.

        Where visitors do not see who serves, the id is taken as it came, with no name to it.
        """
        if agent_id and not self.settings.show_agent_info:
            return {"_id": agent_id}
        return self.store.user(agent_id) if agent_id else None

    def anyone_online(self) -> bool:
        """Tell whether somebody can take a chat."""
        return self.store.is_anyone_online()

    def choose_agent(self, preferred: JsonObject | None) -> JsonObject | None:
        """Choose who serves a new room: nobody where agents pick, or where the wanted one has no name to it."""
        if self.settings.manual_selection or (preferred is not None and "username" not in preferred):
            return None
        return self.pick_agent(preferred)

    def pick_agent(self, preferred: JsonObject | None) -> JsonObject | None:
        """Choose who serves: the preferred one when online, else who has the fewest chats."""
        online = self.store.online_agents()
        wanted = [agent for agent in online if preferred and agent["_id"] == preferred["_id"]]
        return next(iter(wanted or online), None)

    # logins

    async def caller(self, call: ServerCall) -> JsonObject | None:
        """Find who is calling; wrong credentials are nobody's."""
        token, user_id = call.header(b"x-auth-token"), call.header(b"x-user-id")
        return self.store.session(token, user_id) if token and user_id else None

    async def user_of(self, call: ServerCall) -> JsonObject:
        """Find who is calling, or refuse with 401."""
        user = await self.caller(call)
        if user is None:
            raise unauthorized("You must be logged in to do this.")
        return user

    async def admin_of(self, call: ServerCall) -> JsonObject:
        """Find who is calling, or refuse who is not an administrator."""
        user = await self.user_of(call)
        if "admin" not in user["roles"]:
            reason = "User does not have the permissions required for this action [error-unauthorized]"
            raise Refusal(reason, status=403)
        return user

    async def post_login(self, call: ServerCall) -> JsonObject:
        """Answer ``POST login``."""
        body = call.document
        name, password = body.get("user") or body.get("username"), body.get("password")
        if isinstance(name, dict):
            name = name.get("username")
        given = (
            password.get("digest")
            if isinstance(password, dict)
            else _digest(password)
            if isinstance(password, str)
            else None
        )
        user = self.store.user_named(name) if isinstance(name, str) else None
        secret = self.store.secret(user["_id"]) if user else ""
        if user is None or not secret or not isinstance(given, str):
            raise unauthorized("Unauthorized")
        if not hmac.compare_digest(secret.encode(), given.encode(errors="replace")):
            raise unauthorized("Unauthorized")
        token = self.new_room_id() + self.new_room_id()
        self.store.add_session(token, user["_id"])
        return {"status": "success", "data": {"userId": user["_id"], "authToken": token, "me": user}}

    async def get_me(self, call: ServerCall) -> JsonObject:
        """Answer ``GET me``."""
        return await self.user_of(call)

    async def post_presence(self, call: ServerCall) -> JsonObject:
        """Answer ``POST users.setStatus``."""
        user = await self.user_of(call)
        status = call.document.get("status")
        if status not in ("online", "away", "busy", "offline"):
            raise coded("error-invalid-status", "Valid status types include online, away, offline, and busy.")
        self.store.change_user(user["_id"], lambda user: user.update(status=status))
        return {}

    # agents

    async def get_agents(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/users/agent``."""
        await self.admin_of(call)
        agents = [user for user in self.store.users() if AGENT in user["roles"]]
        return {"users": agents, "count": len(agents), "offset": 0, "total": len(agents)}

    async def get_rooms(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/rooms``, as far as ``open``, ``roomName``, ``offset`` and ``count`` ask."""
        await self.admin_of(call)
        name, is_open = call.query.get("roomName"), call.query.get("open")
        rooms = [room for room in self.store.rooms() if str(name or "").lower() in str(room.get("fname", "")).lower()]
        if is_open is not None:
            rooms = [room for room in rooms if bool(room.get("open")) == (is_open == "true")]
        offset, count = (_number(call.query.get(key), usual) for key, usual in (("offset", 0), ("count", 50)))
        page = rooms[offset : offset + count]
        return {"rooms": page, "count": len(page), "offset": offset, "total": len(rooms)}

    async def get_agent(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/users/agent/:id``; who is no agent is answered with nobody."""
        await self.admin_of(call)
        user = self.store.user(call.values[0])
        return {"user": user if user and AGENT in user["roles"] else None}

    async def post_agent(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/users/agent``: a user becomes an agent, available unless offline."""
        await self.admin_of(call)
        username = call.document.get("username")
        user = self.store.user_named(username) if isinstance(username, str) else None
        if user is None:
            raise coded("error-invalid-user", "Invalid user", {"method": "livechat:addAgent"})
        return {"user": self.store.change_user(user["_id"], make_agent)}

    async def delete_agent(self, call: ServerCall) -> JsonObject:
        """Answer ``DELETE livechat/users/agent/:id``."""
        await self.admin_of(call)
        user = self.store.user(call.values[0])
        if user is None or AGENT not in user["roles"]:
            raise Refusal("")
        self.store.change_user(user["_id"], dismiss_agent)
        return {}

    async def post_agent_status(self, call: ServerCall) -> JsonObject:
        """Answer ``POST livechat/agent.status``; without a status it toggles."""
        caller = await self.user_of(call)
        body = call.document
        agent_id = body.get("agentId") or caller["_id"]
        agent = self.store.user(agent_id) if isinstance(agent_id, str) else None
        if agent is None or AGENT not in agent["roles"]:
            raise Refusal("Agent not found", status=404)
        if agent_id != caller["_id"]:
            await self.admin_of(call)
        toggled = "not-available" if agent["statusLivechat"] == "available" else "available"
        status = body.get("status") or toggled
        if status not in ("available", "not-available"):
            raise plain("error-invalid-status")
        self.store.change_user(agent_id, lambda user: user.update(statusLivechat=status))
        return {"status": status}


def _number(text: object, usual: int) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() else usual


def make_agent(user: JsonObject) -> None:
    """Give a user the agent's role."""
    user["roles"] = [*(role for role in user["roles"] if role != AGENT), AGENT]
    user["statusLivechat"] = "not-available" if user["status"] == "offline" else "available"


def dismiss_agent(user: JsonObject) -> None:
    """Take the agent's role from a user."""
    user["roles"] = [role for role in user["roles"] if role != AGENT]
    user["statusLivechat"] = "not-available"
