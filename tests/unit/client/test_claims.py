"""The ledger on disk: cut, damaged and old ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from rocketchat_contract.client.claims import Book, read_book
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.events import Deleted, Named, Registering, RoomShown

OLD = Path(__file__).parents[2] / "data" / "ledger-of-format-1.jsonl"
HEAD = {"event": "run", "format": "2", "run": "x-01234567", "target": "http://target"}
A = "$RC_TOKEN_1"


def ledger(folder: Path, *lines: bytes) -> Path:
    path = folder / "ledger.jsonl"
    path.write_bytes(b"\n".join([json.dumps(HEAD).encode(), *lines]))
    return path


def line(event: Named | Registering | RoomShown | Deleted) -> bytes:
    return json.dumps(event.to_json(), separators=(",", ":")).encode()


def test_what_is_appended_behind_a_cut_line_stands_on_its_own(tmp_path: Path) -> None:
    path = ledger(tmp_path, line(Named(A, "anna")), b'{"event":"room","ro')
    book = Book(path, fresh=False)
    book.write(Deleted(A))
    book.close(keep=True)

    read = read_book(path)

    assert (read.events, read.cut, read.unreadable) == ((Named(A, "anna"), Deleted(A)), (3,), ())


def test_an_event_that_was_glued_to_a_cut_line_is_read(tmp_path: Path) -> None:
    path = ledger(tmp_path, line(Named(A, "anna")), b'{"event":"room","room":"cut' + line(Deleted(A)), b"")

    assert read_book(path).events == (Named(A, "anna"), Deleted(A))


@pytest.mark.parametrize("damaged", [b'{"event":"unheard of"}', b"\xff\xfe}", b"[1]", b'{"event":"named","name":7}'])
def test_a_damaged_line_is_passed_over_by_its_number(tmp_path: Path, damaged: bytes) -> None:
    read = read_book(ledger(tmp_path, damaged, line(Registering(A)), b""))

    assert (read.events, read.unreadable) == ((Registering(A),), (2,))


def test_a_full_disk_cuts_no_other_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(tmp_path / "ledger.jsonl", fresh=True)
    book.begin("x-01234567", "http://target")
    write = os.write
    with monkeypatch.context() as full:
        full.setattr("os.write", lambda file, data: write(file, data[:9]))
        book.write(RoomShown(A, "R1"))
    book.write(Deleted(A))
    book.close(keep=True)

    assert read_book(book.path).events == (Deleted(A),)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"hello\n")

    with pytest.raises(UsageError, match="is not the ledger of a run"):
        read_book(path)


def test_a_ledger_of_the_old_format_tells_what_is_left() -> None:
    read = read_book(OLD)

    left = read.resources.ledger()
    assert (read.unreadable, left.rooms_left) == ((), ("f5mWZZi87GDDk8o9Q", "zZZdGEnmqivY8e865"))
    assert left.visitors_left == ("$RC_TOKEN_1", "$RC_TOKEN_2", "$RC_TOKEN_3")
