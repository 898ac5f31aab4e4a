"""The client: what is sent again and what never is, when it stops, and what it writes down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import pytest

from rocketchat_contract.client.budget import BudgetSpentError, RunStoppedError
from rocketchat_contract.client.calls import MOST_TRIES_LIMITED
from rocketchat_contract.client.client import Purpose
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.visitors import Actor, close_call, room_call
from rocketchat_contract.config import Profile
from support.clients import RUN, WIDE, Stage, lost, ok, refusal, stage

CORE = Purpose("core", "test")
LOOK = Call("GET", "/api/info")
ROOM = room_call([("token", f"rcc{RUN}abcdefghij0123456789")])
NO_TOKEN = room_call([])


def in_turn(*replies: Reply) -> Callable[[Call], Reply]:
    """Answers one after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize("call", [LOOK, ROOM, NO_TOKEN, close_call("token", "rid")])
def test_a_call_that_the_limiter_turned_away_is_sent_again_after_its_wait(call: Call, tmp_path: Path) -> None:
    limited = Reply(0, 0, 429, (("Retry-After", "9"),), b"<html>")
    scene = stage(in_turn(limited, ok({})), tmp_path)

    scene.client.send(call, CORE)

    assert scene.statuses == [429, 200]
    assert 9 <= scene.clock.waited <= 11


def test_a_limiter_that_never_lets_through_is_not_asked_for_ever(tmp_path: Path) -> None:
    scene = stage(in_turn(Reply(0, 0, 429)), tmp_path)

    with pytest.raises(RunStoppedError, match="A limiter turned the same call away 8 times"):
        scene.client.send(LOOK, CORE)
    assert scene.statuses == [429] * MOST_TRIES_LIMITED


@pytest.mark.parametrize("code", ["", " [error-too-many-requests]"])
def test_an_old_limiters_400_is_sent_again_after_its_wait(code: str, tmp_path: Path) -> None:
    told = f"Error, too many requests. You must wait 9 seconds before trying this endpoint again.{code}"
    limited = Reply(0, 0, 400, (), json.dumps({"success": False, "error": told}).encode())
    scene = stage(in_turn(limited, ok({})), tmp_path)

    scene.client.send(ROOM, CORE)

    assert scene.statuses == [400, 200]
    assert 9 <= scene.clock.waited <= 11


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("call", [LOOK, NO_TOKEN, Call("GET", "/api/v1/livechat/config?token=x")])
def test_a_gateways_answer_is_asked_again_when_the_call_changes_nothing(
    call: Call, status: int, tmp_path: Path
) -> None:
    scene = stage(in_turn(Reply(0, 0, status), Reply(0, 0, status), ok({})), tmp_path)

    scene.client.send(call, CORE)

    assert scene.statuses == [status, status, 200]


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize(
    "call", [ROOM, close_call("token", "rid"), Call("POST", "/api/v1/livechat/visitor", body=b"{}")]
)
def test_a_gateways_answer_to_a_call_with_effect_stays_unknown(call: Call, status: int, tmp_path: Path) -> None:
    scene = stage(in_turn(Reply(0, 0, status)), tmp_path)

    scene.client.send(call, CORE)

    assert len(scene.wire.sent) == 1


@pytest.mark.parametrize("call", [LOOK, ROOM])
@pytest.mark.parametrize("kind", ["closed", "timeout", "malformed", "too-large"])
def test_a_call_that_left_is_never_sent_again(call: Call, kind: str, tmp_path: Path) -> None:
    scene = stage(in_turn(lost(kind)), tmp_path)

    scene.client.send(call, CORE)

    assert len(scene.wire.sent) == 1


def test_a_call_that_never_left_is_sent_again(tmp_path: Path) -> None:
    scene = stage(in_turn(lost("refused", sent=False), ok({})), tmp_path)

    scene.client.send(ROOM, CORE)

    assert scene.statuses == [None, 200]


@pytest.mark.parametrize("status", [200, 400, 404, 500, 302])
def test_other_answers_are_final(status: int, tmp_path: Path) -> None:
    scene = stage(in_turn(Reply(0, 0, status, (), b"{}")), tmp_path)

    scene.client.send(LOOK, CORE)

    assert len(scene.wire.sent) == 1


