"""Rooms that commands name: each is kept in a shell variable by the call that shows it first.

The server gives ids of its own to whoever repeats a finding, so an id of the recorded run means nothing there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rocketchat_contract.judge.operation import Answer, Kind, Operation, read
from rocketchat_contract.record.exchange import Exchange

_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
"""Ids that can be told from other words of a request."""

_MADE_BY_A_SERVER = re.compile(r"[0-9A-Za-z]{17}|[0-9a-f]{24}")
"""Ids as Meteor and MongoDB make them."""

_READ = """python3 -c 'import json, sys; print(json.load(sys.stdin)["room"]["_id"])'"""


@dataclass(frozen=True, slots=True)
class Captured:
    """Exchanges that start together, with the variables of rooms in place of their ids.

    ``variable`` is where the id goes of the room that the answer shows; empty when no later call names it.
    """

    exchanges: tuple[Exchange, ...]
    variable: str = ""

    def line(self, command: str) -> str:
        """The command as one that shows its answer and keeps the room's id."""
        if not self.variable:
            return command
        return f'answer=$({command}); echo "$answer"; {self.variable}=$({_READ} <<<"$answer")'


def captured(groups: Sequence[Sequence[Exchange]]) -> tuple[Captured, ...]:
    """Groups of exchanges in the order of time, each with what it needs of rooms that came before."""
    names: dict[str, str] = {}
    made = []
    for place, group in enumerate(groups):
        renamed = tuple(_renamed(exchange, names) for exchange in group)
        room = _first_shown(group, [each for later in groups[place + 1 :] for each in later], names)
        if room:
            names[room] = f"RC_ROOM_{len(names) + 1}"
        made.append(Captured(renamed, names.get(room, "")))
    return tuple(made)


def uncaptured(groups: Sequence[Sequence[Exchange]]) -> tuple[str, ...]:
    """Ids of the recorded run's rooms that the commands name nevertheless, as no lone call before shows them."""
    operations = [read(exchange) for group in groups for exchange in group]
    asked = [read(exchange).rid for each in captured(groups) for exchange in each.exchanges]
    return tuple(dict.fromkeys(rid for rid in asked if rid and any(_shows(op, rid) for op in operations)))


def _first_shown(group: Sequence[Exchange], later: Iterable[Exchange], names: Mapping[str, str]) -> str:
    """The room that a lone call shows and that later calls name; empty when there is none."""
    room = read(group[0]).room or ""
    if len(group) > 1 or room in names or not _ID.fullmatch(room) or _speaks_of(group[0], room):
        return ""
    return room if any(_speaks_of(each, room) for each in later) else ""


def _shows(op: Operation, rid: str) -> bool:
    """Whether an answer shows that this is a room of the run; one that echoes any rid shows nothing."""
    if op.room == rid:
        return op.rid != rid or (op.new is not True and _MADE_BY_A_SERVER.fullmatch(rid) is not None)
    return op.rid == rid and op.kind in (Kind.CLOSE, Kind.MESSAGE) and op.answer is Answer.OK


def _speaks_of(exchange: Exchange, room: str) -> bool:
    text = f"{exchange.request.target} {exchange.request.body or ''}"
    return any(form in text for form in _forms(room, ""))


def _renamed(exchange: Exchange, names: Mapping[str, str]) -> Exchange:
    target, body = exchange.request.target, exchange.request.body
    for room, name in names.items():
        for form, variable in _forms(room, name).items():
            target = target.replace(form, variable)
            body = body.replace(form, variable) if body is not None else None
    return replace(exchange, request=replace(exchange.request, target=target, body=body))


def _forms(room: str, name: str) -> dict[str, str]:
    """The id and what is done to it to see whether ids are compared exactly, each with the expansion that makes it."""
    changed = {
        room.upper(): f"${{{name}^^}}",
        room.lower(): f"${{{name},,}}",
        room.swapcase(): f"${{{name}~~}}",
        room[:-1]: f"${{{name}%?}}",
        room[1:]: f"${{{name}#?}}",
    }
    return {room: f"${name}"} | {form: variable for form, variable in changed.items() if form != room}
