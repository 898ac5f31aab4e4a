"""Wrong in what values it bears: each server ends in a 500 on one kind of value, in one parameter."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject, Refusal, ServerCall, ServerReply
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.query import GroupedQuery, Value
from rocketchat_contract.reference.wire import Wire
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import RoomWire, about_rooms, now_and_then

family = Family("robustness")

_HOSTILE = "no-call-ends-in-a-server-error"
_ORDINARY = "ordinary-calls-end-well"
ValueTest = Callable[[Value], bool]


def broken_by(test: Callable[[GroupedQuery], bool]) -> Callable[[Parts], Parts]:
    """End in a server error when the query is so."""

    class Breaks(Behaviour):
        async def get_room(self, call: ServerCall) -> JsonObject:
            if test(call.query):
                raise Refusal("Internal server error", status=500)
            return await super().get_room(call)

    return lambda parts: parts.behaving(Breaks)


def value_of(names: tuple[str, ...], test: Callable[[str], bool]) -> Callable[[GroupedQuery], bool]:
    """Test the texts under these names; no names mean all."""

    def found(query: GroupedQuery) -> bool:
        texts = ((name, value) for name, value in query.items() if isinstance(value, str))
        return any((not names or name in names) and test(value) for name, value in texts)

    return found


def unnamed(test: Callable[[str], bool]) -> Callable[[GroupedQuery], bool]:
    """Test the texts of parameters that nobody documented."""
    documented = ("token", "rid", "agentId")
    return lambda query: any(
        test(value) for name, value in query.items() if name not in documented and isinstance(value, str)
    )


def _shape_of(name: str, kind: type) -> Callable[[GroupedQuery], bool]:
    """Test whether a parameter is a list or an object."""
    return lambda query: isinstance(query.get(name), kind)


def holds(*signs: str) -> Callable[[str], bool]:
    """Test whether a text has one of these signs."""
    return lambda text: any(sign in text for sign in signs)


def longer_than(most: int) -> Callable[[str], bool]:
    """Test whether a text is longer."""
    return lambda text: len(text) > most


def in_class(*categories: str) -> Callable[[str], bool]:
    """Test whether a text has a character of one of these Unicode categories."""
    return lambda text: any(unicodedata.category(sign) in categories for sign in text)


def beyond(least: str) -> Callable[[str], bool]:
    """Test whether a text has a character from this one on."""
    return lambda text: any(sign >= least for sign in text)


def _no_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return True
    return False


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


for _name, _sentence, _test in (
    ("breaks_on_a_nul", "A NUL in any parameter", value_of((), holds("\0"))),
    ("breaks_on_a_nul_in_the_agent", "A NUL in agentId", value_of(("agentId",), holds("\0"))),
    ("breaks_on_long_tokens", "A token of more than 2000 letters", value_of(("token",), longer_than(2000))),
    ("breaks_on_long_rids", "A rid of more than 2000 letters", value_of(("rid",), longer_than(2000))),
    ("breaks_on_long_agents", "An agentId of more than 2000 letters", value_of(("agentId",), longer_than(2000))),
    ("breaks_on_very_long_values", "A value of more than 10,000 letters", value_of((), longer_than(10_000))),
    ("breaks_on_letters_beyond_ascii_in_tokens", "A token beyond ASCII", value_of(("token",), beyond("\x80"))),
    ("breaks_on_letters_beyond_ascii_in_rids", "A rid beyond ASCII", value_of(("rid",), beyond("\x80"))),
    ("breaks_on_emoji", "An emoji in any parameter", value_of((), beyond("\U00010000"))),
    ("breaks_on_emoji_in_the_agent", "An emoji in agentId", value_of(("agentId",), beyond("\U00010000"))),
    ("breaks_on_control_characters", "A control character in any parameter", value_of((), in_class("Cc"))),
    ("breaks_on_line_breaks_in_rids", "A line break in a rid", value_of(("rid",), holds("\r", "\n"))),
    ("breaks_on_right_to_left_signs", "A sign that turns the writing direction", value_of((), in_class("Cf"))),
    ("breaks_on_quotes_in_tokens", "A single quote in a token", value_of(("token",), holds("'"))),
    ("breaks_on_semicolons_in_rids", "A semicolon in a rid", value_of(("rid",), holds(";"))),
    ("breaks_on_markup_in_the_agent", "A < in agentId", value_of(("agentId",), holds("<"))),
    ("breaks_on_paths_in_rids", "Two dots and a slash in a rid", value_of(("rid",), holds("../"))),
    ("breaks_on_broken_patterns_in_rids", "A rid that is no regular expression", value_of(("rid",), _no_pattern)),
    ("breaks_on_broken_patterns_in_tokens", "A token that is no regular expression", value_of(("token",), _no_pattern)),
    ("breaks_on_json_in_tokens", "A token that is a JSON object", value_of(("token",), _is_json)),
    ("breaks_on_percent_signs", "A percent sign that codes nothing", value_of((), holds("%"))),
    (
        "breaks_on_surrogates",
        "A surrogate, coded in three bytes",
        value_of((), lambda text: bool(re.search("%[89A-F]", text))),
    ),
    ("breaks_on_lists_of_tokens", "A token that is a list", _shape_of("token", list)),
    ("breaks_on_token_objects", "A token that is an object", _shape_of("token", dict)),
    ("breaks_on_lists_of_rids", "A rid that is a list", _shape_of("rid", list)),
    ("breaks_on_rid_objects", "A rid that is an object", _shape_of("rid", dict)),
    ("breaks_on_lists_of_agents", "An agentId that is a list", _shape_of("agentId", list)),
    ("breaks_on_agent_objects", "An agentId that is an object", _shape_of("agentId", dict)),
    ("breaks_on_unnamed_parameters", "A parameter that nobody documented", unnamed(lambda _: True)),
    (
        "breaks_on_emoji_in_unnamed_parameters",
        "An emoji in a parameter that nobody documented",
        unnamed(beyond("\U00010000")),
    ),
    ("breaks_on_many_parameters", "More than 100 parameters", lambda query: len(query) > 100),
):
    family.add(_name, _HOSTILE, f"{_sentence} ends in a 500.", broken_by(_test))

for _name, _sentence, _test in (
    ("breaks_on_a_call_without_parameters", "A call without any parameter", lambda query: not query),
    ("breaks_on_an_empty_rid", "An empty rid", value_of(("rid",), lambda text: not text)),
    ("breaks_on_an_empty_token", "An empty token", value_of(("token",), lambda text: not text)),
    ("breaks_on_agents", "Any agentId", value_of(("agentId",), lambda _: True)),
    ("breaks_on_an_empty_agent", "An empty agentId", value_of(("agentId",), lambda text: not text)),
    (
        "breaks_on_rids_of_objects",
        "A rid that is a MongoDB id",
        value_of(("rid",), lambda text: bool(re.fullmatch("[0-9a-f]{24}", text))),
    ),
    (
        "breaks_on_numbers_for_tokens",
        "A token that is a number",
        value_of(("token",), lambda text: bool(re.fullmatch("[0-9]+", text))),
    ),
    (
        "breaks_on_large_numbers",
        "A number beyond all bounds in a rid",
        value_of(("rid",), lambda text: bool(re.fullmatch(r"\d+e\d{3,}", text))),
    ),
    ("breaks_on_undefined", "The rid undefined", value_of(("rid",), lambda text: text == "undefined")),
):
    family.add(_name, _ORDINARY, f"{_sentence} ends in a 500.", broken_by(_test))


@family.breaks(_ORDINARY)
class BreaksOnUnknownTokens(Behaviour):
    """A token that nobody registered ends in a 500."""

    async def known_visitor(self, token: str) -> JsonObject:
        visitor = await self.find_visitor(token)
        if visitor is None:
            raise Refusal("Cannot read properties of null (reading '_id')", status=500)
        return visitor


@family.breaks(_ORDINARY)
class BreaksOnUnknownRids(Behaviour):
    """A rid that no room has ends in a 500."""

    async def get_by_id(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        if self.store.room(query.rid) is None:
            raise Refusal("Cannot read properties of null (reading 'v')", status=500)
        return await super().get_by_id(query, visitor)


@family.breaks(_ORDINARY)
class BreaksAfterAClose(Behaviour):
    """The visitor's first call after a close ends in a 500."""

    async def find_open_room(self, visitor: JsonObject) -> JsonObject | None:
        rooms = self.store.rooms(visitor["token"])
        if rooms and not rooms[-1].get("open"):
            raise Refusal("Internal server error", status=500)
        return await super().find_open_room(visitor)


@family.breaks(_ORDINARY, needs="chance")
class Answers500ToOneCallInTwenty(Wire):
    """One livechat call in twenty ends in a 500."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if about_rooms(call) and now_and_then(20):
            return ServerReply(500, {"success": False, "error": "Internal server error"})
        return reply


@family.breaks(_ORDINARY, needs="chance")
class Answers500ToOneCallInFifty(Wire):
    """One livechat call in fifty ends in a 500."""

    def reply(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if about_rooms(call) and now_and_then(50):
            return ServerReply(500, {"success": False, "error": "Internal server error"})
        return reply


@family.breaks(_ORDINARY)
class BreaksOnTheWidgetsFirstCall(RoomWire):
    """A call with the widget's cookies that opens a room ends in a 500."""

    def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:
        if call.from_widget and reply.document["newRoom"]:
            return ServerReply(500, {"success": False, "error": "Internal server error"})
        return reply
