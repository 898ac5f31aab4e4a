"""Wrong in a member that stands only in a part of the rooms: with an agent, a department, a message, an answer."""

from __future__ import annotations

from typing import Any

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.wrong.catalogue import Family
from rocketchat_contract.reference.wrong.schema import (
    CREATION,
    EXTENDED,
    FULL,
    LIST,
    NULL,
    NUMBER,
    OBJECT,
    PATHS,
    REPEATS,
    TEXT_VALUE,
    MemberChange,
    rewriting,
    to,
    wrong,
)

family = Family("schema")

# the agent who serves

wrong("writes_served_by_as_a_list", "room.servedBy", LIST)
wrong("writes_served_by_as_text", "room.servedBy", MemberChange("a username", lambda agent: agent["username"]))
wrong("writes_served_by_as_null_on_creation", "room.servedBy", NULL, CREATION)
wrong("writes_the_agents_id_as_an_object", "room.servedBy._id", EXTENDED)
wrong("writes_the_agents_name_as_null_on_repeats", "room.servedBy.username", NULL, REPEATS)
wrong("writes_the_time_of_service_as_a_number", "room.servedBy.ts", NUMBER)

# the department, where there is one

wrong("writes_the_department_as_a_list", "room.departmentId", LIST)
wrong("writes_the_department_as_an_object", "room.departmentId", OBJECT)

# the last message

wrong("writes_the_last_message_as_text", "room.lastMessage", MemberChange("its text", lambda message: message["msg"]))
wrong("writes_the_last_message_as_null", "room.lastMessage", NULL)
wrong("writes_the_id_of_a_message_as_an_object", "room.lastMessage._id", OBJECT)
wrong("writes_the_rid_of_a_message_as_a_list", "room.lastMessage.rid", LIST)
wrong("writes_a_message_as_null", "room.lastMessage.msg", NULL)
wrong("writes_the_token_of_a_message_as_a_list", "room.lastMessage.token", LIST)
wrong("writes_the_alias_as_an_object", "room.lastMessage.alias", OBJECT)
wrong("writes_the_time_of_a_message_as_a_number", "room.lastMessage.ts", NUMBER)
wrong("writes_the_change_of_a_message_as_an_object", "room.lastMessage._updatedAt", EXTENDED)
wrong("writes_the_author_as_text", "room.lastMessage.u", MemberChange("a username", lambda user: user["username"]))
wrong("writes_the_authors_id_as_a_number", "room.lastMessage.u._id", NUMBER)
wrong("writes_the_authors_username_as_null", "room.lastMessage.u.username", NULL)
wrong("writes_the_authors_name_as_a_list", "room.lastMessage.u.name", LIST)
wrong("writes_urls_as_an_object", "room.lastMessage.urls", to({}))
wrong("writes_mentions_as_null", "room.lastMessage.mentions", NULL)
wrong("writes_channels_as_text", "room.lastMessage.channels", TEXT_VALUE)
wrong("writes_flags_of_the_message_as_text", "room.lastMessage.newRoom", TEXT_VALUE)
wrong("writes_show_connecting_as_null", "room.lastMessage.showConnecting", NULL)


def _each(name: str, value: Any) -> MemberChange:
    return MemberChange(
        f"listed with {name} {value!r}", lambda md: [{**block, name: value} if name in block else block for block in md]
    )


_TEXTS = MemberChange("listed as texts, when there is one", lambda entries: [str(entry) for entry in entries])
wrong("writes_urls_as_texts", "room.lastMessage.urls", _TEXTS)
wrong("writes_mentions_as_texts", "room.lastMessage.mentions", _TEXTS)
wrong("writes_channels_as_numbers", "room.lastMessage.channels", to([1], "listed as numbers"))
wrong(
    "writes_the_parsed_message_as_an_object", "room.lastMessage.md", MemberChange("its first block", lambda md: md[0])
)
wrong("writes_parsed_blocks_as_numbers", "room.lastMessage.md", _each("value", 1))
wrong("writes_types_of_blocks_as_null", "room.lastMessage.md", _each("type", None))
wrong("writes_types_inside_blocks_as_numbers", "room.lastMessage.md", _each("value", [{"type": 1}]))
wrong("writes_values_inside_blocks_as_numbers", "room.lastMessage.md", _each("value", [{"type": "BOLD", "value": 1}]))
PATHS |= {
    "writes_parsed_blocks_as_numbers": "room.lastMessage.md.value",
    "writes_types_of_blocks_as_null": "room.lastMessage.md.type",
    "writes_types_inside_blocks_as_numbers": "room.lastMessage.md.value.type",
    "writes_values_inside_blocks_as_numbers": "room.lastMessage.md.value.value",
}

# what a message leaves elsewhere

wrong("writes_the_visitors_last_time_as_a_number", "room.v.lastMessageTs", NUMBER)
wrong("writes_activity_as_text", "room.v.activity", MemberChange("a text", lambda months: months[0]))
wrong("writes_metrics_as_a_list", "room.metrics", LIST)
wrong("writes_metrics_of_the_visitor_as_text", "room.metrics.v", TEXT_VALUE)
wrong("writes_the_last_question_as_a_number", "room.metrics.v.lq", NUMBER)

# what an agent's answer leaves


def answered(name: str, path: str, change: MemberChange) -> None:
    """Enter a server whose agent answers at once, and that gets one member wrong then."""
    plain = rewriting(path, change)

    def deviate(parts: Parts) -> Parts:
        return plain(parts).set(agent_answers=True)

    PATHS[name] = path
    family.add(name, FULL, f"{path} is {change.words}.", deviate)


answered("writes_responses_as_a_list", "room.metrics.response", LIST)
answered("writes_the_response_total_as_text", "room.metrics.response.total", TEXT_VALUE)
answered("writes_the_average_as_null", "room.metrics.response.avg", NULL)
answered("writes_the_time_to_respond_as_text", "room.metrics.response.ft", TEXT_VALUE)
answered("writes_the_times_to_respond_as_a_list", "room.metrics.response.tt", LIST)
answered("writes_the_first_response_as_a_number", "room.metrics.response.fd", NUMBER)
answered("writes_reactions_as_text", "room.metrics.reaction", TEXT_VALUE)
answered("writes_the_first_reaction_as_an_object", "room.metrics.reaction.fd", EXTENDED)
answered("writes_reaction_times_as_text", "room.metrics.reaction.ft", TEXT_VALUE)
answered("writes_the_sum_of_reaction_times_as_null", "room.metrics.reaction.tt", NULL)
answered("writes_the_metrics_of_service_as_a_list", "room.metrics.servedBy", LIST)
answered("writes_the_last_response_as_a_number", "room.metrics.servedBy.lr", NUMBER)
