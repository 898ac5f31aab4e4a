"""What a driver's actor makes of visitors whom not every server takes, and who plays which part."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.personas import Personas, agent_of, open_department
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.values import DEVIATIONS, value_deviation
from rocketchat_contract.client.visitors import Actor, RunVisitor, delete_call, encoded_call
from rocketchat_contract.record.redactor import Mask
from support.clients import RUN, WIDE, lost, ok, refusal, stage

SIGNS = "-a+b@c.d~e"
RESERVED = replace(WIDE, again_calls=5)


def echo(call: Call) -> Reply:
    return ok({"visitor": json.loads(call.body or b"{}").get("visitor", {}), "asked": call.target})


def test_a_token_with_signs_shows_in_no_form(tmp_path: Path) -> None:
    scene = stage(echo, tmp_path)
    actor = Actor(scene.client, RUN, "core")

    visitor = actor.registered(actor.stranger(SIGNS))
    assert visitor is not None
    actor.get_or_create(visitor)
    actor.delete(visitor)

    text = scene.record.read_text()
    assert visitor.token.endswith(SIGNS)
    assert [form for form in (visitor.token, quote(visitor.token, safe=""), visitor.token[:31]) if form in text] == []
    assert text.count(visitor.name) >= 6


def test_a_twin_has_the_same_token_in_the_other_case(tmp_path: Path) -> None:
    actor = Actor(stage(echo, tmp_path).client, RUN, "core")
    one = actor.long_stranger()
    lead = len(one.token) - len(one.token.removeprefix(f"rcc{actor.client.mask.mark}"))

    twin = actor.long_stranger(one)

    assert (twin.token.lower(), twin.token[:lead]) == (one.token.lower(), one.token[:lead])
    assert twin.token[lead : lead + 20] == one.token[lead : lead + 20].swapcase()
    assert actor.client.mask.text(f"{one.token[:39]} {twin.token[:39]}") == "${RC_TOKEN_1:0:39} ${RC_TOKEN_2:0:39}"


def merging(call: Call) -> Reply:
    """Answer a registration as a server does that keeps all tokens in small letters."""
    visitor = json.loads(call.body or b"{}").get("visitor", {})
    return ok({"visitor": {**visitor, "token": visitor.get("token", "").lower()}})


def test_a_server_to_which_two_tokens_are_one_shows_nobody_else(tmp_path: Path) -> None:
    actor = Actor(stage(merging, tmp_path).client, RUN, "core")
    one = actor.registered(actor.visitor(f"rcc{actor.client.mask.mark}abc"))

    again = actor.registered(actor.visitor(f"rcc{actor.client.mask.mark}ABC"))

    assert one is not None
    assert again == one
    assert actor.client.tracker.owners.foreign == set()


def test_a_visitor_whom_the_server_does_not_take_is_nobody(tmp_path: Path) -> None:
    actor = Actor(stage(lambda _: refusal("error-invalid-token"), tmp_path).client, RUN, "core")

    assert actor.registered(actor.stranger("x" * 59)) is None


def test_a_visitor_goes_by_the_name_that_was_asked_for(tmp_path: Path) -> None:
    actor = Actor(stage(echo, tmp_path).client, RUN, "core")
    anna = actor.stranger()

    named = json.loads(actor.registration(actor.stranger(), name=actor.name_of(anna)).body or b"")

    assert named["visitor"]["name"] == actor.name_of(anna) == f"contract suite {RUN} Zoë 1"


def test_a_number_is_a_secret_token(tmp_path: Path) -> None:
    actor = Actor(stage(echo, tmp_path).client, RUN, "core")
    visitor = actor.visitor("71234567891234567898")

    assert isinstance(actor.client.mask, Mask)
    assert actor.client.mask.text(f"token=0{visitor.token}") == f"token=0{visitor.name}"


def test_who_left_a_room_has_another_part_to_give(tmp_path: Path) -> None:
    actor, cast = Actor(stage(echo, tmp_path).client, RUN, "core"), Personas()
    anna = cast.visitor(actor, "anna")
    cast.keep("anna", actor.get_or_create(anna))

    assert cast.leave(actor, "anna") == cast.rooms["anna"][-1]
    assert cast.forget("anna") == anna
    assert cast.visitor(actor, "anna") != anna


@pytest.mark.parametrize(
    ("room", "agent"), [({"servedBy": {"_id": "a1"}}, "a1"), ({"servedBy": {"_id": 1}}, None), ({"servedBy": 1}, None)]
)
def test_the_agent_of_a_room_is_told_by_it(room: dict[str, object], agent: str | None) -> None:
    assert agent_of(room) == agent


@pytest.mark.parametrize(
    ("departments", "online", "found"),
    [([{"_id": "d1"}], True, "d1"), ([{"_id": "d1"}], False, None), ([], True, None), ("none", True, None)],
)
def test_a_department_counts_when_somebody_is_online(
    departments: object, online: bool, found: str | None, tmp_path: Path
) -> None:
    config = ok({"config": {"departments": departments, "online": online}})

    assert open_department(Actor(stage(lambda _: config, tmp_path).client, RUN, "core")) == found


@pytest.mark.parametrize("raw", ["a+b@c-d~e", "!$&'()*,;=:"])
def test_signs_that_a_segment_may_hold_stay_raw(raw: str) -> None:
    assert delete_call(raw).target.endswith(f"/visitor/{raw}")


@pytest.mark.parametrize(("raw", "coded"), [("a b", "a%20b"), ("a/b", "a%2Fb"), ("a?b#c%", "a%3Fb%23c%25")])
def test_signs_that_would_end_a_segment_are_coded(raw: str, coded: str) -> None:
    assert delete_call(raw).target.endswith(f"/visitor/{coded}")


def test_parameters_that_damage_a_workspace_are_never_sent(tmp_path: Path) -> None:
    scene = stage(echo, tmp_path)
    pairs = [("sla", "x"), ("token", "t"), ("priority", "y"), ("sla[$ne]", "z")]

    Actor(scene.client, RUN, "queries").room(pairs, "generated")

    assert [call.target for call in scene.wire.sent] == ["/api/v1/livechat/room?token=t"]


def answers(*replies: Reply) -> Callable[[Call], Reply]:
    waiting = list(replies)
    return lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.mark.parametrize("first", [lost("timeout"), Reply(0, 0, 503, (), b"<html>")])
def test_what_got_no_answer_is_asked_again(first: Reply, tmp_path: Path) -> None:
    scene = stage(answers(first, ok({"room": {"_id": "r"}, "newRoom": True})), tmp_path, RESERVED)
    actor = Actor(scene.client, RUN, "core", asks_again=True)

    op = actor.get_or_create(actor.stranger())

    assert (op.room, len(scene.wire.sent), scene.client.budget.again_calls) == ("r", 2, 1)


def test_generated_calls_are_not_asked_again(tmp_path: Path) -> None:
    scene = stage(answers(lost("timeout"), ok({})), tmp_path, RESERVED)
    actor = Actor(scene.client, RUN, "queries")

    actor.get_or_create(actor.stranger())

    assert len(scene.wire.sent) == 1


def test_without_a_reserve_nothing_is_asked_again(tmp_path: Path) -> None:
    scene = stage(answers(lost("timeout"), ok({})), tmp_path)
    actor = Actor(scene.client, RUN, "core", asks_again=True)

    actor.get_or_create(actor.stranger())

    assert len(scene.wire.sent) == 1


ABSURD = [
    b"",
    b"null",
    b"7",
    b'"text"',
    b"[]",
    b"{}",
    b"\xff\xfe",
    b"<html>",
    b"[" * 100_000,
    b'{"visitor": null}',
    b'{"visitor": []}',
    b'{"visitor": "text"}',
    b'{"visitor": {}}',
    *(b'{"visitor": {"token": %s, "name": "Somebody"}}' % token for token in (b"null", b"7", b"[]", b"{}", b"1e999")),
    *(
        b'{"visitor": {"token": %s, "ts": 7}}' % token
        for token in (b'""', b'"x"', b'"kept-0123456789"', b'"a b/c?d#e%"')
    ),
    *(b'{"visitor": {"token": "%s"}}' % text for text in (b"\\ud800", b"\\u0000", b"\\udbff\\udfff", b"t" * 70_000)),
]


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("body", ABSURD, ids=lambda body: repr(body[:40]))
def test_no_answer_to_a_registration_raises_in_a_driver(body: bytes, is_named: bool, tmp_path: Path) -> None:
    def answer(call: Call) -> Reply:
        sent = json.loads(call.body or b"{}").get("visitor", {})
        name = json.dumps(sent.get("name")).encode()
        return Reply(0, 0, 200, (), body.replace(b'"ts": 7', b'"name": %s' % name) if is_named else body)

    scene = stage(answer, tmp_path)
    actor = Actor(scene.client, RUN, "core")
    with suppress(RunStoppedError):
        live_a_life(actor, actor.register())
    assert scene.client.recorder.errors == []


def live_a_life(actor: Actor, visitor: RunVisitor) -> None:
    """All that drivers do with a visitor."""
    room = actor.get_or_create(visitor).room or ""
    actor.by_rid(visitor, room)
    actor.send(encoded_call(visitor.token), "encoded", visitor)
    for change in DEVIATIONS:
        actor.get_or_create(RunVisitor(value_deviation(visitor.token, change), visitor.name))
        actor.by_rid(visitor, value_deviation(room, change))
    actor.close(visitor, room)
    actor.delete(visitor)


def test_a_registration_answered_with_somebody_known_ends_the_run(tmp_path: Path) -> None:
    scene = stage(lambda _: ok({"visitor": {"token": "kept-0123456789", "name": "Somebody"}}), tmp_path)

    with pytest.raises(RunStoppedError, match="was there before this run"):
        Actor(scene.client, RUN, "core").register()
