"""Workspaces that differ by their settings alone; some of them keep a run from judging everything."""

from __future__ import annotations

from dataclasses import replace

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.call import JsonObject
from rocketchat_contract.reference.settings import LimitSetting
from rocketchat_contract.reference.wrong.catalogue import Variants

variants = Variants()

for _name, _sentence, _settings in (
    ("answers_slowly", "Each answer takes 3 ms longer.", {"latency": 0.003}),
    ("closes_connections", "Each connection ends with its first answer.", {"close_connections": True}),
    ("answers_in_chunks", "Bodies come in chunks, without Content-Length.", {"chunked": True}),
    (
        "closes_connections_after_chunks",
        "Bodies come in chunks, then the connection ends.",
        {"chunked": True, "close_connections": True},
    ),
    ("lives_under_a_path", "The workspace lives under /chat.", {"prefix": "/chat"}),
    ("limits_calls", "The limiter is on: 400 calls in a second.", {"limit": LimitSetting(400, 1)}),
    ("forbids_deletions", "Visitors may not be deleted.", {"delete_forbidden": True}),
    (
        "deletes_with_open_rooms",
        "Visitors with open rooms are deleted, and the rooms with them.",
        {"delete_with_open_rooms": True},
    ),
    ("knows_premium_parameters", "The paid edition: sla and priority are parameters.", {"premium": True}),
    ("lets_an_agent_answer", "An agent answers each message at once.", {"agent_answers": True}),
    (
        "serves_nobody",
        "No agent is online, and rooms are opened all the same.",
        {"agent_online": False, "accept_without_agents": True},
    ),
    (
        "stores_no_last_messages",
        "Rooms show no last message: the workspace does not store them.",
        {"store_last_message": False},
    ),
    ("lets_agents_pick", "Agents pick chats themselves; new rooms are served by nobody.", {"manual_selection": True}),
):
    variants.set(_name, _sentence, **_settings)

_UNJUDGED: tuple[tuple[str, str, JsonObject], ...] = (
    ("lets_nobody_close", "Visitors may not close their rooms.", {"visitors_may_close": False}),
    ("is_switched_off", "Livechat is off: nobody gets a room.", {"livechat_enabled": False}),
    ("has_no_agent", "No agent is online: nobody gets a room.", {"agent_online": False}),
    ("blocks_the_contact", "The contact's channel is blocked: nobody gets a room.", {"contact_blocked": True}),
)
for _name, _sentence, _settings in _UNJUDGED:
    variants.set(_name, _sentence, verdict="incomplete", **_settings)

variants.set(
    "hides_its_agents",
    "Visitors do not see who serves; an agentId is refused after the room was made.",
    warns=("a-refused-agent-opens-no-room",),
    show_agent_info=False,
)


@variants.keeps()
def shares_its_store(parts: Parts) -> Parts:
    """The database takes 1 to 3 ms for each insertion."""
    return replace(parts, edition=replace(parts.edition, database=(0.001, 0.003)))
