"""Release lines of Rocket.Chat that the reference server can behave like.

``newest``: one open room per visitor, guaranteed by the store. ``7.10``: a look-up, then an insertion, and
nothing that holds them together (Rocket.Chat issue #38148); its limiter is silently off (PR #36313). ``3.7``: a
call without ``rid`` always makes a room (issue #17822), and refusals are serialised exceptions.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from rocketchat_contract.config import did_you_mean
from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.app import App, Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Document, Refusal, coded, mismatch
from rocketchat_contract.reference.omnichannel import RoomQuery
from rocketchat_contract.reference.service import Edition
from rocketchat_contract.reference.settings import Settings

NEWEST = Edition("newest", "8.8", one_open_room=True)
LINE_7_10 = Edition("7.10", "7.10", one_open_room=False, database=(0.001, 0.003), limiter=False, strict_query=False)
LINE_3_7 = Edition("3.7", "3.7", one_open_room=False, database=(0.001, 0.003), own_limits=False, strict_query=False)
_SINCE_THEN = ("source", "queuedAt", "priorityWeight", "estimatedWaitingTimeQueue", "contactId", "verified")


class OldOmnichannel(Behaviour):
    """The line of 3.7: no look-up by token, 17-character visitor ids, exceptions as answers."""

    def new_visitor_id(self) -> str:
        """Draw a 17-character id."""
        return self.new_room_id()

    async def get_or_create(self, query: RoomQuery, visitor: Document) -> Document:
        """Make another room, whatever is open."""
        return await self.create_room(query, visitor)

    async def get_by_id(self, query: RoomQuery, visitor: Document) -> Document:
        """Answer the open room with this id; unknown and closed ids make a room."""
        room = self.store.room(query.rid)
        if room is None or not room.get("open"):
            return await self.create_room(query, visitor)
        if room["v"]["token"] != visitor["token"]:
            raise coded("cannot-access-room")
        return self.render(room, query, new=False)

    def draft_room(self, query: RoomQuery, visitor: Document) -> Document:
        """Make a room with the id the visitor chose, if any, and without what later lines added."""
        room = super().draft_room(query, visitor)
        for name in _SINCE_THEN:
            del room[name]
        if query.rid and self.store.room(query.rid) is None:
            room["_id"] = query.rid
        return room

    def typed(self, body: Document, required: dict[str, type], optional: dict[str, type]) -> Document:  # type: ignore[override]
        """Check a body as ``check`` does."""
        for name in body:
            if name not in required and name not in optional:
                raise mismatch(f"Unknown key in field {name}")
        for name in required:
            if name not in body:
                raise mismatch(f"Missing key '{name}'")
        return super().typed(body, required, optional)

    def refusal_body(self, refusal: Refusal) -> Document:
        """Write the exception itself, as it serialised then."""
        if refusal.status != 400 or not refusal.message:
            return super().refusal_body(refusal)
        if refusal.message.startswith("Match error: "):
            inner = {
                "isClientSafe": True,
                "error": 400,
                "reason": "Match failed",
                "message": "Match failed [400]",
            }
            outer = {
                "message": refusal.message,
                "path": "",
                "sanitizedError": {**inner, "errorType": "Meteor.Error"},
            }
            return {**outer, "errorType": "Match.Error", "success": False}
        code = refusal.code or refusal.message
        reason = refusal.message.removesuffix(f"[{code}]").strip() if refusal.code else ""
        body: Document = {"isClientSafe": True, "error": code}
        body |= {"reason": reason} if reason else {}
        body |= {"details": refusal.details} if refusal.details is not None else {}
        message = f"{reason} [{code}]" if reason else f"[{code}]"
        return {**body, "message": message, "errorType": "Meteor.Error", "success": False}


def newest(settings: Settings) -> Parts:
    """Put the newest line together."""
    return Parts(settings, NEWEST)


def line_7_10(settings: Settings) -> Parts:
    """Put the line of 7.10 together."""
    return Parts(settings, LINE_7_10)


def line_3_7(settings: Settings) -> Parts:
    """Put the line of 3.7 together."""
    return Parts(settings, LINE_3_7, OldOmnichannel)


EDITIONS: dict[str, Callable[[Settings], Parts]] = {"newest": newest, "7.10": line_7_10, "3.7": line_3_7}


def parts_of(settings: Settings) -> Parts:
    """Put together what the settings name: an edition, then the deviation laid over it."""
    if settings.edition not in EDITIONS:
        hint = did_you_mean(settings.edition, EDITIONS, "The editions are")
        raise UsageError(f"There is no edition {settings.edition!r}.", hint)
    parts = EDITIONS[settings.edition](settings)
    return deviation(settings.wrong)(parts) if settings.wrong else parts


def deviation(name: str) -> Callable[[Parts], Parts]:
    """Find a wrong server by its name in the catalogue, or by ``module:attribute``."""
    module, colon, attribute = name.partition(":")
    if not colon:
        module, attribute = "rocketchat_contract.reference.wrong", "find"
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"There is no wrong server {name!r}: {error}.", "Check the name.") from error
    deviate: Callable[[Parts], Parts] = found if colon else found(name)
    return deviate


def make_app(settings: Settings | None = None) -> App:
    """Make the server that the settings name."""
    return App(parts_of(settings or Settings()))
