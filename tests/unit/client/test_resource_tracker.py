"""The ledger, read off calls and answers."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.claims import Book, read_book
from rocketchat_contract.client.client import Purpose
from rocketchat_contract.client.resources import Resources
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.visitors import Actor, RunVisitor, delete_call, room_call
from rocketchat_contract.record.events import Resumed
from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.rocketchat.paths import CONFIG_PATH
from support.clients import RUN, Stage, lost, ok, refusal, stage

NOW = "2999-01-01T00:00:00.000Z"
"""A moment that is not before the run, whenever that is."""


class Target:
    """Answers what the next reply says, for any call."""

    def __init__(self) -> None:
        self.next = Reply(0, 0, 200)

    def __call__(self, call: Call) -> Reply:
        return self.next


class Scene:
    """A visitor of this run and a target that says what it is told to."""

    def __init__(self, folder: Path) -> None:
        self.target = Target()
        self.stage: Stage = stage(self.target, folder)
        self.tracker = self.stage.tracker
        self.actor = Actor(self.stage.client, RUN, "core")
        self.anna = self.actor.stranger()

    @property
    def name(self) -> str:
        """What the visitor is called when it is registered."""
        return str(json.loads(self.actor.registration(self.anna).body or b"")["visitor"]["name"])

    def register(self, reply: Reply | None = None) -> None:
        self.target.next = reply or ok({"visitor": {"token": self.anna.token, "name": self.name}})
        self.actor.send(self.actor.registration(self.anna), "register", self.anna)

    def ask(
        self, room: str, *, new: bool | None = True, owner: str | None = None, visitor: RunVisitor | None = None
    ) -> None:
        visitor = visitor or self.anna
        body: dict[str, Any] = {
            "room": {"_id": room, "ts": NOW, "v": {"token": owner or visitor.token}},
            "success": True,
        }
        self.answer(ok(body if new is None else {**body, "newRoom": new}), visitor)

    def answer(self, reply: Reply, visitor: RunVisitor | None = None) -> None:
        self.target.next = reply
        self.actor.get_or_create(visitor or self.anna)

    def close(self, room: str, reply: Reply | None = None) -> None:
        self.target.next = reply or ok({"rid": room})
        self.actor.close(self.anna, room)

    def delete(self, reply: Reply | None = None) -> None:
        self.target.next = reply or ok({"visitor": {"_id": "x"}})
        self.stage.client.send(delete_call(self.anna.token), Purpose("core", "delete"))

    def look(self, *, guest: bool = False, room: str | None = None) -> None:
        shown = {"enabled": True, **({"guest": {}} if guest else {}), **({"room": {"_id": room}} if room else {})}
        self.target.next = ok({"config": shown})
        self.stage.client.send(Call("GET", f"{CONFIG_PATH}?token={self.anna.token}"), Purpose("core", "look"))

    @property
    def ledger(self) -> Ledger:
        return self.tracker.ledger()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_a_life_is_in_the_ledger(scene: Scene) -> None:
    scene.register()
    scene.ask("R1")
    scene.ask("R1", new=False)
    scene.close("R1")
    scene.ask("R2")
    scene.delete()

    assert scene.ledger.sentence == "created 2 rooms, closed 2, left 0; 1 visitor, deleted 1"


def test_what_is_not_tidied_is_left(scene: Scene) -> None:
    scene.register()
    scene.ask("R1")
    scene.ask("R2")
    scene.close("R1")

    assert (scene.ledger.rooms_left, scene.ledger.visitors_left) == (("R2",), (scene.anna.name,))


def test_each_visitor_has_the_rooms_that_are_its_own(scene: Scene) -> None:
    scene.register()
    bert = scene.actor.stranger()
    scene.ask("R1")
    scene.ask("R2", visitor=bert)
    scene.ask("R3")
    scene.close("R1")

    assert [scene.tracker.resources.open_rooms(who.name) for who in (scene.anna, bert)] == [["R3"], ["R2"]]


def test_a_room_of_somebody_else_is_not_touched(scene: Scene) -> None:
    scene.register()

    scene.ask("R1", new=False, owner="somebody-else")

    assert scene.ledger.rooms_created == 0


@pytest.mark.parametrize("new", [False, None])
def test_an_own_room_counts_however_newroom_stands(scene: Scene, new: bool | None) -> None:
    scene.register()

    scene.ask("R1", new=new)

    assert scene.ledger.rooms_left == ("R1",)


def test_a_room_that_a_known_visitor_had_is_not_touched(scene: Scene) -> None:
    known = RunVisitor("known-visitor-token", "$RC_VISITOR_TOKEN")
    scene.stage.client.mask.add_secret(known.token, "RC_VISITOR_TOKEN")
    scene.tracker.owners.foreign.add(known.token)

    scene.ask("R1", new=False, visitor=known)
    scene.ask("R2", new=True, visitor=known)

    assert (scene.ledger.rooms_left, scene.ledger.visitors_left) == (("R2",), ())


def somebody(scene: Scene, token: str = "undefined") -> RunVisitor:
    """A visitor with a token that nobody masks, such as generated queries hold."""
    return RunVisitor(token, token)


@pytest.mark.parametrize("new", [False, None])
def test_a_generated_token_may_be_a_real_visitors(scene: Scene, new: bool | None) -> None:
    scene.ask("R1", new=new, visitor=somebody(scene))

    assert scene.ledger == Ledger()


def test_a_room_made_for_a_generated_token_is_closed_and_its_visitor_stays(scene: Scene) -> None:
    scene.ask("R1", new=True, visitor=somebody(scene))

    assert (scene.ledger.rooms_left, scene.ledger.visitors_left) == (("R1",), ())
    assert list(scene.tracker.owners.strangers) == ["undefined"]


@pytest.mark.parametrize(("made", "left"), [("2026-11-22T10:00:00.000Z", ()), ("2026-11-22T10:09:57.000Z", ("R1",))])
def test_a_room_is_not_new_because_an_answer_says_so(scene: Scene, made: str, left: tuple[str, ...]) -> None:
    room = {"_id": "R1", "ts": made, "v": {"token": "undefined"}}
    scene.answer(replace(refusal("invalid-token"), headers=(("Date", "Sun, 22 Nov 2026 10:10:00 GMT"),)))

    scene.answer(ok({"room": room, "newRoom": True}), somebody(scene))

    assert scene.ledger.rooms_left == left


def test_an_answer_meant_for_somebody_else_gives_nobodys_room_away(scene: Scene) -> None:
    scene.register()

    scene.ask("R1", new=True, owner="token-of-somebody")

    assert scene.ledger.rooms_left == ()
    assert list(scene.tracker.owners.strangers) == ["token-of-somebody"]


def test_a_call_for_somebody_that_is_given_up_concerns_nobody_of_ours(scene: Scene, book: Book) -> None:
    scene.answer(lost("timeout"), somebody(scene))

    assert scene.ledger.unclear == ()
    assert reread(book).with_something() == []


def test_a_visitor_who_was_never_registered_and_has_a_room_is_deleted_too(scene: Scene, book: Book) -> None:
    scene.ask("R1")

    assert scene.ledger.visitors_left == (scene.anna.name,)
    assert reread(book).to_delete() == [scene.anna.name]


def test_a_made_up_number_is_this_runs_own(scene: Scene) -> None:
    number = scene.actor.visitor("71234567891234567898")

    scene.ask("R1", visitor=number)

    assert scene.ledger.visitors_left == (number.name,)


def test_a_new_room_of_nobody_is_closed_as_whom_the_server_made_up(scene: Scene) -> None:
    scene.target.next = ok({"room": {"_id": "R1", "ts": NOW, "v": {"token": "anonymous"}}, "newRoom": True})
    scene.actor.room([], "no token")

    assert scene.ledger.rooms_left == ("R1",)
    assert scene.tracker.token_of(scene.tracker.resources.owners["R1"]) == "anonymous"
    assert scene.ledger.visitors_left == ()


def test_an_old_room_for_a_call_that_names_nobody_is_not_touched(scene: Scene) -> None:
    scene.target.next = ok({"room": {"_id": "R1", "v": {"token": "anonymous"}}, "newRoom": False})
    scene.actor.room([], "no token")

    assert scene.ledger == Ledger()


def test_who_gets_a_room_after_the_deletion_is_there_again(scene: Scene, book: Book) -> None:
    scene.register()
    scene.delete()
    scene.ask("R1")

    assert scene.ledger.visitors_left == (scene.anna.name,)
    assert reread(book).to_delete() == [scene.anna.name]


def test_a_visitor_under_another_token_is_ours_by_its_name(scene: Scene) -> None:
    scene.register(ok({"visitor": {"token": "chosen-by-the-server", "name": scene.name}}))

    assert list(scene.tracker.tokens.values())[-1] == "chosen-by-the-server"
    assert len(scene.ledger.visitors_left) == 1


@pytest.mark.parametrize("more", [{"name": "Somebody"}, {}, {"name": None}, {"ts": "2001-01-01T00:00:00.000Z"}])
def test_a_visitor_under_another_token_may_be_somebody_else(scene: Scene, more: dict[str, Any]) -> None:
    visitor = {"token": "token-of-somebody", **({"name": scene.name} if "ts" in more else {}), **more}

    scene.register(ok({"visitor": visitor}))

    assert scene.ledger.visitors_created == 0


def test_whoever_was_answered_with_another_token_is_looked_for(scene: Scene) -> None:
    scene.register(ok({"visitor": {"token": "token-of-somebody", "name": "Somebody"}}))
    assert scene.tracker.resources.with_something() == [scene.anna.name]

    scene.look(guest=True)

    assert scene.ledger.visitors_left == (scene.anna.name,)


def test_a_token_that_two_visitors_share_is_nobodys(scene: Scene) -> None:
    shared = {"token": "token-of-the-house"}
    scene.register(ok({"visitor": {**shared, "name": scene.name}}))
    scene.anna = scene.actor.stranger()

    scene.register(ok({"visitor": {**shared, "name": scene.name}}))

    assert scene.ledger == Ledger(at_least=True)


def test_nothing_is_done_as_a_visitor_who_was_there_before(scene: Scene) -> None:
    scene.target.next = ok({"visitor": {"token": "token-of-somebody", "name": "Somebody"}})

    with pytest.raises(RunStoppedError, match="was there before this run, or whom several share"):
        scene.actor.register()


def test_an_unclear_registration_counts_until_a_deletion_tells(scene: Scene) -> None:
    scene.register(Reply(0, 0, 502))
    assert scene.ledger.visitors_left == (scene.anna.name,)

    scene.delete(refusal("[invalid-token]"))

    assert scene.ledger == Ledger()


def test_a_visitor_whom_a_deletion_denies_is_not_confirmed_to_be_gone(scene: Scene) -> None:
    scene.register()

    scene.delete(refusal("[invalid-token]"))

    assert scene.ledger.sentence == "created 0 rooms, closed 0, left 0; 1 visitor, deleted 0, not confirmed 1"
    assert scene.ledger.visitors_unconfirmed == (scene.anna.name,)


def test_a_visitor_whose_deletion_nobody_answered_is_not_confirmed_to_be_gone(scene: Scene) -> None:
    scene.register()

    scene.delete(lost())

    assert (scene.ledger.visitors_left, scene.ledger.visitors_unconfirmed) == ((), (scene.anna.name,))


def test_a_denial_confirms_what_a_lost_deletion_did(scene: Scene) -> None:
    scene.register()

    scene.delete(lost())
    scene.delete(refusal("[invalid-token]"))

    assert scene.ledger.sentence == "created 0 rooms, closed 0, left 0; 1 visitor, deleted 1"


def test_a_visitor_whom_no_look_shows_any_more_counts_as_deleted(scene: Scene) -> None:
    scene.register()
    scene.look(guest=True)

    scene.delete(refusal("[invalid-token]"))
    scene.look()

    assert scene.ledger.sentence == "created 0 rooms, closed 0, left 0; 1 visitor, deleted 1"


@pytest.mark.parametrize("reply", [lost(), Reply(0, 0, 502), ok({"success": True}), Reply(0, 0, 200, (), b"<html>")])
def test_an_unclear_room_call_makes_the_visitor_doubtful(scene: Scene, reply: Reply) -> None:
    scene.register()

    scene.answer(reply)

    assert scene.tracker.doubtful == {scene.anna.name}
    assert scene.tracker.rooms_made() == 1


def test_a_room_that_turns_up_is_in_the_ledger_even_if_it_was_closed(scene: Scene) -> None:
    scene.register()
    scene.ask("R1")
    scene.close("R1")

    scene.tracker.found("R1", scene.anna.name)
    scene.tracker.found("R9", scene.anna.name)

    assert scene.ledger.rooms_left == ("R1", "R9")


def test_a_room_that_is_closed_already_counts_as_closed(scene: Scene) -> None:
    scene.register()
    scene.ask("R1")

    scene.close("R1", refusal("room-closed"))

    assert scene.ledger.rooms_left == ()


@pytest.mark.parametrize("reply", [refusal("error-not-allowed-to-close-conversation"), lost(), Reply(0, 0, 502)])
def test_a_room_whose_closing_is_not_certain_is_left(scene: Scene, reply: Reply) -> None:
    scene.register()
    scene.ask("R1")

    scene.close("R1", reply)

    assert scene.ledger.rooms_left == ("R1",)


@pytest.fixture
def book(scene: Scene, tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "ledger.jsonl", fresh=True)
    made.begin(f"20260101-000000-{RUN}", "http://target")
    scene.tracker.pages = made
    yield made
    with contextlib.suppress(OSError):
        made.close(keep=True)


def reread(book: Book) -> Resources:
    return read_book(book.path).resources


def test_the_book_gives_the_ledger_back(scene: Scene, book: Book) -> None:
    scene.register()
    scene.ask("R1")
    scene.ask("R2")
    scene.close("R1")

    again = reread(book)

    assert again.ledger() == scene.ledger
    assert again.visitor(scene.anna.name).token == scene.anna.token


def test_a_token_is_in_the_book_before_the_call_leaves(scene: Scene, book: Book) -> None:
    scene.register(lost())

    assert reread(book).visitor(scene.anna.name).token == scene.anna.token


def test_what_was_made_is_on_the_disk_at_once(scene: Scene, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr("os.fsync", lambda _: synced.append(book.path.read_text().splitlines()[-1]))

    scene.register()
    scene.ask("R1")
    scene.close("R1")
    scene.delete()

    assert [json.loads(line)["event"] for line in synced] == ["named", "registering", "room"]


def test_the_book_does_not_claim_known_visitors(scene: Scene, book: Book) -> None:
    known = RunVisitor("known-visitor-token", "$RC_VISITOR_TOKEN")
    scene.stage.client.mask.add_secret(known.token, "RC_VISITOR_TOKEN")
    scene.tracker.owners.foreign.add(known.token)
    scene.ask("R2", new=True, visitor=known)

    again = reread(book)

    assert (again.ledger().visitors_left, len(again.open_rooms())) == ((), 1)


def test_the_book_knows_that_a_visitor_turned_out_to_be_somebody_else(scene: Scene, book: Book) -> None:
    scene.register(ok({"visitor": {"token": "token-of-the-house", "name": scene.name}}))
    scene.anna = scene.actor.stranger()
    scene.register(ok({"visitor": {"token": "token-of-the-house", "name": scene.name}}))

    assert "token-of-the-house" not in {reread(book).visitor(name).token for name in reread(book).to_delete()}


def test_the_book_knows_who_was_registered_again(scene: Scene, book: Book) -> None:
    scene.register()
    scene.delete()
    scene.register()

    assert reread(book).to_delete() == [scene.anna.name]


def test_a_token_with_signs_goes_by_its_name_in_a_sweep_too(scene: Scene, book: Book) -> None:
    scene.anna = scene.actor.stranger("a+b@c")
    scene.register()
    (name,) = reread(book).to_delete()

    assert scene.stage.client.mask.text(delete_call(scene.anna.token).target).endswith(f"/{name}")


def test_the_book_is_for_its_user_only(book: Book) -> None:
    assert book.path.stat().st_mode & 0o777 == 0o600


def test_the_book_knows_a_room_that_outlived_its_visitor(scene: Scene, book: Book) -> None:
    scene.register()
    scene.ask("R1")
    scene.delete()
    scene.tracker.found("R1", scene.anna.name)

    assert reread(book).open_rooms() == ["R1"]


def test_a_line_cut_by_a_crash_is_passed_over(scene: Scene, book: Book) -> None:
    scene.register()
    with book.path.open("ab") as file:
        file.write(b'{"event":"room","ro')

    assert len(reread(book).to_delete()) == 1


def test_a_book_that_cannot_be_written_stops_before_a_visitor_is_made(scene: Scene, book: Book) -> None:
    book.close(keep=True)

    with pytest.raises(RunStoppedError, match="Nothing more is created"):
        scene.register()

    assert scene.stage.wire.sent == []


def test_a_token_encoded_once_more_is_another_visitors(scene: Scene) -> None:
    scene.register()
    spelled = RunVisitor(f"%72{scene.anna.token[1:]}", scene.anna.name)
    scene.answer(refusal("invalid-token"), spelled)

    assert scene.tracker.name_of(spelled.token) == f"{scene.anna.name}'"
    assert not scene.tracker.resources.contradictory


def test_a_registered_visitor_whom_an_answer_denies_contradicts(scene: Scene) -> None:
    scene.register()
    scene.answer(refusal("invalid-token"))

    assert scene.tracker.resources.contradictory


def test_a_visitor_who_was_deleted_is_denied_rightly(scene: Scene) -> None:
    scene.register()
    scene.delete()
    scene.answer(refusal("invalid-token"))

    assert not scene.tracker.resources.contradictory


def test_a_registration_that_never_left_leaves_nothing(scene: Scene, book: Book) -> None:
    scene.register(lost("refused", sent=False))

    assert scene.ledger == Ledger()
    assert reread(book).with_something() == []


def test_a_refusal_beside_a_deletion_may_hide_a_room(scene: Scene) -> None:
    scene.register()
    client, purpose = scene.stage.client, Purpose("core", "race")
    calls = [room_call([("token", scene.anna.token)]), delete_call(scene.anna.token)]
    room, deletion = (client.depart(call, purpose, client.transport) for call in calls)
    scene.target.next = refusal("Match error: Expected string, got undefined")
    client.arrive(room)
    scene.target.next = ok({"visitor": {"_id": "x"}})
    client.arrive(deletion)

    assert scene.ledger.sentence == "created 0 rooms, closed 0, left 0, perhaps more; 1 visitor, deleted 1"


def test_a_deletion_erases_rooms(scene: Scene) -> None:
    scene.register()
    scene.ask("R1")
    scene.tracker.found("R1", scene.anna.name)
    scene.delete()

    assert scene.ledger.rooms_left == ()


def test_a_room_that_is_seen_after_its_visitors_deletion_is_left(scene: Scene) -> None:
    scene.register()
    scene.ask("R1")
    scene.delete()
    scene.tracker.found("R1", scene.anna.name)

    assert scene.ledger.rooms_left == ("R1",)
    assert scene.tracker.resources.open_rooms(scene.anna.name) == ["R1"]


def test_a_call_given_up_may_still_take_effect(scene: Scene) -> None:
    scene.register(lost("timeout"))
    scene.delete(refusal("[invalid-token]"))

    assert scene.ledger == Ledger(unclear=(scene.anna.name,))
    assert scene.tracker.leaves_something
    assert scene.ledger.sentence.endswith("; of 1 visitor a call may still take effect")


@pytest.mark.parametrize(("minutes", "unclear"), [(0, 1), (2, 0)])
def test_a_closed_connection_leaves_a_call_unclear_for_a_minute(scene: Scene, minutes: int, unclear: int) -> None:
    scene.register(lost("closed"))
    scene.stage.clock.ticks += minutes * 60 * 10**9
    scene.delete(refusal("[invalid-token]"))

    assert len(scene.ledger.unclear) == unclear


def test_a_call_given_up_in_another_way_too_stays_unclear(scene: Scene) -> None:
    scene.register(lost("timeout"))
    scene.answer(lost("closed"))
    scene.stage.clock.ticks += 120 * 10**9
    scene.delete()

    assert scene.ledger.unclear == (scene.anna.name,)


def test_a_room_call_that_is_given_up_may_make_a_room_after_the_deletion(scene: Scene, book: Book) -> None:
    scene.register()
    scene.answer(lost("closed"))
    scene.delete()

    again = Resources.of((*read_book(book.path).events, Resumed()))

    assert again.visitor(scene.anna.name).raced


def test_a_gateway_that_waited_in_vain_says_nothing_of_the_end(scene: Scene) -> None:
    scene.register(Reply(0, 0, 504))

    assert scene.ledger.unclear == (scene.anna.name,)


@pytest.mark.parametrize("is_room_first", [True, False])
def test_a_room_may_outlive_a_deletion_that_ran_beside_it(scene: Scene, book: Book, *, is_room_first: bool) -> None:
    scene.register()
    client, purpose = scene.stage.client, Purpose("core", "race")
    calls = [room_call([("token", scene.anna.token)]), delete_call(scene.anna.token)]
    under_way = {call: client.depart(call, purpose, client.transport) for call in calls}
    for call in calls if is_room_first else reversed(calls):
        scene.target.next = ok({"room": {"_id": "R1", "v": {"token": scene.anna.token}}, "newRoom": True})
        client.arrive(under_way[call])

    assert scene.ledger.rooms_left == ()
    assert scene.tracker.resources.with_something() == reread(book).with_something() == [scene.anna.name]


def test_a_call_given_up_that_makes_nothing_is_of_no_concern(scene: Scene) -> None:
    scene.register()
    scene.close("R1", lost("timeout"))

    assert scene.ledger.unclear == ()


def test_of_whom_a_call_was_given_up_is_looked_at_again_when_swept(scene: Scene, book: Book) -> None:
    scene.register()
    scene.answer(lost("timeout"))
    scene.delete()

    again = Resources.of((*read_book(book.path).events, Resumed()))

    assert (len(again.to_delete()), again.ledger().unclear) == (1, ())


def test_a_room_that_a_look_does_not_show_is_not_confirmed_to_be_open(scene: Scene) -> None:
    scene.register()
    scene.ask("R1")
    scene.close("R1", lost())

    scene.tracker.found("R9", scene.anna.name)

    assert (scene.ledger.rooms_left, scene.ledger.rooms_unconfirmed) == (("R9",), ("R1",))
