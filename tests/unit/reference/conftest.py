"""A workspace to call in process, set up by keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rocketchat_contract.reference.app import App, Parts
from rocketchat_contract.reference.editions import parts_of
from rocketchat_contract.reference.inprocess import InProcess, InProcessAnswer
from rocketchat_contract.reference.settings import Settings

API = "/api/v1/"


class Workspace(InProcess):
    """A server called in process, with the calls that most tests make."""

    def room(self, **query: str) -> InProcessAnswer:
        return self.get(API + "livechat/room", **query)

    def raw_room(self, query: str) -> InProcessAnswer:
        return self.request("GET", f"{API}livechat/room?{query}")

    def register(self, token: str, **more: object) -> dict[str, Any]:
        visitor: dict[str, Any] = self.post(API + "livechat/visitor", {"visitor": {"token": token, **more}}).json[
            "visitor"
        ]
        return visitor

    def close_room(self, token: str, rid: str) -> InProcessAnswer:
        return self.post(API + "livechat/room.close", {"token": token, "rid": rid})

    def say(self, token: str, rid: str, msg: str) -> InProcessAnswer:
        return self.post(API + "livechat/message", {"token": token, "rid": rid, "msg": msg})

    def login(self) -> dict[str, str]:
        data = self.post(API + "login", {"user": "admin", "password": self.app.password}).json["data"]
        return {"X-Auth-Token": data["authToken"], "X-User-Id": data["userId"]}


@pytest.fixture
def workspace() -> Iterator[Callable[..., Workspace]]:
    """Make workspaces: keywords are settings, ``deviate`` changes their parts."""
    made: list[Workspace] = []

    def make(deviate: Callable[[Parts], Parts] = lambda parts: parts, **settings: Any) -> Workspace:
        made.append(Workspace(App(deviate(parts_of(Settings(**settings))))))
        return made[-1]

    yield make
    for each in made:
        each.app.store.close()
