from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.replay.calls import CLOSED, NO_ANSWER, carried_on, read_calls

LATE = {"name": "late", "method": "GET", "path": "/x", "query": "a=1", "requestHeaders": {"Accept": "*/*"}}
LATE |= {"body": None, "status": 200, "headers": [["X-A", "b"]], "response": '{"success":true}'}
EARLY = {"name": "early", "method": "POST", "path": "/x", "request_headers": {}, "request_body": {"a": 1}}
EARLY |= {"status": 400, "headers": [["X-A", "b"]], "body": {"success": False}}


def written(folder: Path, *lines: Any, name: str = "calls.jsonl") -> Path:
    file = folder / name
    text = "\n".join(json.dumps(line) for line in lines).encode()
    file.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return file


@pytest.mark.parametrize("name", ["calls.jsonl", "calls.jsonl.gz"])
def test_both_forms_of_a_line_are_read(tmp_path: Path, name: str) -> None:
    late, early = read_calls(written(tmp_path, LATE, EARLY, name=name))

    assert (late.target, late.body, late.answer.body) == ("/x?a=1", "", {"success": True})
    assert (early.target, early.body, early.answer.body) == ("/x", '{"a": 1}', {"success": False})
    assert early.answer.headers == {"x-a": "b"}


def test_summaries_are_left_out(tmp_path: Path) -> None:
    calls = read_calls(written(tmp_path, {"name": "summary", "distinct_rooms": 2}, LATE))

    assert [(call.name, call.line) for call in calls] == [("late", 2)]


@pytest.mark.parametrize(("error", "what"), [("TimeoutError('timed out')", NO_ANSWER), ("RemoteDisconnected", CLOSED)])
def test_a_call_without_a_status_has_no_answer(tmp_path: Path, error: str, what: str) -> None:
    (call,) = read_calls(written(tmp_path, {**LATE, "status": None, "response": None, "error": error}))

    assert (call.answer.status, call.answer.body) == (None, what)


@pytest.mark.parametrize(
    ("kept", "length", "whole"),
    [
        ("token=aaaaaaaaaa", 20, "token=aaaaaaaaaaaaaa"),
        ("t=x&a[]=8&a[]=9&a[", 24, "t=x&a[]=8&a[]=9&a[]=10&a[]=11"),
        ("t=x&p8=1&p9=1&p", 20, "t=x&p8=1&p9=1&p10=1"),
        ("t=x", 3, "t=x"),
    ],
)
def test_a_query_kept_in_part_is_carried_on(kept: str, length: int, whole: str) -> None:
    assert carried_on(kept, length)[: len(whole)] == whole


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"method": 1}', b"\xff"])
def test_a_file_of_something_else_is_a_usage_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(content)

    with pytest.raises(UsageError):
        read_calls(file)


def test_a_file_that_is_cut_off_is_a_usage_error(tmp_path: Path) -> None:
    file = written(tmp_path, LATE, name="calls.jsonl.gz")
    file.write_bytes(file.read_bytes()[:-9])

    with pytest.raises(UsageError):
        read_calls(file)
