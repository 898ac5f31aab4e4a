"""Wrong in a member of the body: its type, null, absent, here or there, always or only in a part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.call import JsonObject, ServerCall, ServerReply
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import RoomWire, now_and_then

family = Family("schema")

FULL = "a-200-fits-the-full-schema"
_USUAL = "usual-members-are-there"
OPEN = "a-returned-room-is-open"
_TIMES = "room-times-are-iso-8601"


@dataclass(frozen=True)
class MemberChange:
    """What becomes of a member, in words and as a function; ``gone`` takes it out."""

    words: str
    apply: Callable[[Any], Any] = lambda value: value
    gone: bool = False


@dataclass(frozen=True)
class When:
    """In which 200 bodies a member is changed."""

    words: str
    holds: Callable[[JsonObject], bool]


def to(value: Any, words: str = "") -> MemberChange:
    """Put this value in the member's place."""
    return MemberChange(words or repr(value), lambda _: value)


NO, YES = MemberChange("false", lambda _: False), MemberChange("true", lambda _: True)
MISSING = MemberChange("missing", gone=True)
NULL = to(None, "null")
TEXT_VALUE = MemberChange("a text", lambda value: str(value).lower())
LIST = MemberChange("a list", lambda value: [value])
OBJECT = MemberChange("an object", lambda value: {"value": value})
NUMBER = to(1_787_000_000_000, "a number")
EXTENDED = MemberChange("MongoDB's extended JSON", lambda value: {"$date": value})

ALWAYS = When("", lambda _: True)
CREATION = When(" on creation", lambda body: bool(body["newRoom"]))
REPEATS = When(" on repeats", lambda body: not body["newRoom"])
AFTER_A_MESSAGE = When(" after a message", lambda body: "lastMessage" in body["room"])
_SOMETIMES = When(" in one answer of forty", lambda _: now_and_then(40))


def rewriting(path: str, change: MemberChange, when: When = ALWAYS) -> Callable[[Parts], Parts]:
    """Change the member at ``path`` of 200 bodies; a member that is not there is left alone."""
    *parents, last = path.split(".")

    class Rewrites(RoomWire):
        def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
            body = reply.document
            return replace(reply, document=changed(body, parents, last, change)) if when.holds(body) else reply

    return lambda parts: parts.wired(Rewrites)


def changed(document: JsonObject, parents: list[str], last: str, change: MemberChange) -> JsonObject:
    """Copy a document with one member changed."""
    if parents:
        inner = document.get(parents[0])
        if not isinstance(inner, dict):
            return document
        return {**document, parents[0]: changed(inner, parents[1:], last, change)}
    if last not in document:
        return document
    if change.gone:
        return {name: value for name, value in document.items() if name != last}
    return {**document, last: change.apply(document[last])}


PATHS: dict[str, str] = {}
"""Which member a server gets wrong, by the server's name."""


def wrong(name: str, path: str, change: MemberChange, when: When = ALWAYS, breaks: str = FULL) -> None:
    """Enter a server that gets one member wrong."""
    PATHS[name] = path
    needs = "chance" if when is _SOMETIMES else ""
    family.add(name, breaks, f"{path} is {change.words}{when.words}.", rewriting(path, change, when), needs)


# the body

wrong("leaves_the_room_out", "room", MISSING)
wrong("writes_the_room_as_null", "room", NULL)
wrong("writes_the_room_as_a_list", "room", LIST)
wrong("writes_only_the_id_of_the_room", "room", MemberChange("the room's id", lambda room: room["_id"]))
wrong("leaves_newroom_out", "newRoom", MISSING)
wrong("leaves_newroom_out_on_repeats", "newRoom", MISSING, REPEATS)
wrong("writes_newroom_as_text", "newRoom", TEXT_VALUE)
wrong("writes_newroom_as_a_number", "newRoom", MemberChange("0 or 1", int))
wrong("leaves_success_out", "success", MISSING)
wrong("writes_success_as_a_number", "success", to(1))
wrong("says_success_false_with_200", "success", NO, breaks="success-agrees-with-the-status")

# members of the room that always stand there

wrong("leaves_ts_out", "room.ts", MISSING)
wrong("leaves_ts_out_one_time_in_forty", "room.ts", MISSING, _SOMETIMES)
wrong("leaves_the_id_out", "room._id", MISSING)
wrong("leaves_t_out", "room.t", MISSING)
wrong("leaves_open_out", "room.open", MISSING)
wrong("leaves_the_visitor_out", "room.v", MISSING)
wrong("leaves_the_token_out_of_the_visitor", "room.v.token", MISSING)
wrong("leaves_the_id_out_of_the_visitor", "room.v._id", MISSING)
wrong("leaves_fname_out", "room.fname", MISSING, breaks=_USUAL)
wrong("leaves_lm_out_of_new_rooms", "room.lm", MISSING, CREATION, breaks=_USUAL)
wrong("leaves_the_username_out", "room.v.username", MISSING, breaks=_USUAL)
wrong("leaves_the_status_out_on_repeats", "room.v.status", MISSING, REPEATS, breaks=_USUAL)
wrong("writes_msgs_as_text", "room.msgs", TEXT_VALUE, breaks="a-200-fits-the-published-schema")
wrong("writes_msgs_as_text_after_a_message", "room.msgs", TEXT_VALUE, AFTER_A_MESSAGE)
wrong("writes_msgs_as_a_fraction", "room.msgs", to(0.5))
wrong("writes_users_count_as_null", "room.usersCount", NULL, REPEATS)
wrong("writes_open_as_text", "room.open", TEXT_VALUE)
wrong("writes_cl_as_a_number", "room.cl", to(0))
wrong("writes_cl_as_null_one_time_in_forty", "room.cl", NULL, _SOMETIMES)
wrong("writes_fname_as_null", "room.fname", NULL)
wrong("writes_fname_as_a_list", "room.fname", LIST)
wrong("writes_ts_as_null_on_repeats", "room.ts", NULL, REPEATS)
wrong("writes_lm_as_a_number", "room.lm", NUMBER)
wrong("writes_updated_at_as_an_object", "room._updatedAt", EXTENDED)
wrong("writes_the_visitor_as_a_list", "room.v", LIST)
wrong("writes_the_visitor_as_text", "room.v", MemberChange("the visitor's _id", lambda visitor: visitor["_id"]))
wrong("writes_the_visitors_id_as_an_object", "room.v._id", EXTENDED)
wrong("writes_the_visitors_token_as_a_list", "room.v.token", LIST)
wrong("writes_the_visitors_name_as_null", "room.v.username", NULL, AFTER_A_MESSAGE)
wrong("writes_the_visitors_status_as_null", "room.v.status", NULL, CREATION)
wrong("writes_waiting_response_as_text", "room.waitingResponse", TEXT_VALUE)

