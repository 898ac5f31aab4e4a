"""Wrong in what is taken for a visitor's token: matched loosely, structured, or something else altogether."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from urllib.parse import unquote

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, ServerCall, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.query import Value
from rocketchat_contract.reference.wrong.catalogue import Family

family = Family("identity")

# tokens that are matched loosely


def _loosely(same: Callable[[str, str], bool]) -> Callable[[Parts], Parts]:
    """Find the visitor with ``same(asked, token)`` when nobody has exactly this token."""

    class MatchesLoosely(Behaviour):
        async def find_visitor(self, token: str) -> JsonObject | None:
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
    (
        "strips_accents_from_tokens",
        "letter by letter, accents apart",
        lambda asked, token: _letters(asked) == _letters(token),
    ),
    ("decodes_tokens_twice", "decoded twice", lambda asked, token: unquote(asked) == token),
    ("unquotes_tokens", "less the quotes around them", lambda asked, token: asked.strip("'\"") == token),
):
    family.add(_name, "a-token-is-matched-exactly", f"Tokens are matched {_how}.", _loosely(_same))


# tokens that are no plain text


def reading_tokens(read: Callable[[Behaviour, Value], str | None]) -> Callable[[Parts], Parts]:
    """Take what ``read`` makes of a list or object for the token."""

    class ReadsTokens(Behaviour):
        def room_query(self, call: ServerCall) -> AskedRoom:
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

    def room_query(self, call: ServerCall) -> AskedRoom:
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

    def room_query(self, call: ServerCall) -> AskedRoom:
        here = call.channel.peer
        if "token" not in call.query and here in self.last:
            return super().room_query(replace(call, query={**call.query, "token": self.last[here]}))
        return super().room_query(call)

    async def get_room(self, call: ServerCall) -> JsonObject:
        answer = await super().get_room(call)
        self.last[call.channel.peer] = answer["room"]["v"]["token"]
        return answer


@family.breaks("a-missing-token-is-refused")
class TakesTheTokenUnderAnyLetterCase(Behaviour):
    """``Token`` and ``TOKEN`` are read as ``token``."""

    def room_query(self, call: ServerCall) -> AskedRoom:
        named = {"token" if name.lower() == "token" else name: value for name, value in call.query.items()}
        return super().room_query(replace(call, query=named))


def taking_for_tokens(found: Callable[[Behaviour, str], str | None]) -> Callable[[Parts], Parts]:
    """Take something else that tells who a visitor is for their token."""

    class TakesForTokens(Behaviour):
        async def find_visitor(self, token: str) -> JsonObject | None:
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


@family.breaks("a-repeated-token-is-refused")
class TakesEqualTokensForOne(Behaviour):
    """Two tokens count as one when they are the same."""

    def room_query(self, call: ServerCall) -> AskedRoom:
        value = call.query.get("token")
        if isinstance(value, list) and len(value) > 1 and all(other == value[0] for other in value):
            call = replace(call, query={**call.query, "token": value[0]})
        return super().room_query(call)


# tokens that are kept or read as something else


@family.breaks("a-token-is-matched-exactly")
class CutsTokensAt64Letters(Behaviour):
    """Tokens are kept and looked for up to their 64th letter."""

    def registration(self, body: JsonObject) -> JsonObject:
        given = super().registration(body)
        return {**given, "token": given["token"][:64]}

    async def find_visitor(self, token: str) -> JsonObject | None:
        return await super().find_visitor(token[:64])


@family.breaks("a-token-is-matched-exactly")
class ComparesTokensOfDigitsAsNumbers(Behaviour):
    """Tokens of digits are the same when they are the same number."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        exact = await super().find_visitor(token)
        if exact is not None or not _is_number(token):
            return exact
        numbers = (visitor for visitor in self.store.visitors() if _is_number(visitor["token"]))
        return next((visitor for visitor in numbers if int(visitor["token"]) == int(token)), None)


def _is_number(token: str) -> bool:
    return token.isascii() and token.isdigit() and len(token) < 100


@family.breaks("a-known-visitor-gets-a-room")
class KnowsOnlyTokensOfLettersAndDigits(Behaviour):
    """Tokens with signs are registered and never found."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        return await super().find_visitor(token) if token.isalnum() else None


@family.breaks("a-known-visitor-gets-a-room")
class TakesAPlusInATokenForASpace(Behaviour):
    """Tokens are decoded as forms are, after they were decoded already: a plus sign is lost."""

    async def find_visitor(self, token: str) -> JsonObject | None:
        return await super().find_visitor(token.replace("+", " "))


@family.breaks("a-known-visitor-gets-a-room")
class LeavesLettersOfATokenEncoded(Behaviour):
    """A letter that stands percent-encoded in the query is not decoded, so that the token is unknown."""

    async def get_room(self, call: ServerCall) -> JsonObject:
        if _HAS_ENCODED_LETTER.search(call.channel.query_string):
            raise plain("invalid-token")
        return await super().get_room(call)


_HAS_ENCODED_LETTER = re.compile(rb"token=[0-9A-Za-z]*%[67][0-9a-fA-F]")


# visitors are known by their very tokens, and their rooms by less


def _finding_rooms(key: Callable[[str], str]) -> Callable[[Parts], Parts]:
    """Look for a visitor's open room by ``key`` of the tokens, of which two visitors may have the same."""

    class FindsRoomsLoosely(Behaviour):
        async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
            wanted = key(visitor["token"])
            rooms = (room for room in self.store.rooms() if room.get("open"))
            return next((room for room in rooms if key(room["v"]["token"]) == wanted), None)

    return lambda parts: parts.behaving(FindsRoomsLoosely)


def _number(token: str) -> str:
    return str(int(token)) if _is_number(token) else token


for _name, _how, _key in (
    ("finds_rooms_in_any_case", "in any letter case", str.casefold),
    ("finds_rooms_by_64_letters", "by 64 letters of them", lambda token: token[:64]),
    ("finds_rooms_by_255_letters", "by 255 letters of them", lambda token: token[:255]),
    ("finds_rooms_by_normalised_tokens", "in Unicode's form NFC", lambda token: unicodedata.normalize("NFC", token)),
    ("finds_rooms_by_letters", "without accents and case", _letters),
    ("finds_rooms_less_white_space", "less the white space around them", str.strip),
    (
        "finds_rooms_by_latin_1",
        "as far as Latin-1 goes",
        lambda token: token.encode("latin-1", "replace").decode("latin-1"),
    ),
    ("finds_rooms_by_numbers", "as numbers, where they are such", _number),
    ("finds_rooms_less_hyphens", "less hyphens and braces", lambda token: re.sub("[-{}]", "", token)),
):
    family.add(
        _name,
        "a-room-is-the-asking-visitors",
        f"Tokens are exact, and open rooms found by them {_how}.",
        _finding_rooms(_key),
    )
