"""Wrong in who is who: tokens matched loosely, and visitors who see something of each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from urllib.parse import unquote

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import Call, Document, Reply, plain
from rocketchat_contract.reference.omnichannel import RoomQuery
from rocketchat_contract.reference.query import Value
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import ROOM, Recently, RoomWire, now_and_then, with_room

family = Family("identity")

# tokens that are matched loosely


def loosely(same: Callable[[str, str], bool]) -> Callable[[Parts], Parts]:
    """Find the visitor with ``same(asked, token)`` when nobody has exactly this token."""

    class MatchesLoosely(Behaviour):
        async def find_visitor(self, token: str) -> Document | None:
            exact = await super().find_visitor(token)
            if exact is not None or not token:
                return exact
            return next((visitor for visitor in self.store.visitors() if same(token, visitor["token"])), None)

    return lambda parts: parts.behaving(MatchesLoosely)


def _as_pattern(asked: str, token: str) -> bool:
    try:
        return re.fullmatch(asked, token) is not None
    except re.error:
        return False


def _as_like(asked: str, token: str) -> bool:
    pattern = re.escape(asked).replace("_", ".").replace("%", ".*")
    return re.fullmatch(pattern, token) is not None


def _as_glob(asked: str, token: str) -> bool:
    return "*" in asked and re.fullmatch(re.escape(asked).replace(r"\*", ".*"), token) is not None


def _letters(text: str) -> str:
    """Letters as a collation of first strength sees them: no accents, no invisible signs, no case."""
    plain_text = unicodedata.normalize("NFD", text)
    return "".join(c for c in plain_text if unicodedata.category(c) not in ("Mn", "Cf")).casefold()


for _name, _how, _same in (
    ("matches_tokens_by_prefix", "by their beginning", lambda asked, token: token.startswith(asked)),
    ("matches_tokens_by_suffix", "by their end", lambda asked, token: token.endswith(asked)),
    ("matches_parts_of_tokens", "by any part", lambda asked, token: asked in token),
    ("matches_tokens_in_any_case", "in any letter case", lambda asked, token: asked.lower() == token.lower()),
    ("matches_tokens_in_capitals", "also when written in capitals", lambda asked, token: asked == token.upper()),
    ("trims_tokens", "less the white space around them", lambda asked, token: asked.strip() == token),
    ("ignores_spaces_after_a_token", "less the spaces after them", lambda asked, token: asked.rstrip(" ") == token),
    ("ignores_spaces_before_a_token", "less the spaces before them", lambda asked, token: asked.lstrip(" ") == token),
    ("ends_tokens_at_a_line_break", "up to a line break", lambda asked, token: asked.partition("\n")[0] == token),
    ("ends_tokens_at_a_nul", "up to a NUL", lambda asked, token: asked.partition("\0")[0] == token),
    ("cuts_long_tokens", "as far as the visitor's own goes", lambda asked, token: asked.startswith(token)),
    ("matches_the_first_24_letters", "by their first 24 letters", lambda asked, token: asked[:24] == token[:24]),
    ("takes_tokens_for_patterns", "as regular expressions", _as_pattern),
    ("takes_tokens_for_sql_patterns", "with LIKE", _as_like),
    ("takes_a_star_in_a_token_for_anything", "with * for anything", _as_glob),
    ("normalises_tokens", "in Unicode's form NFKC", lambda asked, token: unicodedata.normalize("NFKC", asked) == token),
    ("strips_accents_from_tokens", "letter by letter, accents apart", lambda asked, token: _letters(asked) == _letters(token)),
    ("decodes_tokens_twice", "decoded twice", lambda asked, token: unquote(asked) == token),
    ("unquotes_tokens", "less the quotes around them", lambda asked, token: asked.strip("'\"") == token),
):
    family.add(_name, "a-token-is-matched-exactly", f"Tokens are matched {_how}.", loosely(_same))


# tokens that are no plain text


def reading_tokens(read: Callable[[Behaviour, Value], str | None]) -> Callable[[Parts], Parts]:
    """Take what ``read`` makes of a list or object for the token."""

    class ReadsTokens(Behaviour):
        def room_query(self, call: Call) -> RoomQuery:
            value = call.query.get("token")
            found = None if value is None or isinstance(value, str) else read(self, value)
            return super().room_query(replace(call, query={**call.query, "token": found}) if found else call)

    return lambda parts: parts.behaving(ReadsTokens)


def _by_operators(*known: str) -> Callable[[Behaviour, Value], str | None]:
    def read(behaviour: Behaviour, value: Value) -> str | None:
        if not isinstance(value, dict) or not value.keys() & set(known):
            return None
        return next((visitor["token"] for visitor in behaviour.store.visitors()), None)

    return read


def _element(index: int) -> Callable[[Behaviour, Value], str | None]:
    def read(_: Behaviour, value: Value) -> str | None:
        found = value[index] if isinstance(value, list) else None
        return found if isinstance(found, str) else None

    return read


def _first_member(_: Behaviour, value: Value) -> str | None:
    found = next(iter(value.values()), None) if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


family.add(
    "passes_operators_to_the_database",
    "a-structured-token-is-refused",
    "An object for a token reaches the database, where $ne finds some visitor.",
    reading_tokens(_by_operators("$ne", "$gt", "$regex", "$exists", "$in", "$nin")),
)
family.add(
    "passes_the_operator_regex",
    "a-structured-token-is-refused",
    "Operators are filtered out, but for $regex.",
    reading_tokens(_by_operators("$regex")),
)
family.add(
    "takes_a_list_of_tokens",
    "a-structured-token-is-refused",
    "The first element of a list counts as the token.",
    reading_tokens(_element(0)),
)
family.add(
    "takes_the_member_of_a_token",
    "a-structured-token-is-refused",
    "The first member of an object counts as the token.",
    reading_tokens(_first_member),
)
family.add(
    "takes_the_last_of_two_tokens",
    "a-repeated-token-is-refused",
    "Of two tokens the last counts.",
    reading_tokens(_element(-1)),
)


@family.breaks("a-repeated-token-is-refused")
class TakesTheFirstOfTwoTokens(Behaviour):
    """Of two tokens the first counts; lists are refused."""

    def room_query(self, call: Call) -> RoomQuery:
        value = call.query.get("token")
        first = value[0] if isinstance(value, list) and len(value) > 1 else None
        return super().room_query(replace(call, query={**call.query, "token": first}) if first else call)


# other things that are taken for the token


@family.breaks("a-missing-token-is-refused")
class RemembersTheVisitorByConnection(Behaviour):
    """A call without token is taken for the last visitor's on the connection."""

    @cached_property
    def last(self) -> dict[tuple[str, int], str]:
        return {}

    def room_query(self, call: Call) -> RoomQuery:
        here = call.channel.peer
        if "token" not in call.query and here in self.last:
            return super().room_query(replace(call, query={**call.query, "token": self.last[here]}))
        return super().room_query(call)

    async def get_room(self, call: Call) -> Document:
        answer = await super().get_room(call)
        self.last[call.channel.peer] = answer["room"]["v"]["token"]
        return answer


