"""Wrong in a member of the body: its type, null, absent, here or there, always or only in a part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.call import Call, Document, Reply
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.seams import RoomWire, now_and_then

family = Family("schema")

FULL = "a-200-fits-the-full-schema"
GONE = object()
"""What a change answers to take the member out."""

Change = Callable[[Any], Any]
When = Callable[[Document], bool]


def rewriting(path: str, change: Change, when: When = lambda _: True) -> Callable[[Parts], Parts]:
    """Change the member at ``path`` of 200 bodies that are so; a member that is not there is left alone."""
    *parents, last = path.split(".")

    class Rewrites(RoomWire):
        def success(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
            document = reply.document
            return replace(reply, document=_at(document, parents, last, change)) if when(document) else reply

    return lambda parts: parts.wired(Rewrites)


def _at(document: Document, parents: list[str], last: str, change: Change) -> Document:
    if parents:
        inner = document.get(parents[0])
        return {**document, parents[0]: _at(inner, parents[1:], last, change)} if isinstance(inner, dict) else document
    if last not in document:
        return document
    changed = change(document[last])
    others = {name: value for name, value in document.items() if name != last}
    return others if changed is GONE else {name: changed if name == last else document[name] for name in document}


def to(value: Any) -> Change:
    """Put this value in the member's place."""
    return lambda _: value


def _listed(value: Any) -> list[Any]:
    return [value]


def _extended_json(value: Any) -> Document:
    return {"$date": value}


def _epoch(_: Any) -> int:
    return 1_787_000_000_000


def _first(value: Any) -> Any:
    return value[0] if value else {}


def _on_creation(document: Document) -> bool:
    return bool(document["newRoom"])


def _on_repeats(document: Document) -> bool:
    return not document["newRoom"]


def _after_a_message(document: Document) -> bool:
    return "lastMessage" in document["room"]


def _one_in_forty(_: Document) -> bool:
    return now_and_then(40)


