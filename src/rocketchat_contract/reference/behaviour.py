"""All of the behaviour in one class: what ``Parts.behaviour`` names and a wrong server lays a change over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rocketchat_contract.reference.administration import Administration
from rocketchat_contract.reference.call import JsonObject, ServerCall
from rocketchat_contract.reference.desk import Desk
from rocketchat_contract.reference.widget import Widget

if TYPE_CHECKING:
    from rocketchat_contract.reference.app import App


class Behaviour(Desk, Widget, Administration):
    """The whole server as far as values go: a handler per route, ``ServerCall`` in, document or ``Refusal`` out."""

    app: App
    """The application this behaviour belongs to."""

    async def get_info(self, call: ServerCall) -> JsonObject:
        """Answer ``GET /api/info``: only major and minor for callers who are not administrators."""
        user = await self.caller(call)
        if user is not None and "admin" in user["roles"]:
            full = f"{self.edition.version}.0"
            return {"version": full, "info": {"version": full}}
        return {
            "version": self.edition.version,
            "minimumClientVersions": {"desktop": "3.9.6", "mobile": "4.39.0"},
        }