@family.breaks("a-missing-token-is-refused")
class TakesTheTokenUnderAnyLetterCase(Behaviour):
    """``Token`` and ``TOKEN`` are read as ``token``."""

    def room_query(self, call: Call) -> RoomQuery:
        named = {"token" if name.lower() == "token" else name: value for name, value in call.query.items()}
        return super().room_query(replace(call, query=named))


def taking_for_tokens(found: Callable[[Behaviour, str], str | None]) -> Callable[[Parts], Parts]:
    """Take something else that tells who a visitor is for their token."""

    class TakesForTokens(Behaviour):
        async def find_visitor(self, token: str) -> Document | None:
            return await super().find_visitor(token) or await super().find_visitor(found(self, token) or "")

    return lambda parts: parts.behaving(TakesForTokens)


def _by_member(name: str) -> Callable[[Behaviour, str], str | None]:
    return lambda server, text: next((v["token"] for v in server.store.visitors() if v.get(name) == text), None)


def _by_room(server: Behaviour, text: str) -> str | None:
    room = server.store.room(text)
    return room["v"]["token"] if room else None


for _name, _what, _found in (
    ("takes_a_visitors_id_for_the_token", "a visitor's _id", _by_member("_id")),
    ("takes_a_username_for_the_token", "a visitor's username", _by_member("username")),
    ("takes_a_room_id_for_the_token", "the _id of a room", _by_room),
):
    family.add(
        _name,
        "a-room-is-the-asking-visitors",
        f"Whoever knows {_what} can use it in place of the token.",
        taking_for_tokens(_found),
    )


