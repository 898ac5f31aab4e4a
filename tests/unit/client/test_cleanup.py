"""Cleaning up: rooms, a look, the visitor, and two visitors at a time."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.cleanup import LIMITER_REASON, OUT_OF_TIME, UNTRIED_CLOSING, CleanUp
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.client.waiter import CLEAN_UP_SECONDS
from rocketchat_contract.record.events import Deleted, Event, Named, Raced, RoomClosed, RoomShown
from support.clients import RUN, Stage, lost, ok, refusal, stage


class Target:
    """Keeps one room per visitor, and says what is open in the widget's configuration."""

    def __init__(self) -> None:
        self.open: dict[str, str] = {}
        self.is_deaf = False
        self.drops_deletions = False
        self.drops_looks = False
        self.blocks = 0
        self.loses_deletions = 0
        self.deleted: set[str] = set()
        self.limits = ""
        self.keeps_who_has_a_room = False

    def __call__(self, call: Call) -> Reply:
        place, token = urlsplit(call.target), parse_qs(urlsplit(call.target).query).get("token", [""])[0]
        if self.is_deaf or (self.drops_deletions and call.method == "DELETE"):
            return lost()
        if self.blocks and not place.path.endswith("/config"):
            self.blocks -= 1
            return Reply(0, 0, 403, (("Content-Type", "text/html"),), b"<html>blocked</html>")
        if self.loses_deletions and call.method == "DELETE":
            self.loses_deletions -= 1
            self.deleted.add(place.path)
            return lost()
        if place.path in self.deleted and call.method == "DELETE":
            return refusal("invalid-token")
        if self.drops_looks and place.path.endswith("/config"):
            return lost()
        if self.limits and call.method == self.limits:
            return Reply(0, 0, 429, (("Retry-After", "599"),))
        if place.path.endswith("/room"):
            room = self.open.setdefault(token, f"R{len(self.open)}")
            return ok({"room": {"_id": room, "v": {"token": token}}, "newRoom": True, "success": True})
        if place.path.endswith("/config"):
            room = {"_id": self.open[token], "open": True} if token in self.open else None
            return ok({"config": {"enabled": True, "room": room}, "success": True})
        if place.path.endswith("/room.close"):
            return self.close(call)
        if call.method == "DELETE" and self.keeps_who_has_a_room:
            return refusal("visitor-has-open-rooms")
        sent = json.loads(call.body or b"{}").get("visitor", {})
        return ok({"visitor": {"_id": "x", **sent}, "success": True})

    def close(self, call: Call) -> Reply:
        for token, room in list(self.open.items()):
            if room.encode() in (call.body or b""):
                del self.open[token]
                return ok({"rid": room, "success": True})
        return refusal("invalid-room")


@pytest.fixture
def target() -> Target:
    return Target()


@pytest.fixture
def scene(target: Target, tmp_path: Path) -> Stage:
    return stage(target, tmp_path)


def visitor_with_a_room(scene: Stage) -> RunVisitor:
    actor = Actor(scene.client, RUN, "core")
    visitor = actor.stranger()
    actor.register(visitor)
    actor.get_or_create(visitor)
    return visitor


def tell(scene: Stage, *events: Event) -> None:
    for event in events:
        scene.tracker.resources.apply(event)


def tidied(scene: Stage) -> list[str]:
    """What was sent while cleaning up."""
    before = len(scene.wire.sent)
    CleanUp(scene.client, scene.tracker).run()
    return [f"{call.method} {urlsplit(call.target).path.rpartition('/')[2]}" for call in scene.wire.sent[before:]]


def test_a_room_is_closed_and_looked_for_before_its_visitor_is_deleted(scene: Stage) -> None:
    visitor = visitor_with_a_room(scene)

    assert tidied(scene) == ["POST room.close", "GET config", f"DELETE {visitor.token}"]


def test_two_visitors_take_turns(scene: Stage) -> None:
    for _ in range(2):
        visitor_with_a_room(scene)

    assert tidied(scene)[:4] == ["POST room.close", "POST room.close", "GET config", "GET config"]


def test_many_visitors_leave_nothing(scene: Stage) -> None:
    for _ in range(5):
        visitor_with_a_room(scene)

    CleanUp(scene.client, scene.tracker).run()

    assert scene.tracker.ledger().rooms_left == scene.tracker.ledger().visitors_left == ()


def test_a_room_that_turns_up_is_closed_too(scene: Stage, target: Target) -> None:
    visitor = visitor_with_a_room(scene)
    tell(scene, RoomClosed(visitor.name, target.open[visitor.token]))

    assert tidied(scene)[:3] == ["GET config", "POST room.close", "GET config"]


def test_a_close_that_is_refused_is_not_asked_for_again(scene: Stage, target: Target) -> None:
    visitor = visitor_with_a_room(scene)
    target.close = lambda _: refusal("error-not-allowed")  # type: ignore[method-assign]

    assert tidied(scene) == ["POST room.close", "GET config", f"DELETE {visitor.token}"]


