"""Answers to one visitor's first call, right but for what a test changes."""

from __future__ import annotations

from typing import Any

from rocketchat_contract.record.exchange import Exchange
from support.histories import ANNA, asked, call, created, registered, room_body

KNOWN = registered(ANNA)
RIGHT = created(ANNA, "R1")
REFUSAL = {"success": False, "error": "invalid-token"}
LONG = "x" * 5000


def answered(body: object, status: int = 200, query: str = asked(ANNA)) -> Exchange:
    return call(query, status, body)


def changed(**room: Any) -> Exchange:
    """A first answer with other members of the room."""
    return answered(room_body(ANNA, "R1", **room))


def without_envelope(**members: Any) -> Exchange:
    body = {**room_body(ANNA, "R1"), **members}
    return answered({name: value for name, value in body.items() if value != "gone"})
