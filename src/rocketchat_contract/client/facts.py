"""What the target is and how it is set up, each fact with the exchange that proved it.

Some are asked for before anything is created; others show in the traffic itself, the first time they do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rocketchat_contract.client.address import Address
from rocketchat_contract.client.cleanup import CONFIG_PATH
from rocketchat_contract.client.client import Client, Purpose
from rocketchat_contract.client.keeper import GONE
from rocketchat_contract.client.pacer import Pacer
from rocketchat_contract.client.transport import Call
from rocketchat_contract.config import Rate
from rocketchat_contract.errors import TargetError
from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.operation import ROOM_PATH, Answer, Kind, Operation
from rocketchat_contract.record.exchange import Failure
from rocketchat_contract.record.ledger import VERSION, Fact

INFO_PATH = "/api/info"
AGENTS_PATH = "/api/v1/livechat/users/agent"

REGISTERING = "registering a visitor"
CLOSING = "closing by the visitor"
CLOSED_BY_OTHERS = "chats closed by somebody else"
DELETING = "deleting a visitor"
LIMITER = "limiter"
_ROOM_ROUTE = f"GET {ROOM_PATH}"

_NEXT_STEPS = {
    "refused": "Start the server, or mend host and port.",
    "unresolved": "Mend the host name.",
    "timeout": "Check that the server is up and reachable from here, or raise --timeout.",
    "closed": "Check the address: something accepts connections there but does not answer in HTTP.",
    "malformed": "Check the scheme and the port: what answers there does not speak HTTP.",
    "too-large": "Check the address: a Rocket.Chat answers /api/info with a few hundred bytes.",
    "stopped": "Run again.",
}
_TLS_STEPS = {
    "hostname mismatch": "Use the name in the certificate: in the URL, or with --host.",
    "ip address mismatch": "Use the name in the certificate: in the URL, or with --host.",
    "self-signed": "Name the certificate, or the authority that signed it, with --ca.",
    "local issuer": "Name the authority that signed the certificate with --ca.",
    "expired": "Renew the server's certificate.",
    "wrong version number": "Check scheme and port: what answers there does not speak TLS.",
    "certificate required": "Name your client certificate with --cert.",
}
_SETTINGS = {
    "error-not-allowed-to-close-conversation": (
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
    _asked_to_close: set[str] = field(default_factory=set)

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

    def learn(self, op: Operation) -> None:
        """What an operation of the traffic shows about the target."""
        if op.kind is Kind.CLOSE and op.rid is not None and op.answer is not Answer.NOTHING:
            self._learn_closing(op, op.rid)
        name = _SHOWN_BY.get(op.kind)
        if name is None or name in self.known or op.answer not in (Answer.OK, Answer.REFUSED):
            return
        if op.answer is Answer.OK:
            self.add(name, _success(op), op.number)
        elif op.error in _SETTINGS or op.kind is Kind.REGISTER or (op.kind is Kind.DELETE and op.error not in _USUAL):
            self.add(name, f"refused: {op.error or f'status {op.status}'}", op.number)
            self.blocked[name] = _SETTINGS.get(op.error, f"{name.capitalize()} is refused: {op.error or op.status}.")

    def _learn_closing(self, op: Operation, room: str) -> None:
        """A room that is closed already, and not by us, was closed by an agent, a bot or a timer of the server."""
        if op.error == "room-closed" and room not in self._asked_to_close:
            self.add(CLOSED_BY_OTHERS, f"{room}, perhaps more: a lost room may be their doing", op.number)
        self._asked_to_close.add(room)


_SHOWN_BY = {Kind.REGISTER: REGISTERING, Kind.CLOSE: CLOSING, Kind.DELETE: DELETING}
_USUAL = GONE | {"visitor-has-open-rooms"}


def _success(op: Operation) -> str:
    if op.kind is not Kind.REGISTER:
        return "works"
    is_kept = op.token is not None and f'"token": "{op.token}"' in (op.exchange.request.body or "")
    return "keeps the token that it is sent" if is_kept else "answers with another token than the one sent"


def probe(client: Client, address: Address, facts: Facts) -> None:
    """Ask for what can be asked without creating anything; raises ``TargetError`` when there is no Rocket.Chat."""
    info = _look(client, INFO_PATH, "version")
    _check_rocket_chat(info, address)
    facts.add(VERSION, str(info.body["version"]), info.number)
    config = _look(client, CONFIG_PATH, "livechat switched on, agents online")
    livechat = config.body.get("config")
    if not isinstance(livechat, dict):
        return
    facts.add("livechat enabled", _yes(livechat.get("enabled")), config.number)
    if livechat.get("enabled") is False:
        facts.obstacles.append("Livechat is switched off: switch on Livechat_enabled.")
    elif "online" in livechat:
        facts.add("agent online", _yes(livechat["online"]), config.number)


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
    told = [f"{rate.calls} room calls per {rate.seconds:g} s"] if rate else []
    if everywhere:
        told.append(f"{everywhere.calls} calls of any kind per {everywhere.seconds:g} s, in front of the server")
    return "; ".join(told) or "not seen"


def _look(client: Client, path: str, why: str) -> Operation:
    return client.send(Call("GET", path), Purpose("facts", why, free=True))


def _check_rocket_chat(info: Operation, address: Address) -> None:
    response, failure = info.exchange.response, info.exchange.failure
    if failure is not None and (response is None or failure.kind in ("timeout", "too-large")):
        raise TargetError(f"{address.url} gives no answer: {failure.detail}.", _next_step(failure, address))
    if info.status in GATEWAY:
        raise TargetError(
            f"{address.url} answers status {info.status}: a proxy is up, but no server behind it.",
            "Wait until the server has started, then run again.",
        )
    if response is not None and 300 <= response.status < 400:
        place = response.header("location") or "nowhere"
        raise TargetError(
            f"{address.url} redirects to {place[:200]!r}; redirects are not followed.",
            "Give the URL that the workspace itself answers at.",
        )
    if info.status != 200 or not isinstance(info.body.get("version"), str):
        media_type = response.header("content-type") if response else None
        raise TargetError(
            f"{address.url} is not a Rocket.Chat: /api/info answers status {info.status}, {media_type or 'no type'!r}.",
            "Give the base URL of the workspace, with its sub-path if it has one.",
        )


def _next_step(failure: Failure, address: Address) -> str:
    if failure.detail.startswith("the proxy "):
        return "Check --proxy: its host and port, and whether the proxy lets this target through."
    if failure.kind == "tls":
        found = (step for sign, step in _TLS_STEPS.items() if sign in failure.detail.lower())
        return next(found, "Name the authority with --ca, or mend the certificate.")
    if failure.kind == "closed" and address.is_secure:
        return "Check the address; if the server wants a client certificate, name it with --cert."
    return _NEXT_STEPS[failure.kind]


def _yes(value: object) -> str:
    return "yes" if value else "no"