def test_every_try_costs_budget(tmp_path: Path) -> None:
    scene = stage(in_turn(Reply(0, 0, 429, (("Retry-After", "1"),))), tmp_path, Profile("two", ("core",), 2, 2))

    with pytest.raises(BudgetSpentError):
        scene.client.send(NO_TOKEN, CORE)

    assert len(scene.wire.sent) == 2


def test_free_calls_cost_no_budget(tmp_path: Path) -> None:
    scene = stage(in_turn(ok({})), tmp_path, Profile("none", ("core",), 0, 0, others=0))

    scene.client.send(LOOK, Purpose("facts", "test", free=True))

    assert scene.statuses == [200]


def send_often(scene: Stage, times: int) -> None:
    for _ in range(times):
        scene.client.send(ROOM, CORE)


@pytest.mark.parametrize("reply", [lost(), lost("timeout"), Reply(0, 0, 502), lost("refused", sent=False)])
def test_silence_in_a_row_stops_the_run(reply: Reply, tmp_path: Path) -> None:
    scene = stage(in_turn(reply), tmp_path, give_up_after=5)

    with pytest.raises(RunStoppedError, match="5 times in a row"):
        send_often(scene, 10)

    assert len(scene.wire.sent) == 5


def test_an_answer_ends_the_row(tmp_path: Path) -> None:
    scene = stage(in_turn(lost(), lost(), ok({})), tmp_path, give_up_after=3)

    send_often(scene, 10)

    assert len(scene.wire.sent) == 10


def test_a_target_that_stumbles_gets_time_to_recover(tmp_path: Path) -> None:
    scene = stage(in_turn(lost()), tmp_path, give_up_after=6)

    with pytest.raises(RunStoppedError):
        send_often(scene, 7)

    assert scene.clock.waited == pytest.approx(0.1 + 0.2 + 0.4 + 0.8)


def test_cleaning_up_goes_on_when_the_run_has_stopped(tmp_path: Path) -> None:
    scene = stage(in_turn(lost()), tmp_path, give_up_after=1)
    scene.client.send(ROOM, CORE)

    scene.client.send(LOOK, Purpose("cleanup", "test", free=True))

    assert len(scene.wire.sent) == 2


def test_a_call_that_is_interrupted_is_recorded_as_unknown(tmp_path: Path) -> None:
    def interrupted(_: Call) -> Reply:
        raise KeyboardInterrupt

    scene = stage(interrupted, tmp_path)

    with pytest.raises(KeyboardInterrupt):
        scene.client.send(ROOM, CORE)

    line = json.loads(scene.record.read_text().splitlines()[-1])
    assert line["failure"] == {"kind": "stopped", "sent": True, "detail": "the run was stopped"}


def test_no_secret_is_written(tmp_path: Path) -> None:
    def echo(call: Call) -> Reply:
        token = dict(call.headers).get("X-Auth-Token", "")
        return Reply(0, 0, 200, (("Set-Cookie", f"s={token}"),), json.dumps({"said": [call.target, token]}).encode())

    scene = stage(echo, tmp_path)
    scene.client.mask.add_secret("canary-secret", "RC_AUTH_TOKEN")

    scene.client.send(Call("GET", ROOM.target, (("X-Auth-Token", "canary-secret"),)), CORE)

    text = scene.record.read_text()
    assert "canary" not in text
    assert f"rcc{RUN}" not in text


def test_other_peoples_data_is_not_written(tmp_path: Path) -> None:
    scene = stage(in_turn(ok({"users": [{"emails": ["canary@example.com"]}]})), tmp_path)

    _, reply = scene.client.ask(LOOK, Purpose("facts", "agents", private=True))

    assert b"canary" in reply.body
    assert "canary" not in scene.record.read_text()


@pytest.mark.parametrize("token", ["a/b+c=d", 'quo"ted-token', "Zoë-the-visitor"])
def test_a_token_that_the_server_chose_is_masked_in_every_form(token: str, tmp_path: Path) -> None:
    def register(call: Call) -> Reply:
        if call.method == "POST":
            return ok({"visitor": {"token": token, "name": json.loads(call.body or b"{}")["visitor"]["name"]}})
        return ok({"echo": call.target})

    scene = stage(register, tmp_path)
    visitor = Actor(scene.client, RUN, "core").register()
    scene.client.send(room_call([("token", visitor.token)]), CORE)

    text = scene.record.read_text()
    assert [form for form in (token, json.dumps(token)[1:-1], quote(token, safe="")) if form in text] == []


