"""Wrong only with ids that are real: a rid in a list, an object or another spelling, or beside no token of its own."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, ServerCall
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.query import Value
from rocketchat_contract.reference.wrong.catalogue import Family

family = Family("rid")


class _ReadsRids(Behaviour):
    """Answers some calls by rid before anybody looks at the query as a whole."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        room = await self.found(call.query.get("token"), call.query.get("rid"))
        return {"room": room, "newRoom": False} if room is not None else await super().get_room(call)

    async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
        raise NotImplementedError

    async def asker(self, token: Value | None) -> JsonObject | None:
        """Find the visitor of a plain token."""
        return await self.find_visitor(token) if isinstance(token, str) else None

    def open_room_named(self, rid: Value | None) -> JsonObject | None:
        """Find an open room, whosesoever."""
        room = self.store.room(rid) if isinstance(rid, str) else None
        return room if room is not None and room.get("open") else None


# a rid that is no plain text


def finding(read: Callable[[Value], Value | None]) -> Callable[[Parts], Parts]:
    """Take what ``read`` makes of a list or object for a rid that needs no check."""

    class FindsStructuredRids(_ReadsRids):
        async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
            if rid is None or isinstance(rid, str) or await self.asker(token) is None:
                return None
            return self.open_room_named(read(rid))

    return lambda parts: parts.behaving(FindsStructuredRids)


def _element(rid: Value) -> Value | None:
    return rid[0] if isinstance(rid, list) else None


def _member(rid: Value) -> Value | None:
    return next(iter(rid.values()), None) if isinstance(rid, dict) else None


def _equal(rid: Value) -> Value | None:
    return rid.get("$eq") if isinstance(rid, dict) else None


for _name, _how, _read in (
    ("returns_any_room_for_a_list_of_rids", "the first of a list of rids", _element),
    ("returns_any_room_for_an_object_of_rids", "the first member of an object of rids", _member),
    ("returns_any_room_for_an_operator_on_rids", "what rid[$eq] names", _equal),
):
    family.add(
        _name,
        "structured-parameters-are-refused",
        f"Whose room it is, is not looked at for {_how}; rids of no room are refused.",
        finding(_read),
    )


@family.breaks("structured-parameters-are-refused")
class FetchesTheLastOfTwoRids(_ReadsRids):
    """The first of two rids is checked, the last one is fetched."""

    async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
        visitor = await self.asker(token)
        if visitor is None or not isinstance(rid, list) or not isinstance(rid[0], str):
            return None
        is_own = self.store.open_room_by_id(rid[0], visitor["token"]) is not None
        return self.open_room_named(rid[-1]) if is_own else None


@family.breaks("a-refused-call-changes-nothing")
class ClosesTheRoomBehindAStructuredRid(_ReadsRids):
    """The own rid in a list is refused, and its room is closed."""

    async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
        visitor = await self.asker(token)
        if visitor is not None and isinstance(rid, list) and isinstance(rid[0], str):
            room = self.store.open_room_by_id(rid[0], visitor["token"])
            if room is not None:
                await self.close_room(room["_id"], visitor, "")
        return None


# a rid in another spelling


def _of_json(rid: str) -> str:
    try:
        value = json.loads(rid)
    except ValueError:
        return rid
    inner = next(iter(value.values() if isinstance(value, dict) else value), rid) if value else rid
    return inner if isinstance(inner, str) else rid


_SPELLINGS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("less_dots_after_it", "less the dots after it", lambda rid: rid.rstrip(".")),
    ("up_to_a_semicolon", "up to a semicolon", lambda rid: rid.partition(";")[0]),
    ("decoded_twice", "decoded twice", unquote),
    ("as_json", "as JSON, where it is that", lambda rid: _of_json(rid) if rid[0] in '[{"' else rid),
    ("as_the_end_of_a_path", "as the last step of a path", lambda rid: rid.rpartition("/")[2]),
    ("in_nfkc", "in Unicode's form NFKC", lambda rid: unicodedata.normalize("NFKC", rid)),
)


def _reading(spell: Callable[[str], str]) -> Callable[[Parts], Parts]:
    """Take the visitor's own rid in another spelling."""

    class ReadsOwnRids(Behaviour):
        async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
            return await super().room_by_id(spell(rid), visitor)

    return lambda parts: parts.behaving(ReadsOwnRids)


def reading_any(spell: Callable[[str], str]) -> Callable[[Parts], Parts]:
    """Check who owns the room of a rid as it came, and look it up in another spelling; own rids are read exactly."""

    class ReadsForeignRids(_ReadsRids):
        async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
            visitor = await self.asker(token)
            if visitor is None or not isinstance(rid, str) or not rid or spell(rid) == rid:
                return None
            room = self.open_room_named(spell(rid))
            return room if room is not None and room["v"]["token"] != visitor["token"] else None

    return lambda parts: parts.behaving(ReadsForeignRids)


