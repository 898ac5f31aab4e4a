from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rocketchat_contract.errors import UsageError
from rocketchat_contract.record import journal as journals
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.journal import Journal, Record, has_footer, is_being_written
from rocketchat_contract.record.ledger import Ledger
from support.headers import raw_footer, raw_header

from .records import FOOTER, HEADER, exchanges, numbered, some_exchanges, written

reads_files = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return written(tmp_path / "record.jsonl", some_exchanges())


def problem_of(path: Path) -> str:
    """Why a record is refused."""
    with pytest.raises(UsageError) as refusal:
        list(Record(path).exchanges())
    return refusal.value.problem.removeprefix(f"The record {path} cannot be judged: ")


@given(exchanges)
def test_an_exchange_comes_back_from_its_line(exchange: Exchange) -> None:
    assert Exchange.from_json(json.loads(json.dumps(exchange.to_json()))) == exchange


@reads_files
@given(calls=st.lists(exchanges, max_size=5))
def test_a_record_gives_back_what_was_written(tmp_path: Path, calls: list[Exchange]) -> None:
    calls = numbered(calls, range(1, len(calls) + 1))
    record = Record(written(tmp_path / "record.jsonl", calls))

    assert list(record.exchanges()) == calls
    assert record.header.to_json() == HEADER
    assert {name: json.loads(json.dumps(record.footer.to_json()))[name] for name in FOOTER} == FOOTER


@reads_files
@given(seed=st.integers(0, 1000), length=st.integers(1, 40), held=st.integers(0, 5))
def test_exchanges_come_in_their_order_whatever_the_order_of_the_lines(
    tmp_path: Path, seed: int, length: int, held: int
) -> None:
    calls = [replace(some_exchanges()[0], number=number) for number in range(1, length + 1)]
    lines = random.Random(seed).sample(calls, length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journals, "MOST_HELD", held)
        read = list(Record(written(tmp_path / "record.jsonl", lines)).exchanges())

    assert read == calls


def test_a_record_cut_anywhere_in_its_last_line_is_refused(record: Path) -> None:
    whole = record.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    for length in range(last, len(whole)):
        record.write_bytes(whole[:length])

        assert "truncated" in problem_of(record) or "is cut" in problem_of(record)


def test_a_record_is_locked_until_it_is_closed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "record.jsonl", raw_header(HEADER))
    is_locked = is_being_written(journal.path)
    journal.close(raw_footer(FOOTER))

    assert (is_locked, is_being_written(journal.path)) == (True, False)


def test_a_footer_is_known_by_its_end(record: Path) -> None:
    is_there = has_footer(record)
    record.write_bytes(b"".join(record.read_bytes().splitlines(keepends=True)[:-1]))

    assert (is_there, has_footer(record)) == (True, False)


def test_a_record_cut_between_lines_is_refused(record: Path) -> None:
    lines = record.read_bytes().splitlines(keepends=True)
    for length in range(1, len(lines)):
        record.write_bytes(b"".join(lines[:length]))

        assert problem_of(record) == "its footer is missing, so it is truncated."


def test_a_record_with_any_byte_changed_is_refused(record: Path) -> None:
    whole = record.read_bytes()
    last = whole[:-1].rindex(b"\n")
    for place in (*range(0, last, 7), *range(last, len(whole))):
        record.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])

        assert problem_of(record)


@pytest.mark.parametrize("more", [b"\n", b"{}\n", b" "])
def test_a_record_with_something_after_its_footer_is_refused(record: Path, more: bytes) -> None:
    record.write_bytes(record.read_bytes() + more)

    assert problem_of(record) == "there are lines after the footer."


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        ([1, 2, 2, 3], "exchange 2 is there twice."),
        ([1, 3, 3, 2], "exchange 3 is there twice."),
        ([1, 2, 3, 1], "exchange 1 is there twice."),
        ([1, 2, 4, 5], "exchange 3 is missing."),
        ([2, 3, 4, 5], "exchange 1 is missing."),
        ([1, 2, 3, 2**62], "exchange 4 is missing."),
    ],
)
def test_numbers_that_are_twice_or_missing_are_told(tmp_path: Path, numbers: list[int], problem: str) -> None:
    path = written(tmp_path / "record.jsonl", numbered(some_exchanges(), numbers))

    assert problem_of(path) == problem


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"", "is not JSON"),
        (b"nonsense", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b'{"a":' * 100_000, "is not JSON"),
        (b'{"number":' + b"9" * 5000 + b"}", "is not JSON"),
        (b"7", "is cut"),
        (b"null", "is cut"),
        (b"[]", "is cut"),
        (b"{}", "is not an exchange"),
        (b'{"type":[]}', "is not an exchange"),
        (b'{"type":"header"}', "is not an exchange"),
    ],
)
def test_a_line_that_is_no_exchange_is_told(record: Path, line: bytes, problem: str) -> None:
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join([lines[0], line + b"\n", *lines[1:]]))

    assert problem_of(record).startswith(f"line 2 {problem}")