# rooms of others


@family.breaks("a-room-is-the-asking-visitors")
class ReturnsTheRoomOfAnotherVisitor(Behaviour):
    """The newest open room is returned, whosesoever it is."""

    async def find_open_room(self, visitor: Document) -> Document | None:  # noqa: ARG002
        return next((room for room in reversed(self.store.rooms()) if room.get("open")), None)


@family.breaks("a-room-is-the-asking-visitors")
class ReturnsTheRoomOfAnotherOneTimeInFifty(Behaviour):
    """One look-up in fifty finds another visitor's room."""

    async def find_open_room(self, visitor: Document) -> Document | None:
        if now_and_then(50):
            return next((room for room in reversed(self.store.rooms()) if room.get("open")), None)
        return await super().find_open_room(visitor)


@family.breaks("rooms-are-not-shared")
class GivesTwoVisitorsOneRoom(Behaviour):
    """Every second visitor gets the room of the one before, with their own name in it."""

    @cached_property
    def hosts(self) -> dict[str, str]:
        return {}

    @cached_property
    def tokens(self) -> list[str]:
        return []

    async def find_open_room(self, visitor: Document) -> Document | None:
        token = visitor["token"]
        if token not in self.hosts:
            self.tokens.append(token)
            self.hosts[token] = token if len(self.tokens) % 2 else self.tokens[-2]
        room = self.store.open_room(self.hosts[token])
        mine = {name: visitor[name] for name in ("_id", "username", "token", "status")}
        return {**room, "v": mine} if room else None


@family.breaks("a-room-is-the-asking-visitors")
class CachesAnswersWithoutTheirQuery(Behaviour):
    """For 5 ms everybody gets the last answer: a cache knows the path and not the query."""

    answer: Document

    @cached_property
    def fresh(self) -> Recently:
        return Recently(0.005)

    async def get_room(self, call: Call) -> Document:
        if ROOM not in self.fresh:
            self.answer = await super().get_room(call)
            self.fresh.note(ROOM)
        return self.answer


@family.breaks("newroom-is-false-for-a-returned-room")
class CachesAnswersByTheirQuery(Behaviour):
    """For 50 ms the same query gets the same answer, also the one that said newRoom true."""

    @cached_property
    def answers(self) -> dict[str, Document]:
        return {}

    @cached_property
    def fresh(self) -> Recently:
        return Recently(0.05)

    async def get_room(self, call: Call) -> Document:
        key = repr(sorted(call.query.items(), key=repr))
        if key not in self.fresh:
            self.answers[key] = await super().get_room(call)
            self.fresh.note(key)
        return self.answers[key]


# something of others inside the own room


class _KnowsTheOther(Behaviour):
    """Knows which visitor got a room before this one did."""

    @cached_property
    def others(self) -> list[Document]:
        return []

    def other(self, token: str) -> Document | None:
        return next((visitor for visitor in reversed(self.others) if visitor["token"] != token), None)

    async def known_visitor(self, token: str) -> Document:
        visitor = await super().known_visitor(token)
        self.others.append(visitor)
        return visitor

    def render_room(self, room: Document, query: RoomQuery) -> Document:
        shown, other = super().render_room(room, query), self.other(query.token)
        return self.mixed(shown, other) if other else shown

    def mixed(self, room: Document, other: Document) -> Document:
        raise NotImplementedError


@family.breaks("no-other-visitor-shows")
class HidesAnotherTokenInTheRoom(_KnowsTheOther):
    """The room holds the token of another visitor."""

    def mixed(self, room: Document, other: Document) -> Document:
        return {**room, "crmData": {"previous": other["token"]}}


