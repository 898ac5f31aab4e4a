"""A server whose ``livechat/config`` is wrong, loaded with ``--wrong wrong_config:says_enabled_as_text``."""

from __future__ import annotations

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, ServerCall


class SaysEnabledAsText(Behaviour):
    """Writes a boolean as its name."""

    async def get_config(self, call: ServerCall) -> JsonObject:
        """Answer ``GET livechat/config``."""
        found = await super().get_config(call)
        return {"config": {**found["config"], "enabled": "true"}}


def says_enabled_as_text(parts: Parts) -> Parts:
    """Lay it over an edition."""
    return parts.behaving(SaysEnabledAsText)
