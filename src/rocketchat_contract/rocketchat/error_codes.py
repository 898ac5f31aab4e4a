"""Errors by which Rocket.Chat refuses, as they stand in an answer."""

import re

INVALID_TOKEN = "invalid-token"  # noqa: S105 - the name of an error
"""There is no such visitor."""

ROOM_CLOSED = "room-closed"
NO_AGENT = "no-agent-online"
DISABLED = "error-omnichannel-is-disabled"
TOO_MANY_REQUESTS = "error-too-many-requests"
"""How the limiter calls itself, in older versions with status 400."""

NOT_ALLOWED_TO_CLOSE = "error-not-allowed-to-close-conversation"

GONE = frozenset({INVALID_TOKEN, "error-invalid-token"})
"""Refusals of a deletion that say that there is no such visitor."""

CLOSED_BEFORE = frozenset({ROOM_CLOSED, "Error removing inquiry", "error-room-cannot-be-closed-try-again"})
"""Refusals of a close that say that the room is closed already, or is being closed.

In answer to the first close of an open room they come from a gateway that sent it twice, or from somebody else's close.
"""

CLOSED_HALFWAY = "Error closing room"
"""Refusal of a close of which a later step failed: the room itself may be closed."""

_LIKE_OURS = re.compile(r"\b(?:error|invalid|room|no-agent)-[a-z]+")


def is_error_code(error: str) -> bool:
    """Whether an error holds a code as Rocket.Chat makes them, such as ``invalid-room``; others write sentences."""
    return _LIKE_OURS.search(error) is not None
