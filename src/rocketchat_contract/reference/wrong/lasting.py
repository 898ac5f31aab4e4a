"""Wrong in what becomes of a room's members: garbled on their way into it, or changed once and for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cached_property

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.call import JsonObject
from rocketchat_contract.reference.omnichannel import AskedRoom
from rocketchat_contract.reference.service import without_members
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.circumstances import OffersCustomFields

family = Family("get-or-create")

REGISTERED = "a-room-shows-what-was-registered"
REPEAT = "a-repeat-changes-nothing"
LONG_AGO = "2020-01-01T00:00:00.000Z"


def in_ascii(instead: str) -> Callable[[str], str]:
    """Replace letters beyond ASCII."""
    return lambda name: name.encode("ascii", instead).decode()


def renaming(change: Callable[[str], str]) -> Callable[[Parts], Parts]:
    """Change the name of each room."""

    class Renames(Behaviour):
        def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
            room = super().draft_room(query, visitor)
            return {**room, "fname": change(room["fname"])}

    return lambda parts: parts.behaving(Renames)


for _name, _sentence, _change in (
    ("shows_names_as_latin_1", "Names are read as Latin-1 on their way in.", lambda n: n.encode().decode("latin-1")),
    (
        "shows_names_in_ascii",
        "Letters beyond ASCII become question marks.",
        in_ascii("replace"),
    ),
    ("cuts_names", "Names are cut after 20 characters.", lambda n: n[:20]),
    ("writes_names_in_capitals", "Names are written in capitals.", str.upper),
    (
        "escapes_names_twice",
        "Letters beyond ASCII come as entities.",
        in_ascii("xmlcharrefreplace"),
    ),
):
    family.add(_name, REGISTERED, _sentence, renaming(_change))


@family.breaks(REGISTERED)
class NamesRoomsByUsername(Behaviour):
    """A room is named by the username that the server made up."""

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        return {**super().draft_room(query, visitor), "fname": visitor["username"]}


@family.breaks(REGISTERED)
class LosesTheDepartment(Behaviour):
    """A room is in no department, whichever its visitor chose."""

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        return without_members(super().draft_room(query, visitor), "departmentId")


@family.breaks(REGISTERED)
class NamesTheDepartment(Behaviour):
    """departmentId holds the department's name."""

    def draft_room(self, query: AskedRoom, visitor: JsonObject) -> JsonObject:
        room = super().draft_room(query, visitor)
        known = self.store.department(room.get("departmentId", ""))
        return {**room, "departmentId": known["name"]} if known else room


def changing(change: Callable[[JsonObject], JsonObject], *, later: bool = True) -> Callable[[Parts], Parts]:
    """Change a room's answers from the second one on, all in the same way; or else the first one."""

    class Changes(Behaviour):
        @cached_property
        def shown(self) -> Counter[str]:
            return Counter()

        def render_room(self, room: JsonObject, query: AskedRoom) -> JsonObject:
            self.shown[room["_id"]] += 1
            shown = super().render_room(room, query)
            return shown if self.is_as_stored(room) else change(shown)

        def is_as_stored(self, room: JsonObject) -> bool:
            return self.shown[room["_id"]] == 1 if later else self.shown[room["_id"]] > 1

    return lambda parts: parts.behaving(Changes)


for _name, _sentence, _change in (
    ("wipes_the_source", "source is gone", lambda r: without_members(r, "source")),
    ("wipes_the_contact", "contactId is null", lambda r: {**r, "contactId": None}),
    ("wipes_the_department", "departmentId is gone", lambda r: without_members(r, "departmentId")),
    ("retypes_the_source", "source is a text", lambda r: {**r, "source": "api"}),
    ("retypes_the_weight", "priorityWeight is a text", lambda r: {**r, "priorityWeight": "99"}),
    ("moves_lm_back", "lm is years ago", lambda r: {**r, "lm": LONG_AGO}),
    ("moves_the_update_back", "_updatedAt is years ago", lambda r: {**r, "_updatedAt": LONG_AGO}),
):
    family.add(_name, REPEAT, f"{_sentence} from the second answer on.", changing(_change))

family.add(
    "resets_the_count_of_messages",
    REPEAT,
    "msgs is what it was, and two more in the first answer.",
    changing(lambda room: {**room, "msgs": room["msgs"] + 2}, later=False),
)


@family.breaks(REGISTERED)
class ShowsCustomFieldsAsLatin1(OffersCustomFields):
    """Custom fields are read as Latin-1 on their way in."""

    def fields_shown(self, visitor: JsonObject) -> JsonObject:
        return {name: value.encode().decode("latin-1") for name, value in super().fields_shown(visitor).items()}
