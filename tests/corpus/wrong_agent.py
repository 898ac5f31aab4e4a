"""A server that breaks where a short walk does not lead: ``--wrong wrong_agent:breaks_on_an_undefined_agent``."""

from __future__ import annotations

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall


class BreaksOnAnUndefinedAgent(Behaviour):
    """Fails when a careless client sends ``agentId=undefined``."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/room``."""
        if call.query.get("agentId") == "undefined":
            raise Refusal("Internal server error", status=500)
        return await super().get_room(call)


def breaks_on_an_undefined_agent(parts: Parts) -> Parts:
    """Lay it over an edition."""
    return parts.behaving(BreaksOnAnUndefinedAgent)