def test_of_somebody_else_nothing_is_looked_up(scene: Stage) -> None:
    tell(scene, Named("undefined", "undefined", own=False), RoomShown("undefined", "R7"))

    assert tidied(scene) == ["POST room.close"]


def test_who_was_deleted_while_getting_a_room_is_looked_at_as_the_same_visitor_again(scene: Stage) -> None:
    visitor = visitor_with_a_room(scene)
    tell(scene, Raced(visitor.name), Deleted(visitor.name))

    assert tidied(scene)[0] == "POST visitor"
    assert tidied(scene) == []


def test_a_deletion_whose_answer_was_lost_is_confirmed_by_the_next_one(scene: Stage, target: Target) -> None:
    visitor_with_a_room(scene)
    target.loses_deletions = 1
    tidied(scene)

    assert scene.tracker.ledger().is_clean


def test_a_call_that_is_blocked_once_is_made_again(scene: Stage, target: Target) -> None:
    visitor_with_a_room(scene)
    target.blocks = 1

    assert tidied(scene)[:2] == ["POST room.close", "POST room.close"]
    assert scene.tracker.ledger().is_clean


def test_calls_that_are_blocked_throughout_are_made_again_once(scene: Stage, target: Target) -> None:
    visitor_with_a_room(scene)
    visitor_with_a_room(scene)
    target.blocks = 99

    assert tidied(scene).count("POST room.close") == 3


def test_a_target_that_is_gone_is_given_up(scene: Stage, target: Target) -> None:
    for _ in range(9):
        visitor_with_a_room(scene)
    target.is_deaf = True

    assert len(tidied(scene)) < 25


def test_rooms_are_closed_also_where_deletions_are_dropped(scene: Stage, target: Target) -> None:
    for _ in range(9):
        visitor_with_a_room(scene)
    target.drops_deletions = True

    CleanUp(scene.client, scene.tracker).run()

    assert target.open == {}


def test_no_more_is_deleted_where_deletions_are_dropped(scene: Stage, target: Target) -> None:
    for _ in range(9):
        visitor_with_a_room(scene)
    target.drops_deletions = True

    assert sum(call.startswith("DELETE") for call in tidied(scene)) <= 8


def test_who_is_left_because_deletions_are_dropped_has_that_reason(scene: Stage, target: Target) -> None:
    for _ in range(9):
        visitor_with_a_room(scene)
    target.drops_deletions = True

    CleanUp(scene.client, scene.tracker).run()

    reasons = json.dumps(scene.tracker.ledger().to_json())
    assert "not tried, as no deletion is answered" in reasons


def test_everything_goes_also_where_looks_are_dropped(scene: Stage, target: Target) -> None:
    for _ in range(9):
        visitor_with_a_room(scene)
    target.drops_looks = True

    CleanUp(scene.client, scene.tracker).run()

    assert (target.open, scene.tracker.ledger().visitors_left) == ({}, ())


def test_looks_that_are_dropped_are_not_made_for_each_visitor(scene: Stage, target: Target) -> None:
    for _ in range(9):
        visitor_with_a_room(scene)
    target.drops_looks = True

    assert tidied(scene).count("GET config") <= 8


def test_a_limiter_that_lets_no_deletion_through_holds_up_no_closing(scene: Stage, target: Target) -> None:
    for _ in range(5):
        visitor_with_a_room(scene)
    target.limits = "DELETE"
    scene.client.waiter.lift()

    CleanUp(scene.client, scene.tracker).run()

    assert target.open == {}
    assert scene.clock.waited < CLEAN_UP_SECONDS
    assert LIMITER_REASON in scene.tracker.ledger().reasons.values()


def test_a_clean_up_that_is_out_of_time_says_so_of_what_is_left(scene: Stage) -> None:
    visitors = [visitor_with_a_room(scene) for _ in range(3)]
    scene.client.waiter.lift()
    scene.clock.waited += CLEAN_UP_SECONDS

    with pytest.raises(RunStoppedError):
        CleanUp(scene.client, scene.tracker).run()

    reasons = scene.tracker.ledger().reasons
    assert {reasons[visitor.name] for visitor in visitors} == {OUT_OF_TIME}


def test_where_closings_are_dropped_visitors_are_looked_at_all_the_same(scene: Stage, target: Target) -> None:
    visitors = [visitor_with_a_room(scene) for _ in range(9)]
    for visitor in visitors[:3]:
        del target.open[visitor.token]
    target.close = lambda _: lost()  # type: ignore[method-assign]

    CleanUp(scene.client, scene.tracker).run()

    ledger = scene.tracker.ledger()
    assert (len(ledger.rooms_left), ledger.visitors_left) == (0, ())


def test_what_is_left_because_closings_are_dropped_has_that_reason(scene: Stage, target: Target) -> None:
    for _ in range(9):
        visitor_with_a_room(scene)
    target.close = lambda _: lost()  # type: ignore[method-assign]
    target.keeps_who_has_a_room = True

    CleanUp(scene.client, scene.tracker).run()

    assert UNTRIED_CLOSING in scene.tracker.ledger().reasons.values()
    assert len(scene.tracker.ledger().rooms_left) == 9