def exchange_line(*way: str, value: object = None, gone: bool = False) -> dict[str, Any]:
    """A right line with one member replaced, or taken out."""
    line: dict[str, Any] = json.loads(json.dumps(some_exchanges()[1].to_json()))
    line["failure"] = {"kind": "timeout", "sent": True, "detail": ""}
    place = line
    for name in way[:-1]:
        place = place[name]
    if gone:
        del place[way[-1]]
    else:
        place[way[-1]] = value
    return line


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("number",), 0),
        (("number",), True),
        (("number",), 1.0),
        (("number",), "1"),
        (("number",), 2**63),
        (("started",), -1),
        (("started",), None),
        (("started",), 10**4000),
        (("ended",), 1),
        (("released",), -1),
        (("released",), "1"),
        (("driver",), 7),
        (("why",), None),
        (("visitor",), 7),
        (("request",), None),
        (("request",), []),
        (("request", "method"), None),
        (("request", "target"), {}),
        (("request", "body"), 7),
        (("request", "headers"), None),
        (("request", "headers"), {"a": "b"}),
        (("request", "headers"), ["ab"]),
        (("request", "headers"), [["a"]]),
        (("request", "headers"), [["a", 7]]),
        (("request", "headers"), [[7, "a"]]),
        (("response",), 7),
        (("response", "status"), 99),
        (("response", "status"), 1000),
        (("response", "status"), "200"),
        (("response", "complete"), 1),
        (("response", "length"), -1),
        (("response", "body"), None),
        (("response", "body"), {}),
        (("response", "headers"), None),
        (("failure",), "timeout"),
        (("failure", "kind"), "tired"),
        (("failure", "kind"), ["timeout"]),
        (("failure", "sent"), "yes"),
        (("failure", "detail"), None),
    ],
)
def test_a_member_of_the_wrong_type_is_refused(way: tuple[str, ...], value: object) -> None:
    with pytest.raises(ValueError, match=r"is no|is wrong|before it started"):
        Exchange.from_json(exchange_line(*way, value=value))


@pytest.mark.parametrize("raw", ["%%%", "=", "YQ", None, 7])
def test_bytes_that_are_no_base64_are_refused(raw: object) -> None:
    line = exchange_line("response", "body", gone=True)
    line["response"]["raw"] = raw
    with pytest.raises(ValueError, match=r"raw|[Bb]ase64|padd|Non-base64"):
        Exchange.from_json(line)


def test_the_line_of_a_refused_exchange_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "record.jsonl", some_exchanges())
    path.write_bytes(path.read_bytes().replace(b'"started":1000000', b'"started":"noon"'))

    assert problem_of(path) == f"line 2 is not an exchange (started is no whole number from 0 to {2**63 - 1})."


@pytest.mark.parametrize("name", ["run", "target", "drivers", "suite", "contract"])
@pytest.mark.parametrize("value", [None, 7, [7], {"version": 7}, ["a", {}]])
def test_a_header_of_another_shape_is_refused(tmp_path: Path, name: str, value: object) -> None:
    path = written(tmp_path / "record.jsonl", [], header={**HEADER, name: value})

    assert problem_of(path) == f"{name} is missing in its header, or wrong."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("versions", ["a"]),
        ("versions", "a"),
        ("versions", {"python": 3}),
        ("started", "9999-12-31T23:59:59-14:00"),
        ("started", "0001-01-01T00:00:00+14:00"),
        ("started", 5),
        ("seed", -1),
        ("seed", 10**400),
        ("repeat", "twice"),
        ("embedded", 5),
        ("profile", ["gate"]),
        ("folder", {}),
        ("contract", {"page_sha256": "a", "sha256": "b", "overlay_sha256": None, "operation": 5}),
    ],
)
def test_a_member_that_may_lack_is_refused_when_wrong(tmp_path: Path, name: str, value: object) -> None:
    path = written(tmp_path / "record.jsonl", [], header={**HEADER, name: value})

    assert problem_of(path) == f"{name} is missing in its header, or wrong."


