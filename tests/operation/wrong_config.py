"""Servers whose ``livechat/config`` is wrong, loaded with ``--wrong wrong_config:NAME``."""

from __future__ import annotations

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Call, Document


class SaysEnabledAsText(Behaviour):
    """Answers a boolean as its name."""

    async def get_config(self, call: Call) -> Document:
        """Answer ``GET livechat/config``."""
        found = await super().get_config(call)
        return {"config": {**found["config"], "enabled": "true"}}


class RefusesWithoutAReason(Behaviour):
    """Refuses whoever names a department, and does not say why."""

    async def get_config(self, call: Call) -> Document:
        """Answer ``GET livechat/config``."""
        if "department" in call.query:
            raise self.refuse("")
        return await super().get_config(call)


def says_enabled_as_text(parts: Parts) -> Parts:
    """Lay it over an edition."""
    return parts.behaving(SaysEnabledAsText)
