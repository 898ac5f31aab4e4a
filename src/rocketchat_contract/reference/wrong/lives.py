"""Wrong only with tokens or lives that are out of the ordinary: long, beyond ASCII, numbers, asked for often."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import ClassVar

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, ServerCall, coded, plain
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.wrong.catalogue import Family, Variants
from rocketchat_contract.reference.wrong.seams import OneStep

family = Family("identity")
variants = Variants()

# tokens that are kept or compared in another form


def comparing(form: Callable[[str], object]) -> Callable[[Parts], Parts]:
    """Find the visitor whose token has the same ``form`` when nobody has exactly this token."""

    class ComparesForms(Behaviour):
        async def find_visitor(self, token: str) -> JsonObject | None:
            exact = await super().find_visitor(token)
            if exact is not None or not token:
                return exact
            asked = form(token)
            return next((visitor for visitor in self.store.visitors() if form(visitor["token"]) == asked), None)

    return lambda parts: parts.behaving(ComparesForms)


def _number(pattern: str, read: Callable[[str], object]) -> Callable[[str], object]:
    return lambda token: read(token) if re.fullmatch(pattern, token) else token


def _without_accents(token: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", token) if not unicodedata.combining(c))


_FORMS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("cuts_tokens_at_128_letters", "by their first 128 letters", lambda token: token[:128]),
    ("cuts_tokens_at_255_letters", "by their first 255 letters", lambda token: token[:255]),
    ("cuts_tokens_at_1000_letters", "by their first 1,000 letters", lambda token: token[:1000]),
    ("composes_tokens", "in Unicode's form NFC", lambda token: unicodedata.normalize("NFC", token)),
    ("compares_tokens_without_accents", "letter by letter, less their accents", _without_accents),
    (
        "folds_letters_of_tokens_beyond_ascii",
        "in any letter case beyond ASCII",
        lambda token: "".join(letter if letter.isascii() else letter.casefold() for letter in token),
    ),
    (
        "keeps_tokens_in_latin_1",
        "as Latin-1, a question mark for every other letter",
        lambda token: token.encode("latin-1", "replace"),
    ),
    (
        "cuts_tokens_at_an_emoji",
        "up to the first sign beyond 16 bits",
        lambda token: re.split("[^\0-\uffff]", token)[0],
    ),
    ("takes_a_space_in_a_token_for_a_plus", "with + for each space", lambda token: token.replace(" ", "+")),
    ("reads_tokens_of_digits_as_whole_numbers", "as whole numbers, where they are that", _number("[0-9]+", int)),
    ("reads_tokens_as_json_numbers", "as numbers of JSON", _number(r"[1-9][0-9]*(\.[0-9]+)?(e[0-9]+)?", float)),
    (
        "reads_tokens_as_uuids",
        "as UUIDs, where they are that",
        _number("[{]?[0-9a-fA-F-]{32,36}[}]?", lambda token: token.strip("{}").replace("-", "").lower()),
    ),
)
for _name, _how, _form in _FORMS:
    family.add(_name, "a-token-is-matched-exactly", f"Tokens are compared {_how}.", comparing(_form))


# visitors whose room is not found again


def forgetting(is_forgotten: Callable[[str], bool]) -> Callable[[Parts], Parts]:
    """Find no open room of some tokens."""

    class Forgets(OneStep):
        async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
            return None if is_forgotten(visitor["token"]) else await super().find_open_room(visitor)

    return lambda parts: parts.behaving(Forgets).unguarded()


for _name, _whose, _is_forgotten in (
    ("forgets_rooms_of_long_tokens", "of more than 255 letters", lambda token: len(token) > 255),
    ("forgets_rooms_of_tokens_beyond_ascii", "beyond ASCII", lambda token: not token.isascii()),
    ("forgets_rooms_of_tokens_that_are_numbers", "that are numbers", str.isdecimal),
):
    family.add(
        _name,
        "an-open-room-is-returned",
        f"The room of a token {_whose} is never found again.",
        forgetting(_is_forgotten),
    )


class _ForgetsTheRoomOnce(OneStep):
    """One look-up of a visitor's open room, counted from 1, finds nothing."""

    forgotten_at: ClassVar[int]

    @cached_property
    def asked(self) -> Counter[str]:
        return Counter()

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        self.asked[visitor["token"]] += 1
        is_forgotten = self.asked[visitor["token"]] == self.forgotten_at
        return None if is_forgotten else await super().find_open_room(visitor)


@family.breaks("an-open-room-is-returned", unguarded=True, needs="history")
class ForgetsTheRoomOfWhoeverAsks50Times(_ForgetsTheRoomOnce):
    """The fiftieth call of a visitor opens another room."""

    forgotten_at = 50


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomOfWhoeverAsks4Times(_ForgetsTheRoomOnce):
    """The fourth look-up of a visitor's open room finds nothing."""

    forgotten_at = 4