# what a livechat room is

wrong("returns_a_direct_room", "room.t", to("d"), breaks="a-room-is-a-livechat-room")
wrong("returns_a_direct_room_on_repeats", "room.t", to("d"), REPEATS, breaks="a-room-is-a-livechat-room")
wrong("returns_a_group_after_a_message", "room.t", to("p"), AFTER_A_MESSAGE, breaks="a-room-is-a-livechat-room")
wrong("says_open_false", "room.open", NO, breaks=OPEN)
wrong("says_open_false_after_a_message", "room.open", NO, AFTER_A_MESSAGE, breaks=OPEN)
wrong("says_closed_of_open_rooms", "room.cl", YES, breaks=OPEN)
wrong("says_closed_one_time_in_forty", "room.cl", YES, _SOMETIMES, breaks=OPEN)
wrong("returns_an_empty_id", "room._id", to("", "empty"), breaks="a-room-has-an-id")
wrong("returns_a_blank_id", "room._id", to(" ", "a space"), breaks="a-room-has-an-id")
wrong("returns_a_number_for_an_id", "room._id", NUMBER, REPEATS, breaks="a-room-has-an-id")

# times

wrong("writes_ts_as_epoch_text", "room.ts", to("1787000000000"), breaks=_TIMES)
wrong("writes_ts_without_zone", "room.ts", MemberChange("without zone", lambda ts: ts.rstrip("Z")), breaks=_TIMES)
LOCAL = MemberChange("in the server's own zone", lambda time: time.replace("Z", "+02:00"))
wrong("writes_lm_in_local_time", "room.lm", LOCAL, breaks=_TIMES)
wrong("writes_lm_in_local_time_after_a_message", "room.lm", LOCAL, AFTER_A_MESSAGE, breaks=_TIMES)
SPACED = MemberChange("with a space for its T", lambda time: time.replace("T", " "))
wrong("writes_queued_at_with_a_space", "room.queuedAt", SPACED, breaks=_TIMES)
wrong("writes_the_time_of_service_with_a_space", "room.servedBy.ts", SPACED, breaks=_TIMES)
MAIL = to("Sun, 22 Nov 2026 12:00:00 GMT", "written as in a mail")
wrong("writes_the_time_of_a_message_as_in_a_mail", "room.lastMessage.ts", MAIL, breaks=_TIMES)
wrong("writes_the_last_question_as_in_a_mail", "room.metrics.v.lq", MAIL, breaks=_TIMES)
wrong("writes_the_thirtieth_of_february", "room._updatedAt", to("2026-02-30T12:00:00.000Z"))


def adding(path: str, value: Any, when: When = ALWAYS) -> Callable[[Parts], Parts]:
    """Add a member that this server's bodies do not have."""
    parent, _, name = path.rpartition(".")
    change = MemberChange("", lambda document: {**document, name: value})

    class Adds(RoomWire):
        def success(self, call: ServerCall, reply: ServerReply) -> ServerReply:  # noqa: ARG002
            body = reply.document
            return replace(reply, document=change.apply(body)) if when.holds(body) else reply

    return rewriting(parent, change, when) if parent else lambda parts: parts.wired(Adds)


def added(name: str, path: str, value: Any, when: When = ALWAYS, breaks: str = FULL) -> None:
    """Enter a server that adds a wrong member."""
    PATHS[name] = path
    family.add(name, breaks, f"{path} is {value!r}{when.words}.", adding(path, value, when))


added("adds_custom_fields_as_a_list", "room.customFields", [])
added("adds_a_custom_field_as_a_number", "room.customFields", {"salesforceCrmContactId": 7})
PATHS["adds_a_custom_field_as_a_number"] = "room.customFields.salesforceCrmContactId"
added("adds_a_department_as_null", "room.departmentId", None)
added("adds_ancestors_as_text", "room.departmentAncestors", "")
added("adds_ancestors_as_numbers", "room.departmentAncestors", [1])
added("adds_default_as_text", "room.default", "false")
added("adds_ro_as_a_number", "room.ro", 0, REPEATS)
added("adds_hidden_messages_as_text", "room.sysMes", "uj")
added("keeps_closed_at_in_open_rooms", "room.closedAt", "2026-01-01T00:00:00.000Z", breaks=OPEN)
added("names_who_closed_an_open_room", "room.closedBy", {"username": "agent"}, REPEATS, breaks=OPEN)
added("adds_a_debug_member", "took", 3, breaks="a-200-has-three-members")
added("adds_a_debug_member_on_creation", "inquiry", "x", CREATION, breaks="a-200-has-three-members")