def test_a_record_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "record.jsonl")

    with pytest.raises(UsageError, match="not a regular file"):
        Record(tmp_path / "record.jsonl")


@pytest.mark.parametrize("name", sorted(set(HEADER) - {"embedded"}))
def test_a_header_that_lacks_something_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "record.jsonl", [], header={key: HEADER[key] for key in HEADER if key != name})

    assert problem_of(path) == f"{name} is missing in its header, or wrong."


@pytest.mark.parametrize("format_", [0, 2, "1", None])
def test_a_record_of_another_format_is_refused(tmp_path: Path, format_: object) -> None:
    path = written(tmp_path / "record.jsonl", [], header={**HEADER, "format": format_})

    assert problem_of(path) == "line 1 is not the header of a record of format 1."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seconds", "1"),
        ("seconds", -1),
        ("seconds", True),
        ("strict", 0),
        ("obstacles", "x"),
        ("obstacles", [7]),
        ("errors", None),
        ("notes", [None]),
        ("blocked", {"a": 7}),
        ("facts", [["version", "8.8"]]),
        ("facts", [["version", 8, 1]]),
        ("facts", [["version", "8.8", "1"]]),
        ("ledger", {}),
        ("ledger", {**Ledger().to_json(), "rooms_left": [7]}),
        ("ledger", {**Ledger().to_json(), "rooms_created": "1"}),
    ],
)
def test_a_footer_of_another_shape_is_refused(tmp_path: Path, name: str, value: object) -> None:
    path = written(tmp_path / "record.jsonl", some_exchanges(), footer={**FOOTER, name: value})

    assert problem_of(path) == f"{name} is missing in its footer, or wrong."


@pytest.mark.parametrize("name", sorted(FOOTER))
def test_a_footer_that_lacks_something_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "record.jsonl", [], footer={key: FOOTER[key] for key in FOOTER if key != name})

    assert problem_of(path) == f"{name} is missing in its footer, or wrong."


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read: No such file.*Name the folder of a run"):
        Record(tmp_path / "none.jsonl")


def test_a_folder_is_no_record(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        Record(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\0" * 1000, b"PK\x03\x04\n", b"<html>\n", b'{"log":{}}\n'])
def test_another_file_is_no_record(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)

    assert problem_of(path)


def test_a_line_without_end_is_refused(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "MAX_LINE", 200)
    record.write_bytes(b"x" * 1000)

    assert problem_of(record) == "line 1 is longer than 200 bytes."


def test_every_line_is_on_disk_before_the_next_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "record.jsonl", raw_header(HEADER))
    for number, exchange in enumerate(some_exchanges(), 1):
        journal.write(exchange)

        assert journal.path.read_bytes().count(b"\n") == number + 1
    journal.close(raw_footer(FOOTER))


def test_a_record_holds_ascii_only(tmp_path: Path) -> None:
    call = replace(some_exchanges()[0], why="Zoë\u2028\ud800")
    path = written(tmp_path / "record.jsonl", [call])

    assert path.read_bytes().isascii()
    assert list(Record(path).exchanges()) == [call]


def test_exchanges_are_found_by_their_numbers(record: Path) -> None:
    calls = some_exchanges()

    assert Record(record).find({4, 2, 0, 99}) == {2: calls[1], 4: calls[3]}
    assert list(Record(record).find([4, 2])) == [2, 4]


def test_nothing_is_found_by_no_number(record: Path) -> None:
    assert Record(record).find([]) == {}


@given(
    st.builds(
        Ledger,
        st.integers(0, 99),
        st.integers(0, 99),
        st.lists(st.text()).map(tuple),
        st.integers(0, 99),
        st.integers(0, 99),
        st.lists(st.text()).map(tuple),
    )
)
def test_a_ledger_comes_back_from_json(ledger: Ledger) -> None:
    assert Ledger.from_json(json.loads(json.dumps(ledger.to_json()))) == ledger


@pytest.mark.parametrize(
    ("ledger", "sentence"),
    [
        (Ledger(), "created 0 rooms, closed 0, left 0; 0 visitors, deleted 0"),
        (Ledger(1, 0, ("R1",), 1, 1), "created 1 room, closed 0, left 1; 1 visitor, deleted 1"),
        (Ledger(2, 1, ("R1",), 3, 2, ("a",)), "created 2 rooms, closed 1, left 1; 3 visitors, deleted 2"),
    ],
)
def test_a_ledger_is_told_in_one_line(ledger: Ledger, sentence: str) -> None:
    assert ledger.sentence == sentence