for _name, _how, _spell in _SPELLINGS:
    family.add(f"reads_a_rid_{_name}", "a-rid-is-matched-exactly", f"A rid is read {_how}.", _reading(_spell))
    family.add(
        f"checks_a_rid_before_reading_it_{_name}",
        "rooms-are-not-shared",
        f"A rid is read {_how}, after it was looked up to see whose it is.",
        reading_any(_spell),
    )


@family.breaks("rooms-are-not-shared")
class SplitsRidsAtCommas(_ReadsRids):
    """Several rids may stand in one text; one that is the visitor's own opens the last of them."""

    async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
        visitor = await self.asker(token)
        if visitor is None or not isinstance(rid, str) or "," not in rid:
            return None
        rids = rid.split(",")
        is_own = any(self.store.open_room_by_id(each, visitor["token"]) for each in rids)
        return self.open_room_named(rids[-1]) if is_own else None


# a rid without its token


def letting(is_let: Callable[[Value | None], bool]) -> Callable[[Parts], Parts]:
    """Let a rid open its room whoever asks, provided that the token ``is_let``."""

    class LetsRidsIn(_ReadsRids):
        async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
            known = await self.asker(token) is not None
            return self.open_room_named(rid) if not known and is_let(token) else None

    return lambda parts: parts.behaving(LetsRidsIn)


for _name, _breaks, _how, _is_let in (
    ("no_token", "a-missing-token-is-refused", "no token", lambda token: token is None),
    ("an_empty_token", "an-empty-token-is-refused", "an empty token", lambda token: token == ""),
    ("an_unknown_token", "an-unknown-token-is-refused", "any unknown token", lambda token: isinstance(token, str)),
    ("a_list_of_tokens", "a-structured-token-is-refused", "a list for a token", lambda token: isinstance(token, list)),
    ("an_operator", "a-structured-token-is-refused", "an object for a token", lambda token: isinstance(token, dict)),
):
    family.add(
        f"opens_a_room_by_its_rid_with_{_name}",
        _breaks,
        f"A rid opens its room with {_how}; without a rid such a call is refused.",
        letting(_is_let),
    )


@family.breaks("a-token-is-matched-exactly")
class TrimsTokensBesideARid(_ReadsRids):
    """White space around a token is ignored where a rid comes with it."""

    async def found(self, token: Value | None, rid: Value | None) -> JsonObject | None:
        if not isinstance(token, str) or not isinstance(rid, str) or token == token.strip():
            return None
        return self.store.open_room_by_id(rid, token.strip())


# a rid beside an agent


def letting_agents(choose: Callable[[Behaviour, AskedRoom], JsonObject | None]) -> Callable[[Parts], Parts]:
    """Answer a refused rid with what is chosen, provided that the call names an agent too."""

    class LetsAgentsIn(Behaviour):
        async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
            room = choose(self, query) if query.agent_id else None
            is_refused = await self.room_by_id(query.rid, visitor) is None
            if room is not None and is_refused:
                return self.render(room, query, new=False)
            return await super().get_by_id(query, visitor)

    return lambda parts: parts.behaving(LetsAgentsIn)


def _a_foreign_one(server: Behaviour, query: AskedRoom) -> JsonObject | None:
    room = server.store.room(query.rid)
    return room if room is not None and room.get("open") else None


def _a_closed_one(server: Behaviour, query: AskedRoom) -> JsonObject | None:
    room = server.store.room(query.rid)
    is_own = room is not None and room["v"]["token"] == query.token
    return {**room, "open": True} if room is not None and is_own else None


def _the_open_one(server: Behaviour, query: AskedRoom) -> JsonObject | None:
    return None if server.store.room(query.rid) else server.store.open_room(query.token)


for _name, _breaks, _sentence, _choose in (
    (
        "returns_foreign_rooms_when_an_agent_is_named",
        "a-foreign-rid-is-refused",
        "The rid of another visitor's room gives it when the call names an agent.",
        _a_foreign_one,
    ),
    (
        "returns_closed_rooms_when_an_agent_is_named",
        "a-closed-rid-is-refused",
        "The rid of a closed room gives it when the call names an agent.",
        _a_closed_one,
    ),
    (
        "ignores_an_unknown_rid_when_an_agent_is_named",
        "an-unknown-rid-is-refused",
        "A rid that no room has counts as none when the call names an agent.",
        _the_open_one,
    ),
):
    family.add(_name, _breaks, _sentence, letting_agents(_choose))
