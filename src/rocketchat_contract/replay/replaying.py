"""Send named calls to an edition in this process, one after the other or together as they were, and compare."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from rocketchat_contract.reference.app import App
from rocketchat_contract.reference.inprocess import InProcess
from rocketchat_contract.reference.inprocess import InProcessAnswer as Answered
from rocketchat_contract.reference.wire import Unanswered
from rocketchat_contract.replay.calls import CLOSED, NO_ANSWER, NamedAnswer, NamedCall, as_json
from rocketchat_contract.replay.comparison import AnswerComparison, AnswerDifference, answer_pairs
from rocketchat_contract.replay.people import agents_shown
from rocketchat_contract.replay.script import Reason, Script
from rocketchat_contract.replay.stand_ins import StandIns

_MASKED = "<masked>"
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One call, how its answer differs, and the reason of each difference that has one."""

    call: NamedCall
    differences: tuple[tuple[AnswerDifference, Reason | None], ...]

    @property
    def unexplained(self) -> list[AnswerDifference]:
        """The differences that nobody gave a reason for."""
        return [difference for difference, reason in self.differences if reason is None]


def replay(calls: Sequence[NamedCall], app: App, script: Script) -> list[Replayed]:
    """Replay calls in their order."""
    put_people(app, script.users or agents_shown(calls), script.departments)
    try:
        return asyncio.run(_Replay(app, script).all(calls))
    finally:
        app.store.close()


def put_people(app: App, users: Sequence[Mapping[str, Any]], departments: Sequence[Mapping[str, Any]]) -> None:
    """Put the recorded workspace's users and departments in the place of the server's own."""
    if users:
        app.store.db.execute("delete from users")
        replace_departments(app, departments)
    for user in users:
        app.store.save_user(dict(user), "")
        app.store.add_session(_session(user["_id"]), user["_id"])


def replace_departments(app: App, departments: Sequence[Mapping[str, Any]]) -> None:
    """Let these be all the departments of a workspace."""
    app.store.db.execute("delete from departments")
    for department in departments:
        app.store.save_department(dict(department))


def _session(user_id: str) -> str:
    return f"session of {user_id}"


class _Replay:
    """One replay under way."""

    def __init__(self, app: App, script: Script) -> None:
        self.app = app
        self.client = InProcess(app)
        self.script = script
        self.stand_ins = StandIns()

    async def all(self, calls: Sequence[NamedCall]) -> list[Replayed]:
        """Replay all calls, those of a burst together."""
        replayed: list[Replayed] = []
        for together in self.bursts(calls):
            self.change(self.script.change_before(together[0].name, together[0].line))
            self.pace(together)
            answers = await asyncio.gather(*map(self.send, together))
            replayed += self.compared(together, list(answers))
        return replayed

    def bursts(self, calls: Sequence[NamedCall]) -> Iterator[list[NamedCall]]:
        """Group calls in a row that were under way together; each other call stands alone."""
        for burst, members in groupby(calls, key=lambda call: self.script.burst_of(call.name)):
            if burst is None:
                yield from ([call] for call in members)
            else:
                yield list(members)

    def pace(self, together: list[NamedCall]) -> None:
        """Let the database take so long that all calls of a burst look before one of them writes."""
        seconds = 0.05 if len(together) > 1 else 0.0
        behaviour = self.app.behaviour
        behaviour.edition = replace(behaviour.edition, database=(seconds, seconds))

    def change(self, change: Mapping[str, Any]) -> None:
        """Change the workspace."""
        behaviour = self.app.behaviour
        behaviour.settings = replace(behaviour.settings, **change.get("settings", {}))
        for user in change.get("users", []):
            known = self.app.store.user(user["_id"]) or {}
            self.app.store.save_user({**known, **user}, "")
        if "departments" in change:
            replace_departments(self.app, change["departments"])

    async def send(self, call: NamedCall) -> NamedAnswer:
        """Send one call with the replay's ids."""
        headers = {"Host": _HOST, **{name: self.stand_ins.replaced(value) for name, value in call.headers.items()}}
        if _MASKED in headers.values():
            headers["X-Auth-Token"] = _session(headers.get("X-User-Id", ""))
        body = self.stand_ins.replaced(call.body).encode()
        try:
            target = self.stand_ins.replaced(call.target)
            return _answer(await self.client.send(call.method, target, body, headers))
        except Unanswered as never:
            return NamedAnswer(None, {}, CLOSED if never.closed else NO_ANSWER)

    def compared(self, calls: list[NamedCall], answers: list[NamedAnswer]) -> Iterator[Replayed]:
        """Lay the answers of calls that were under way together beside the real ones."""
        for number, comparison in answer_pairs([call.answer for call in calls], answers, self.stand_ins.known):
            self.stand_ins.learn(comparison.learned)
            yield self.replayed(calls[number], comparison)

    def replayed(self, call: NamedCall, comparison: AnswerComparison) -> Replayed:
        """Give each difference its reason."""
        found = comparison.differences
        return Replayed(call, tuple((one, self.script.reason_for(call.name, one)) for one in found))


def _answer(answer: Answered) -> NamedAnswer:
    headers = {name.decode().lower(): value.decode() for name, value in answer.headers}
    return NamedAnswer(answer.status, headers, as_json(answer.body.decode(errors="replace")))