@family.breaks("no-other-visitor-shows")
class NamesAnotherVisitorAsTheOneWhoAnswered(_KnowsTheOther):
    """``responseBy`` holds the _id of another visitor."""

    def mixed(self, room: Document, other: Document) -> Document:
        return {**room, "responseBy": {"_id": other["_id"], "lastMessageTs": room["lm"]}}


@family.breaks("no-other-visitor-shows")
class ShowsTheNameOfAnotherVisitor(_KnowsTheOther):
    """``fname`` is the name of another visitor."""

    def mixed(self, room: Document, other: Document) -> Document:
        return {**room, "fname": other.get("name", room["fname"])}


@family.breaks("no-other-visitor-shows")
class ShowsTheUsernameOfAnotherVisitor(_KnowsTheOther):
    """``v.username`` is that of another visitor."""

    def mixed(self, room: Document, other: Document) -> Document:
        return {**room, "v": {**room["v"], "username": other["username"]}}


@family.breaks("no-other-visitor-shows")
class NamesAnotherVisitorAsTheAuthor(_KnowsTheOther):
    """The author of ``lastMessage`` is another visitor."""

    def mixed(self, room: Document, other: Document) -> Document:
        if "lastMessage" not in room:
            return room
        author = {"_id": other["_id"], "username": other["username"], "name": other["username"]}
        return {**room, "lastMessage": {**room["lastMessage"], "u": author}}


@family.breaks("a-last-message-is-the-rooms-own")
class ShowsTheLastMessageOfAnotherRoom(Behaviour):
    """``lastMessage`` is the last message of all rooms."""

    last: Document | None = None

    async def send_message(self, message: Document) -> Document:
        self.last = await super().send_message(message)
        return self.last

    def render_room(self, room: Document, query: RoomQuery) -> Document:
        shown = super().render_room(room, query)
        return {**shown, "lastMessage": self.last} if self.last else shown


@family.breaks("a-last-message-is-the-rooms-own")
class KeepsTheLastMessageOverAClose(Behaviour):
    """A visitor's next room shows the last message of the closed one."""

    def draft_room(self, query: RoomQuery, visitor: Document) -> Document:
        room = super().draft_room(query, visitor)
        before = [old["lastMessage"] for old in self.store.rooms(visitor["token"]) if "lastMessage" in old]
        return {**room, "lastMessage": before[-1]} if before else room


@family.breaks("a-room-is-the-asking-visitors")
class WritesTheAskedTokenInCapitals(RoomWire):
    """``v.token`` of the room is not the token as it was registered."""

    def success(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
        return with_room(reply, lambda room: {**room, "v": {**room["v"], "token": room["v"]["token"].upper()}})


@family.breaks("no-other-visitor-shows")
class TellsWhoseAForeignRidIs(Behaviour):
    """The refusal of a foreign rid names the token of its owner."""

    async def get_by_id(self, query: RoomQuery, visitor: Document) -> Document:
        room = self.store.room(query.rid)
        if room and room["v"]["token"] != visitor["token"]:
            raise plain(f"room of {room['v']['token']}")
        return await super().get_by_id(query, visitor)


@family.breaks("unknown-parameters-change-nothing")
class MergesParametersIntoTheRoom(Behaviour):
    """Parameters that nobody documented become members of the room."""

    def optional_parameters(self) -> tuple[str, ...]:
        return (*super().optional_parameters(), "fname", "departmentId", "source", "status")

    def render_room(self, room: Document, query: RoomQuery) -> Document:
        unnamed = {n: v for n, v in query.call.query.items() if n not in ("token", "rid", "agentId")}
        return {**super().render_room(room, query), **unnamed}


@family.breaks("unknown-parameters-change-nothing")
class KeepsParametersInTheStore(Behaviour):
    """Parameters that nobody documented are kept in the room, deep inside, from its creation on."""

    def room_query(self, call: Call) -> RoomQuery:
        named = {name: value for name, value in call.query.items() if name in ("token", "rid", "agentId")}
        query = super().room_query(replace(call, query=named))
        return replace(query, call=call)

    def draft_room(self, query: RoomQuery, visitor: Document) -> Document:
        named = ("token", "rid", "agentId")
        extra = {name: value for name, value in query.call.query.items() if name not in named}
        return {**super().draft_room(query, visitor), "livechatData": {"query": extra}}
