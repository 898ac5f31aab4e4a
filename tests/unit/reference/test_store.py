from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.store import Store, Taken, VisitorGone


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "rooms.db")


@pytest.fixture
def store(path: str) -> Iterator[Store]:
    store = Store(path)
    store.save_visitor({"_id": "v", "token": "t"})
    yield store
    store.close()


@pytest.fixture
def replica(path: str, store: Store) -> Iterator[Store]:
    replica = Store(path)
    yield replica
    replica.close()


def room(rid: str) -> dict[str, Any]:
    return {"_id": rid, "v": {"_id": "v", "token": "t"}, "open": True}


def test_a_second_open_room_is_taken(store: Store) -> None:
    store.add_room(room("a"), enforced=True)

    with pytest.raises(Taken):
        store.add_room(room("b"), enforced=True)


def test_the_guarantee_holds_across_connections(store: Store, replica: Store) -> None:
    store.add_room(room("a"), enforced=True)

    with pytest.raises(Taken):
        replica.add_room(room("b"), enforced=True)


def test_unenforced_rooms_pile_up(store: Store) -> None:
    store.add_room(room("a"), enforced=False)
    store.add_room(room("b"), enforced=False)

    assert [found["_id"] for found in store.rooms("t")] == ["a", "b"]


def test_a_closed_room_frees_the_place(store: Store) -> None:
    store.add_room(room("a"), enforced=True)
    store.change_room("a", lambda room: room.pop("open"))

    store.add_room(room("b"), enforced=True)

    assert store.open_room("t") == room("b")


def test_an_erased_visitor_gets_no_room(store: Store) -> None:
    store.delete_visitor("v", "t", even_with_open_rooms=False)

    with pytest.raises(VisitorGone):
        store.add_room(room("a"), enforced=True)


def test_a_failed_change_leaves_the_room_as_it_was(store: Store) -> None:
    store.add_room(room("a"), enforced=True)

    def break_off(room: dict[str, Any]) -> None:
        room["open"] = False
        raise KeyError

    with pytest.raises(KeyError):
        store.change_room("a", break_off)
    assert store.open_room("t") == room("a")


def test_a_token_is_one_visitors(store: Store) -> None:
    with pytest.raises(Taken):
        store.save_visitor({"_id": "w", "token": "t"})


def test_numbers_count_up_across_connections(store: Store, replica: Store) -> None:
    assert [store.next_number("guest"), replica.next_number("guest"), store.next_number("guest")] == [1, 2, 3]


def test_rooms_outlive_their_connection(store: Store, path: str) -> None:
    store.add_room(room("a"), enforced=True)
    store.close()

    again = Store(path)

    assert again.open_room("t") == room("a")
    again.close()


def test_a_file_that_is_no_database_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be taken for one" * 50)

    with pytest.raises(UsageError, match="Cannot keep rooms"):
        Store(str(tmp_path / "notes.txt"))