def test_an_unclear_registration_is_tried_with_another_visitor(tmp_path: Path) -> None:
    registered: list[str] = []

    def register(call: Call) -> Reply:
        registered.append(json.loads(call.body or b"{}")["visitor"]["token"])
        return lost() if len(registered) == 1 else ok({"visitor": json.loads(call.body or b"{}")["visitor"]})

    scene = stage(register, tmp_path)

    visitor = Actor(scene.client, RUN, "core").register()

    assert (len(set(registered)), visitor.token) == (2, registered[1])


def test_a_refused_registration_stops_the_run(tmp_path: Path) -> None:
    scene = stage(in_turn(refusal("error-invalid-department")), tmp_path)

    with pytest.raises(RunStoppedError, match="could not be registered: status 400, error error-invalid-department"):
        Actor(scene.client, RUN, "core").register()


def volley_of(scene: Stage, calls: int) -> int:
    return len(list(scene.client._fitting([ROOM] * calls)))


def test_no_more_calls_leave_together_than_the_limiter_allows(tmp_path: Path) -> None:
    told = (("X-RateLimit-Limit", "3"), ("X-RateLimit-Remaining", "2"), ("X-RateLimit-Reset", "60"))
    scene = stage(in_turn(Reply(0, 0, 200, told, b"{}")), tmp_path, WIDE)
    scene.client.send(ROOM, CORE)

    assert volley_of(scene, 8) == 3


HOSTILE = Call("GET", "/api/v1/livechat/room?token=%3Cscript%3E")


def test_one_ordinary_call_decides_whether_the_target_is_gone(tmp_path: Path) -> None:
    scene = stage(lambda call: lost() if call is HOSTILE else refusal("no token"), tmp_path, give_up_after=3)
    for _ in range(7):
        scene.client.send(HOSTILE, CORE)

    assert [call.target for call in scene.wire.sent if call is not HOSTILE] == ["/api/v1/livechat/room"] * 2


def test_a_target_that_drops_ordinary_calls_too_is_gone(tmp_path: Path) -> None:
    scene = stage(lambda _: lost(), tmp_path, give_up_after=3)

    for _ in range(3):
        scene.client.send(HOSTILE, CORE)

    with pytest.raises(RunStoppedError, match="no answer 3 times in a row"):
        scene.client.send(HOSTILE, CORE)
    assert len(scene.wire.sent) == 4


def test_a_burst_that_the_budget_cannot_hold_is_not_fired(tmp_path: Path) -> None:
    scene = stage(lambda _: ok({}), tmp_path, Profile("small", ("volley",), room_calls=6, visitors=2))

    with pytest.raises(BudgetSpentError, match="room calls"):
        Actor(scene.client, RUN, "volley").afford(7)
    assert scene.wire.sent == []


def broken(*_: object, **__: object) -> NoReturn:
    raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")


def registered_while_broken(scene: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor registers while something of ours fails each time."""
    actor = Actor(scene.client, RUN, "core")
    visitor = actor.stranger()
    monkeypatch.setattr(name, broken)
    actor.send(actor.registration(visitor), "register", visitor)


@pytest.mark.parametrize(
    "name",
    [
        "rocketchat_contract.client.client.masked",
        "rocketchat_contract.client.client.tokens_of_call",
        "rocketchat_contract.client.pacer.Pacer.learn",
        "rocketchat_contract.judge.judge.Judge.feed",
    ],
)
def test_what_fails_on_our_side_loses_no_visitor(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = stage(lambda call: ok(json.loads(call.body or b"")), tmp_path)

    registered_while_broken(scene, name, monkeypatch)

    assert scene.tracker.ledger().visitors_left == ("$RC_TOKEN_1",)
    assert [error.rpartition(": ")[2] for error in scene.client.recorder.errors] == ["UnicodeEncodeError"]
    assert len(scene.statuses) == 1


def test_an_answer_that_cannot_be_masked_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = stage(lambda call: ok(json.loads(call.body or b"")), tmp_path)

    registered_while_broken(scene, "rocketchat_contract.client.client.masked", monkeypatch)

    assert f"rcc{RUN}" not in scene.record.read_text()
    assert "an answer came, in which secrets could not be masked" in scene.record.read_text()
