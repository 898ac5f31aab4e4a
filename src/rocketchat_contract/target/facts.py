"""What the target is and how it is set up, each fact with the exchange that proved it. Creates nothing."""

from __future__ import annotations

from rocketchat_contract.errors import TargetError
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.ledger import Fact
from rocketchat_contract.target.address import Address
from rocketchat_contract.target.client import Client, Purpose
from rocketchat_contract.target.transport import Call

INFO_PATH = "/api/info"
CONFIG_PATH = "/api/v1/livechat/config"

_NEXT_STEPS = {
    "refused": "Start the server, or mend host and port.",
    "unresolved": "Mend the host name.",
    "tls": "Name the authority with --ca, or mend the certificate.",
    "timeout": "Check that the server is up and reachable from here, or raise --timeout.",
    "closed": "Check the address: something accepts connections there but does not speak HTTP as expected.",
    "malformed": "Check the scheme and the port: what answers there does not speak HTTP.",
    "too-large": "Check the address: a Rocket.Chat answers /api/info with a few hundred bytes.",
    "stopped": "Run again.",
}


def probe(client: Client, address: Address) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """The facts, and sentences on what keeps the target from being judged.

    Raises ``TargetError`` when there is no Rocket.Chat at the address.
    """
    info = _look(client, INFO_PATH, "version")
    _check_rocket_chat(info, address)
    config = _look(client, CONFIG_PATH, "livechat switched on, agents online")
    facts = [Fact("version", str(info.body["version"]), info.number)]
    livechat = config.body.get("config")
    if not isinstance(livechat, dict):
        return tuple(facts), ()
    facts.append(Fact("livechat enabled", _yes(livechat.get("enabled")), config.number))
    obstacles = []
    if livechat.get("enabled") is False:
        obstacles.append("Livechat is switched off: switch on Livechat_enabled.")
    elif "online" in livechat:
        facts.append(Fact("agent online", _yes(livechat["online"]), config.number))
    return tuple(facts), tuple(obstacles)


def _look(client: Client, path: str, why: str) -> Operation:
    return client.send(Call("GET", path), Purpose("facts", why), free=True)


def _check_rocket_chat(info: Operation, address: Address) -> None:
    failure = info.exchange.failure
    if failure is not None and info.exchange.response is None:
        raise TargetError(f"{address.url} gives no answer: {failure.detail}.", _NEXT_STEPS[failure.kind])
    if info.status != 200 or not isinstance(info.body.get("version"), str):
        media_type = info.exchange.response.header("content-type") if info.exchange.response else None
        raise TargetError(
            f"{address.url} is not a Rocket.Chat: /api/info answers status {info.status}, {media_type or 'no type'}.",
            "Give the base URL of the workspace, with its sub-path if it has one.",
        )


def _yes(value: object) -> str:
    return "yes" if value else "no"
