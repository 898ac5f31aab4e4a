"""What is left, as a fold over events: read back from disk it is what it was live."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.client.claims import Book, read_book
from rocketchat_contract.client.client import Purpose
from rocketchat_contract.client.resources import Presence, Resources
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.visitors import Actor, delete_call
from rocketchat_contract.record.events import (
    Absent,
    Contradicted,
    Deleted,
    DeletionLost,
    Event,
    GivenUp,
    MayHaveOpened,
    Named,
    NoneOpen,
    NotRegistered,
    Present,
    Raced,
    Registered,
    Registering,
    Resumed,
    RoomClosed,
    RoomSeen,
    RoomShown,
    ShownByConfig,
    Unseen,
    event_of,
)
from rocketchat_contract.rocketchat.paths import CONFIG_PATH
from support.clients import RUN, Stage, let_go, lost, ok, refusal, stage

A = "$RC_TOKEN_1"
HERE = (Named(A, "anna"), Registering(A), Registered(A))


def after(*events: Event) -> Resources:
    return Resources.of(events)


@pytest.mark.parametrize("event", [Named(A, "t", own=False), RoomShown(A, "R1"), Resumed(), Deleted(A)])
def test_an_event_comes_back_from_json(event: Event) -> None:
    assert event_of(json.loads(json.dumps(event.to_json()))) == event


@pytest.mark.parametrize("line", [{}, {"event": "deleted"}, {"event": "named", "name": A, "token": "t", "own": "yes"}])
def test_a_line_that_is_no_event_is_refused(line: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"no such event|wrong type"):
        event_of(line)


@pytest.mark.parametrize(
    ("events", "presence"),
    [
        ((Registering(A),), Presence.LEFT),
        ((Registering(A), NotRegistered(A)), Presence.NEVER),
        ((Registering(A), Absent(A)), Presence.NEVER),
        ((*HERE, Deleted(A)), Presence.GONE),
        ((*HERE, Absent(A)), Presence.UNCONFIRMED),
        ((*HERE, DeletionLost(A)), Presence.UNCONFIRMED),
        ((*HERE, DeletionLost(A), Absent(A)), Presence.GONE),
        ((*HERE, DeletionLost(A), Present(A)), Presence.LEFT),
        ((*HERE, Contradicted(A), DeletionLost(A), Absent(A)), Presence.UNCONFIRMED),
        ((*HERE, DeletionLost(A), *HERE, Absent(A)), Presence.UNCONFIRMED),
        ((*HERE, Absent(A), Unseen(A)), Presence.UNCONFIRMED),
        ((*HERE, ShownByConfig(A), Absent(A), Unseen(A)), Presence.GONE),
        ((*HERE, Absent(A), Present(A)), Presence.LEFT),
        ((*HERE, Deleted(A), Registering(A)), Presence.LEFT),
        ((*HERE, *HERE, Deleted(A)), Presence.GONE),
        ((*HERE, *HERE, Contradicted(A), Deleted(A)), Presence.UNCONFIRMED),
        ((*HERE, *HERE, Contradicted(A), Deleted(A), Deleted(A)), Presence.GONE),
        ((*HERE, Contradicted(A), ShownByConfig(A), Absent(A), Unseen(A)), Presence.UNCONFIRMED),
        ((*HERE, GivenUp(A), Deleted(A), Resumed()), Presence.LEFT),
    ],
)
def test_a_visitor_is_where_answers_say(events: tuple[Event, ...], presence: Presence) -> None:
    assert after(*events).presence(A) is presence


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ((RoomShown(A, "R1"),), ["R1"]),
        ((RoomShown(A, "R1"), RoomClosed(A, "R1")), []),
        ((RoomShown(A, "R1"), RoomClosed(A, "R1"), RoomSeen(A, "R1")), ["R1"]),
        ((RoomShown(A, "R1"), Deleted(A)), []),
        ((RoomShown(A, "R1"), Deleted(A), *HERE), []),
        ((RoomShown(A, "R1"), Deleted(A), RoomSeen(A, "R1")), ["R1"]),
    ],
)
def test_a_room_is_open_until_it_is_known_to_be_closed(events: tuple[Event, ...], left: list[str]) -> None:
    assert after(*HERE, *events).open_rooms() == left


def test_a_call_that_may_have_made_a_room_makes_the_account_a_least() -> None:
    ledger = after(*HERE, MayHaveOpened(A), MayHaveOpened(A), RoomSeen(A, "R1")).ledger()

    assert ledger.sentence == "created 1 room, closed 0, left at least 1; 1 visitor, deleted 0"


def test_a_look_that_shows_no_room_settles_what_calls_may_have_made() -> None:
    assert not after(*HERE, MayHaveOpened(A), NoneOpen(A)).ledger().at_least


def test_a_deletion_that_a_room_raced_settles_nothing() -> None:
    assert (
        after(*HERE, MayHaveOpened(A), Raced(A), Deleted(A))
        .ledger()
        .sentence.startswith("created 0 rooms, closed 0, left 0, perhaps more")
    )


class Whimsical:
    """Answers each call with one of many answers, whatever was asked."""

    def __init__(self, choices: list[int]) -> None:
        self.choices = choices
        self.rooms = 0

    def __call__(self, call: Call) -> Reply:
        choice = self.choices.pop(0) if self.choices else 0
        token = json.loads(call.body)["visitor"]["token"] if call.target.endswith("/visitor") and call.body else None
        self.rooms += choice % 2
        room = {"_id": f"R{self.rooms}", "ts": "2999-01-01T00:00:00.000Z"}
        config = {"enabled": True, **({"guest": {}} if choice % 3 else {}), **({"room": room} if choice % 2 else {})}
        content = {"visitor": {"token": token}, "config": config, "room": room, "newRoom": bool(choice % 2), "rid": "x"}
        replies = [ok(content), ok(content), refusal("[invalid-token]"), refusal("room-closed"), refusal("no")]
        return [*replies, Reply(0, 0, 502), Reply(0, 0, 504), lost("timeout"), lost("closed"), lost(sent=False)][choice]


def live(scene: Stage, steps: list[int]) -> None:
    """Let two visitors live, as the numbers say."""
    actor = Actor(scene.client, RUN, "core")
    visitors, purpose = [actor.stranger(), actor.stranger("a+b")], Purpose("core", "any")
    for step in steps:
        who = visitors[step % 2]
        rooms = scene.tracker.resources.open_rooms() or ["R0"]
        calls = (
            lambda who=who: actor.send(actor.registration(who), "register", who),
            lambda who=who: actor.get_or_create(who),
            lambda who=who, rooms=rooms: actor.close(who, rooms[-1]),
            lambda who=who: scene.client.send(delete_call(who.token), purpose),
            lambda who=who: scene.client.send(Call("GET", f"{CONFIG_PATH}?token={who.token}"), purpose),
        )
        calls[step // 2 % len(calls)]()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=25), st.lists(st.integers(0, 9), max_size=40))
def test_what_is_left_is_the_same_live_and_read_back(steps: list[int], choices: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scene = stage(Whimsical(choices), Path(folder), give_up_after=10_000)
        scene.tracker.pages = book = Book(Path(folder, "ledger.jsonl"), fresh=True)
        book.begin(f"20260101-000000-{RUN}", "http://target")
        live(scene, steps)
        book.close(keep=True)

        assert read_book(book.path).resources == scene.tracker.resources
        let_go()
