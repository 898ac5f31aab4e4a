"""What an administrator decides while the workspace runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rocketchat_contract.reference.agents import Agents
from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall

_SETTINGS: dict[str, str] = {
    "Livechat_enabled": "livechat_enabled",
    "Livechat_accept_chats_with_no_agents": "accept_without_agents",
    "Livechat_show_agent_info": "show_agent_info",
    "Livechat_Routing_Method": "manual_selection",
    "Omnichannel_allow_visitors_to_close_conversation": "visitors_may_close",
    "Store_Last_Message": "store_last_message",
}
"""Rocket.Chat's settings by their id, and ours."""


class Administration(Agents):
    """Settings that are read and written over the API."""

    def known_settings(self) -> dict[str, str]:
        """List the settings that this release has."""
        return _SETTINGS

    async def post_setting(self, call: ServerCall) -> JsonObject:
        """Answer ``POST settings/:id``; what is no setting is refused without a word."""
        await self.admin_of(call)
        name = self.known_settings().get(call.values[0])
        value = call.document.get("value")
        document = value == "Manual_Selection" if name == "manual_selection" else value
        if name is None or not isinstance(document, bool):
            raise Refusal("")
        change: dict[str, Any] = {name: document}
        self.settings = replace(self.settings, **change)
        return {}