@family.breaks("a-known-visitor-gets-a-room")
class LocksOutWhoeverIsRefusedFiveTimes(Behaviour):
    """A visitor whose rids were refused five times gets no room any more, but by its rid."""

    @cached_property
    def refused(self) -> Counter[str]:
        return Counter()

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        self.refused[query.token] += await self.room_by_id(query.rid, visitor) is None
        return await super().get_by_id(query, visitor)

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if self.refused[query.token] >= 5:
            raise plain("invalid-token")
        return await super().get_or_create(query, visitor)


# visitors who were deleted and registered again


class _KnowsWhoCameBack(OneStep):
    """Remembers the tokens of those who were deleted."""

    @cached_property
    def deleted(self) -> set[str]:
        return set()

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        answer = await super().delete_visitor(call)
        self.deleted.add(call.values[0])
        return answer


@family.breaks("newroom-is-true-for-a-created-room")
class CallsTheRoomOfASecondLifeOld(_KnowsWhoCameBack):
    """newRoom is false for the first room of a visitor who was deleted and came back."""

    def render(self, room: JsonObject, query: AskedRoom, *, new: bool) -> JsonObject:
        return super().render(room, query, new=new and query.token not in self.deleted)


@family.breaks("an-open-room-is-returned", unguarded=True)
class ForgetsTheRoomOfASecondLife(_KnowsWhoCameBack):
    """The room of a visitor who was deleted and came back is never found again."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        return None if visitor["token"] in self.deleted else await super().find_open_room(visitor)


@family.breaks("a-known-visitor-gets-a-room")
class RefusesVisitorsWhoCameBack(_KnowsWhoCameBack):
    """A visitor who was deleted is registered again, and gets no room."""

    async def get_or_create(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if query.token in self.deleted:
            raise plain("invalid-token")
        return await super().get_or_create(query, visitor)


@family.breaks("a-closed-rid-is-refused", needs="history")
class ReturnsArchivedRoomsByRid(Behaviour):
    """When twenty other rooms were opened, a closed one is found again by its rid."""

    async def room_by_id(self, rid: str, visitor: JsonObject) -> JsonObject | None:
        rooms = self.store.rooms()
        archived = next((room for room in rooms[:-20] if room["_id"] == rid), None)
        is_own = archived is not None and archived["v"]["token"] == visitor["token"]
        return archived if is_own else await super().room_by_id(rid, visitor)


# what is right


@variants.keeps()
class RefusesTokensBeyondAscii(Behaviour):
    """Registration refuses a token with letters beyond ASCII."""

    def registration(self, body: JsonObject) -> JsonObject:
        given = super().registration(body)
        if not given["token"].isascii():
            raise plain("error-invalid-token")
        return given


@variants.keeps()
class ComposesTokensAtRegistration(Behaviour):
    """A token is put into Unicode's form NFC when it is registered, and answered so."""

    def registration(self, body: JsonObject) -> JsonObject:
        given = super().registration(body)
        return {**given, "token": unicodedata.normalize("NFC", given["token"])}


@variants.keeps()
class DecomposesNames(Behaviour):
    """Visitors' names are kept in Unicode's form NFD."""

    def fill(self, visitor: JsonObject, given: JsonObject) -> None:
        name = given.get("name")
        super().fill(visitor, {**given, **({"name": unicodedata.normalize("NFD", name)} if name else {})})


@variants.keeps()
class ErasesVisitorsLater(Behaviour):
    """A deleted visitor is unknown at once, and erased 40 ms later."""

    @cached_property
    def leaving(self) -> set[str]:
        return set()

    async def find_visitor(self, token: str) -> JsonObject | None:
        visitor = await super().find_visitor(token)
        return None if visitor is not None and visitor["_id"] in self.leaving else visitor

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        visitor = await self.find_visitor(call.values[0])
        if visitor is None:
            raise coded("invalid-token")
        if self.store.open_room(visitor["token"]) is not None:
            raise coded("visitor-has-open-rooms", "Cannot remove visitors with opened rooms")
        self.leaving.add(visitor["_id"])
        asyncio.get_running_loop().call_later(0.04, self.erase, visitor)
        return {"visitor": {"_id": visitor["_id"], "ts": self.now()}}


@variants.keeps()
class DeletesVisitorsInTheBackground(Behaviour):
    """A deletion is answered at once and done 150 ms later; until then the visitor gets rooms as before."""

    async def delete_visitor(self, call: ServerCall) -> JsonObject:
        visitor = await self.known_visitor(call.values[0])
        if self.store.open_room(visitor["token"]) is not None:
            raise coded("visitor-has-open-rooms", "Cannot remove visitors with opened rooms")
        asyncio.get_running_loop().call_later(0.15, self.erase_with_rooms, visitor)
        return {"visitor": {"_id": visitor["_id"], "ts": self.now()}}

    def erase_with_rooms(self, visitor: JsonObject) -> None:
        self.store.delete_visitor(visitor["_id"], visitor["token"], even_with_open_rooms=True)
