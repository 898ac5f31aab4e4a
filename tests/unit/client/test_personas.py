"""Visitors with unusual tokens play their parts where the server takes them, and plain ones elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from rocketchat_contract.client.personas import Personas
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.visitors import Actor
from support.clients import RUN, ok, refusal, stage


def takes_all(call: Call) -> Reply:
    return ok({"visitor": json.loads(call.body or b"{}")["visitor"]})


def takes_31_letters(call: Call) -> Reply:
    visitor = json.loads(call.body or b"{}")["visitor"]
    return ok({"visitor": visitor}) if len(visitor["token"]) == 31 else refusal("error-invalid-token")


def test_an_unusual_token_is_kept_where_the_server_takes_it(tmp_path: Path) -> None:
    actor, cast = Actor(stage(takes_all, tmp_path).client, RUN, "core"), Personas()

    bert = cast.visitor(actor, "bert", actor.long_stranger)

    assert len(bert.token) == 70
    assert cast.visitor(actor, "bert", actor.stranger) is bert


def test_a_plain_visitor_plays_the_part_of_one_who_was_refused(tmp_path: Path) -> None:
    actor, cast = Actor(stage(takes_31_letters, tmp_path).client, RUN, "core"), Personas()

    assert len(cast.visitor(actor, "bert", actor.long_stranger).token) == 31


def test_one_refusal_of_an_unusual_token_is_enough(tmp_path: Path) -> None:
    actor, cast = Actor(stage(takes_31_letters, tmp_path).client, RUN, "core"), Personas()

    cast.visitor(actor, "dora", lambda: actor.stranger("!"))
    cast.visitor(actor, "bert", actor.long_stranger)

    assert actor.client.budget.visitors == 3


def test_the_next_unusual_token_is_tried_when_the_first_is_refused(tmp_path: Path) -> None:
    actor, cast = Actor(stage(takes_31_letters, tmp_path).client, RUN, "core"), Personas()

    dora = cast.visitor(actor, "dora", actor.long_stranger, actor.stranger)

    assert (len(dora.token), cast.only_plain) == (31, False)


def test_the_first_half_of_a_long_token_is_its_end(tmp_path: Path) -> None:
    token = Actor(stage(takes_all, tmp_path).client, RUN, "core").long_stranger().token

    assert token.endswith(token[:39])
