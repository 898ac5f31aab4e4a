"""From entries to traffic: fresh visitors, rooms as they turn up this time, and nothing else than the steps say."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from rocketchat_contract.client.personas import UNKNOWN_RID
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.contract.vendored import ROOM
from rocketchat_contract.corpus.entry import CorpusEntry, save
from rocketchat_contract.corpus.replay import corpus_of, replay_corpus
from rocketchat_contract.errors import UsageError
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.results.judged_by import load_judged_by
from rocketchat_contract.run.effective_profile import effective_profile
from support.histories import created, operations

PATH = "/api/v1/livechat/room"


@dataclass
class Noting:
    """An actor who notes what it is asked to send; every answer is a new room."""

    sent: list[Any] = field(default_factory=list)
    minted: int = 0

    def stranger(self) -> RunVisitor:
        self.minted += 1
        return RunVisitor(f"Token{self.minted}", f"$RC_TOKEN_{self.minted}")

    def register(self, visitor: RunVisitor) -> RunVisitor:
        self.sent.append(f"register {visitor.token}")
        return visitor

    def address_of(self, visitor: RunVisitor) -> str:
        return f"{visitor.token}@contract-suite.invalid"

    def registration(self, visitor: RunVisitor, **more: str) -> Call:
        return Call("POST", "/visitor", body=json.dumps({"token": visitor.token, **more}).encode())

    def send(self, call: Call, why: str, visitor: RunVisitor | None = None) -> Operation:
        self.sent.append((call.target, visitor and visitor.token) if call.body is None else json.loads(call.body))
        (operation,) = operations(created("$RC_TOKEN_1", f"room{len(self.sent)}"))
        return operation

    def volley(self, visitor: RunVisitor | None, calls: list[Call], why: str) -> list[Operation]:
        self.sent.append(("together", visitor and visitor.token, [call.target for call in calls]))
        return operations(*(created("$RC_TOKEN_1", f"volley{n}") for n in range(len(calls))))


def entry(*lines: str | tuple[str, ...]) -> CorpusEntry:
    return CorpusEntry("an-open-room-is-returned", "s", "this", "that", str(ROOM), "1", "life", lines)


def sent(*lines: str | tuple[str, ...]) -> list[Any]:
    actor = Noting()
    replay_corpus(entry(*lines), cast(Actor, actor))
    return actor.sent


def test_a_known_visitor_is_a_fresh_one() -> None:
    assert sent("register {known visitor}", f"GET {PATH}?token={{known visitor}}") == [
        "register Token1",
        (f"{PATH}?token=Token1", "Token1"),
    ]


def test_an_unknown_visitor_is_not_registered() -> None:
    assert sent(f"GET {PATH}?token={{unknown visitor}}") == [(f"{PATH}?token=Token1", "Token1")]


def test_what_was_done_to_a_token_is_done_again() -> None:
    assert sent(f"GET {PATH}?token={{known visitor, in capitals}}x") == [(f"{PATH}?token=TOKEN1x", "Token1")]


def test_a_room_is_the_one_that_turns_up() -> None:
    steps = sent(f"GET {PATH}?token={{known visitor}} -> {{room}}", "close {room} of {known visitor}")

    assert steps[1] == {"rid": "room1", "token": "Token1"}


def test_a_room_that_did_not_turn_up_is_nobodys() -> None:
    assert sent(f"GET {PATH}?rid={{room}}", "close {room} of {known visitor}") == [(f"{PATH}?rid={UNKNOWN_RID}", None)]


def test_calls_leave_together() -> None:
    line = f"GET {PATH}?token={{known visitor}}"

    (step, last) = sent((f"{line} -> {{room}}", line), 'message {room} of {known visitor}: "hi"')

    assert step == ("together", "Token1", [f"{PATH}?token=Token1"] * 2)
    assert last == {"rid": "volley0", "token": "Token1", "msg": "hi"}


def test_a_registration_keeps_its_members() -> None:
    assert sent('register {known visitor} with {"department": "x"}') == [{"token": "Token1", "department": "x"}]


def test_a_registration_gets_an_address_of_its_own() -> None:
    (step,) = sent('register {known visitor} with {"email": "its own"}')

    assert step["email"].endswith("@contract-suite.invalid")


def test_a_corpus_asks_for_calls_of_its_operation_only(tmp_path: Path) -> None:
    list(save([entry("GET /api/v1/users.list")], tmp_path))

    with pytest.raises(UsageError, match="no call of GET /api/v1/livechat/room"):
        corpus_of(RunConfig(corpus=tmp_path), load_judged_by())


def test_replaying_has_a_budget_of_its_own(tmp_path: Path) -> None:
    list(
        save(
            [
                entry(
                    "register {known visitor}",
                    f"GET {PATH}?token={{known visitor}} -> {{room}}",
                    "close {room} of {known visitor}",
                )
            ],
            tmp_path,
        )
    )
    config = RunConfig(corpus=tmp_path, profile=PROFILES["gate"])

    profile, gate = effective_profile(config).profile, PROFILES["gate"]

    assert profile.drivers == ("corpus", *gate.drivers)
    assert (profile.room_calls, profile.visitors, profile.others) == (
        gate.room_calls + 1,
        gate.visitors + 1,
        gate.others + 1,
    )
    assert effective_profile(effective_profile(config)) == effective_profile(config)


def test_a_run_that_creates_nothing_replays_nothing(tmp_path: Path) -> None:
    config = RunConfig(corpus=tmp_path, profile=PROFILES["readonly"])

    assert effective_profile(config) == config
    assert corpus_of(replace(config, corpus=tmp_path), load_judged_by()).entries == ()
