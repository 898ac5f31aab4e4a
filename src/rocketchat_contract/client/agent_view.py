"""An independent witness: the same server, seen with an agent's credentials.

Answers to these calls may hold other people's data, so the record keeps their size only; what is drawn from them are
numbers and this run's own rooms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from rocketchat_contract.client.calls import route_of
from rocketchat_contract.client.client import Client, Purpose
from rocketchat_contract.client.facts import Facts
from rocketchat_contract.client.resource_tracker import ResourceTracker
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.config import Credentials
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.rocketchat.own_visitors import name_in_search
from rocketchat_contract.rocketchat.paths import AGENTS_PATH, CONFIG_PATH, ROOMS_PATH

_PAGE = 100

_WHY = {401: "the credentials are wrong: check user-id and auth-token", 403: "the account lacks the permission"}
"""What a refusal without a name means here."""


@dataclass
class AgentView:
    """Looks at agents, limiter and open rooms as who the credentials name."""

    client: Client
    credentials: Credentials
    run: str

    def introduce(self, facts: Facts) -> None:
        """What the credentials show before anything is created: agents, and whether the limiter lets them through."""
        op, reply = self._ask(AGENTS_PATH, "agents")
        agents = list(_members(reply, "users"))
        if op.status == 200:
            ready = sum(a.get("statusLivechat") == "available" and a.get("status") != "offline" for a in agents)
            facts.add("agents", f"{len(agents)}, of whom {ready} online and available", op.number)
        else:
            facts.add(
                "agents",
                f"not shown: status {op.status}, {op.error or _WHY.get(op.status or 0, 'no error named')}",
                op.number,
            )
        self._try_limiter(facts)

    def confirm(self, facts: Facts, tracker: ResourceTracker) -> None:
        """Whether an agent sees open rooms of this run's visitors after the clean-up; they enter the ledger."""
        path = f"{ROOMS_PATH}?open=true&count={_PAGE}&roomName={quote(name_in_search(self.run))}"
        op, reply = self._ask(path, "open rooms of this run")
        if op.status != 200:
            facts.add("witness", f"an agent's view is not shown: status {op.status}", op.number)
            return
        ours = [(str(room.get("_id")), name) for room in _members(reply, "rooms") if (name := self._owner(room))]
        for room, name in ours:
            if tracker.resources.visitor(name).token and tracker.resources.visitor(name).own:
                tracker.found(room, name)
        facts.add("witness", f"an agent sees {len(ours)} open rooms of this run", op.number)

    def _owner(self, room: dict[str, Any]) -> str:
        """The name of the visitor of this run whose room it is; empty for anybody else's."""
        visitor = room.get("v")
        token = visitor.get("token") if isinstance(visitor, dict) else None
        names = {secret: f"${name}" for name, secret in self.client.mask.variables().items()}
        return names.get(token, "") if isinstance(token, str) else ""

    def _try_limiter(self, facts: Facts) -> None:
        """With credentials a call may be exempt from the limiter; then all calls carry them."""
        route = route_of(Call("GET", CONFIG_PATH))
        if self.client.pacer.rate_of(route) is None:
            return
        op = self.client.send(self._call(CONFIG_PATH), Purpose("facts", "limiter with credentials", free=True))
        response = op.exchange.response
        limited = response is None or response.status != 200 or response.header("x-ratelimit-limit") is not None
        facts.add("credentials", "do not lift the limiter" if limited else "lift the limiter", op.number)
        if not limited:
            self.client.authorize(self.credentials.headers)

    def _ask(self, path: str, why: str) -> tuple[Operation, Reply]:
        return self.client.ask(self._call(path), Purpose("facts", why, free=True, private=True))

    def _call(self, path: str) -> Call:
        return Call("GET", path, () if self.client.is_authorized else self.credentials.headers)


def _members(reply: Reply, name: str) -> Iterator[dict[str, Any]]:
    try:
        content = json.loads(reply.body)
    except (ValueError, RecursionError):
        return
    members = content.get(name) if isinstance(content, dict) else None
    yield from (member for member in members if isinstance(member, dict)) if isinstance(members, list) else ()