_CASES: tuple[tuple[str, str, str, Callable[[Parts], Parts]], ...] = (
    # the body's own members
    ("leaves_the_room_out", FULL, "room is missing.", rewriting("room", to(GONE))),
    ("writes_the_room_as_null", FULL, "room is null.", rewriting("room", to(None))),
    ("writes_the_room_as_a_list", FULL, "room is a list of one room.", rewriting("room", _listed)),
    ("writes_only_the_id_of_the_room", FULL, "room is the room's id.", rewriting("room", lambda room: room["_id"])),
    ("leaves_newroom_out", FULL, "newRoom is missing.", rewriting("newRoom", to(GONE))),
    ("leaves_newroom_out_on_repeats", FULL, "newRoom is there only when true.", rewriting("newRoom", to(GONE), _on_repeats)),
    ("writes_newroom_as_text", FULL, "newRoom is a text.", rewriting("newRoom", lambda new: str(new).lower())),
    ("writes_newroom_as_a_number", FULL, "newRoom is 0 or 1.", rewriting("newRoom", int)),
    ("leaves_success_out", FULL, "success is missing.", rewriting("success", to(GONE))),
    ("writes_success_as_a_number", FULL, "success is 1.", rewriting("success", to(1))),
    ("says_success_false_with_200", "success-agrees-with-the-status", "success is false.", rewriting("success", to(False))),
    # members of the room that always stand there
    ("leaves_ts_out", FULL, "ts is missing.", rewriting("room.ts", to(GONE))),
    ("leaves_ts_out_one_time_in_forty", FULL, "ts is missing in one answer of forty.", rewriting("room.ts", to(GONE), _one_in_forty)),
    ("leaves_the_id_out", FULL, "_id is missing.", rewriting("room._id", to(GONE))),
    ("leaves_t_out", FULL, "t is missing.", rewriting("room.t", to(GONE))),
    ("leaves_open_out", FULL, "open is missing.", rewriting("room.open", to(GONE))),
    ("leaves_the_visitor_out", FULL, "v is missing.", rewriting("room.v", to(GONE))),
    ("leaves_the_token_out_of_the_visitor", FULL, "v.token is missing.", rewriting("room.v.token", to(GONE))),
    ("leaves_the_id_out_of_the_visitor", FULL, "v._id is missing.", rewriting("room.v._id", to(GONE))),
    ("leaves_fname_out", "usual-members-are-there", "fname is missing.", rewriting("room.fname", to(GONE))),
    ("leaves_lm_out_of_new_rooms", "usual-members-are-there", "lm is missing until a message came.", rewriting("room.lm", to(GONE), _on_creation)),
    ("leaves_the_username_out", "usual-members-are-there", "v.username is missing.", rewriting("room.v.username", to(GONE))),
    ("leaves_the_status_out_on_repeats", "usual-members-are-there", "v.status is missing on repeats.", rewriting("room.v.status", to(GONE), _on_repeats)),
    ("writes_msgs_as_text", "a-200-fits-the-published-schema", "msgs is a text.", rewriting("room.msgs", str)),
    ("writes_msgs_as_text_after_a_message", FULL, "msgs is a text once there is a message.", rewriting("room.msgs", str, _after_a_message)),
    ("writes_msgs_as_a_fraction", FULL, "msgs is 0.5.", rewriting("room.msgs", to(0.5))),
    ("writes_users_count_as_null", FULL, "usersCount is null on repeats.", rewriting("room.usersCount", to(None), _on_repeats)),
    ("writes_open_as_text", FULL, "open is a text.", rewriting("room.open", to("true"))),
    ("writes_cl_as_a_number", FULL, "cl is 0.", rewriting("room.cl", to(0))),
    ("writes_fname_as_null", FULL, "fname is null.", rewriting("room.fname", to(None))),
    ("writes_fname_as_a_list", FULL, "fname is a list.", rewriting("room.fname", _listed)),
    ("writes_lm_as_a_number", FULL, "lm is a number of milliseconds.", rewriting("room.lm", _epoch)),
    ("writes_updated_at_as_an_object", FULL, "_updatedAt is MongoDB's extended JSON.", rewriting("room._updatedAt", _extended_json)),
    ("writes_the_visitor_as_a_list", FULL, "v is a list.", rewriting("room.v", _listed)),
    ("writes_the_visitor_as_text", FULL, "v is the visitor's _id.", rewriting("room.v", lambda v: v["_id"])),
    ("writes_the_visitors_id_as_an_object", FULL, "v._id is MongoDB's extended JSON.", rewriting("room.v._id", lambda v: {"$oid": v})),
    ("writes_the_visitors_status_as_null", FULL, "v.status is null on creation.", rewriting("room.v.status", to(None), _on_creation)),
    ("writes_waiting_response_as_text", FULL, "waitingResponse is a text.", rewriting("room.waitingResponse", to("true"))),
    # the agent
    ("writes_served_by_as_a_list", FULL, "servedBy is a list.", rewriting("room.servedBy", _listed)),
    ("writes_served_by_as_text", FULL, "servedBy is the agent's username.", rewriting("room.servedBy", lambda by: by["username"])),
    ("writes_served_by_as_null_on_creation", FULL, "servedBy is null when the room is new.", rewriting("room.servedBy", to(None), _on_creation)),
    ("writes_the_time_of_service_as_a_number", FULL, "servedBy.ts is a number.", rewriting("room.servedBy.ts", _epoch)),
    # the department
    ("writes_the_department_as_a_list", FULL, "departmentId is a list where there is one.", rewriting("room.departmentId", _listed)),
    ("writes_the_department_as_an_object", FULL, "departmentId is an object where there is one.", rewriting("room.departmentId", lambda i: {"_id": i})),
    # the last message
    ("writes_the_last_message_as_text", FULL, "lastMessage is the message's text.", rewriting("room.lastMessage", lambda m: m["msg"])),
    ("writes_the_last_message_as_null", FULL, "lastMessage is null after a message.", rewriting("room.lastMessage", to(None))),
    ("writes_the_author_as_text", FULL, "lastMessage.u is a username.", rewriting("room.lastMessage.u", lambda u: u["username"])),
    ("writes_the_time_of_a_message_as_a_number", FULL, "lastMessage.ts is a number.", rewriting("room.lastMessage.ts", _epoch)),
    ("writes_urls_as_an_object", FULL, "lastMessage.urls is an object.", rewriting("room.lastMessage.urls", to({}))),
    ("writes_urls_as_texts", FULL, "lastMessage.urls lists texts when the message has a link.", rewriting("room.lastMessage.urls", lambda urls: [u["url"] for u in urls])),
    ("writes_mentions_as_null", FULL, "lastMessage.mentions is null.", rewriting("room.lastMessage.mentions", to(None))),
    ("writes_channels_as_text", FULL, "lastMessage.channels is a text.", rewriting("room.lastMessage.channels", to(""))),
    ("writes_the_parsed_message_as_an_object", FULL, "lastMessage.md is its first block.", rewriting("room.lastMessage.md", _first)),
    ("writes_parsed_blocks_as_numbers", FULL, "The value of a block in lastMessage.md is a number.", rewriting("room.lastMessage.md", lambda md: [{**b, "value": 1} for b in md])),
    ("writes_flags_of_the_message_as_text", FULL, "lastMessage.newRoom is a text.", rewriting("room.lastMessage.newRoom", to("false"))),
    ("writes_the_visitors_last_time_as_a_number", FULL, "v.lastMessageTs is a number.", rewriting("room.v.lastMessageTs", _epoch)),
    ("writes_activity_as_text", FULL, "v.activity is a text.", rewriting("room.v.activity", lambda months: months[0])),
    # metrics
    ("writes_metrics_as_a_list", FULL, "metrics is a list.", rewriting("room.metrics", _listed)),
    ("writes_metrics_of_the_visitor_as_text", FULL, "metrics.v is a text.", rewriting("room.metrics.v", str)),
    ("writes_the_last_question_as_a_number", FULL, "metrics.v.lq is a number.", rewriting("room.metrics.v.lq", _epoch)),
    # what a livechat room is
    ("returns_a_direct_room", "a-room-is-a-livechat-room", "t is d.", rewriting("room.t", to("d"))),
    ("returns_a_direct_room_on_repeats", "a-room-is-a-livechat-room", "t is d on repeats.", rewriting("room.t", to("d"), _on_repeats)),
    ("says_open_false", "a-returned-room-is-open", "open is false.", rewriting("room.open", to(False))),
    ("says_open_false_after_a_message", "a-returned-room-is-open", "open is false once there is a message.", rewriting("room.open", to(False), _after_a_message)),
    ("says_closed_of_open_rooms", "a-returned-room-is-open", "cl is true.", rewriting("room.cl", to(True))),
    ("returns_an_empty_id", "a-room-has-an-id", "_id is empty.", rewriting("room._id", to(""))),
    ("returns_a_blank_id", "a-room-has-an-id", "_id is a space.", rewriting("room._id", to(" "))),
    ("returns_a_number_for_an_id", "a-room-has-an-id", "_id is a number.", rewriting("room._id", to(7))),
    # times
    ("writes_ts_as_epoch_text", "room-times-are-iso-8601", "ts is a text of milliseconds.", rewriting("room.ts", to("1787000000000"))),
    ("writes_ts_without_zone", "room-times-are-iso-8601", "ts has no zone.", rewriting("room.ts", lambda ts: ts.rstrip("Z"))),
    ("writes_lm_in_local_time", "room-times-are-iso-8601", "lm has the zone of the server.", rewriting("room.lm", lambda lm: lm.replace("Z", "+02:00"))),
    ("writes_queued_at_with_a_space", "room-times-are-iso-8601", "queuedAt has a space for its T.", rewriting("room.queuedAt", lambda at: at.replace("T", " "))),
    ("writes_the_time_of_a_message_as_a_date_text", "room-times-are-iso-8601", "lastMessage.ts is written as a mail does.", rewriting("room.lastMessage.ts", to("Sun, 22 Nov 2026 12:00:00 GMT"))),
)  # fmt: skip
for _name, _requirement, _sentence, _deviate in _CASES:
    family.add(_name, _requirement, _sentence, _deviate)


