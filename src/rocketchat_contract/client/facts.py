"""What the target is and how it is set up, each fact with the exchange that proved it.

Some are asked for before anything is created; others show in the traffic itself, the first time they do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from rocketchat_contract.client.address import Address
from rocketchat_contract.client.client import Client, Purpose
from rocketchat_contract.client.diagnosis import check_answered, not_a_rocket_chat
from rocketchat_contract.client.firsts import Firsts
from rocketchat_contract.client.outcome import failure_reason
from rocketchat_contract.client.pacer import Pacer
from rocketchat_contract.client.transport import Call
from rocketchat_contract.config import Rate
from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.model import OBSTACLES
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.record.ledger import CLOSED_BY_OTHERS, SENT_TWICE, VERSION, Fact
from rocketchat_contract.rocketchat.error_codes import DISABLED, GONE, NOT_ALLOWED_TO_CLOSE, ROOM_CLOSED
from rocketchat_contract.rocketchat.paths import CONFIG_PATH, INFO_PATH, ROOM_PATH

REGISTERING = "registering a visitor"
CLOSING = "closing by the visitor"
DELETING = "deleting a visitor"
MESSAGING = "writing a message"
"""Names a fact only where something forbids it: no promise speaks of messages that are accepted."""
LIMITER = "limiter"
TOGETHER = "simultaneous calls"
"""Names a fact where a limiter lets fewer calls leave together than are to."""
_ROOM_ROUTE = f"GET {ROOM_PATH}"

_SETTINGS = {
    NOT_ALLOWED_TO_CLOSE: (
        "Visitors may not close their rooms: switch on Omnichannel_allow_visitors_to_close_conversation."
    ),
    "error-tags-must-be-assigned-before-closing-chat": (
        "Rooms cannot be closed without tags: switch off the department's tag requirement."
    ),
}


@dataclass
class Facts:
    """``blocked`` maps facts that forbid something to the sentence that tells what to switch on."""

    known: dict[str, Fact] = field(default_factory=dict)
    obstacles: list[str] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)
    _firsts: Firsts = field(default_factory=Firsts)
    _dropped: Counter[Kind] = field(default_factory=Counter)
    _asked: Counter[Kind] = field(default_factory=Counter)
    _has_denied_a_visitor: bool = False
    _has_taken_a_message: bool = False

    def add(self, name: str, value: str, exchange: int = 0) -> None:
        """Keep a fact, the first time that it shows."""
        self.known.setdefault(name, Fact(name, value, exchange))

    def put(self, fact: Fact) -> None:
        """Keep a fact in the place of an earlier one."""
        self.known[fact.name] = fact

    @property
    def forbids_closing(self) -> bool:
        """Whether the target is known to let no visitor close a room."""
        return CLOSING in self.blocked

    @property
    def forbids_deleting(self) -> bool | None:
        """Whether the target, or something in front of it, lets no visitor be deleted; None until that is known."""
        if DELETING in self.known:
            return DELETING in self.blocked
        return False if self._has_denied_a_visitor else None

    def learn(self, op: Operation) -> None:
        """What an operation of the traffic shows about the target."""
        if self._firsts.learn(op) and op.kind is Kind.CLOSE:
            self.add(CLOSED_BY_OTHERS, f"{op.rid}, perhaps more: a lost room may be their doing", op.number)
        self._has_denied_a_visitor |= op.kind is Kind.DELETE and op.answer is Answer.REFUSED and op.error in GONE
        self._has_taken_a_message |= op.kind is Kind.MESSAGE and op.answer is Answer.OK
        name = _SHOWN_BY.get(op.kind)
        if name is None or (name in self.known and not self._may_change(name, op)):
            return
        self._dropped[op.kind] = self._dropped[op.kind] + 1 if _is_dropped(op) else 0
        self._asked[op.kind] += 1
        if op.answer is Answer.OK:
            was_forbidden = self.blocked.pop(name, None) is not None
            if was_forbidden or name != MESSAGING:
                self.put(Fact(name, _success(op), op.number))
        elif self._is_in_vain(name, op):
            self._forbid(name, op)

    def _is_in_vain(self, name: str, op: Operation) -> bool:
        """Whether such calls do not work here, by this answer and those before it."""
        if name == MESSAGING and self._has_taken_a_message:
            return False
        return _is_forbidden(op) or self._dropped[op.kind] >= DROPPED

    def _may_change(self, name: str, op: Operation) -> bool:
        """Whether such a call may work after all, or fails in vain once more."""
        return name in self.blocked and (op.answer is Answer.OK or (_is_dropped(op) and self._dropped[op.kind] > 0))

    def _forbid(self, name: str, op: Operation) -> None:
        """Keep that such calls do not work; of those that nobody answers, how many there were."""
        number = self._dropped[op.kind]
        counted = f", {number} of {self._asked[op.kind]} such calls; others are answered" if number else ""
        if number:
            self.known.pop(name, None)
        self.add(name, _refusal(op) + counted, op.number)
        self.blocked[name] = _SETTINGS.get(
            op.error, f"{name.capitalize()} does not work: {failure_reason(op)}{counted}."
        )

    def tell_repeats(self) -> None:
        """Say that something in front sends calls twice, when first ones were answered as second ones throughout."""
        if text := self._firsts.phrase:
            self.known.pop(CLOSED_BY_OTHERS, None)
            self.put(Fact(SENT_TWICE, *text))


_SHOWN_BY = {Kind.REGISTER: REGISTERING, Kind.CLOSE: CLOSING, Kind.DELETE: DELETING, Kind.MESSAGE: MESSAGING}
_USUAL = GONE | {"visitor-has-open-rooms"}
_OF_ITS_ROOM = GONE | {ROOM_CLOSED, "invalid-room"}
"""Refusals of a message that speak of its room or visitor, and of no setting."""
_UNDOING = (Kind.CLOSE, Kind.DELETE)

DROPPED = 2
"""Closes or deletions in a row without an answer after which they count as forbidden."""


def _is_dropped(op: Operation) -> bool:
    failure = op.exchange.failure
    is_silent = op.status is None and failure is not None and failure.sent
    return op.kind in _UNDOING and (is_silent or op.status in GATEWAY)


def _is_forbidden(op: Operation) -> bool:
    """Whether an answer says that such calls do not work here, whoever gave it."""
    if op.kind in (*_UNDOING, Kind.MESSAGE) and op.is_page and op.status not in (429, *GATEWAY):
        return True
    if op.answer is not Answer.REFUSED:
        return False
    if op.kind is Kind.MESSAGE:
        return op.error not in _OF_ITS_ROOM
    return op.error in _SETTINGS or op.kind is Kind.REGISTER or (op.kind is Kind.DELETE and op.error not in _USUAL)


def _success(op: Operation) -> str:
    if op.kind is not Kind.REGISTER:
        return "works"
    is_kept = op.token is not None and f'"token": "{op.token}"' in (op.exchange.request.body or "")
    return "keeps the token that it is sent" if is_kept else "answers with another token than the one sent"


def _refusal(op: Operation) -> str:
    return failure_reason(op) if op.status is None else f"refused: {op.error or f'status {op.status}'}"


def probe(client: Client, address: Address, facts: Facts) -> None:
    """Ask for what can be asked without creating anything; raises ``TargetError`` when there is no Rocket.Chat."""
    info = _look(client, INFO_PATH, "version")
    if not _is_dropped_alone(info):
        check_answered(info, address)
    if info.status in GATEWAY:
        raise not_a_rocket_chat(info, address)
    config = _look(client, CONFIG_PATH, "livechat switched on, agents online")
    if info.status == 200 and isinstance(info.body.get("version"), str):
        facts.add(VERSION, info.body["version"], info.number)
    elif _is_config(config):
        facts.add(INFO_PATH, _hidden(info), info.number)
    elif _wants_a_token(_look(client, ROOM_PATH, "whether anything answers where the rest is hidden")):
        for op, path in ((info, INFO_PATH), (config, CONFIG_PATH)):
            facts.add(path, _hidden(op), op.number)
    else:
        check_answered(info, address)
        raise not_a_rocket_chat(info, address)
    livechat = config.body.get("config")
    if not isinstance(livechat, dict):
        return
    facts.add("livechat enabled", _yes(livechat.get("enabled")), config.number)
    if livechat.get("enabled") is False:
        facts.obstacles.append(OBSTACLES[DISABLED])
    elif "online" in livechat:
        facts.add("agent online", _yes(livechat["online"]), config.number)


def _is_dropped_alone(info: Operation) -> bool:
    """Whether a call arrived and was not answered, as where something in front drops what asks for this path."""
    failure = info.exchange.failure
    return failure is not None and failure.sent and failure.kind in ("closed", "timeout")


def _hidden(info: Operation) -> str:
    failure = info.exchange.failure
    return f"hidden, it gives no answer ({failure.word})" if failure else f"hidden, it answers status {info.status}"


def probe_limiter(client: Client, facts: Facts) -> Rate | None:
    """What the limiter allows on the room call, seen in a call without token, which creates nothing."""
    op = client.send(Call("GET", ROOM_PATH), Purpose("facts", "limiter of the room call"))
    facts.add(LIMITER, _limits(client.pacer), op.number)
    return client.pacer.rate_of(_ROOM_ROUTE)


def tell_limiter(client: Client, facts: Facts) -> None:
    """What was learned of limits in the meantime, in the place of what showed at first."""
    first = facts.known.get(LIMITER)
    if first is not None:
        facts.put(replace(first, value=_limits(client.pacer)))


def _limits(pacer: Pacer) -> str:
    rate, everywhere = pacer.rate_of(_ROOM_ROUTE), pacer.rate_everywhere
    text = [f"{rate.calls} room calls per {rate.seconds:g} s"] if rate else []
    if everywhere:
        doubt = "" if pacer.everywhere.is_announced else ", as it seems"
        text.append(f"{everywhere.calls} calls of any kind per {everywhere.seconds:g} s, in front of the server{doubt}")
    if not text and pacer.turned_away:
        return f"names no number; calls turned away: {pacer.turned_away}"
    return "; ".join(text) or "not seen"


def _look(client: Client, path: str, why: str) -> Operation:
    return client.send(Call("GET", path), Purpose("facts", why, free=True))


def _is_config(op: Operation) -> bool:
    """Whether a Rocket.Chat answered, by what its widget asks for first."""
    config = op.body.get("config")
    return op.status == 200 and op.body.get("success") is True and isinstance(config, dict) and "enabled" in config


def _wants_a_token(room: Operation) -> bool:
    """Whether a room call without token is refused as Rocket.Chat refuses it, by an error that names the token."""
    return room.answer is Answer.REFUSED and room.body.get("success") is False and "token" in room.error.lower()


def _yes(value: object) -> str:
    return "yes" if value else "no"
