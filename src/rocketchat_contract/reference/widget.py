"""What the chat widget asks for besides rooms and messages: its configuration and who serves."""

from __future__ import annotations

from rocketchat_contract.reference.call import JsonObject, ServerCall, plain
from rocketchat_contract.reference.omnichannel import Omnichannel

_SETTINGS: JsonObject = {
    "registrationForm": True,
    "allowSwitchingDepartments": True,
    "nameFieldRegistrationForm": True,
    "emailFieldRegistrationForm": True,
    "displayOfflineForm": True,
    "videoCall": False,
    "fileUpload": False,
    "language": "en",
    "transcript": False,
    "historyMonitorType": "url",
    "forceAcceptDataProcessingConsent": False,
    "showConnecting": False,
    "agentHiddenInfo": False,
    "clearLocalStorageWhenChatEnded": False,
    "limitTextLength": False,
    "hiddenSystemMessages": [],
    "livechatLogo": {},
    "hideWatermark": False,
}
_THEME: JsonObject = {
    "title": "Rocket.Chat",
    "color": "#C1272D",
    "offlineTitle": "Leave a message",
    "offlineColor": "#666666",
    "position": "right",
    "background": "",
    "hideGuestAvatar": True,
    "hideAgentAvatar": False,
    "hideExpandChat": False,
    "actionLinks": {"webrtc": [], "jitsi": []},
}
_MESSAGES: JsonObject = {
    "offlineMessage": "",
    "offlineSuccessMessage": "",
    "offlineUnavailableMessage": "",
    "conversationFinishedMessage": "",
    "conversationFinishedText": "",
    "transcriptMessage": "",
    "registrationFormMessage": "",
    "dataProcessingConsentText": "",
}
_SURVEY: JsonObject = {
    "items": ["satisfaction", "agentKnowledge", "agentResposiveness", "agentFriendliness"],
    "values": ["1", "2", "3", "4", "5"],
}


class Widget(Omnichannel):
    """Everything else on the visitor's side."""

    async def get_config(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/config``."""
        if not self.settings.livechat_enabled:
            return {"config": {"enabled": False}}
        token = call.query.get("token")
        visitor = await self.find_visitor(token) if isinstance(token, str) else None
        return {"config": {**self.workspace_config(), **(self.guest_config(visitor) if visitor else {})}}

    def workspace_config(self) -> JsonObject:
        """Describe the workspace to its widget."""
        return {
            "enabled": True,
            "settings": {**_SETTINGS, **self.shown_settings()},
            "theme": _THEME,
            "messages": _MESSAGES,
            "survey": _SURVEY,
            "triggers": [],
            "departments": self.store.departments(),
            "customFields": [],
            "resources": {},
            "online": self.settings.accept_without_agents or self.anyone_online(),
        }

    def shown_settings(self) -> JsonObject:
        """List what the administrator decided."""
        return {
            "visitorsCanCloseChat": self.settings.visitors_may_close,
            "limitTextLength": self.settings.message_limit or False,
            "agentHiddenInfo": not self.settings.show_agent_info,
        }

    def guest_config(self, visitor: JsonObject) -> JsonObject:
        """Describe a known visitor to their widget: themselves, their room, their agent."""
        found: JsonObject = {"guest": self.render_visitor(visitor)}
        room = self.store.open_room(visitor["token"])
        if room is not None:
            shown = ("_id", "departmentId", "servedBy", "open")
            found["room"] = {name: room[name] for name in shown if name in room}
            if "servedBy" in room:
                found["agent"] = self.agent_info(room)
        return found

    def agent_info(self, room: JsonObject) -> JsonObject | None:
        """Describe the agent who serves a room."""
        agent = self.store.user(room["servedBy"]["_id"]) if "servedBy" in room else None
        return agent and {name: agent[name] for name in ("_id", "name", "username", "status")}

    async def get_agent_info(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/agent.info/:rid/:token``."""
        rid, token = call.values
        visitor = await self.known_visitor(token)
        room = self.store.room(rid)
        if room is None or room["v"]["token"] != visitor["token"]:
            raise plain("invalid-room")
        agent = self.agent_info(room)
        if agent is None:
            raise plain("invalid-agent")
        return {"agent": agent}

    async def get_next_agent(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/agent.next/:token``."""
        if self.store.open_room(call.values[0]):
            raise plain("room-already-opened")
        agent = self.pick_agent(None)
        if agent is None:
            raise plain("agent-not-found")
        return {"agent": {"agentId": agent["_id"], "username": agent["username"]}}