def with_agent(deviate: Callable[[Parts], Parts]) -> Callable[[Parts], Parts]:
    """Let an agent answer messages at once, so that response times stand in the room."""
    return lambda parts: deviate(parts).set(agent_answers=True)


for _name, _sentence, _path, _change in (
    ("writes_the_response_total_as_text", "metrics.response.total is a text.", "room.metrics.response.total", str),
    (
        "writes_the_average_as_null",
        "metrics.response.avg is null: NaN, written.",
        "room.metrics.response.avg",
        to(None),
    ),
    ("writes_reaction_times_as_text", "metrics.reaction.ft is a text.", "room.metrics.reaction.ft", str),
    ("writes_responses_as_a_list", "metrics.response is a list.", "room.metrics.response", _listed),
    ("writes_the_last_response_as_a_number", "metrics.servedBy.lr is a number.", "room.metrics.servedBy.lr", _epoch),
):
    family.add(_name, FULL, _sentence, with_agent(rewriting(_path, _change)))


def adding(path: str, value: Any, when: When = lambda _: True) -> Callable[[Parts], Parts]:
    """Add a member that the document names and that this server's rooms do not have."""
    parent, _, name = path.rpartition(".")

    def added(document: Document) -> Document:
        return {**document, name: value}

    if parent:
        return rewriting(parent, added, when)

    class Adds(RoomWire):
        def success(self, call: Call, reply: Reply) -> Reply:  # noqa: ARG002
            return replace(reply, document=added(reply.document)) if when(reply.document) else reply

    return lambda parts: parts.wired(Adds)


for _name, _requirement, _sentence, _deviate in (
    ("adds_custom_fields_as_a_list", FULL, "customFields is a list.", adding("room.customFields", [])),
    ("adds_a_department_as_null", FULL, "departmentId is null where there is none.", adding("room.departmentId", None)),
    ("adds_ancestors_as_text", FULL, "departmentAncestors is a text.", adding("room.departmentAncestors", "")),
    ("adds_default_as_text", FULL, "default is a text.", adding("room.default", "false")),
    ("adds_ro_as_a_number", FULL, "ro is 0 on repeats.", adding("room.ro", 0, _on_repeats)),
    ("adds_hidden_messages_as_text", FULL, "sysMes is a text.", adding("room.sysMes", "uj")),
    (
        "keeps_closed_at_in_open_rooms",
        "a-returned-room-is-open",
        "An open room has closedAt.",
        adding("room.closedAt", "2026-01-01T00:00:00.000Z"),
    ),
    ("adds_a_debug_member", "a-200-has-three-members", "A 200 tells how long it took.", adding("took", 3)),
    (
        "adds_a_debug_member_on_creation",
        "a-200-has-three-members",
        "A creation tells its inquiry.",
        adding("inquiry", "x", _on_creation),
    ),
):
    family.add(_name, _requirement, _sentence, _deviate)
